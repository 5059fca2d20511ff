//! A receiver with plain hyper: no framework is needed.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use smartcar_webhook::{Delivery, LARGEST_BODY, ManagementToken, Odometer, Receiver, Refused};

async fn receive(
    receiver: Arc<Receiver>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    if parts.headers.contains_key(CONTENT_ENCODING) {
        return Ok(answer(Refused::Encoded.status(), String::new()));
    }
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return Ok(answer(Refused::TooLarge.status(), String::new()));
    };
    let signatures = parts.headers.get_all("sc-signature");
    Ok(match receiver.receive(signatures, &body.to_bytes()) {
        Ok(Delivery::Verify(verified)) => answer(200, verified.body().to_owned()),
        Ok(Delivery::State(state)) => {
            match state.batch::<(Odometer,)>() {
                Ok(response) => println!("{:?}: {:?}", state.vehicle(), response.data.0),
                Err(error) => println!("{:?}: {error}", state.vehicle()),
            }
            answer(200, String::new())
        }
        Ok(_) => answer(200, String::new()),
        Err(refused) => {
            eprintln!("{refused}");
            answer(refused.status(), String::new())
        }
    })
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
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let receiver = Arc::clone(&receiver);
        let service = service_fn(move |request| receive(Arc::clone(&receiver), request));
        tokio::spawn(async move {
            let http = hyper::server::conn::http1::Builder::new();
            if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("{error}");
            }
        });
    }
}
