//! Where a run computes: on the CPU, on a GPU, on several of them, or on devices that other machines lend.
//!
//! burn-train's own strategies share the work out. Each device takes whole batches, so that a step on N devices
//! is one on N batches: their gradients are averaged, and an epoch of as many batches has N times fewer steps.
//! Batch normalisation takes its statistics from each device's own batch, and the running ones are the mean over
//! the devices (burn's `RunningState`).
//!
//! All computes in `f32`. burn 0.22.1 has no mixed precision: no autocast, no scaling of the loss, no copy of the
//! weights in `f32`. `Device::configure` makes all of a device `bf16` or `f16`; a small network learnt so on the
//! CPU, but the weights and the optimiser's state have 8 or 11 bits then, in which the small steps at the end of a
//! schedule round to nothing. No option sets it.

#[cfg(feature = "remote")]
mod remote;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
#[cfg(feature = "remote")]
use std::time::Duration;

use burn::tensor::Device;
use burn::tensor::distributed::{DistributedConfig, ReduceOperation};
use burn_train::{ExecutionStrategy, MultiDeviceOptim};

use super::config::require;
use crate::error::{Error, Result};

/// Names that one list may hold; the names of other machines may each stand for several devices.
const MOST: usize = 64;

/// What another machine may take to answer; burn itself would wait for ever.
#[cfg(feature = "remote")]
const PATIENCE: Duration = Duration::from_secs(10);

/// How several devices share the work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Sharing {
    /// The first device gathers the gradients, takes the step and hands out the weights
    #[default]
    Multi,
    /// All devices reduce the gradients among themselves; only CUDA devices of this machine can
    Ddp,
}

/// What one name in a list of devices stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Cpu,
    /// The one that the driver prefers, or one of those found by its number.
    Wgpu(Option<usize>),
    Cuda(usize),
    /// All devices that a machine lends, `HOST:PORT`.
    Remote(String),
}

impl Name {
    fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::InvalidOption(format!(
                "there is no device {text:?}; give cpu, wgpu[:N], cuda[:N] or remote:HOST:PORT, several with commas"
            ))
        };
        let (kind, rest) = match text.split_once(':') {
            Some((kind, rest)) => (kind, Some(rest)),
            None => (text, None),
        };
        let number = rest.map(|rest| rest.parse().map_err(|_| wrong())).transpose();
        match (kind, rest) {
            ("cpu", None) => Ok(Self::Cpu),
            ("wgpu", _) => Ok(Self::Wgpu(number?)),
            ("cuda", _) => Ok(Self::Cuda(number?.unwrap_or(0))),
            ("remote", Some(address)) if is_address(address) => Ok(Self::Remote(address.into())),
            _ => Err(wrong()),
        }
    }

    fn open(&self) -> Result<Vec<Device>> {
        match self {
            Self::Cpu => Ok(vec![Device::flex()]),
            Self::Wgpu(number) => Ok(vec![wgpu(*number)?]),
            Self::Cuda(number) => Ok(vec![cuda(*number)?]),
            Self::Remote(address) => lent(address),
        }
    }
}

/// `HOST:PORT`, where the host is a name, an IPv4 address or an IPv6 address in brackets.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let plain = |host: &str| host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    let named = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.len() <= 253 && plain(host),
    };
    named && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(feature = "gpu")]
fn wgpu(number: Option<usize>) -> Result<Device> {
    match number {
        None => Ok(pollster::block_on(crate::device::open(crate::device::Backend::Webgpu))?.device),
        Some(number) => found("wgpu", number, burn::tensor::DeviceType::Wgpu),
    }
}

#[cfg(not(feature = "gpu"))]
fn wgpu(_: Option<usize>) -> Result<Device> {
    Err(Error::BackendMissing("gpu".into()))
}

#[cfg(feature = "cuda")]
fn cuda(number: usize) -> Result<Device> {
    found("cuda", number, burn::tensor::DeviceType::Cuda)
}

#[cfg(not(feature = "cuda"))]
fn cuda(_: usize) -> Result<Device> {
    Err(Error::BackendMissing("cuda".into()))
}

/// One of the devices that burn finds on this machine.
#[cfg(any(feature = "gpu", feature = "cuda"))]
fn found(kind: &str, number: usize, of: burn::tensor::DeviceType) -> Result<Device> {
    let devices: Vec<Device> = Device::enumerate(of).into_iter().collect();
    let count = devices.len();
    let missing = || Error::NoAdapter(format!("{kind}:{number} of {count}; they count from 0"));
    devices.into_iter().nth(number).ok_or_else(missing)
}

