//! Where networks run: the CPU (burn-flex), or a GPU through WebGPU (burn-wgpu).
//!
//! A device that was opened is not trusted yet: see [`crate::golden`].

#[cfg(all(feature = "gpu", target_family = "wasm"))]
pub mod probe;

use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    Cpu,
    /// WebGPU in a browser; natively Vulkan, Metal or DirectX 12.
    Webgpu,
}

impl Backend {
    /// The backend that this build was made for: the GPU where it was compiled in.
    pub const BUILT: Self = if cfg!(feature = "gpu") { Self::Webgpu } else { Self::Cpu };
}

impl std::fmt::Display for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Webgpu => "webgpu",
        })
    }
}

/// A device that answers.
#[derive(Debug, Clone)]
pub struct Opened {
    pub device: Device,
    pub backend: Backend,
    /// What the graphics adapter calls itself; empty for the CPU.
    pub adapter: String,
}

/// Opens a device. A GPU is set up once per process and shared from then on.
///
/// # Errors
/// [`Error::BackendMissing`] if this build lacks the backend, [`Error::NoAdapter`] if no graphics adapter
/// answers, [`Error::DeviceRefused`] if the adapter gives no device.
pub async fn open(backend: Backend) -> Result<Opened> {
    match backend {
        Backend::Cpu => cpu(),
        Backend::Webgpu => gpu().await,
    }
}

#[cfg(feature = "cpu")]
fn cpu() -> Result<Opened> {
    Ok(Opened { device: Device::flex(), backend: Backend::Cpu, adapter: String::new() })
}

#[cfg(not(feature = "cpu"))]
fn cpu() -> Result<Opened> {
    Err(Error::BackendMissing("CPU".into()))
}

#[cfg(not(feature = "gpu"))]
async fn gpu() -> Result<Opened> {
    Err(Error::BackendMissing("GPU".into()))
}

#[cfg(feature = "gpu")]
async fn gpu() -> Result<Opened> {
    use burn_wgpu::{RuntimeOptions, WgpuDevice, graphics::AutoGraphicsApi, try_init_setup_async};
    use std::sync::OnceLock;

    static ADAPTER: OnceLock<String> = OnceLock::new();
    let selector = WgpuDevice::default();
    let opened = |adapter: &String| Opened {
        device: Device::from(selector.clone()),
        backend: Backend::Webgpu,
        adapter: adapter.clone(),
    };
    if let Some(adapter) = ADAPTER.get() {
        return Ok(opened(adapter));
    }
    #[cfg(target_family = "wasm")]
    let named = probe::ask(&probe::navigator_gpu()?).await?;
    #[cfg(not(target_family = "wasm"))]
    let named = String::new();
    let options = RuntimeOptions::try_default().map_err(refused)?;
    match try_init_setup_async::<AutoGraphicsApi>(&selector, options).await {
        Ok(setup) => {
            let name = setup.adapter.get_info().name;
            Ok(opened(ADAPTER.get_or_init(|| if name.is_empty() { named } else { name })))
        }
        // another call may have got there while this one waited
        Err(error) => ADAPTER.get().map(opened).ok_or_else(|| refused(error)),
    }
}

/// burn's reasons in this crate's terms.
#[cfg(feature = "gpu")]
fn refused(error: burn_wgpu::WgpuInitError) -> Error {
    use burn_wgpu::WgpuInitError::{AdapterUnavailable, UnsupportedGraphicsApi};
    match error {
        AdapterUnavailable { message, .. } => Error::NoAdapter(message),
        error @ UnsupportedGraphicsApi { .. } => Error::NoAdapter(error.to_string()),
        error => Error::DeviceRefused(error.to_string()),
    }
}

/// Set once the program has panicked where nothing could stop it: see [`mark_unsound`].
static UNSOUND: AtomicBool = AtomicBool::new(false);

/// Says that nothing computed from here on can be trusted.
///
/// In a browser a panic inside a callback of the GPU (an uncaptured error) does not reach the call that
/// waits for the result; the panic hook sets this instead.
pub fn mark_unsound() {
    UNSOUND.store(true, Ordering::Relaxed);
}

/// # Errors
/// [`Error::DeviceFailed`] after [`mark_unsound`].
pub fn check_sound() -> Result<()> {
    if UNSOUND.load(Ordering::Relaxed) {
        return Err(Error::DeviceFailed("an earlier computation broke down".into()));
    }
    Ok(())
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[cfg(feature = "cpu")]
    #[test]
    fn the_cpu_answers() {
        let opened = pollster::block_on(open(Backend::Cpu)).unwrap();
        assert_eq!((opened.backend, opened.adapter.as_str()), (Backend::Cpu, ""));
    }

    #[cfg(not(feature = "gpu"))]
    #[test]
    fn a_backend_that_was_not_built_is_named() {
        let error = pollster::block_on(open(Backend::Webgpu)).unwrap_err();
        assert_eq!(error, Error::BackendMissing("GPU".into()));
    }

    #[test]
    fn names_are_those_of_the_page() {
        assert_eq!(serde_json::to_string(&Backend::Webgpu).unwrap(), "\"webgpu\"");
        assert_eq!(Backend::Cpu.to_string(), "cpu");
    }
}
