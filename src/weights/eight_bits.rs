//! Weights in 8 bits, for a download of half the size.
//!
//! A weight with several dimensions is stored as whole numbers from -127 to 127 and, for each slice along its first
//! axis (of a convolution an output channel), the step between two of them: the largest magnitude of the slice, divided by 127. That is
//! symmetric quantisation per channel (Krishnamoorthi 2018, arXiv 1806.08342, section 3.1.1). Biases, scales and
//! running statistics, which have one dimension, are few and stay in half precision. Networks compute in single
//! precision; only the file is smaller.

use std::collections::HashMap;

use burn::tensor::{Bytes, DType, Shape};

use super::{Stored, broken};
use crate::error::Result;

/// What the name of a tensor's steps ends with.
const STEPS: &str = ".steps";
/// The largest whole number.
const MOST: f32 = 127.0;

/// A burnpack of these tensors, which are in half precision.
///
/// # Errors
/// [`crate::Error::WeightsShape`] if one holds a value that is not finite, or the burnpack cannot be written.
pub fn pack(tensors: HashMap<String, Stored>) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    for (name, stored) in tensors {
        if stored.shape.len() < 2 {
            packed.push((name, stored));
            continue;
        }
        let values = stored.values(DType::F16).map_err(|what| broken(&format!("tensor {name} {what}")))?;
        let (numbers, steps) = quantise(&values, stored.shape[0]);
        let first = vec![stored.shape[0]];
        packed.push((name.clone() + STEPS, Stored { dtype: DType::F32, shape: first, bytes: steps }));
        packed.push((name, Stored { dtype: DType::I8, shape: stored.shape, bytes: numbers }));
    }
    // the same weights make the same file
    packed.sort_by(|a, b| a.0.cmp(&b.0));
    let tensors = packed.into_iter().map(|(name, stored)| {
        burn_pack::Tensor::new(name, stored.dtype, Shape::from(stored.shape), None, stored.bytes)
    });
    let bytes = burn_pack::Writer::new(tensors.collect()).into_bytes().map_err(|error| broken(&error))?;
    Ok(bytes.to_vec())
}

/// What [`pack`] stored, all in single precision.
///
/// # Errors
/// [`crate::Error::WeightsShape`] if a tensor lacks its steps, or is stored otherwise than [`pack`] does.
pub fn unpack(mut tensors: HashMap<String, Stored>) -> Result<HashMap<String, Stored>> {
    let steps: HashMap<String, Stored> = tensors.extract_if(|name, _| name.ends_with(STEPS)).collect();
    let mut used = 0;
    let mut unpacked = HashMap::new();
    for (name, stored) in tensors {
        let wrong = |what: String| broken(&format!("tensor {name} {what}"));
        let values = if stored.shape.len() < 2 {
            stored.values(DType::F16).map_err(wrong)?
        } else {
            let steps = steps.get(&(name.clone() + STEPS)).ok_or_else(|| wrong("has no steps".into()))?;
            used += 1;
            restore(&stored, &steps.values(DType::F32).map_err(wrong)?).map_err(wrong)?
        };
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let bytes = Bytes::from_bytes_vec(bytes);
        unpacked.insert(name, Stored { dtype: DType::F32, shape: stored.shape, bytes });
    }
    if used < steps.len() {
        return Err(broken(&"there are steps of a tensor that is not there"));
    }
    Ok(unpacked)
}

/// The whole numbers and steps of `values`, which are `slices` slices of equal length.
fn quantise(values: &[f32], slices: usize) -> (Bytes, Bytes) {
    let (mut numbers, mut steps) = (Vec::with_capacity(values.len()), Vec::with_capacity(4 * slices));
    for slice in values.chunks((values.len() / slices.max(1)).max(1)) {
        let largest = slice.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let step = largest / MOST;
        steps.extend(step.to_le_bytes());
        let number =
            |value: &f32| if step > 0.0 { (value / step).round().clamp(-MOST, MOST) as i8 } else { 0 };
        numbers.extend(slice.iter().map(|value| number(value).to_le_bytes()[0]));
    }
    (Bytes::from_bytes_vec(numbers), Bytes::from_bytes_vec(steps))
}