#[cfg(feature = "remote")]
fn lent(address: &str) -> Result<Vec<Device>> {
    remote::connect(address, PATIENCE)
}

#[cfg(not(feature = "remote"))]
fn lent(_: &str) -> Result<Vec<Device>> {
    Err(Error::BackendMissing("remote".into()))
}

/// Lends `devices` until Ctrl-C. `ready` is told the address once the port is open. Whoever reaches it can
/// compute here and read what others compute, so anything but the loopback needs a network that is trusted.
///
/// # Errors
/// [`Error::InvalidOption`] if the port cannot be opened, or the devices are of different backends or lent
/// themselves; [`Error::BackendMissing`] without the feature `remote`.
#[cfg(feature = "remote")]
pub fn serve(devices: &Devices, listen: SocketAddr, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    remote::serve(devices, listen, ready)
}

/// See the other form.
#[cfg(not(feature = "remote"))]
pub fn serve(_: &Devices, _: SocketAddr, _: impl FnOnce(SocketAddr)) -> Result<()> {
    Err(Error::BackendMissing("remote".into()))
}

/// The devices of a run, at least one.
#[derive(Debug, Clone)]
pub struct Devices {
    main: Device,
    others: Vec<Device>,
    sharing: Sharing,
}

impl From<Device> for Devices {
    fn from(main: Device) -> Self {
        Self { main, others: Vec::new(), sharing: Sharing::default() }
    }
}

impl Devices {
    /// Opens the devices of a list such as `cuda:0,cuda:1` or `cpu,remote:10.0.0.7:7878`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a name that is none, or [`Sharing::Ddp`] among devices that cannot;
    /// [`Error::BackendMissing`] for a device that needs a feature which this build lacks; [`Error::NoAdapter`]
    /// and [`Error::DeviceRefused`] for a GPU that is not there; [`Error::RemoteDevice`] for a machine that
    /// does not answer.
    pub fn open(list: &str, sharing: Sharing) -> Result<Self> {
        let names = list.split(',').map(|name| Name::parse(name.trim())).collect::<Result<Vec<_>>>()?;
        if names.len() > MOST {
            return Err(Error::InvalidOption(format!(
                "{} devices are given; give {MOST} at most",
                names.len()
            )));
        }
        let reduce = names.iter().all(|name| matches!(name, Name::Cuda(_)));
        if sharing == Sharing::Ddp && names.len() > 1 && !reduce {
            return Err(Error::InvalidOption(
                "only CUDA devices of this machine can share the work by ddp; leave it at multi".into(),
            ));
        }
        let opened = names.iter().map(Name::open).collect::<Result<Vec<_>>>()?;
        let mut devices = opened.into_iter().flatten();
        let main = devices.next().ok_or_else(|| Error::InvalidOption("no device is lent".into()))?;
        Ok(Self { main, others: devices.collect(), sharing })
    }

    /// Where the weights are: it takes the steps and validates.
    pub fn main(&self) -> &Device {
        &self.main
    }

    pub fn count(&self) -> usize {
        1 + self.others.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Device> {
        std::iter::once(&self.main).chain(&self.others)
    }

    /// Steps of an epoch of so many batches.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if the last step would leave a device without a batch: ddp would wait for it.
    pub(super) fn steps(&self, batches: usize) -> Result<usize> {
        let devices = self.count();
        require(
            batches.is_multiple_of(devices),
            "batches",
            &format!("a multiple of {devices}, the number of devices"),
        )?;
        Ok(batches / devices)
    }

    /// What each device's loss is multiplied by, so that what its strategy makes of the gradients is their mean.
    pub fn share(&self) -> f32 {
        match self.sharing {
            // adds them up
            Sharing::Multi => 1.0 / self.count() as f32,
            Sharing::Ddp => 1.0,
        }
    }

    /// burn-train's way to use them.
    pub fn strategy(&self) -> ExecutionStrategy {
        let devices = || self.iter().cloned().collect();
        match self.sharing {
            _ if self.others.is_empty() => ExecutionStrategy::single(self.main.clone()),
            Sharing::Multi => ExecutionStrategy::multi(devices(), MultiDeviceOptim::OptimMainDevice),
            Sharing::Ddp => {
                ExecutionStrategy::ddp(devices(), DistributedConfig { all_reduce_op: ReduceOperation::Mean })
            }
        }
    }
}
