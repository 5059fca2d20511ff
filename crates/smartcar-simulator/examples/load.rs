//! Measures how many requests per second the simulator answers, compared with a
//! bare hyper server that sends the same bytes.
//!
//! ```text cargo run --release -p smartcar-simulator --example load ```
//!
//! Each server runs on its own thread and the client on another. The two servers
//! take turns within one run, so other load on the machine affects both. The stream of the
//! simulator's page is read all the time. The result
//! is the median of the per-turn ratios. Everything runs over loopback, and the
//! program ends by itself. To run a single kind of request, for example under a
//! profiler, add its name: `-- "batch of 6"`.
//!
//! Exits with 1 if the median ratio for any kind of request is below the minimum,
//! so that a script can call it.

use std::convert::Infallible;
use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderMap};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use smartcar_simulator::{DEFAULT_TOKEN, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

const CONNECTIONS: usize = 8;
/// Enough turns for a stable median, even if one turn takes twice as long as the
/// next.
const TURNS: usize = 45;
/// Requests per connection in one turn.
const REQUESTS: usize = 400;
/// The minimum accepted share of the bare server's rate.
const LEAST: f64 = 0.6;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<ExitCode, Failure> {
    let mut code = ExitCode::SUCCESS;
    println!(
        "{CONNECTIONS} connections, {TURNS} turns of {} requests per server; median requests per second",
        CONNECTIONS * REQUESTS
    );
    for (name, request) in [
        ("GET /odometer", get("/odometer")),
        ("batch of 2", batch(&["/odometer", "/location"])),
        (
            "batch of 6",
            batch(&["/", "/vin", "/odometer", "/location", "/battery", "/charge"]),
        ),
    ] {
        if std::env::args().nth(1).is_some_and(|only| only != name) {
            continue;
        }
        let turns = measure(&request)?;
        let ratio = median(turns.iter().map(|turn| turn.simulator / turn.bare));
        println!(
            "{name:<14} bare {:>8.0}  simulator {:>8.0}  ratio {ratio:.2} ({:.2} to {:.2})",
            median(turns.iter().map(|turn| turn.bare)),
            median(turns.iter().map(|turn| turn.simulator)),
            turns
                .iter()
                .map(|turn| turn.simulator / turn.bare)
                .fold(f64::INFINITY, f64::min),
            turns
                .iter()
                .map(|turn| turn.simulator / turn.bare)
                .fold(0.0, f64::max),
        );
        if ratio < LEAST {
            println!("{name}: below {LEAST}");
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

struct Turn {
    bare: f64,
    simulator: f64,
}

fn measure(request: &str) -> Result<Vec<Turn>, Failure> {
    let simulator = on_a_thread("simulator", async {
        let simulator = Simulator::start().await?;
        let addr = simulator.origin().trim_start_matches("http://").parse()?;
        // It lives as long as its thread, which lives as long as this program.
        tokio::spawn(async move { simulator.stopped().await });
        Ok(addr)
    })?;
    watch(simulator)?;
    let client = runtime()?;
    let answer = client.block_on(first_answer(simulator, request))?;
    let bare = on_a_thread("bare", serve(Arc::new(answer)))?;
    // Warm up, so that work done on the first request does not count.
    rate(&client, simulator, request)?;
    rate(&client, bare, request)?;
    let turn = |_| {
        Ok(Turn {
            bare: rate(&client, bare, request)?,
            simulator: rate(&client, simulator, request)?,
        })
    };
    (0..TURNS).map(turn).collect()
}

/// Reads the stream of the simulator's page, as an open browser does.
fn watch(simulator: SocketAddr) -> Result<(), Failure> {
    let mut stream = std::net::TcpStream::connect(simulator)?;
    stream.write_all(b"GET /_simulator/events HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    std::thread::spawn(move || std::io::copy(&mut stream, &mut std::io::sink()));
    Ok(())
}

fn get(path: &str) -> String {
    format!(
        "GET /v2.0/vehicles/car-1{path} HTTP/1.1\r\nhost: localhost\r\n\
         authorization: Bearer {DEFAULT_TOKEN}\r\n\r\n"
    )
}

fn batch(paths: &[&str]) -> String {
    let entries: Vec<_> = paths
        .iter()
        .map(|path| serde_json::json!({"path": path}))
        .collect();
    let body = serde_json::json!({"requests": entries}).to_string();
    format!(
        "POST /v2.0/vehicles/car-1/batch HTTP/1.1\r\nhost: localhost\r\n\
         authorization: Bearer {DEFAULT_TOKEN}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Runs a server on its own thread, named for profilers, and returns the address it
/// listens on.
fn on_a_thread(
    name: &str,
    start: impl Future<Output = Result<SocketAddr, Failure>> + Send + 'static,
) -> Result<SocketAddr, Failure> {
    let (tell, told) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(move || {
        let outcome = runtime().map_err(Failure::from).and_then(|runtime| {
            let addr = runtime.block_on(start)?;
            Ok((runtime, addr))
        });
        match outcome {
            Ok((runtime, addr)) => {
                let _ = tell.send(Ok(addr));
                runtime.block_on(std::future::pending::<()>());
            }
            Err(error) => {
                let _ = tell.send(Err(error));
            }
        }
    })?;
    told.recv()?
}

/// The response of the bare server.
struct Answer {
    headers: HeaderMap,
    body: Bytes,
}

async fn first_answer(addr: SocketAddr, request: &str) -> Result<Answer, Failure> {
    let mut stream = TcpStream::connect(addr).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut text = Vec::new();
    let head = read_answer(&mut stream, &mut text).await?;
    let mut headers = HeaderMap::new();
    let lines = std::str::from_utf8(&text[..head])?;
    assert!(lines.starts_with("HTTP/1.1 200"), "{lines}");
    for line in lines.lines().skip(1) {
        // hyper writes these two itself.
        if let Some((name, value)) = line.split_once(": ")
            && !["content-length", "date"].contains(&name)
        {
            let name: hyper::header::HeaderName = name.parse()?;
            headers.insert(name, value.parse()?);
        }
    }
    let body = Bytes::copy_from_slice(&text[head..]);
    headers.insert(CONTENT_LENGTH, body.len().into());
    Ok(Answer { headers, body })
}

/// A bare hyper server: it reads the request and sends the same bytes every time.
async fn serve(answer: Arc<Answer>) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                let answer = Arc::clone(&answer);
                async move {
                    let _ = request.into_body().collect().await;
                    let mut response = Response::new(Full::new(answer.body.clone()));
                    *response.status_mut() = StatusCode::OK;
                    *response.headers_mut() = answer.headers.clone();
                    Ok::<_, Infallible>(response)
                }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move {
                let _ = connection.await;
            });
        }
    });
    Ok(addr)
}

/// Requests per second over all connections.
fn rate(client: &Runtime, addr: SocketAddr, request: &str) -> Result<f64, Failure> {
    client.block_on(async {
        let mut streams = Vec::new();
        for _ in 0..CONNECTIONS {
            let stream = TcpStream::connect(addr).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let started = Instant::now();
        let tasks: Vec<_> = streams
            .into_iter()
            .map(|mut stream| {
                let request = request.to_owned();
                tokio::spawn(async move {
                    let mut text = Vec::with_capacity(16 * 1024);
                    for _ in 0..REQUESTS {
                        stream.write_all(request.as_bytes()).await?;
                        text.clear();
                        let head = read_answer(&mut stream, &mut text).await?;
                        assert!(text.starts_with(b"HTTP/1.1 200"), "{head} bytes of head");
                    }
                    Ok::<_, Failure>(())
                })
            })
            .collect();
        for task in tasks {
            tokio::time::timeout(Duration::from_secs(60), task).await???;
        }
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let requests = (CONNECTIONS * REQUESTS) as f64;
        Ok(requests / started.elapsed().as_secs_f64())
    })
}

/// Reads one whole response and returns the length of its head.
async fn read_answer(stream: &mut TcpStream, text: &mut Vec<u8>) -> Result<usize, Failure> {
    loop {
        if stream.read_buf(text).await? == 0 {
            return Err("the server closed the connection".into());
        }
        let Some(end) = text.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = end + 4;
        let lines = std::str::from_utf8(&text[..head])?;
        let length = lines
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .ok_or("the response has no content-length")?;
        let whole = head + length.parse::<usize>()?;
        while text.len() < whole {
            if stream.read_buf(text).await? == 0 {
                return Err("the response was cut off".into());
            }
        }
        return Ok(head);
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
