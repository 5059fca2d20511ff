//! A server of HTTP/2 that follows a script for each request: what a load
//! balancer, a restart or a lost route does to a client.
//!
//! Invariant: it writes frames by hand, so that every request on the wire is
//! counted and nothing is answered but what the script says.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::scripted;

/// What happens to one request.
#[derive(Debug, Clone)]
pub enum OnRequest {
    /// It is answered with status 200 and this JSON.
    Answer(String),
    /// `RST_STREAM` with `REFUSED_STREAM`: it was not processed.
    Refuse,
    /// `GOAWAY` with `NO_ERROR` and last stream 0: nothing was processed, and the
    /// connection closes.
    GoAway,
    /// This request gets no answer. The connection lives on and answers pings.
    Ignore,
    /// From now on nothing is read or written, as after a route was lost.
    Freeze,
}

/// How the client finds out that the server speaks HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovery {
    /// It knows before it connects.
    PriorKnowledge,
    /// TLS, by ALPN.
    Alpn,
}

/// The server.
#[derive(Debug)]
pub struct Http2 {
    origin: String,
    certificate: Option<Vec<u8>>,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    requests: AtomicU64,
    connections: AtomicU64,
}

impl Http2 {
    /// Starts it. Each connection follows the next script, and from the last on
    /// all follow that one. Within a connection the last step repeats.
    pub async fn start(discovery: Discovery, scripts: Vec<Vec<OnRequest>>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let tls = (discovery == Discovery::Alpn)
            .then(self_signed)
            .transpose()?;
        let (acceptor, certificate) = tls.unzip();
        let origin = match &acceptor {
            Some(_) => format!("https://localhost:{port}"),
            None => format!("http://127.0.0.1:{port}"),
        };
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        let task = scripted::serve(listener, scripts, move |stream, script| {
            shared.connections.fetch_add(1, SeqCst);
            let (seen, acceptor) = (Arc::clone(&shared), acceptor.clone());
            async move {
                // A client that goes in the middle is what some tests want.
                let _ = match acceptor {
                    Some(acceptor) => match acceptor.accept(stream).await {
                        Ok(stream) => serve(stream, &script, &seen).await,
                        Err(error) => Err(error),
                    },
                    None => serve(stream, &script, &seen).await,
                };
            }
        });
        Ok(Self {
            origin,
            certificate,
            seen,
            task,
        })
    }

    /// `http://127.0.0.1:…`, or `https://localhost:…`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The certificate to trust, in DER. `None` without TLS.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// How many requests came, answered or not.
    pub fn requests(&self) -> u64 {
        self.seen.requests.load(SeqCst)
    }

    /// How many connections were opened.
    pub fn connections(&self) -> u64 {
        self.seen.connections.load(SeqCst)
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn self_signed() -> io::Result<(TlsAcceptor, Vec<u8>)> {
    let made =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).map_err(io::Error::other)?;
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok((TlsAcceptor::from(Arc::new(config)), certificate.to_vec()))
}

const PREFACE: usize = 24;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const REFUSED_STREAM: u32 = 7;

/// A frame of RFC 9113, section 4.1.
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frame {
    fn new(kind: u8, flags: u8, stream: u32, payload: impl Into<Vec<u8>>) -> Self {
        let payload = payload.into();
        Self {
            kind,
            flags,
            stream,
            payload,
        }
    }

    async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut head = [0; 9];
        from.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        from.read_exact(&mut payload).await?;
        Ok(Self::new(kind, flags, u32::from_be_bytes(stream), payload))
    }

    async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let length = u32::try_from(self.payload.len()).map_err(io::Error::other)?;
        let mut bytes = length.to_be_bytes()[1..].to_vec();
        bytes.extend([self.kind, self.flags]);
        bytes.extend(self.stream.to_be_bytes());
        bytes.extend(&self.payload);
        to.write_all(&bytes).await?;
        to.flush().await
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    script: &[OnRequest],
    seen: &Seen,
) -> io::Result<()> {
    let mut preface = [0; PREFACE];
    stream.read_exact(&mut preface).await?;
    Frame::new(SETTINGS, 0, 0, []).write(&mut stream).await?;
    let mut turn = 0;
    loop {
        let frame = Frame::read(&mut stream).await?;
        match frame.kind {
            SETTINGS if frame.flags & ACK == 0 => {
                Frame::new(SETTINGS, ACK, 0, []).write(&mut stream).await?;
            }
            PING if frame.flags & ACK == 0 => {
                Frame::new(PING, ACK, 0, frame.payload)
                    .write(&mut stream)
                    .await?;
            }
            HEADERS | DATA if frame.flags & END_STREAM != 0 => {
                seen.requests.fetch_add(1, SeqCst);
                let step = script.get(turn).or_else(|| script.last());
                turn += 1;
                match step {
                    Some(OnRequest::Answer(json)) => {
                        // `:status: 200` is entry 8 of the static table.
                        let head = Frame::new(HEADERS, END_HEADERS, frame.stream, [0x88]);
                        head.write(&mut stream).await?;
                        let body = Frame::new(DATA, END_STREAM, frame.stream, json.as_bytes());
                        body.write(&mut stream).await?;
                    }
                    Some(OnRequest::Refuse) => {
                        let code = REFUSED_STREAM.to_be_bytes();
                        Frame::new(RST_STREAM, 0, frame.stream, code)
                            .write(&mut stream)
                            .await?;
                    }
                    Some(OnRequest::GoAway) => {
                        Frame::new(GOAWAY, 0, 0, [0; 8]).write(&mut stream).await?;
                        return stream.shutdown().await;
                    }
                    Some(OnRequest::Ignore) => {}
                    Some(OnRequest::Freeze) | None => std::future::pending().await,
                }
            }
            _ => {}
        }
    }
}
