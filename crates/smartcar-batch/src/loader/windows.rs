//! The windows that are open, and the batch that each becomes.
//!
//! Invariant: a window is in the table exactly while it takes endpoints; the
//! table holds no window that nobody waits for.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::FutureExt;
use tokio::time::timeout;

use super::table::{Batch, Open, Outcome, Settings, Window};
use crate::vehicle::Vehicle;

/// A waiter's place in a window.
struct Seat {
    window: Arc<Window>,
    path: &'static str,
    batch: Batch,
}

/// The answer of the batch that a path goes out with.
pub(super) async fn answer(vehicle: &Vehicle, settings: &Settings, path: &'static str) -> Outcome {
    let mut seat = take_seat(vehicle, settings, path);
    (&mut seat.batch).await
}

/// Joins the window that is open, or opens one.
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

/// Gathers until the window ends, then asks.
async fn run(vehicle: Vehicle, settings: Settings, window: Arc<Window>) -> Outcome {
    let closing = Closing {
        vehicle,
        settings,
        window,
    };
    // Which of the two it was does not matter: nobody comes in after `close`.
    let _ = timeout(closing.settings.window, closing.window.full.notified()).await;
    closing.close();
    let mut request = closing.vehicle.batch_paths(closing.window.take())?;
    request.options.clone_from(&closing.settings.options);
    request.send().await.map(Arc::new)
}

/// Takes a window out of the table, also when everyone who waited is gone.
struct Closing {
    vehicle: Vehicle,
    settings: Settings,
    window: Arc<Window>,
}

impl Closing {
    fn close(&self) {
        let key = (
            self.vehicle.id.clone(),
            self.vehicle.user.clone(),
            self.settings.clone(),
        );
        let mut table = self.vehicle.client.shared.windows.table();
        // Another may stand there by now.
        let is_open = |open: &Open| Arc::ptr_eq(&open.window, &self.window);
        if table.get(&key).is_some_and(is_open) {
            table.remove(&key);
        }
        if table.is_empty() && table.capacity() > ROOM_KEPT {
            *table = HashMap::new();
        }
    }
}

/// How much room an empty table keeps.
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
