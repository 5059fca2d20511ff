//! v2.0: a batch is one request.
//!
//! Invariant: each attempt is one request for exactly the open paths.

use bytes::Bytes;
use smallvec::smallvec;
use smartcar_client::Error as RequestError;
use smartcar_model::decode::{self, ItemResponse, Warning};
use smartcar_model::v3::ALL_SIGNALS;
use smartcar_model::{
    BatchRequest, EndpointInfo, Error, ErrorKind, InvalidReason, ItemError, Outcomes, PathResults,
    Plan, Response, VehicleId,
};

use super::items::{Indexes, Items};
use super::{Dialect, Fault, Few, Route, Sent};
use crate::transport::{Reply, Wire};

/// A batch for one vehicle.
pub(crate) struct Batch<'a> {
    vehicle: &'a VehicleId,
    items: Items<'a>,
    /// The text of the request for all paths, if it is known.
    request: Option<&'static str>,
    replies: Kept,
    warnings: Vec<Warning>,
}

/// Every reply with the indexes it was requested for, so that the other results can
/// be restored when a required item fails. The flag marks the reply of a single
/// endpoint.
#[derive(Default)]
pub(crate) struct Kept(Few<(Box<Reply>, bool, Indexes)>);

/// One request.
pub(crate) enum Ask<'a> {
    /// A batch request, its price and its body.
    Batch(&'a VehicleId, u32, Bytes),
    /// A request for one endpoint of the spec.
    Endpoint(&'a VehicleId, &'a str),
}

impl<'a> Batch<'a> {
    /// A batch of paths that [`check`] accepts.
    pub(crate) fn new(
        vehicle: &'a VehicleId,
        items: Items<'a>,
        request: Option<&'static str>,
    ) -> Self {
        Self {
            vehicle,
            items,
            request,
            replies: Kept::default(),
            warnings: Vec::new(),
        }
    }

    /// The body of the request for the open paths.
    fn body(&self) -> Bytes {
        match self.request {
            Some(request) if self.items.left.len() == self.items.paths.len() => {
                Bytes::from_static(request.as_bytes())
            }
            _ => {
                let request = BatchRequest::of(self.items.current_paths());
                let body = serde_json::to_vec(&request);
                body.expect("texts can be written as JSON").into()
            }
        }
    }
}

/// Rejects signals, which only v3 has.
pub(crate) fn check(paths: &[&str]) -> Result<(), Error> {
    match paths.iter().find(|path| is_signal(path)) {
        None => Ok(()),
        Some(path) => Err(Error::new(
            ErrorKind::InvalidRequest,
            format!("the path {path} is a v3 signal: build the client with `.api(Api::V3)`"),
        )
        .with_invalid_reason(InvalidReason::SignalOnV2)),
    }
}

fn is_signal(path: &str) -> bool {
    path.strip_prefix(ALL_SIGNALS)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The price of a batch, in requests as the API counts them.
pub(crate) fn price(paths: usize) -> u32 {
    u32::try_from(paths).unwrap_or(u32::MAX)
}

impl super::Ask for Ask<'_> {
    fn cost(&self) -> u32 {
        match self {
            Self::Batch(_, price, _) => *price,
            Self::Endpoint(..) => 1,
        }
    }

    fn route(&self) -> Route<'_> {
        match self {
            Self::Batch(..) => Route {
                method: "POST",
                ..Route::get("/v2.0/vehicles/{id}/batch")
            },
            Self::Endpoint(_, path) => Route {
                path: if *path == "/" { "" } else { path },
                ..Route::get("/v2.0/vehicles/{id}")
            },
        }
    }

    async fn send(&self, wire: &Wire<'_>) -> Sent {
        let requests = wire.v2();
        match self {
            Self::Batch(vehicle, _, body) => {
                let body = body.clone();
                requests.batch(vehicle.as_str(), wire.units, body).await
            }
            #[allow(clippy::result_large_err, reason = "the type is progenitor's")]
            Self::Endpoint(vehicle, path) => {
                smartcar_client::get(&requests, path, vehicle.as_str(), wire.units)
                    .await
                    .unwrap_or_else(|| Err(RequestError::InvalidRequest("unknown path".to_owned())))
            }
        }
    }
}

