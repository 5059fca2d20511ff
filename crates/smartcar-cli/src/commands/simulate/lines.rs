//! One line for each request, and what to say about faults at the end.
//!
//! Invariant: no body, no token and nothing that moves the cursor is printed.

use std::fmt::Write as _;

use smartcar_simulator::{LoggedRequest, Simulator, UnmatchedFault, UnmatchedWebhookFault};

use super::screen;
use crate::text::shown;

/// Items of a request that are printed one by one.
const MOST: usize = 8;

/// Prints requests on stderr as they are answered, until it is dropped.
pub(super) async fn print(simulator: &Simulator) {
    let mut last = 0;
    loop {
        for request in simulator.logged(last).await {
            if request.number > last + 1 {
                anstream::eprintln!("… {} more", request.number - last - 1);
            }
            last = request.number;
            anstream::eprintln!("{}", line(&request));
        }
    }
}

/// Such as `POST /v2.0/vehicles/car-1/batch 200 [/odometer 200, /fuel 429] price 1 fault 2
/// 0.31 ms`.
fn line(request: &LoggedRequest) -> String {
    let status = request.status.map(|status| status.to_string());
    let status = status.unwrap_or_else(|| "reset".to_owned());
    let mut text = format!("{} {} {status}", request.method, request.path);
    if request.items.len() > MOST {
        let failed = request.items.iter().filter(|item| item.code != 200);
        let _ = write!(
            text,
            " [{} items, {} failed]",
            request.items.len(),
            failed.count()
        );
    } else if !request.items.is_empty() {
        let items = request.items.iter();
        let items: Vec<_> = items
            .map(|item| format!("{} {}", item.path, item.code))
            .collect();
        let _ = write!(text, " [{}]", items.join(", "));
    }
    let _ = write!(text, " price {}", request.price);
    for fault in &request.faults {
        let _ = write!(text, " fault {fault}");
    }
    let _ = write!(text, " {:.2} ms", request.milliseconds);
    shown(&text)
}

/// What to say about a fault that never applied.
pub(super) fn never_struck(unmatched: &UnmatchedFault) -> String {
    let fault = screen::fault(&unmatched.fault);
    let (matched, near) = (unmatched.matched, unmatched.near_misses);
    format!("the fault never struck: {fault} ({matched} requests matched, {near} near misses)")
}

/// The same for a fault of deliveries.
pub(super) fn never_struck_delivery(unmatched: &UnmatchedWebhookFault) -> String {
    let fault = screen::fault(&unmatched.fault);
    let (matched, near) = (unmatched.matched, unmatched.near_misses);
    format!(
        "the fault of deliveries never struck: {fault} ({matched} events matched, {near} near \
         misses)"
    )
}
