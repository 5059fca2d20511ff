//! A web service whose handlers share batches: axum and the loader.
//!
//! Each handler requests one endpoint and does not know the others. Concurrent
//! requests for the same vehicle are sent as one batch.
//!
//! Without an access token it starts a simulator, loads three of its own pages at
//! once, shows that they cost one request, and exits:
//!
//! ```text
//! cargo run --example web_service
//! ```
//!
//! With an access token it serves until it is stopped. Without `ADDR` it uses a free
//! port:
//!
//! ```text
//! SMARTCAR_ACCESS_TOKEN=… ADDR=127.0.0.1:8080 cargo run --example web_service
//! ```
//!
//! With `SMARTCAR_API=v3` it uses v3. A service for one owner sets
//! `SMARTCAR_USER_ID`. A service for many owners knows the owner of each vehicle and
//! sets it with `Vehicle::with_user`.

use std::error::Error as StdError;
use std::net::SocketAddr;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use serde_json::{Value, json};
use smartcar_batch::{
    Battery, Client, ClientBuilder, Error, Location, Odometer, Vehicle, VehicleId,
};
use smartcar_simulator::Simulator;
use tokio::net::TcpListener;

/// The response of a handler: JSON, or an error as an HTTP status.
type Answer = Result<Json<Value>, Failed>;

async fn odometer(State(client): State<Client>, Path(id): Path<String>) -> Answer {
    let odometer = vehicle(&client, id)?.loader().get::<Odometer>().await?;
    Ok(Json(json!({ "km": odometer.distance })))
}

async fn location(State(client): State<Client>, Path(id): Path<String>) -> Answer {
    let place = vehicle(&client, id)?.loader().get::<Location>().await?;
    Ok(Json(
        json!({ "latitude": place.latitude, "longitude": place.longitude }),
    ))
}

async fn battery(State(client): State<Client>, Path(id): Path<String>) -> Answer {
    let battery = vehicle(&client, id)?.loader().get::<Battery>().await?;
    Ok(Json(
        json!({ "percent": battery.percent_remaining * 100.0 }),
    ))
}

fn vehicle(client: &Client, id: String) -> Result<Vehicle, Failed> {
    // The ID is untrusted input: `new` rejects an ID that would change the URL.
    Ok(client.vehicle(VehicleId::new(id)?))
}

/// An error of the library as a response of this service.
struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = if error.is_invalid_request() {
            StatusCode::BAD_REQUEST
        } else if error.is_timeout() {
            StatusCode::GATEWAY_TIMEOUT
        } else if error.is_retryable() {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::BAD_GATEWAY
        };
        // One line without a token, a location or a VIN, so it may be shown.
        let body = Json(json!({ "error": error.to_string() }));
        match error.retry_after() {
            Some(wait) => {
                let seconds = wait.as_secs().to_string();
                (status, [(header::RETRY_AFTER, seconds)], body).into_response()
            }
            None => (status, body).into_response(),
        }
    }
}

fn service(client: Client) -> Router {
    Router::new()
        .route("/vehicles/{id}/odometer", routing::get(odometer))
        .route("/vehicles/{id}/location", routing::get(location))
        .route("/vehicles/{id}/battery", routing::get(battery))
        .with_state(client)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let addr: SocketAddr = match std::env::var("ADDR") {
        Ok(addr) => addr.parse()?,
        Err(_) => ([127, 0, 0, 1], 0).into(),
    };
    let listener = TcpListener::bind(addr).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    println!("listening on {origin}");
    let client = ClientBuilder::from_env()?;
    if client.has_token() {
        axum::serve(listener, service(client.build()?)).await?;
        return Ok(());
    }

    let simulator = Simulator::start().await?;
    let client = client
        .access_token(simulator.token().parse()?)
        .user(simulator.user().parse()?)
        .api_origin(simulator.origin())
        .build()?;
    let serving = tokio::spawn(async move { axum::serve(listener, service(client)).await });
    visit(&origin).await?;
    let requests = simulator.requests();
    println!("requests to the API: {}", requests.len());
    serving.abort();
    Ok(())
}

/// Loads three pages of the service at once, and one that it rejects.
async fn visit(origin: &str) -> Result<(), reqwest::Error> {
    let page = async |page: &str| {
        let answer = reqwest::get(format!("{origin}/vehicles/{page}")).await?;
        Ok::<_, reqwest::Error>((answer.status(), answer.text().await?))
    };
    let (odometer, location, battery, refused) = tokio::try_join!(
        page("car-1/odometer"),
        page("car-1/location"),
        page("car-1/battery"),
        page("no%20id/battery"),
    )?;
    for (status, body) in [odometer, location, battery, refused] {
        println!("{}: {body}", status.as_u16());
    }
    Ok(())
}
