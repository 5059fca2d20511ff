//! Writes lines on a thread of its own, one after the other.
//!
//! Invariant: an event is released exactly once: after its line was written, or after
//! that failed.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::oneshot;

use super::claims::Claims;
use super::output_file::Output;
use super::words::Words;

/// Hands lines to the thread that writes them.
#[derive(Debug, Clone)]
pub(super) struct Writer(Sender<Job>);

#[derive(Debug)]
enum Job {
    Line {
        line: String,
        id: Option<String>,
        /// Whether it was written.
        done: oneshot::Sender<bool>,
    },
    Reopen,
    Idle(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the thread. It ends with the process.
    pub(super) fn start(output: Output, claims: Claims, words: Arc<Words>) -> Self {
        let (sender, jobs) = channel();
        std::thread::spawn(move || work(&jobs, output, &claims, &words));
        Self(sender)
    }

    /// Writes a line. Returns whether it was written.
    pub(super) async fn write(&self, line: String, id: Option<String>) -> bool {
        let (done, written) = oneshot::channel();
        let sent = self.0.send(Job::Line { line, id, done });
        sent.is_ok() && written.await.unwrap_or(false)
    }

    /// Opens the output anew.
    pub(super) fn reopen(&self) {
        let _ = self.0.send(Job::Reopen);
    }

    /// Waits until everything that was handed over is written.
    pub(super) async fn idle(&self) {
        let (done, idle) = oneshot::channel();
        if self.0.send(Job::Idle(done)).is_ok() {
            let _ = idle.await;
        }
    }
}

fn work(jobs: &Receiver<Job>, mut output: Output, claims: &Claims, words: &Words) {
    for job in jobs {
        match job {
            Job::Line { line, id, done } => {
                let written = output.write(&line);
                let is_written = written.is_ok();
                match written {
                    Ok(()) => words.taken(),
                    Err(error) => words.unwritable(&error),
                }
                claims.release(id.as_deref(), is_written);
                let _ = done.send(is_written);
            }
            Job::Reopen => {
                if let Err(error) = output.reopen() {
                    Words::not_reopened(&error);
                }
            }
            Job::Idle(done) => {
                let _ = done.send(());
            }
        }
    }
}