/// The values that `stored` means with these steps, or what is wrong with it.
fn restore(stored: &Stored, steps: &[f32]) -> Result<Vec<f32>, String> {
    if stored.dtype != DType::I8 {
        return Err(format!("is stored as {:?}, not {:?}", stored.dtype, DType::I8));
    }
    if stored.bytes.len() != stored.shape.iter().product::<usize>() || steps.len() != stored.shape[0] {
        return Err(format!(
            "has {} values and {} steps for a shape of {:?}",
            stored.bytes.len(),
            steps.len(),
            stored.shape
        ));
    }
    let slice = (stored.bytes.len() / steps.len().max(1)).max(1);
    let slices = stored.bytes.chunks(slice).zip(steps);
    Ok(slices
        .flat_map(|(slice, step)| slice.iter().map(move |byte| f32::from(i8::from_le_bytes([*byte])) * step))
        .collect())
}

#[cfg(test)]
mod tests {
    use burn::tensor::f16;

    use super::*;

    fn halves(shape: &[usize], values: &[f32]) -> Stored {
        let bytes = values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect();
        Stored { dtype: DType::F16, shape: shape.to_vec(), bytes: Bytes::from_bytes_vec(bytes) }
    }

    fn unpacked(tensors: HashMap<String, Stored>) -> HashMap<String, Stored> {
        unpack(super::super::read(pack(tensors).unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn worked_example() {
        // 1.27 / 127 = 0.01 is the step of the first slice; the second has only zeros
        let weight = halves(&[2, 3], &[1.27, -0.634, 0.004, 0.0, 0.0, 0.0]);
        let bias = halves(&[2], &[0.5, -0.001]);
        let tensors = unpacked(HashMap::from([("weight".into(), weight), ("bias".into(), bias)]));
        let values = tensors["weight"].values(DType::F32).unwrap();
        for (value, expected) in values.iter().zip([1.27, -0.63, 0.0, 0.0, 0.0, 0.0]) {
            assert!((value - expected).abs() < 1e-3, "{value} is not {expected}");
        }
        // one dimension: as in half precision
        assert_eq!(tensors["bias"].values(DType::F32).unwrap(), [0.5, f16::from_f32(-0.001).to_f32()]);
    }

    #[test]
    fn no_value_moves_by_more_than_half_a_step() {
        let values: Vec<f32> = (0..60).map(|at| ((at * 37 % 61) as f32 - 30.0) / 17.0).collect();
        let tensors = unpacked(HashMap::from([("weight".into(), halves(&[4, 5, 3], &values))]));
        let restored = tensors["weight"].values(DType::F32).unwrap();
        for (slice, restored) in values.chunks(15).zip(restored.chunks(15)) {
            let half_a_step = slice.iter().fold(0.0_f32, |most, value| most.max(value.abs())) / 254.0;
            for (value, restored) in slice.iter().zip(restored) {
                // and what half precision took before
                assert!((value - restored).abs() <= half_a_step + 1e-3, "{value} became {restored}");
            }
        }
    }

    #[test]
    fn what_pack_does_not_write_is_refused() {
        let stored = |dtype, shape: &[usize], bytes: usize| Stored {
            dtype,
            shape: shape.to_vec(),
            bytes: Bytes::from_bytes_vec(vec![0; bytes]),
        };
        let weight = || ("w".to_string(), stored(DType::I8, &[2, 3], 6));
        let steps = |count| ("w.steps".to_string(), stored(DType::F32, &[count], 4 * count));
        let refused = [
            vec![weight()],
            vec![weight(), steps(3)],
            vec![steps(2)],
            vec![("w".into(), stored(DType::I8, &[2, 3], 5)), steps(2)],
            vec![("w".into(), stored(DType::F16, &[2, 3], 12)), steps(2)],
            vec![("bias".into(), stored(DType::I8, &[2], 2))],
        ];
        for tensors in refused {
            let names: Vec<String> = tensors.iter().map(|(name, _)| name.clone()).collect();
            let error = unpack(tensors.into_iter().collect()).err().unwrap();
            assert_eq!(error.code(), "weights-shape", "{names:?}");
        }
        assert_eq!(unpack(HashMap::from([weight(), steps(2)])).unwrap().len(), 1);
    }
}
