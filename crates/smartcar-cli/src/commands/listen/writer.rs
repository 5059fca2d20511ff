//! Writes lines on a thread of its own, one after the other.
//!
//! Invariant: an event counts as taken only after its line was written, and no more than
//! [`WAITING`] lines wait for that.

use std::sync::Arc;

use smartcar_webhook::Claimed;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{Notify, oneshot};

use super::output_file::Output;
use super::words::Words;

/// How many lines may wait. If the output is stuck, requests wait for a place instead,
/// and are answered with 503 when their time is up.
const WAITING: usize = 256;

/// Hands lines to the thread that writes them.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    jobs: Sender<Job>,
    /// Notified once nothing reads the output any more.
    unread: Arc<Notify>,
}

#[derive(Debug)]
enum Job {
    Line {
        line: String,
        claimed: Claimed,
        /// Whether it was written.
        done: oneshot::Sender<bool>,
    },
    Reopen,
    Idle(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the thread. It ends with the process.
    pub(super) fn start(output: Output, words: Arc<Words>) -> Self {
        let (sender, jobs) = channel(WAITING);
        let unread = Arc::new(Notify::new());
        let writer = Self {
            jobs: sender,
            unread: Arc::clone(&unread),
        };
        std::thread::spawn(move || work(jobs, output, &words, &unread));
        writer
    }

    /// Writes a line. Returns whether it was written. Once it has its place, it is
    /// written even if nobody waits for that any more.
    pub(super) async fn write(&self, line: String, claimed: Claimed) -> bool {
        let (done, written) = oneshot::channel();
        let job = Job::Line {
            line,
            claimed,
            done,
        };
        self.jobs.send(job).await.is_ok() && written.await.unwrap_or(false)
    }

    /// Opens the output anew, after the lines that wait.
    pub(super) fn reopen(&self) {
        let sender = self.jobs.clone();
        tokio::spawn(async move { sender.send(Job::Reopen).await });
    }

    /// Waits for a write that failed because nothing reads the output any more, and
    /// nothing ever will.
    pub(super) async fn unread(&self) {
        self.unread.notified().await;
    }

    /// Waits until everything that was handed over is written.
    pub(super) async fn idle(&self) {
        let (done, idle) = oneshot::channel();
        if self.jobs.send(Job::Idle(done)).await.is_ok() {
            let _ = idle.await;
        }
    }
}

fn work(mut jobs: Receiver<Job>, mut output: Output, words: &Words, unread: &Notify) {
    while let Some(job) = jobs.blocking_recv() {
        match job {
            Job::Line {
                line,
                claimed,
                done,
            } => {
                let written = output.write(&line);
                let is_written = written.is_ok();
                match written {
                    Ok(()) => {
                        words.taken();
                        claimed.taken();
                    }
                    Err(error) => {
                        words.unwritable(&error);
                        if output.is_unread(&error) {
                            unread.notify_one();
                        }
                    }
                }
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

#[cfg(all(test, unix))]
mod tests {
    use std::fs::File;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use smartcar_webhook::{Claim, Claims};

    use super::*;

    #[tokio::test]
    async fn a_stuck_output_holds_no_more_lines_than_may_wait() {
        let (_unread, full) = std::io::pipe().unwrap();
        let output = Output::to(File::from(OwnedFd::from(full)));
        let writer = Writer::start(output, Arc::default());
        let claims = Claims::new();
        let events = 3 * WAITING;
        // Larger than a pipe holds.
        let line = "x".repeat(128 * 1024);
        for number in 0..events {
            let Claim::New(claimed) = claims.claim(Some(&number.to_string())) else {
                panic!("{number} is new");
            };
            let written = writer.write(line.clone(), claimed);
            let written = tokio::time::timeout(Duration::from_millis(1), written).await;
            assert!(written.is_err(), "{number} was answered");
        }
        let is_free = |number: &usize| {
            let claim = claims.claim(Some(&number.to_string()));
            matches!(claim, Claim::New(_))
        };
        let given_up = (0..events).filter(is_free).count();
        // One more is being written.
        assert_eq!(given_up, events - WAITING - 1);
    }
}
