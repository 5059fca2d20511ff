//! The transport over HTTP: the generated requests, and the body read in pieces.
//!
//! Invariant: no redirect is followed, nothing is read past the cap, and no
//! error shows a URL.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use smartcar_client::{
    ByteStream, Client as Requests, Error as RequestError, ResponseValue, Session, v3,
};
use smartcar_model::v3::VehicleMode;
use smartcar_model::{AnswerHeaders, BatchRequest, UnitSystem};

use super::{Ask, Boxed, Call, HttpAnswer, Transport, TransportError};
use crate::limits::{BODY_CAP, CONNECT_TIMEOUT, POOL_IDLE_TIMEOUT, VEHICLES_PAGE};
use crate::origin::Origin;
use crate::{Api, Error, ErrorKind, UserId};

/// What is sent as the user agent.
pub(crate) const USER_AGENT: &str = concat!("smartcar-batch/", env!("CARGO_PKG_VERSION"));

pub(crate) struct HttpTransport {
    api: Place,
    /// Where version 3 has its connections.
    management: Place,
    /// Of which vehicles it lists connections.
    mode: Option<VehicleMode>,
    body_cap: usize,
}

/// A server, and the HTTP client for it.
#[derive(Clone)]
struct Place {
    http: reqwest::Client,
    /// Origin and version, such as `https://api.smartcar.com/v2.0`.
    base: String,
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
        })
    }
}

impl HttpTransport {
    pub(crate) fn new(
        api: Api,
        origin: &Origin,
        management: &Origin,
        mode: Option<VehicleMode>,
        body_cap: Option<usize>,
    ) -> Result<Self, Error> {
        let place = Place::new(api, origin)?;
        Ok(Self {
            // TLS settings and connections are shared where the server is the same.
            management: if management == origin {
                place.clone()
            } else {
                Place::new(api, management)?
            },
            api: place,
            mode,
            body_cap: body_cap.unwrap_or(BODY_CAP),
        })
    }

    async fn ask(
        &self,
        call: Call<'_>,
    ) -> Result<ResponseValue<ByteStream>, RequestError<ByteStream>> {
        let Some(session) = Session::new(call.token.secret().clone(), USER_AGENT) else {
            return Err(RequestError::InvalidRequest("user agent".to_owned()));
        };
        let v2 = |session| {
            let http = self.api.http.clone();
            Requests::new_with_client(&self.api.base, http, session)
        };
        match call.ask {
            Ask::Batch(vehicle, paths) => {
                let body = BatchRequest::of(paths.iter().copied());
                let requests = v2(session);
                requests.batch(vehicle.as_str(), call.units, &body).await
            }
            #[allow(clippy::result_large_err, reason = "the type is progenitor's")]
            Ask::Endpoint(vehicle, path) => {
                let requests = v2(session);
                smartcar_client::get(&requests, path, vehicle.as_str(), call.units)
                    .await
                    .unwrap_or_else(|| Err(RequestError::InvalidRequest("unknown path".to_owned())))
            }
            Ask::Vehicles(offset) => {
                let limit = Some(i64::from(VEHICLES_PAGE));
                v2(session).list_vehicles(limit, Some(offset.into())).await
            }
            // In an allocation of its own: calls of v2.0 need no room for it.
            _ => Box::pin(self.ask_v3(session, call.ask, call.units)).await,
        }
    }

