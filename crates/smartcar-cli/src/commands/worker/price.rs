//! `--dry-run`: the settings of the streams, and the price.
//!
//! Invariant: nothing is created and nothing is sent to the API.

use smartcar_nats::Queue;

use super::options::Worker;
use crate::exit::Exit;
use crate::output;
use crate::text::count;

/// Prints both.
pub(super) async fn print(options: &Worker, cost: u32) -> Exit {
    let mut lines: Vec<_> = Queue::settings()
        .into_iter()
        .map(|(name, settings)| format!("{name} {settings}"))
        .collect();
    lines.push(price(options, cost, options.nats.count().await));
    output::print(&lines.join("\n"), Exit::Good)
}

/// The requests of one poll, and how many polls begin in an hour.
fn price(options: &Worker, cost: u32, queued: Option<u64>) -> String {
    let cost = u64::from(cost);
    let mut price = format!("price: {} per poll of a vehicle", count(cost, "request"));
    if let Some(rate) = options.limits.per_minute() {
        price.push_str(&format!(
            ", at most {} per hour with --per-minute",
            u64::from(rate.get()) * 60
        ));
    }
    let Some(every) = options.every else {
        if let Some(queued) = queued {
            price.push_str(&format!(
                "; {} for {} in the queue, once",
                count(cost * queued, "request"),
                count(queued, "vehicle")
            ));
        }
        return price;
    };
    let hourly = |vehicles: u64| {
        // As many polls as begin in an hour, if each takes no time.
        let requests = u128::from(cost * vehicles) * 3_600_000 / every.as_millis().max(1);
        u64::try_from(requests).unwrap_or(u64::MAX)
    };
    price.push_str(&format!(
        "; at most {} per hour for 1000 vehicles",
        count(hourly(1000), "request")
    ));
    if let Some(queued) = queued {
        price.push_str(&format!(
            ", {} for {} in the queue",
            hourly(queued),
            count(queued, "vehicle")
        ));
    }
    price
}
