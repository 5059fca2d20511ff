//! The listening socket, and how it ends.
//!
//! Invariant: the server lives no longer than its [`Simulator`], and neither
//! does a connection to it.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::serve::IncomingStream;
use futures_util::future::{self, Either};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tower::{ServiceExt, service_fn};

use crate::admin;
use crate::app::App;
use crate::line::{Line, Lines, Stop, stopped_at_once};
use crate::{DEFAULT_TOKEN, RecordedRequest, SimulatorBuilder};

/// How long [`Simulator::shutdown`] waits for requests that are being answered.
const GRACE: Duration = Duration::from_secs(2);

/// A running stand-in for the Smartcar API. Dropping it stops the server.
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
    /// Dropped, it stops at once.
    stop: watch::Sender<Stop>,
    /// Closed once the server's task has ended, however it ended.
    ended: watch::Receiver<()>,
    task: AbortHandle,
}

impl Simulator {
    /// Starts with the defaults: a free port of `127.0.0.1` and the token
    /// [`DEFAULT_TOKEN`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let simulator = smartcar_simulator::Simulator::start().await?;
    /// # drop(simulator);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Sets up another address or more tokens.
    ///
    /// ```
    /// let builder = smartcar_simulator::Simulator::builder().token("driver", ["read_vin"]);
    /// ```
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::new()
    }

    pub(crate) async fn serve(addr: SocketAddr, app: Arc<App>) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let (stop, mut stopping) = watch::channel(Stop::NotYet);
        let listener = Lines::new(listener, stopping.clone());
        let served = Arc::new(Served {
            app: Arc::clone(&app),
            admin: admin::routes(Arc::clone(&app)),
            stop: stopping.clone(),
        });
        let service = service_fn(move |stream: IncomingStream<'_, Lines>| {
            let (served, line) = (Arc::clone(&served), stream.io().line().clone());
            let service =
                service_fn(move |request| handle(Arc::clone(&served), line.clone(), request));
            future::ready(Ok::<_, Infallible>(service))
        });
        let (end, ended) = watch::channel(());
        let task = tokio::spawn(async move {
            let _end = end;
            let asked_to_stop = async move {
                // An error means that the simulator is gone, which is as good as asked.
                let _ = stopping.wait_for(|stop| *stop != Stop::NotYet).await;
            };
            // It fails only where binding failed already.
            let _ = axum::serve(listener, service)
                .with_graceful_shutdown(asked_to_stop)
                .await;
        });
        Ok(Self {
            origin,
            app,
            stop,
            ended,
            task: task.abort_handle(),
        })
    }

    /// Where it listens, without the version: `http://127.0.0.1:PORT`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let simulator = smartcar_simulator::Simulator::start().await?;
    /// assert!(!simulator.origin().ends_with('/'));
    /// # Ok(())
    /// # }
    /// ```
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The access token that has every permission: [`DEFAULT_TOKEN`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let simulator = smartcar_simulator::Simulator::start().await?;
    /// assert_eq!(simulator.token(), "simulator-token");
    /// # Ok(())
    /// # }
    /// ```
    pub fn token(&self) -> &str {
        DEFAULT_TOKEN
    }

    /// What was asked so far, oldest first. No more than the newest
    /// [`MAX_RECORDED_REQUESTS`](crate::MAX_RECORDED_REQUESTS) requests and
    /// [`MAX_RECORDED_BYTES`](crate::MAX_RECORDED_BYTES) of text are kept.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let simulator = smartcar_simulator::Simulator::start().await?;
    /// // … after a client's batch of two paths:
    /// // assert_eq!(simulator.requests()[0].batch_paths, ["/odometer", "/fuel"]);
    /// assert_eq!(simulator.requests(), []);
    /// # Ok(())
    /// # }
    /// ```
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.app.requests()
    }

    /// Waits until the server has stopped, for whatever reason.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let simulator = smartcar_simulator::Simulator::start().await?;
    /// tokio::join!(simulator.stopped(), simulator.shutdown());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stopped(&self) {
        let mut ended = self.ended.clone();
        // Nothing is ever sent: the channel closes with the task.
        while ended.changed().await.is_ok() {}
    }

    /// Stops the server and waits until it has stopped. The port is free then.
    ///
    /// Requests that are being answered get two seconds to finish; their
    /// connections are closed then, whatever latency they have.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let simulator = smartcar_simulator::Simulator::start().await?;
    /// simulator.shutdown().await;
    /// simulator.stopped().await; // at once
    /// # Ok(())
    /// # }
    /// ```
    pub async fn shutdown(&self) {
        self.stop.send_replace(Stop::Gently);
        if !self.has_stopped_in_time().await {
            self.stop.send_replace(Stop::AtOnce);
            self.task.abort();
            // Nobody would drive the server's task if its runtime stands still.
            self.has_stopped_in_time().await;
        }
    }

    async fn has_stopped_in_time(&self) -> bool {
        tokio::time::timeout(GRACE, self.stopped()).await.is_ok()
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// What a connection serves, and until when.
struct Served {
    app: Arc<App>,
    admin: Router,
    stop: watch::Receiver<Stop>,
}

async fn handle(served: Arc<Served>, line: Line, request: Request) -> Result<Response, Infallible> {
    if admin::is_meant(request.uri().path()) {
        return served.admin.clone().oneshot(request).await;
    }
    let reply = pin!(served.app.handle(request));
    let stopped = pin!(async { stopped_at_once(served.stop.clone()).await });
    Ok(match future::select(reply, stopped).await {
        Either::Left((reply, _)) => reply.into_response(&line),
        // The connection is gone, but with more requests in it nobody notices.
        Either::Right(_) => Response::new(Body::empty()),
    })
}
