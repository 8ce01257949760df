//! `train serve`: lends this machine's devices to training on other machines.

use std::net::SocketAddr;

use countersign::Result;
use countersign::train::devices::{self, Devices, Sharing};

/// Lend this machine's devices: elsewhere, train with --devices remote:HOST:PORT
#[derive(clap::Args)]
pub struct Serve {
    /// Address and port to listen on; whoever reaches it is trusted, and nothing is encrypted
    #[arg(long, default_value = "127.0.0.1:7878")]
    listen: SocketAddr,
    /// The devices, as for training
    #[arg(long, default_value = "cpu")]
    devices: String,
}

impl Serve {
    pub fn run(&self) -> Result<()> {
        let devices = Devices::open(&self.devices, Sharing::default())?;
        if !self.listen.ip().is_loopback() {
            eprintln!(
                "warning: whoever reaches {} can compute on this machine and read what others compute here; listen \
                 on a trusted network only, or on 127.0.0.1 behind a tunnel",
                self.listen
            );
        }
        devices::serve(&devices, self.listen, |address| {
            println!("lending {}: --devices remote:{address}", self.devices);
        })
    }
}
