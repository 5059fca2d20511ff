//! A receiver with plain hyper: no framework is needed.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use smartcar_webhook::{
    Claim, Claims, Delivery, LARGEST_BODY, ManagementToken, Odometer, Receiver, Refused, State,
};

/// How long a body may take. The vendor gives up after 15 seconds.
const SLOWEST: Duration = Duration::from_secs(30);

async fn receive(
    receiver: Arc<Receiver>,
    claims: Claims,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    if parts.headers.contains_key(CONTENT_ENCODING) {
        return Ok(answer(Refused::Encoded.status(), "{}".to_owned()));
    }
    let body = Limited::new(body, LARGEST_BODY).collect();
    let Ok(body) = tokio::time::timeout(SLOWEST, body).await else {
        return Ok(answer(408, "{}".to_owned()));
    };
    let Ok(body) = body else {
        return Ok(answer(Refused::TooLarge.status(), "{}".to_owned()));
    };
    let signatures = parts.headers.get_all("sc-signature");
    Ok(match receiver.receive(signatures, &body.to_bytes()) {
        Ok(Delivery::Verify(verified)) => answer(200, verified.body().to_owned()),
        Ok(Delivery::State(state)) => answer(take(&claims, &state), "{}".to_owned()),
        Ok(_) => answer(200, "{}".to_owned()),
        Err(refused) => {
            eprintln!("{refused}");
            answer(refused.status(), "{}".to_owned())
        }
    })
}

/// Stores a delivery, unless it was stored before. Returns the status to answer.
fn take(claims: &Claims, state: &State) -> u16 {
    let claimed = match claims.claim(state.event_id()) {
        Claim::New(claimed) => claimed,
        Claim::Taken => return 200,
        Claim::Busy => return 503,
    };
    match state.batch::<(Odometer,)>() {
        Ok(response) => println!("{:?}: {:?}", state.vehicle(), response.data.0),
        Err(error) => println!("{:?}: {error}", state.vehicle()),
    }
    // Return 503 before this if storing fails: the next repeat is new then.
    claimed.taken();
    200
}

fn answer(status: u16, json: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(json)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = ManagementToken::new(std::env::var("SMARTCAR_MANAGEMENT_TOKEN")?)?;
    let receiver = Arc::new(Receiver::new(token));
    let claims = Claims::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Usually too many open files; some connections will end.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (receiver, claims) = (Arc::clone(&receiver), claims.clone());
        let service =
            service_fn(move |request| receive(Arc::clone(&receiver), claims.clone(), request));
        tokio::spawn(async move {
            let mut http = hyper::server::conn::http1::Builder::new();
            // With it, a head has 30 seconds to arrive.
            http.timer(TokioTimer::new());
            if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("{error}");
            }
        });
    }
}
