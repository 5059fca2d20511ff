//! The options of commands that use the management API, which only version 3 has.
//!
//! Invariant: the API version is 3, whatever the environment says.

use smartcar_batch::{Api, Client, Transport, UserId};
use smartcar_simulator::Simulator;

use crate::environment::{self, Refusal};
use crate::report::failed::Failed;
use crate::tap;

// No doc comment: it would replace the command's.
#[derive(Debug, clap::Args)]
pub(crate) struct Managing {
    /// Scheme, host and port of the API, without a version. Must be https, except on this machine
    #[arg(long, value_name = "URL", conflicts_with = "simulate")]
    api_origin: Option<String>,
    /// Smartcar user ID of the vehicles' owner [default: that in `SMARTCAR_USER_ID`]
    #[arg(long, value_name = "USER_ID")]
    user: Option<String>,
    /// Use a simulator inside this process instead of the API; needs no token
    #[arg(long)]
    simulate: bool,
}

/// A client, and its simulator with `--simulate`.
pub(crate) struct Managed {
    pub(crate) client: Client,
    // Kept alive: dropping it stops the simulator.
    simulator: Option<Simulator>,
}

impl Managing {
    /// Builds the client.
    pub(crate) async fn open(&self) -> Result<Managed, Failed> {
        self.open_over(None).await
    }

    /// Builds the client, which sends over a transport if one is given.
    pub(crate) async fn open_over(
        &self,
        transport: Option<Box<dyn Transport>>,
    ) -> Result<Managed, Failed> {
        let refuse = |refusal| Failed::refused(None, refusal);
        let (mut builder, simulator) = if self.simulate {
            let simulator = environment::simulator()
                .await
                .map_err(|error| Failed::no_simulator(None, &error))?;
            let builder = environment::simulated(Api::V3, &simulator).map_err(refuse)?;
            (builder, Some(simulator))
        } else {
            let origin = self.api_origin.as_deref();
            (environment::builder(Api::V3, origin).map_err(refuse)?, None)
        };
        if let Some(user) = self.user().map_err(refuse)? {
            builder = builder.user(user);
        }
        if let Some(transport) = transport {
            builder = builder.transport(Boxed(transport));
        }
        let client = builder.build().map_err(|error| refuse(error.into()))?;
        Ok(Managed { client, simulator })
    }

    /// A client of another version with the same settings, over a transport.
    pub(crate) fn client(
        &self,
        api: Api,
        transport: Box<dyn Transport>,
        managed: &Managed,
    ) -> Result<Client, Refusal> {
        let builder = match &managed.simulator {
            Some(simulator) => environment::simulated(api, simulator)?,
            None => environment::builder_of_any(api, self.api_origin.as_deref())?,
        };
        Ok(builder.transport(Boxed(transport)).build()?)
    }

    /// Whether the API is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.simulate || tap::is_local_api(self.api_origin.as_deref())
    }

    /// Whether it uses a simulator of its own.
    pub(crate) fn simulates(&self) -> bool {
        self.simulate
    }

    fn user(&self) -> Result<Option<UserId>, Refusal> {
        let user = self.user.as_deref().map(UserId::new).transpose();
        user.map_err(|error| Refusal {
            message: format!("--user: {error}"),
            cure: None,
        })
    }
}

/// A transport behind a pointer.
struct Boxed(Box<dyn Transport>);

impl Transport for Boxed {
    fn send(
        &self,
        request: smartcar_batch::http::Request<smartcar_batch::bytes::Bytes>,
    ) -> smartcar_batch::TransportFuture<'_> {
        self.0.send(request)
    }
}
