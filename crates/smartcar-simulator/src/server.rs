//! The listening socket and its shutdown.
//!
//! Invariant: the server and its connections live no longer than its [`Simulator`].

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use crate::admin;
use crate::answer::{AnswerBody, Connection, Line};
use crate::app::App;
use crate::connect;
use crate::page;
use crate::record::RecordedRequest;
use crate::tokens::{DEFAULT_TOKEN, DEFAULT_USER};
use crate::webhook::sender;

/// How long to wait after an accept error before accepting again.
const BREATH: Duration = Duration::from_millis(100);
/// How long [`Simulator::shutdown`] waits for requests in progress.
const GRACE: Duration = Duration::from_secs(2);

/// A running simulator of the Smartcar API. Dropping it stops the server.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use smartcar_simulator::Simulator;
///
/// let simulator = Simulator::start().await?;
/// let odometer = format!("{}/v2.0/vehicles/any-id/odometer", simulator.origin());
/// # assert!(odometer.starts_with("http://"));
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping the simulator stops it"]
pub struct Simulator {
    origin: String,
    pub(crate) app: Arc<App>,
    /// The stop signal, after which the server only finishes requests in progress.
    stop: watch::Sender<bool>,
    /// Closed once the server's task has ended, for whatever reason.
    ended: watch::Receiver<()>,
    task: AbortHandle,
    /// Sends webhooks.
    sender: AbortHandle,
}

impl Simulator {
    pub(crate) async fn serve(addr: SocketAddr, app: Arc<App>) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let (stop, stopping) = watch::channel(false);
        let served = Arc::clone(&app);
        let (end, ended) = watch::channel(());
        let task = tokio::spawn(async move {
            let _end = end;
            accept(listener, served, stopping).await;
        });
        let sender = tokio::spawn(sender::run(Arc::clone(&app)));
        Ok(Self {
            origin,
            app,
            stop,
            ended,
            task: task.abort_handle(),
            sender: sender.abort_handle(),
        })
    }

    /// The URL it listens on, without the version: `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The access token that has every permission: [`DEFAULT_TOKEN`], or that of
    /// [`allow_hosts`](crate::SimulatorBuilder::allow_hosts).
    pub fn token(&self) -> &str {
        self.app.gate.token.as_deref().unwrap_or(DEFAULT_TOKEN)
    }

    /// The user of every version 3 connection, for the `sc-user-id` header:
    /// [`DEFAULT_USER`].
    pub fn user(&self) -> &str {
        DEFAULT_USER
    }

    /// The recorded requests, oldest first. At most the newest
    /// [`MAX_RECORDED_REQUESTS`](crate::MAX_RECORDED_REQUESTS) requests and
    /// [`MAX_RECORDED_BYTES`](crate::MAX_RECORDED_BYTES) of text are kept.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.app.requests()
    }

    /// Waits until the server has stopped, for whatever reason.
    pub async fn stopped(&self) {
        let mut ended = self.ended.clone();
        // Nothing is ever sent: the channel closes with the task.
        while ended.changed().await.is_ok() {}
    }

    /// Stops the server and waits until it has stopped. The port is then free.
    ///
    /// Requests in progress get two seconds to finish. Then their connections are
    /// closed, even if a latency is still pending.
    pub async fn shutdown(&self) {
        self.stop.send_replace(true);
        self.app.close();
        self.sender.abort();
        if !self.has_stopped_in_time().await {
            self.task.abort();
            // If the runtime does not run, nothing would drive the server's task.
            self.has_stopped_in_time().await;
        }
    }

    async fn has_stopped_in_time(&self) -> bool {
        tokio::time::timeout(GRACE, self.stopped()).await.is_ok()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.sender.abort();
        self.task.abort();
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// Accepts connections until the stop signal, and ends with the last request. The
/// connections are child tasks, so none outlives this one.
async fn accept(listener: TcpListener, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    // Responses are short: if copied behind their head, they need only one plain
    // write.
    let mut builder = http1::Builder::new();
    builder.writev(false);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (app, line) = (Arc::clone(&app), Line::default());
                    let io = TokioIo::new(Connection::new(stream, line.clone()));
                    let service = service_fn(move |request| {
                        handle(Arc::clone(&app), line.clone(), request)
                    });
                    // The client itself sees any error of its connection.
                    connections.spawn(graceful.watch(builder.serve_connection(io, service)));
                }
                // Usually too many open files; some connections will end.
                Err(_) => tokio::time::sleep(BREATH).await,
            },
            Some(_) = connections.join_next() => {}
            () = told(&mut stop) => break,
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Waits for the stop signal. Dropping the simulator sends it too.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn handle(
    app: Arc<App>,
    line: Line,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Infallible> {
    let answer = if admin::is_meant(request.uri().path()) {
        if admin::is_stream(&app, &request) {
            return Ok(page::events(app));
        }
        let answer = admin::answer(&app, request).await;
        app.changed();
        answer
    } else if connect::is_meant(request.uri().path()) {
        connect::answer(&app, request).await
    } else {
        app.handle(request).await
    };
    Ok(answer.into_response(&line))
}
