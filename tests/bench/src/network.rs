//! Whole requests to a server on the loopback, in another process: ours and others.
//!
//! Invariant: the client runs on one thread, so that counts repeat; the server
//! answers fixed bytes.

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client as Pooled;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use smartcar_batch::{AccessToken, Api, Odometer, RetryPolicy, UserId, Vehicle, VehicleId};
use smartcar_model::v3::signal::odometer::TraveledDistance;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::cases::Run;
use crate::decode::{Contest, Six};
use crate::{answers, signals};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// hyper-util's pooled client that reads bytes.
    Hyper,
    /// The same with the exact decoder.
    HyperExact,
    /// reqwest that reads bytes.
    Reqwest,
    /// The same with the exact decoder.
    ReqwestExact,
    /// A batch of six of v2.0.
    Ours,
    /// One endpoint of v2.0.
    OursOne,
    /// A batch of six of version 3.
    OursV3,
    /// One signal of version 3.
    OursV3One,
}

type Asked = Pin<Box<dyn Future<Output = ()>>>;

/// Sends one request and reads its answer.
pub type Ask = Arc<dyn Fn() -> Asked>;

const PATH: &str = "/v2.0/vehicles/36ab27d0-fd9d-4455-823a-ce30af709ffc/batch";
const BODY: &str = r#"{"requests":[{"path":"/odometer"},{"path":"/location"},{"path":"/fuel"},{"path":"/battery"},{"path":"/charge"},{"path":"/engine/oil"}]}"#;

fn vehicle(api: Api, at: SocketAddr) -> Vehicle {
    let client = smartcar_batch::Client::builder()
        .access_token(AccessToken::new("bench-token").expect("a token"))
        .api(api)
        .api_origin(format!("http://{at}"))
        .user(UserId::new("user-1").expect("an id"))
        .retry(RetryPolicy::none())
        .build()
        .expect("a client");
    client.vehicle(VehicleId::new("36ab27d0-fd9d-4455-823a-ce30af709ffc").expect("an id"))
}

/// A client that is ready to ask.
pub fn ask(client: Client, at: SocketAddr) -> Ask {
    match client {
        Client::Hyper | Client::HyperExact => {
            let pooled: Pooled<HttpConnector, Full<Bytes>> =
                Pooled::builder(TokioExecutor::new()).build_http();
            let uri = format!("http://{at}{PATH}");
            Arc::new(move || {
                let (pooled, uri) = (pooled.clone(), uri.clone());
                Box::pin(async move {
                    let request = Request::post(uri)
                        .header("authorization", "Bearer bench-token")
                        .header("content-type", "application/json")
                        .body(Full::new(Bytes::from_static(BODY.as_bytes())))
                        .expect("a request");
                    let answer = pooled.request(request).await.expect("an answer");
                    let body = answer
                        .into_body()
                        .collect()
                        .await
                        .expect("a body")
                        .to_bytes();
                    decoded(client == Client::HyperExact, &body);
                })
            })
        }
        Client::Reqwest | Client::ReqwestExact => {
            let plain = reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client");
            let url = format!("http://{at}{PATH}");
            Arc::new(move || {
                let request = plain
                    .post(&url)
                    .bearer_auth("bench-token")
                    .header("content-type", "application/json")
                    .body(BODY);
                Box::pin(async move {
                    let answer = request.send().await.expect("an answer");
                    let body = answer.bytes().await.expect("a body");
                    decoded(client == Client::ReqwestExact, &body);
                })
            })
        }
        Client::Ours | Client::OursOne => {
            let vehicle = vehicle(Api::V2, at);
            Arc::new(move || {
                let vehicle = vehicle.clone();
                Box::pin(async move {
                    if client == Client::OursOne {
                        let answer = vehicle.get::<Odometer>().send().await;
                        assert!(answer.is_ok_and(|answer| answer.data.distance > 0.0));
                    } else {
                        let answer = vehicle.batch::<Six>().send().await;
                        assert!(answer.is_ok_and(|answer| answer.data.5.is_ok()));
                    }
                })
            })
        }
        Client::OursV3 | Client::OursV3One => {
            let vehicle = vehicle(Api::V3, at);
            Arc::new(move || {
                let vehicle = vehicle.clone();
                Box::pin(async move {
                    if client == Client::OursV3One {
                        let answer = vehicle.get::<TraveledDistance>().send().await;
                        assert!(answer.is_ok_and(|answer| answer.data.value.is_some()));
                    } else {
                        let answer = vehicle.batch::<Six>().send().await;
                        assert!(answer.is_ok_and(|answer| answer.data.5.is_ok()));
                    }
                })
            })
        }
    }
}

fn decoded(decode: bool, body: &[u8]) {
    if decode {
        let text = std::str::from_utf8(body).expect("it is UTF-8");
        drop(std::hint::black_box(Six::exact(text)));
    } else {
        std::hint::black_box(body);
    }
}

/// A runtime on this thread alone.
pub fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// One request at a time, over one connection.
pub fn one(client: Client) -> Run {
    let server = Server::start();
    let runtime = runtime();
    let ask = runtime.block_on(async { ask(client, server.at) });
    Box::new(move || {
        let _alive = &server;
        runtime.block_on(ask());
    })
}

/// The server, in a process of its own so that nothing of it is counted.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub at: SocketAddr,
}

impl Server {
    /// Starts it.
    pub fn start() -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program.with_file_name("smartcar-bench"))
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("its address");
        let at = line.trim().parse().expect("its address");
        Self { child, at }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers until it is killed.
pub fn serve() {
    let batch = Bytes::from(answers::documented_order(6));
    let one = Bytes::from_static(answers::ENTRIES[0].1.as_bytes());
    let (store, signal) = (Bytes::from(signals::store()), Bytes::from(signals::one()));
    let body = move |request: &Request<Incoming>| {
        let path = request.uri().path();
        if path.ends_with("/batch") {
            batch.clone()
        } else if path.ends_with("/signals") {
            store.clone()
        } else if path.contains("/signals/") {
            signal.clone()
        } else {
            one.clone()
        }
    };
    runtime().block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("its address"));
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let _ = stream.set_nodelay(true);
            let body = body.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let body = body(&request);
                async move {
                    // What was asked is read to its end, as a server does.
                    let _ = request.into_body().collect().await;
                    let answer = Response::builder().header("content-type", "application/json");
                    answer.body(Full::new(body))
                }
            });
            tokio::spawn(async move {
                let connection = hyper::server::conn::http1::Builder::new();
                let _ = connection
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
}
