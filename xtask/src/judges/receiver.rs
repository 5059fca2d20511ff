//! Runs `smartcar listen` as a process, for a judge of receivers of webhooks.
//!
//! Invariant: the process is killed on drop, and has nothing of the machine's settings.

use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use super::call::call;
use super::live::origin;

/// The management token. It is not a real one.
pub const KEY: &str = "judges-management-token";

/// A running `smartcar listen`.
#[derive(Debug)]
pub struct Receiver {
    process: Child,
    /// `http://127.0.0.1:PORT`.
    pub origin: String,
}

impl Receiver {
    /// Starts the command on a free port.
    pub fn start(smartcar: &Path) -> Result<Self> {
        let program = smartcar.to_string_lossy().into_owned();
        let line = "{smartcar} listen --addr 127.0.0.1:0";
        let mut process = call(line, &[("smartcar", program)])
            .env("SMARTCAR_MANAGEMENT_TOKEN", KEY)
            .env_remove("SMARTCAR_NATS_URL")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start {}", smartcar.display()))?;
        let stderr = process.stderr.take();
        let mut receiver = Self {
            process,
            origin: String::new(),
        };
        receiver.origin = origin(stderr.context("the receiver's messages are not piped")?)?;
        Ok(receiver)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // This fails only if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
