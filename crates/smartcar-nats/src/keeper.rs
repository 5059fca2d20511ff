//! The task that keeps held jobs in progress and gives dropped ones back.
//!
//! Invariant: it ends with the queue and its last ticket, after it has sent what they
//! left behind.

use std::sync::Weak;
use std::time::Duration;

use async_nats::Client;
use async_nats::connection::State;
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use crate::shared::{Shared, Task, connections};

/// The longest time between two acknowledgements of progress.
const PROGRESS: Duration = Duration::from_secs(10);

/// How often to look whether the connection was replaced.
const LOOK: Duration = Duration::from_millis(250);

/// Runs until the queue is gone.
pub(crate) async fn keep(
    shared: Weak<Shared>,
    client: Client,
    ack_wait: Duration,
    mut tasks: mpsc::UnboundedReceiver<Task>,
) {
    let period = PROGRESS.min(ack_wait / 3).max(Duration::from_millis(10));
    let mut progress = interval(period);
    progress.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            task = tasks.recv() => match task {
                // A failure means that the client was closed; the server delivers the
                // job again after its ack wait.
                Some(Task::GiveBack(reply)) => {
                    let _ = client.publish(reply, Bytes::from_static(b"-NAK")).await;
                }
                Some(Task::Flush(done)) => {
                    let _ = client.flush().await;
                    let _ = done.send(());
                }
                None => break,
            },
            _ = look.tick() => {
                if let Some(shared) = shared.upgrade() {
                    shared.gate.connected(connections(&client));
                }
            }
            _ = progress.tick() => {
                // Nothing is sent while the connection is down: it would be buffered.
                let replies = match shared.upgrade() {
                    Some(shared) if client.connection_state() == State::Connected => {
                        shared.replies()
                    }
                    _ => Vec::new(),
                };
                for reply in replies {
                    let _ = client.publish(reply, Bytes::from_static(b"+WPI")).await;
                }
            }
        }
    }
    let _ = client.flush().await;
}
