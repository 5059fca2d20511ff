//! The servers, and the generated requests to them.
//!
//! Invariant: no redirect is followed, and nothing is unpacked.

use std::sync::Arc;

use smartcar_client::{Client as V2, Session, Transport, v3};
use smartcar_model::v3::VehicleMode;
use smartcar_model::{Error, ErrorKind, UnitSystem};

use crate::access_token::AccessToken;
use crate::api::Api;
use crate::limits::{BODY_CAP, CONNECT_TIMEOUT, POOL_IDLE_TIMEOUT};
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

/// An HTTP client that follows no redirect and unpacks nothing.
pub(crate) fn http_client(origin: &Origin) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        // A redirect would turn the POST into a GET, or send the body elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Another crate may have turned these on: what is not unpacked
        // cannot be a bomb.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .https_only(origin.is_https())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT);
    if origin.is_loopback() {
        // A proxy cannot reach this machine's loopback.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Error::new(
            ErrorKind::InvalidRequest,
            "the HTTP client could not be set up",
        )
        .with_source(error.without_url())
    })
}

impl Place {
    fn new(api: Api, origin: &Origin) -> Result<Self, Error> {
        Ok(Self {
            http: http_client(origin)?,
            base: format!("{}{}", origin.text(), api.prefix()),
            server: origin.server(),
        })
    }
}

impl Http {
    pub(crate) fn new(
        api: Api,
        origins: &Origins,
        mode: Option<VehicleMode>,
        body_cap: Option<usize>,
    ) -> Result<Self, Error> {
        let place = Place::new(api, &origins.api)?;
        Ok(Self {
            // TLS settings and connections are shared where the server is the same.
            management: if origins.management == origins.api {
                place.clone()
            } else {
                Place::new(api, &origins.management)?
            },
            api: place,
            mode,
            transport: None,
            body_cap: body_cap.unwrap_or(BODY_CAP),
        })
    }

    /// Requests over a transport. The HTTP client only builds them.
    #[cfg(test)]
    pub(crate) fn over(api: Api, origins: &Origins, transport: Arc<dyn Transport>) -> Self {
        static BARE: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
        let place = |origin: &Origin| Place {
            http: BARE.get_or_init(reqwest::Client::new).clone(),
            base: format!("{}{}", origin.text(), api.prefix()),
            server: origin.server(),
        };
        Self {
            api: place(&origins.api),
            management: place(&origins.management),
            mode: None,
            transport: Some(transport),
            body_cap: BODY_CAP,
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
