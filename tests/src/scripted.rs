//! A listener whose connections follow scripts.
//!
//! Invariant: each connection follows the next script, and from the last on all
//! follow that one.

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Serves each connection in a task of its own, with its script.
pub(crate) fn serve<S, F>(
    listener: TcpListener,
    scripts: Vec<Vec<S>>,
    follow: impl Fn(TcpStream, Vec<S>) -> F + Send + 'static,
) -> JoinHandle<()>
where
    S: Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        let mut turn = 0;
        while let Ok((stream, _)) = listener.accept().await {
            let script = scripts.get(turn).or_else(|| scripts.last()).cloned();
            turn += 1;
            tokio::spawn(follow(stream, script.unwrap_or_default()));
        }
    })
}
