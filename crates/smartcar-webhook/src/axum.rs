//! A router for axum with typed handlers (feature `axum`).
//!
//! Invariant: 200 is answered only after the handler returned `Ok`. If it returned
//! `Err`, the answer is 503, so that the vendor delivers the event again.

mod answer;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response as HttpResponse;
use smartcar_model::webhook::{
    About, DeliveryMode, Other, VehicleErrors as Errors, VehicleState as State,
};
use smartcar_model::{Batch, Error, Response};

use crate::claims::{Claim, Claims};
use crate::receiver::{Delivery, Receiver};
use crate::refused::Refused;
use answer::{body, not_post, refusal, refused, taken, verified};

/// The signals of a vehicle, with the data of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct VehicleState<T: Batch> {
    /// The data of the batch. An error if a required item failed.
    pub batch: Result<Response<T::Data>, Error>,
    /// The delivery, with its IDs and all signals.
    pub state: Box<State>,
}

type Done = Pin<Box<dyn Future<Output = bool> + Send>>;
type Handler<E> = Arc<dyn Fn(Box<E>) -> Done + Send + Sync>;

/// Builds the router of a receiver.
///
/// - Test deliveries are answered without calling a handler, unless
///   [`Routes::accept_test`] is set.
/// - A repeat of an event that was taken is answered without calling a handler. Two
///   requests with one event at a time are not both handled: the second is answered
///   with 503.
/// - An event without a handler is answered with 200.
/// - A handler goes on if the vendor hangs up, which it does after 15 seconds, so that
///   the next repeat finds the event taken.
/// - A body has 30 seconds to arrive. This needs tokio's timer, which `#[tokio::main]`
///   enables.
///
/// ```
/// use smartcar_webhook::axum::{Routes, VehicleState};
/// use smartcar_webhook::{ManagementToken, Odometer, Receiver};
///
/// async fn store(delivery: VehicleState<(Odometer,)>) -> Result<(), std::io::Error> {
///     if let Ok(response) = delivery.batch {
///         println!("{:?}: {:?}", delivery.state.vehicle(), response.data.0);
///     }
///     Ok(())
/// }
///
/// let receiver = Receiver::new(ManagementToken::new("4f1c9a52-token")?);
/// let router = Routes::new(receiver).on_state(store).into_router();
/// # let _: axum::Router = router;
/// # Ok::<(), smartcar_webhook::TokenError>(())
/// ```
#[derive(Clone)]
#[must_use = "call `into_router`"]
pub struct Routes {
    receiver: Receiver,
    accepts_test: bool,
    claims: Claims,
    state: Option<Handler<State>>,
    error: Option<Handler<Errors>>,
    other: Option<Handler<Other>>,
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes")
            .field("receiver", &self.receiver)
            .field("accepts_test", &self.accepts_test)
            .finish_non_exhaustive()
    }
}

impl Routes {
    /// Routes of a receiver, without handlers.
    pub fn new(receiver: Receiver) -> Self {
        Self {
            receiver,
            accepts_test: false,
            claims: Claims::new(),
            state: None,
            error: None,
            other: None,
        }
    }

    /// Whether handlers get test deliveries too. Their values are invented. The
    /// default is false.
    pub fn accept_test(mut self, accept: bool) -> Self {
        self.accepts_test = accept;
        self
    }

    /// The handler of deliveries with signals. `T` is the batch that it reads.
    pub fn on_state<T, H, F, E>(mut self, handler: H) -> Self
    where
        T: Batch + 'static,
        H: Fn(VehicleState<T>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.state = Some(Arc::new(move |state: Box<State>| {
            let batch = state.batch::<T>();
            let handled = handler(VehicleState { batch, state });
            Box::pin(async move { handled.await.is_ok() })
        }));
        self
    }

    /// The handler of errors of a vehicle, and of their end.
    pub fn on_error<H, F, E>(mut self, handler: H) -> Self
    where
        H: Fn(Errors) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.error = Some(Arc::new(move |errors: Box<Errors>| {
            let handled = handler(*errors);
            Box::pin(async move { handled.await.is_ok() })
        }));
        self
    }

    /// The handler of events of a type that is not known.
    pub fn on_other<H, F, E>(mut self, handler: H) -> Self
    where
        H: Fn(Other) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.other = Some(Arc::new(move |other: Box<Other>| {
            let handled = handler(*other);
            Box::pin(async move { handled.await.is_ok() })
        }));
        self
    }

    /// The router: a `POST` to any path is an event, any other method 405. To receive
    /// events at one path only, nest it there.
    pub fn into_router(self) -> Router {
        Router::new().fallback(move |request: Request| {
            let routes = self.clone();
            async move { routes.answer(request).await }
        })
    }

    async fn answer(self, request: Request) -> HttpResponse {
        if request.method() != Method::POST {
            return not_post();
        }
        let (parts, body_of_request) = request.into_parts();
        if is_encoded(&parts.headers) {
            return refused(&Refused::Encoded);
        }
        let bytes = match body(body_of_request).await {
            Ok(bytes) => bytes,
            Err(answer) => return answer,
        };
        let signatures = parts.headers.get_all("sc-signature");
        match self.receiver.receive(signatures, &bytes) {
            Ok(Delivery::Verify(answer)) => verified(&answer),
            Ok(Delivery::State(state)) => self.handle(state, self.state.clone()).await,
            Ok(Delivery::Error(errors)) => self.handle(errors, self.error.clone()).await,
            Ok(Delivery::Other(other)) => self.handle(other, self.other.clone()).await,
            Err(error) => refused(&error),
        }
    }

    async fn handle<E>(&self, event: Box<E>, handler: Option<Handler<E>>) -> HttpResponse
    where
        E: std::ops::Deref<Target = About> + Send + 'static,
    {
        let Some(handler) = handler else {
            return taken();
        };
        if event.mode() == Some(DeliveryMode::Test) && !self.accepts_test {
            return taken();
        }
        let claimed = match self.claims.claim(event.event_id()) {
            Claim::New(claimed) => claimed,
            Claim::Taken => return taken(),
            Claim::Busy => return unavailable("another request with this event is being handled"),
        };
        // A task of its own, because axum drops a request whose sender hangs up.
        let handled = tokio::spawn(async move {
            let is_done = handler(event).await;
            if is_done {
                claimed.taken();
            }
            is_done
        });
        if handled.await.unwrap_or(false) {
            taken()
        } else {
            unavailable("the event could not be handled")
        }
    }
}

fn unavailable(why: &str) -> HttpResponse {
    refusal(StatusCode::SERVICE_UNAVAILABLE, why)
}

fn is_encoded(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    encodings.any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}