    /// The requests of version 3.
    async fn ask_v3(
        &self,
        session: Session,
        ask: Ask<'_>,
        units: Option<&UnitSystem>,
    ) -> Result<ResponseValue<ByteStream>, RequestError<ByteStream>> {
        let at =
            |place: &Place| v3::Client::new_with_client(&place.base, place.http.clone(), session);
        let mode = self.mode.as_ref().map(VehicleMode::as_str);
        match ask {
            Ask::Signals(vehicle, user) => {
                let (vehicle, user) = (vehicle.as_str(), user.as_str());
                at(&self.api).list_signals(vehicle, units, user).await
            }
            Ask::Signal(vehicle, user, code) => {
                let (vehicle, user) = (vehicle.as_str(), user.as_str());
                at(&self.api).get_signal(vehicle, code, units, user).await
            }
            Ask::Resource(vehicle) => at(&self.api).get_vehicle(vehicle.as_str()).await,
            Ask::Connections(vehicle, user) => {
                let (vehicle, user) = (Some(vehicle.as_str()), user.map(UserId::as_str));
                at(&self.management)
                    .list_connections(None, user, mode, vehicle, None, None)
                    .await
            }
            Ask::AllConnections(user, page) => {
                let (user, page) = (user.map(UserId::as_str), Some(page.into()));
                let size = Some(i64::from(VEHICLES_PAGE));
                at(&self.management)
                    .list_connections(None, user, mode, None, page, size)
                    .await
            }
            Ask::Batch(..) | Ask::Endpoint(..) | Ask::Vehicles(_) => {
                Err(RequestError::InvalidRequest("of v2.0".to_owned()))
            }
        }
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, call: Call<'a>) -> Boxed<'a, Result<HttpAnswer, TransportError>> {
        Box::pin(async move {
            let response = match self.ask(call).await {
                Ok(response) | Err(RequestError::ErrorResponse(response)) => response,
                Err(error) => return Err(failure(error)),
            };
            whole(response, self.body_cap).await
        })
    }
}

/// Reads the body to its end, or to the cap.
pub(crate) async fn whole(
    response: ResponseValue<ByteStream>,
    cap: usize,
) -> Result<HttpAnswer, TransportError> {
    let status = response.status().as_u16();
    let headers = response.headers();
    let mut answer = HttpAnswer {
        status,
        headers: known(headers),
        request_id: graphic(headers, "sc-request-id"),
        content_type: graphic(headers, CONTENT_TYPE.as_str()),
        body: Bytes::new(),
    };
    let broken = |kind, message: &str| TransportError {
        message: message.to_owned(),
        sent: true,
        status: Some(status),
        kind,
        source: None,
    };
    let mut stream = response.into_inner_stream();
    let mut body = BytesMut::new();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| TransportError {
            source: Some(error.without_url().into()),
            ..broken(ErrorKind::Transport, "the answer broke off")
        })?;
        // Counted while it streams: a declared length may lie.
        if body.len() + piece.len() > cap {
            let message = format!("the answer is larger than {cap} bytes");
            return Err(broken(ErrorKind::Decode, &message));
        }
        body.extend_from_slice(&piece);
    }
    answer.body = body.freeze();
    Ok(answer)
}

fn known(headers: &HeaderMap) -> AnswerHeaders {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect()
}

/// A header's value, bounded and of visible characters only: it is shown.
fn graphic(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    let kept: String = text
        .chars()
        .filter(char::is_ascii_graphic)
        .take(100)
        .collect();
    (!kept.is_empty()).then_some(kept)
}

/// progenitor's errors print bodies and headers: only their kind is taken.
fn failure(error: RequestError<ByteStream>) -> TransportError {
    let (message, sent, kind, source) = match error {
        RequestError::CommunicationError(error) => {
            let error = error.without_url();
            let (message, sent) = if error.is_connect() {
                ("no connection could be opened", false)
            } else if error.is_builder() {
                ("the request could not be built", false)
            } else {
                ("the connection closed before the answer", true)
            };
            (message, sent, ErrorKind::Transport, Some(error.into()))
        }
        RequestError::InvalidRequest(_) => (
            "the request could not be built",
            false,
            ErrorKind::InvalidRequest,
            None,
        ),
        _ => (
            "the answer was not understood",
            true,
            ErrorKind::Decode,
            None,
        ),
    };
    TransportError {
        message: message.to_owned(),
        sent,
        status: None,
        kind,
        source,
    }
}
