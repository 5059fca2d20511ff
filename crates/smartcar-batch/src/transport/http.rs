//! The servers, and the generated requests to them.
//!
//! Invariant: requests go to the origins that were checked, and nowhere else.

use std::sync::Arc;

use reqwest::header::HeaderValue;
use reqwest::{Url, Version};
use smartcar_client::{Client as V2, Session, Transport, v3};
use smartcar_model::v3::VehicleMode;
use smartcar_model::{Error, UnitSystem};

use super::client::{Configure, bare_client, http_client};
use super::http_transport::HttpTransport;
use super::pool::{Pool, Pooled};
use crate::access_token::AccessToken;
use crate::api::Api;
use crate::limits::{BODY_CAP, TOKEN_BODY_CAP};
use crate::origin::{Origin, Reach, Server};

/// What is sent as the user agent.
pub(crate) const USER_AGENT: &str = concat!("smartcar-batch/", env!("CARGO_PKG_VERSION"));

/// Where a client's requests go, and how.
pub(crate) struct Http {
    api: Place,
    /// Where version 3 has its connections.
    connections: Place,
    /// Where version 3 has its webhooks and subscriptions.
    webhooks: Place,
    /// Of which vehicles it lists connections.
    mode: Option<VehicleMode>,
    /// What carries requests in place of the HTTP client.
    transport: Option<Arc<dyn Transport>>,
    pub(crate) body_cap: usize,
}

/// The origins of a client's servers.
pub(crate) struct Origins {
    pub(crate) api: Origin,
    pub(crate) connections: Origin,
    pub(crate) webhooks: Origin,
}

/// What a server is for. One server may have all roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Api,
    Connections,
    Webhooks,
}

/// A server, and the HTTP client for it.
struct Place {
    pool: Arc<Pool>,
    /// Origin and version, such as `https://api.smartcar.com/v2.0`.
    base: Arc<Url>,
    server: Server,
}

/// How requests are carried.
#[derive(Clone)]
pub(crate) enum Carrier {
    /// By the HTTP client, with the user's settings if there are any.
    Http(Option<Configure>),
    /// By the user's transport.
    Transport(Arc<dyn Transport>),
}

impl Carrier {
    /// What carries the requests of a token source. `None` where nothing is set: it
    /// has a client of its own.
    pub(crate) fn for_tokens(&self, api: &Origin) -> Result<Option<Arc<dyn Transport>>, Error> {
        Ok(match self {
            Self::Http(None) => None,
            Self::Http(configure) => {
                // The source checks its origin itself.
                let reach = Reach {
                    https_only: false,
                    ..api.reach()
                };
                let http = http_client(reach, configure.as_ref())?;
                Some(Arc::new(HttpTransport::over(http, TOKEN_BODY_CAP)))
            }
            Self::Transport(transport) => Some(Arc::clone(transport)),
        })
    }
}

impl Place {
    fn new(api: Api, origin: &Origin, pool: Arc<Pool>) -> Self {
        Self {
            pool,
            base: Arc::new(origin.with_path(api.prefix())),
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
        let Origins {
            api: here,
            connections,
            webhooks,
        } = origins;
        let pool = |origin: &Origin| {
            let reach = origin.reach();
            let pool = match carrier.clone() {
                Carrier::Http(configure) => {
                    Pool::new(move || http_client(reach, configure.as_ref()))
                }
                // The client only builds what a transport is given.
                Carrier::Transport(_) => Pool::new(bare_client),
            };
            pool.map(Arc::new)
        };
        let api_pool = pool(here)?;
        // TLS settings and connections are shared where the server is the same.
        let connections_pool = if here == connections {
            Arc::clone(&api_pool)
        } else {
            pool(connections)?
        };
        let webhooks_pool = if here == webhooks {
            Arc::clone(&api_pool)
        } else if connections == webhooks {
            Arc::clone(&connections_pool)
        } else {
            pool(webhooks)?
        };
        Ok(Self {
            api: Place::new(api, here, api_pool),
            connections: Place::new(api, connections, connections_pool),
            webhooks: Place::new(api, webhooks, webhooks_pool),
            mode,
            transport: match carrier {
                Carrier::Transport(transport) => Some(transport),
                Carrier::Http(_) => None,
            },
            body_cap: body_cap.unwrap_or(BODY_CAP),
        })
    }

    /// The server with a role.
    pub(crate) fn server(&self, role: Role) -> &Server {
        &self.place(role).server
    }

    fn place(&self, role: Role) -> &Place {
        match role {
            Role::Api => &self.api,
            Role::Connections => &self.connections,
            Role::Webhooks => &self.webhooks,
        }
    }

    /// What one request is sent with.
    pub(crate) fn wire<'a>(
        &'a self,
        token: &AccessToken,
        units: Option<&'a UnitSystem>,
        role: Role,
    ) -> Wire<'a> {
        let place = self.place(role);
        let user_agent = HeaderValue::from_static(USER_AGENT);
        let mut session = Session::with(token.authorization().clone(), user_agent);
        if let Some(transport) = &self.transport {
            session = session.over(Arc::clone(transport));
        }
        Wire {
            mode: self.mode.as_ref(),
            place,
            pooled: place.pool.current(),
            session,
            units,
        }
    }
}

/// What one request is sent with: the generated requests, with their session.
pub(crate) struct Wire<'a> {
    /// Of which vehicles connections are listed.
    mode: Option<&'a VehicleMode>,
    place: &'a Place,
    pooled: Arc<Pooled>,
    pub(crate) session: Session,
    pub(crate) units: Option<&'a UnitSystem>,
}

impl Wire<'_> {
    /// The requests of v2.0.
    pub(crate) fn v2(&self) -> V2 {
        V2::new_with_client(
            Arc::clone(&self.place.base),
            self.pooled.http.clone(),
            self.session.clone(),
        )
    }

    /// The requests of version 3.
    pub(crate) fn v3(&self) -> v3::Client {
        v3::Client::new_with_client(
            Arc::clone(&self.place.base),
            self.pooled.http.clone(),
            self.session.clone(),
        )
    }

    /// Of which vehicles connections are listed.
    pub(crate) fn mode(&self) -> Option<&str> {
        self.mode.map(VehicleMode::as_str)
    }

    /// Notes what a response says about its connection.
    pub(crate) fn responded(&self, response: &reqwest::Response) {
        self.pooled.note(response.version() == Version::HTTP_2);
    }

    /// The request timed out: if it was sent, its connection may be dead.
    pub(crate) fn timed_out(&self) {
        if self.session.has_sent() {
            self.place.pool.timed_out(&self.pooled);
        }
    }
}
