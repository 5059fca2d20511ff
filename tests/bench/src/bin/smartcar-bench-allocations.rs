//! Prints the allocations of one iteration of each case named: calls and bytes.

use std::alloc::System;

use smartcar_bench::cases;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ITERATIONS: usize = 100;

fn main() {
    for name in std::env::args().skip(1) {
        let mut run = cases::case(&name).unwrap_or_else(|| panic!("no case is called {name}"));
        (0..ITERATIONS).for_each(|_| run());
        let region = Region::new(ALLOCATOR);
        (0..ITERATIONS).for_each(|_| run());
        let change = region.change();
        let calls = (change.allocations + change.reallocations) / ITERATIONS;
        println!("{name}\t{calls}\t{}", change.bytes_allocated / ITERATIONS);
    }
}
