//! How a simulator is set up.
//!
//! Invariant: nothing is bound and nothing can fail before `start`.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use crate::Simulator;
use crate::app::App;
use crate::spec::Spec;
use crate::tokens::Tokens;

/// Sets up a [`Simulator`]; [`Simulator::builder`] makes one.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use smartcar_simulator::Simulator;
///
/// let simulator = Simulator::builder()
///     .addr(([127, 0, 0, 1], 0).into())
///     .token("odometer-only", ["read_odometer"])
///     .start()
///     .await?;
/// # drop(simulator);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing before `start`"]
pub struct SimulatorBuilder {
    addr: SocketAddr,
    tokens: Tokens,
}

impl SimulatorBuilder {
    pub(crate) fn new() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tokens: Tokens::default(),
        }
    }

    /// Where to listen: a loopback address, by default `127.0.0.1` with a free
    /// port. Port 0 is a free port too.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use std::io::ErrorKind;
    /// use smartcar_simulator::Simulator;
    ///
    /// let everywhere = ([0, 0, 0, 0], 0).into();
    /// let error = Simulator::builder().addr(everywhere).start().await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidInput);
    /// # }
    /// ```
    pub fn addr(mut self, addr: SocketAddr) -> Self {
        self.addr = addr;
        self
    }

    /// Adds an access token with just these permissions, such as
    /// `read_odometer`. The default token stays; the same token again replaces
    /// what it may read.
    ///
    /// ```
    /// use smartcar_simulator::Simulator;
    ///
    /// let builder = Simulator::builder()
    ///     .token("driver", ["read_odometer", "read_location"])
    ///     .token("nobody", [""; 0]);
    /// ```
    pub fn token(
        mut self,
        token: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let permissions: BTreeSet<String> = permissions.into_iter().map(Into::into).collect();
        self.tokens.add(token.into(), permissions);
        self
    }

    /// Binds the address and serves on a task of the current tokio runtime.
    ///
    /// Fails with `InvalidInput` for an address that is not loopback or a token
    /// that cannot be sent, and as binding does, for example when the port is taken.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let simulator = smartcar_simulator::Simulator::builder().start().await?;
    /// # drop(simulator);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start(self) -> io::Result<Simulator> {
        if !self.addr.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "{} is not a loopback address: the simulator's token is public, so other \
                     machines must not reach it; use 127.0.0.1 or [::1]",
                    self.addr
                ),
            ));
        }
        self.tokens.check()?;
        let app = Arc::new(App::new(Spec::embedded()?, self.tokens));
        Simulator::serve(self.addr, app).await
    }
}
