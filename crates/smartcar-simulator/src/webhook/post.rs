//! One signed request to a receiver.
//!
//! Invariant: a request without an answer within 15 s has failed.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sha2::Sha256;
use tokio::net::TcpStream;

/// How long a receiver has to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// The largest answer that is read.
const LARGEST: usize = 64 * 1024;

/// A receiver's answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

/// Lower-case hexadecimal digits of the HMAC-SHA256.
pub(super) fn sign(token: &str, message: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(token.as_bytes());
    let mut mac = mac.expect("HMAC takes a key of any length");
    mac.update(message);
    let digest = mac.finalize().into_bytes();
    digest.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// Checks a callback URI: plain HTTP with a host.
pub(super) fn check(url: &str) -> io::Result<Uri> {
    let wrong = |why: &str| {
        let message = format!("the callback URI `{url}` {why}");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    };
    let uri: Uri = url.parse().map_err(|_| wrong("is not a URL"))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http"), Some(_)) => Ok(uri),
        _ => Err(wrong(
            "is not a plain http:// URL, which is all that the simulator sends to",
        )),
    }
}

/// Posts a body. `None` if there was no answer in time.
pub(super) async fn post(url: &Uri, signature: Option<&str>, body: Bytes) -> Option<Answer> {
    let sent = tokio::time::timeout(PATIENCE, send(url, signature, body));
    sent.await.ok()?.ok()
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn send(url: &Uri, signature: Option<&str>, body: Bytes) -> Result<Answer, Failed> {
    let host = url.host().unwrap_or_default();
    let port = url.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let authority = url.authority().map_or(host, |authority| authority.as_str());
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::post(path)
        .header(HOST, authority)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "Smartcar/4.0");
    if let Some(signature) = signature {
        request = request.header("SC-Signature", signature);
    }
    let request = request.body(Full::new(body))?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), LARGEST)
            .collect()
            .await?;
        Ok::<_, Failed>(Answer {
            status,
            body: body.to_bytes(),
        })
    };
    tokio::pin!(exchange);
    tokio::pin!(connection);
    tokio::select! {
        answer = &mut exchange => answer,
        ended = &mut connection => {
            ended?;
            exchange.await
        }
    }
}
