//! Runs the windows and sends their batches.
//!
//! Invariant: a window is in the table exactly while it accepts endpoints, and the
//! table has no window without callers.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{FutureExt, join_all};
use smartcar_model::{BudgetDenied, EndpointInfo, Error, ErrorKind, PathResults, Response};
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, timeout};

use super::table::{Batch, Open, Outcome, Part, Settings, Window};
use crate::request;
use crate::vehicle::Vehicle;

/// The place of one caller in a window.
struct Seat {
    window: Arc<Window>,
    path: &'static str,
    batch: Batch,
}

/// The response of the batch that contains a path. A path that cannot be requested is
/// rejected first, so that it does not fail the others in the window.
pub(super) async fn answer(
    vehicle: &Vehicle,
    settings: &Settings,
    path: &'static str,
) -> Result<Arc<Response<PathResults>>, Error> {
    request::check(vehicle, &[path])?;
    let mut seat = take_seat(vehicle, settings, path);
    let outcome = (&mut seat.batch).await;
    match &*outcome {
        Outcome::Sent(parts) => {
            let part = parts.iter().find(|part| part.paths.contains(&path));
            part.map_or_else(|| Err(lost()), |part| part.answer.clone())
        }
        Outcome::Panicked(payload) => {
            let payload = payload
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            match payload {
                Some(payload) => resume_unwind(payload),
                None => Err(lost()),
            }
        }
    }
}

fn lost() -> Error {
    let message = "the batch panicked before it got a response";
    Error::new(ErrorKind::Transport, message)
}

/// Joins the open window, or opens one.
fn take_seat(vehicle: &Vehicle, settings: &Settings, path: &'static str) -> Seat {
    let key = (vehicle.id.clone(), vehicle.user.clone(), settings.clone());
    let mut table = vehicle.client.shared.windows.table();
    let found = table.get(&key).and_then(|open| {
        let batch = open.batch.upgrade()?;
        Some((Arc::clone(&open.window), batch))
    });
    let (window, batch) = found.unwrap_or_else(|| {
        let window = Arc::<Window>::default();
        let batch = run(vehicle.clone(), settings.clone(), Arc::clone(&window));
        // What a panic leaves half done is dropped and never seen.
        let batch = AssertUnwindSafe(batch).catch_unwind().map(|ended| {
            Arc::new(match ended {
                Ok(parts) => Outcome::Sent(parts),
                Err(payload) => Outcome::Panicked(Mutex::new(Some(payload))),
            })
        });
        let batch = batch.boxed().shared();
        if let Some(weak) = batch.downgrade() {
            let window = Arc::clone(&window);
            let open = Open {
                window,
                batch: weak,
            };
            table.insert(key.clone(), open);
        }
        (window, batch)
    });
    if window.add(path) >= settings.max_size {
        table.remove(&key);
        window.full.notify_one();
    }
    Seat {
        window,
        path,
        batch,
    }
}

/// Collects until the window closes, then sends.
async fn run(vehicle: Vehicle, settings: Settings, window: Arc<Window>) -> Vec<Part> {
    let closing = Closing {
        vehicle,
        settings,
        window,
    };
    // Either may end the wait: after `close` nobody joins.
    let _ = timeout(closing.settings.window, closing.window.full.notified()).await;
    // The window stays open until it can be sent, so that it takes more meanwhile.
    let slot = closing.slot().await;
    closing.close();
    let first = closing.send(closing.window.take(), slot).await;
    let (mut parts, mut batches) = (Vec::new(), Vec::new());
    let mut sort = |part: Part, batches: &mut Vec<_>| match smaller(&part) {
        Some(smaller) => batches.extend(smaller),
        None => parts.push(part),
    };
    sort(first, &mut batches);
    while !batches.is_empty() {
        let sent = batches.drain(..).map(|paths| async {
            let slot = closing.slot().await;
            closing.send(paths, slot).await
        });
        for part in join_all(sent.collect::<Vec<_>>()).await {
            sort(part, &mut batches);
        }
    }
    parts
}

/// The smaller batches to send in place of a failed one, if it was too large or some
/// of its paths may have failed the others.
fn smaller(part: &Part) -> Option<Vec<Vec<&'static str>>> {
    let (paths, error) = (&part.paths, part.answer.as_ref().err()?);
    if paths.len() < 2 {
        return None;
    }
    if error.budget_denied() == Some(&BudgetDenied::NeverFits) {
        let (first, second) = paths.split_at(paths.len() / 2);
        return Some(vec![first.to_vec(), second.to_vec()]);
    }
    // The API rejects a whole batch for one unknown path, and the spec may be older
    // than the API.
    let (known, unknown): (Vec<_>, Vec<_>) = paths
        .iter()
        .partition(|path| EndpointInfo::of(path).is_some());
    let rejected = error.api_error().is_some() && error.status() == Some(400);
    (rejected && !unknown.is_empty()).then(|| {
        let known = Some(known).filter(|known| !known.is_empty());
        let alone = unknown.into_iter().map(|path| vec![path]);
        known.into_iter().chain(alone).collect()
    })
}

/// Removes a window from the table, also when all its callers are gone.
struct Closing {
    vehicle: Vehicle,
    settings: Settings,
    window: Arc<Window>,
}

/// The right to have a batch under way.
struct Slot<'a> {
    _permit: SemaphorePermit<'a>,
    /// What is left of the deadline, if there was a wait.
    left: Option<Duration>,
}

impl Closing {
    /// Waits until another batch may be under way. Fails if the deadline passes first.
    async fn slot(&self) -> Result<Slot<'_>, Error> {
        let client = &*self.vehicle.client.shared;
        let slots = &client.windows.slots;
        if let Ok(permit) = slots.try_acquire() {
            return Ok(Slot {
                _permit: permit,
                left: None,
            });
        }
        let since = Instant::now();
        let limit = self.settings.options.deadline.unwrap_or(client.deadline);
        match timeout(limit, slots.acquire()).await {
            Ok(Ok(permit)) => Ok(Slot {
                _permit: permit,
                left: Some(limit.saturating_sub(since.elapsed())),
            }),
            _ => Err(Error::new(
                ErrorKind::Timeout,
                "the deadline passed before the request could be sent",
            )),
        }
    }

    /// Sends some of the paths in one batch.
    async fn send(&self, paths: Vec<&'static str>, slot: Result<Slot<'_>, Error>) -> Part {
        let answer = async {
            let slot = slot?;
            let mut request = self.vehicle.batch_paths(&paths)?;
            request.options.clone_from(&self.settings.options);
            request.options.deadline = slot.left.or(request.options.deadline);
            request.send().await.map(Arc::new)
        };
        let answer = answer.await;
        Part { paths, answer }
    }

    fn close(&self) {
        let key = (
            self.vehicle.id.clone(),
            self.vehicle.user.clone(),
            self.settings.clone(),
        );
        let mut table = self.vehicle.client.shared.windows.table();
        // A newer window may have replaced it.
        let is_open = |open: &Open| Arc::ptr_eq(&open.window, &self.window);
        if table.get(&key).is_some_and(is_open) {
            table.remove(&key);
        }
        if table.is_empty() && table.capacity() > ROOM_KEPT {
            *table = HashMap::new();
        }
    }
}

/// The capacity that an empty table keeps.
const ROOM_KEPT: usize = 1024;

impl Drop for Closing {
    fn drop(&mut self) {
        self.close();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.window.leave(self.path);
    }
}
