//! Supervised contrastive loss (Khosla et al. 2020, arXiv 2004.11362, equation 2) on the embeddings.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Tensor, TensorData};

use super::super::sampler::Label;

/// Every genuine signature is an anchor; its positives are the same writer's other genuine signatures, all
/// others are negatives, that writer's forgeries among them. Zero where no anchor has a positive.
///
/// For an anchor that equals its positive and is at a right angle to a forgery, temperature 1 gives
/// `-ln(e / (e + 1))` = 0.3133.
///
/// # Shapes
/// - `embedding`: `[B, D]`, rows of length 1
/// - `labels`: `B`
/// - output: `[1]`
pub fn supervised_contrastive(embedding: Tensor<2>, labels: &[Label], temperature: f32) -> Tensor<1> {
    let device = embedding.device();
    let count = labels.len();
    let similarity = embedding.clone().matmul(embedding.transpose()).div_scalar(temperature);
    // a signature is not its own negative: exp(-1e4) is 0 in single precision
    let own = Tensor::<2>::eye(count, &device).mul_scalar(-1e4);
    let log_probability = log_softmax(similarity + own, 1);

    let positive = |a: usize, b: usize| {
        a != b && labels[a].genuine && labels[b].genuine && labels[a].writer == labels[b].writer
    };
    let mut weight = vec![0.0f32; count * count];
    let mut anchors = 0;
    for anchor in 0..count {
        let positives: Vec<usize> = (0..count).filter(|&other| positive(anchor, other)).collect();
        anchors += usize::from(!positives.is_empty());
        for &other in &positives {
            weight[anchor * count + other] = 1.0 / positives.len() as f32;
        }
    }
    let weight = Tensor::from_data(TensorData::new(weight, [count, count]), &device);
    (log_probability * weight).sum().neg().div_scalar(anchors.max(1) as f32)
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::assert_gradient;
    use super::super::tests::labels;
    use super::*;
    use burn::tensor::Device;

    fn batch() -> Vec<Label> {
        labels([(0, true), (0, true), (0, false)])
    }

    #[test]
    fn worked_example() {
        // similarities of anchor 0: 1 to its positive, 0 to the forgery: -ln(e / (e + 1)) = 0.31326
        let embedding = Tensor::<2>::from_floats([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], &Device::flex());
        let loss = supervised_contrastive(embedding, &batch(), 1.0);
        assert!((loss.into_scalar::<f32>() - 0.31326).abs() < 1e-4);
    }

    #[test]
    fn gradient_agrees_with_finite_differences() {
        assert_gradient([0.6, 0.8, 0.7, -0.3, -0.2, 0.9], |flat: Tensor<1>| {
            supervised_contrastive(flat.reshape([3, 2]), &batch(), 0.5)
        });
    }
}
