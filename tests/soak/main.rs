//! A soak: batches of both versions of the API over both versions of HTTP, with
//! loaders, fleets, every fault of a server, deadlines, dropped calls, refreshes and
//! a budget that has bad days.
//!
//! Invariant: what came over the wire is what the budget was charged, vehicle by
//! vehicle, and what the outcomes say; each path of a batch and each vehicle of a
//! fleet has one outcome; connections and heap do not grow.
//!
//! `cargo xtask soak` runs a million. `SMARTCAR_SOAK_BATCHES` says how many,
//! `SMARTCAR_SOAK_SECONDS` for how long, and `SMARTCAR_SOAK_SEED` repeats what was drawn; the interleaving is the machine's.
//! A binary of its own, because it measures the process's heap.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod answer;
mod budget;
mod counts;
mod draw;
mod frames;
mod http1;
mod http2;
mod lag;
mod lane;
mod ledger;
mod load;
mod outcome;
mod report;
mod round;
mod server;
mod tokens;

use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;

use crate::report::Report;
use crate::round::Soak;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// How many batches the ordinary test makes, and for how long it begins new ones.
const SHORT: u64 = 3_000;
const SHORT_TIME: Duration = Duration::from_secs(12);

/// How much more may be on the heap at the end than in the middle.
const MOST_GROWTH: usize = 256 * 1024;

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {text}")),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_sent_is_charged_and_nothing_grows() {
    let seed = setting("SMARTCAR_SOAK_SEED").unwrap_or_else(|| fastrand::u64(..1_000_000));
    let wanted = setting("SMARTCAR_SOAK_BATCHES");
    let batches = wanted.unwrap_or(SHORT);
    let seconds = setting("SMARTCAR_SOAK_SECONDS").map(Duration::from_secs);
    let day = Duration::from_secs(24 * 60 * 60);
    let time = seconds.unwrap_or(if wanted.is_some() { day } else { SHORT_TIME });
    println!("soak: SMARTCAR_SOAK_SEED={seed} SMARTCAR_SOAK_BATCHES={batches}");
    // Several, so that what grows from round to round is seen.
    let rounds = u32::try_from(batches / 10_000).unwrap_or(40).clamp(4, 40);
    let mut soak = Soak::start(seed).await;
    let begun = Instant::now();
    let mut report = Report::default();
    let mut heap = Vec::new();
    for round in 0..rounds {
        let until = begun + time * (round + 1) / rounds;
        soak.run(batches.div_ceil(rounds.into()), until, &mut report)
            .await;
        heap.push(HEAP.current_usage());
        report.print(round, begun.elapsed(), HEAP.current_usage());
    }
    soak.print_faults();
    let (middle, end) = (heap[heap.len() / 2], heap[heap.len() - 1]);
    assert!(
        end <= middle + MOST_GROWTH,
        "seed {seed}: the heap grew from {middle} to {end} bytes; by round: {heap:?}"
    );
}
