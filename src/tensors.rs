//! Between numbers in memory and tensors on a device.

use burn::tensor::{Device, Tensor, TensorData};

use crate::error::{Error, Result};
use crate::ink::Frame;

/// One frame as a network takes it: ink 0 (paper) to 1.
///
/// # Shapes
/// - output: `[1, 1, H, W]`
pub fn from_frame(frame: &Frame, device: &Device) -> Tensor<4> {
    let ink: Vec<f32> = frame.density.iter().map(|&density| f32::from(density) / 255.0).collect();
    Tensor::from_data(TensorData::new(ink, [1, 1, frame.height as usize, frame.width as usize]), device)
}

/// The values of a tensor, row-major, read back without blocking (a browser cannot wait for a GPU).
///
/// # Errors
/// [`Error::DeviceFailed`] if they cannot be read or one is not finite.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let failed = |error: &dyn std::fmt::Display| Error::DeviceFailed(error.to_string());
    let data = tensor.into_data_async().await.map_err(|error| failed(&error))?;
    let values = data.convert::<f32>().try_into_vec::<f32>().map_err(|error| failed(&error))?;
    crate::device::check_sound()?;
    if values.iter().all(|value| value.is_finite()) {
        Ok(values)
    } else {
        Err(failed(&"a result is not finite"))
    }
}
