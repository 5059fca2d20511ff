//! The memory of a budget for a million vehicles.
//!
//! Invariant: nothing else runs in this process.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

use std::num::NonZeroU32;
use std::time::Duration;

use peak_alloc::PeakAlloc;
use smartcar_batch::{BudgetKey, BudgetRequest, InProcessBudget, Rate, RateBudget, VehicleId};

#[global_allocator]
static PEAK: PeakAlloc = PeakAlloc;

const VEHICLES: usize = 1_000_000;

#[tokio::test]
async fn a_million_vehicles_take_64_bytes_each_and_no_more_while_they_come() {
    let hour = Duration::from_secs(3600);
    let budget = InProcessBudget::unlimited().per_vehicle(Rate::new(NonZeroU32::MIN, hour));
    let before = PEAK.current_usage();
    PEAK.reset_peak_usage();
    for number in 0..VEHICLES {
        let id = format!("36ab27d0-fd9d-4455-823a-{number:012}");
        let keys = [BudgetKey::Vehicle(VehicleId::new(id).unwrap())];
        let one = BudgetRequest::new(&keys, NonZeroU32::MIN);
        budget.acquire(one).await.unwrap();
    }
    let kept = (PEAK.current_usage() - before) / VEHICLES;
    let peak = (PEAK.peak_usage() - before) / VEHICLES;
    println!("{kept} bytes each, at most {peak}");
    assert!((40..=64).contains(&kept), "{kept}");
    assert!(peak <= 64, "{peak}");
}