impl<'a> Dialect for Batch<'a> {
    type Ask = Ask<'a>;
    type Results = Kept;

    fn vehicle(&self) -> Option<&VehicleId> {
        Some(self.vehicle)
    }

    fn left(&self) -> usize {
        self.items.left.len()
    }

    fn open(&mut self) -> Few<Ask<'a>> {
        let Items {
            paths,
            left,
            single,
            ..
        } = &self.items;
        smallvec![match left.as_slice() {
            [] => return Few::new(),
            // An endpoint that is not in the spec has no generated request, so it is
            // sent as a batch of one.
            [at] if *single && EndpointInfo::of(paths[*at]).is_some() => {
                Ask::Endpoint(self.vehicle, paths[*at])
            }
            left => Ask::Batch(self.vehicle, price(left.len()), self.body()),
        }]
    }

    fn plan(asks: &[Ask<'a>]) -> Plan {
        match asks.first() {
            None => Plan::Nothing,
            Some(Ask::Batch(..)) => Plan::Batch,
            Some(Ask::Endpoint(..)) => Plan::Endpoint,
        }
    }

    fn take(&mut self, replies: Few<(Ask<'a>, Box<Reply>)>, counts: bool) -> Vec<Fault> {
        if counts {
            self.items.count();
        }
        let mut faults = Vec::new();
        for (ask, reply) in replies {
            let alone = matches!(ask, Ask::Endpoint(..));
            if !alone && !reply.is_success() {
                faults.push(Fault::Whole(reply.error()));
                continue;
            }
            match read(&reply, alone, &self.items.current(), self.items.outcomes) {
                Ok(warnings) => self.warnings.extend(warnings),
                Err(error) => {
                    faults.push(Fault::Whole(error));
                    continue;
                }
            }
            let asked = std::mem::take(&mut self.items.left);
            let outcomes = &*self.items.outcomes;
            let errors = asked.iter().filter_map(|at| outcomes.error(*at));
            let errors = errors.filter_map(ItemError::api_error);
            faults.extend(errors.map(|api| Fault::Item(Box::new(api.clone()))));
            let is_open = |at: &usize| outcomes.error(*at).is_some_and(ItemError::is_retryable);
            self.items.left = asked.iter().copied().filter(is_open).collect();
            self.replies.0.push((reply, alone, asked));
        }
        faults
    }

    fn finish(&mut self, told: &mut Response<()>) -> Option<Kept> {
        self.items.report(told);
        told.warnings = std::mem::take(&mut self.warnings);
        (!self.replies.0.is_empty()).then(|| std::mem::take(&mut self.replies))
    }
}

/// Reads a reply into the outcomes of the requested indexes.
fn read(
    reply: &Reply,
    alone: bool,
    asked: &[(usize, &str)],
    outcomes: &mut (dyn Outcomes + Send),
) -> Result<Vec<Warning>, Error> {
    let text = reply.text()?;
    let request_id = reply.request_id.as_deref();
    if alone {
        let headers = reply.headers.clone();
        let item = ItemResponse::of_endpoint(reply.status, headers, text, request_id);
        outcomes.accept(asked[0].0, &item);
        return Ok(Vec::new());
    }
    decode::batch(text, request_id, asked, outcomes)
        .map_err(|malformed| reply.unreadable(&malformed.to_string()))
}

impl Kept {
    /// All results, decoded again from the replies.
    pub(crate) fn answers(&self, paths: &[&str]) -> PathResults {
        let mut kept = PathResults::of(paths.iter().copied());
        for (reply, alone, indexes) in &self.0 {
            let asked: Vec<_> = indexes.iter().map(|at| (*at, paths[*at])).collect();
            // Every kept reply was decoded once, so this cannot fail.
            let _ = read(reply, *alone, &asked, &mut kept);
        }
        kept
    }
}
