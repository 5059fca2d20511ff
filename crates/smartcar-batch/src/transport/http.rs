//! The servers, and the generated requests to them.
//!
//! Invariant: requests go to the origins that were checked, and nowhere else.

use std::sync::Arc;

use smartcar_client::{Client as V2, Session, Transport, v3};
use smartcar_model::v3::VehicleMode;
use smartcar_model::{Error, UnitSystem};

use super::client::{Configure, bare_client, http_client};
use super::http_transport::HttpTransport;
use crate::access_token::AccessToken;
use crate::api::Api;
use crate::limits::BODY_CAP;
use crate::origin::{Origin, Server};

/// What is sent as the user agent.
pub(crate) const USER_AGENT: &str = concat!("smartcar-batch/", env!("CARGO_PKG_VERSION"));

/// Where a client's requests go, and how.
pub(crate) struct Http {
    api: Place,
    /// Where version 3 has its connections.
    management: Place,
    /// Of which vehicles it lists connections.
    mode: Option<VehicleMode>,
    /// What carries requests in place of the HTTP client.
    transport: Option<Arc<dyn Transport>>,
    pub(crate) body_cap: usize,
}

/// The origins of a client's servers.
pub(crate) struct Origins {
    pub(crate) api: Origin,
    pub(crate) management: Origin,
}

/// A server, and the HTTP client for it.
#[derive(Clone)]
struct Place {
    http: reqwest::Client,
    /// Origin and version, such as `https://api.smartcar.com/v2.0`.
    base: String,
    server: Server,
}

/// How requests are carried.
pub(crate) enum Carrier {
    /// By an HTTP client that nobody configured.
    Standard,
    /// By the user's HTTP client.
    Configured(Configure),
    /// By the user's transport.
    Transport(Arc<dyn Transport>),
}

impl Place {
    fn new(api: Api, origin: &Origin, http: reqwest::Client) -> Self {
        Self {
            http,
            base: format!("{}{}", origin.text(), api.prefix()),
            server: origin.server(),
        }
    }
}

impl Http {
    pub(crate) fn new(
        api: Api,
        origins: &Origins,
        mode: Option<VehicleMode>,
        body_cap: Option<usize>,
        carrier: Carrier,
    ) -> Result<Self, Error> {
        let (here, there) = (&origins.api, &origins.management);
        let mut transport = None;
        let (http, management_http) = match carrier {
            // Only what a transport is given is built by it.
            Carrier::Transport(carried) => {
                transport = Some(carried);
                let http = bare_client()?;
                (http.clone(), http)
            }
            // The user's settings are used once, so one client is for both.
            Carrier::Configured(configure) => {
                let http = http_client(here.reach().and(there.reach()), Some(configure))?;
                (http.clone(), http)
            }
            Carrier::Standard => {
                let http = http_client(here.reach(), None)?;
                // TLS settings and connections are shared where the server is the same.
                let other = (here != there).then(|| http_client(there.reach(), None));
                let other = other.transpose()?.unwrap_or_else(|| http.clone());
                (http, other)
            }
        };
        Ok(Self {
            api: Place::new(api, here, http),
            management: Place::new(api, there, management_http),
            mode,
            transport,
            body_cap: body_cap.unwrap_or(BODY_CAP),
        })
    }

    /// What carries requests, for those of a token source.
    pub(crate) fn carrier(&self) -> Arc<dyn Transport> {
        match &self.transport {
            Some(transport) => Arc::clone(transport),
            None => Arc::new(HttpTransport::over(self.api.http.clone(), self.body_cap)),
        }
    }

    /// The API's server, or the one with the connections.
    pub(crate) fn server(&self, is_management: bool) -> &Server {
        let place = if is_management {
            &self.management
        } else {
            &self.api
        };
        &place.server
    }

    /// What one request is sent with. `None` where the user agent cannot be a
    /// header's value.
    pub(crate) fn wire<'a>(
        &'a self,
        token: &AccessToken,
        units: Option<&'a UnitSystem>,
    ) -> Option<Wire<'a>> {
        let mut session = Session::new(token.secret().clone(), USER_AGENT)?;
        if let Some(transport) = &self.transport {
            session = session.over(Arc::clone(transport));
        }
        Some(Wire {
            http: self,
            session,
            units,
        })
    }
}

/// What one request is sent with: the generated requests, with their session.
pub(crate) struct Wire<'a> {
    http: &'a Http,
    pub(crate) session: Session,
    pub(crate) units: Option<&'a UnitSystem>,
}

impl Wire<'_> {
    /// The requests of v2.0.
    pub(crate) fn v2(&self) -> V2 {
        let place = &self.http.api;
        V2::new_with_client(&place.base, place.http.clone(), self.session.clone())
    }

    /// The requests of version 3.
    pub(crate) fn v3(&self) -> v3::Client {
        self.v3_at(&self.http.api)
    }

    /// The requests of version 3 to the server with the connections.
    pub(crate) fn management(&self) -> v3::Client {
        self.v3_at(&self.http.management)
    }

    fn v3_at(&self, place: &Place) -> v3::Client {
        v3::Client::new_with_client(&place.base, place.http.clone(), self.session.clone())
    }

    /// Of which vehicles connections are listed.
    pub(crate) fn mode(&self) -> Option<&str> {
        self.http.mode.as_ref().map(VehicleMode::as_str)
    }
}
