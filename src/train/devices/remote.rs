//! Devices of other machines, by burn's remote backend over WebSockets: the lender runs tensor operations, the
//! borrower sends them. Nothing is encrypted, and nobody is asked who they are.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::time::Duration;

use burn::remote::RemoteHost;
use burn::server::{RemoteServer, WebSocketTransport};
use burn::tensor::Device;

use super::Devices;
use crate::error::{Error, Result};

/// All devices that the machine at `address`, `HOST:PORT`, lends.
pub(super) fn connect(address: &str, patience: Duration) -> Result<Vec<Device>> {
    let wrong = |message: String| Error::RemoteDevice { address: address.into(), message };
    let host = RemoteHost::websocket(&format!("ws://{address}"));
    let (answer, answered) = mpsc::channel();
    std::thread::spawn(move || answer.send(host.devices()));
    match answered.recv_timeout(patience) {
        Ok(Ok(devices)) => Ok(devices.into_iter().collect()),
        Ok(Err(error)) => Err(wrong(error.to_string())),
        Err(_) => Err(wrong(format!("no answer in {patience:?}"))),
    }
}

/// See [`super::serve`].
pub(super) fn serve(devices: &Devices, listen: SocketAddr, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let wrong = |error: &dyn std::fmt::Display| Error::InvalidOption(format!("--listen {listen}: {error}"));
    let listener = TcpListener::bind(listen).map_err(|error| wrong(&error))?;
    ready(listener.local_addr().map_err(|error| wrong(&error))?);
    RemoteServer::new(devices.iter().cloned())
        .serve(WebSocketTransport::from_listener(listener))
        .map_err(|error| wrong(&error))
}
