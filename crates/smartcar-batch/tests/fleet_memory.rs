//! The heap memory of a fleet, including connections, requests and decoding.
//!
//! Invariant: this file is a binary of its own with one test, so that nothing else
//! allocates meanwhile, and its server keeps its buffers on the stacks of its
//! threads.

#![allow(
    clippy::unwrap_used,
    reason = "a failed `unwrap` in a test is the test's message"
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use peak_alloc::PeakAlloc;
use smartcar_batch::{
    AccessToken, Attributes, Battery, Charge, Client, Fuel, Location, Odometer, RetryPolicy,
    VehicleId,
};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const SLOTS: usize = 64;
const MOST_VEHICLES: usize = 5_000;
const MOST_BYTES_A_SLOT: usize = 64 * 1024;

const ANSWER: &str = concat!(
    r#"{"responses": ["#,
    r#"{"path": "/odometer", "code": 200, "headers": {"sc-data-age": "2026-03-14T09:26:53Z", "sc-unit-system": "metric"}, "body": {"distance": 18250.6}},"#,
    r#"{"path": "/location", "code": 200, "headers": {"sc-data-age": "2026-03-14T09:26:53Z", "sc-unit-system": "metric"}, "body": {"latitude": 48.1, "longitude": 11.5}},"#,
    r#"{"path": "/fuel", "code": 200, "headers": {"sc-data-age": "2026-03-14T09:26:53Z", "sc-unit-system": "metric"}, "body": {"range": 410.5, "percentRemaining": 0.6, "amountRemaining": 31.2}},"#,
    r#"{"path": "/battery", "code": 200, "headers": {"sc-data-age": "2026-03-14T09:26:53Z", "sc-unit-system": "metric"}, "body": {"percentRemaining": 0.64, "range": 289.0}},"#,
    r#"{"path": "/charge", "code": 200, "headers": {"sc-data-age": "2026-03-14T09:26:53Z", "sc-unit-system": "metric"}, "body": {"isPluggedIn": true, "state": "CHARGING"}},"#,
    r#"{"path": "/", "code": 200, "headers": {"sc-unit-system": "metric"}, "body": {"id": "vehicle", "make": "TESLA", "model": "Model 3", "year": 2022}}"#,
    r#"]}"#
);

/// A server that does not allocate per request. Of every twentieth vehicle, every
/// other request gets a fault, so that a retry is never met by the next one: faults
/// by the count of all requests can fall into step with the retries.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer(stream.unwrap()));
        }
    });
    origin
}

/// Responds until the client closes. A request arrives as a whole, because it is
/// small.
fn answer(mut stream: TcpStream) {
    static FAILED: [AtomicBool; MOST_VEHICLES] = [const { AtomicBool::new(false) }; MOST_VEHICLES];
    let mut buffer = [0; 8192];
    let mut length = 0;
    loop {
        match stream.read(&mut buffer[length..]) {
            Ok(0) | Err(_) => return,
            Ok(more) => length += more,
        }
        if !buffer[..length].ends_with(b"]}") {
            continue;
        }
        let vehicle = vehicle_of(&buffer[..length]);
        length = 0;
        let fails = vehicle % 20 == 7 && !FAILED[vehicle].fetch_xor(true, Relaxed);
        let (status, body) = if fails {
            (502, "<html>")
        } else {
            (200, ANSWER)
        };
        let size = body.len();
        let head = format_args!(
            "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\nsc-request-id: a\r\ncontent-length: {size}\r\n\r\n{body}"
        );
        // Into a buffer first: one write, one packet.
        let mut rest = &mut buffer[..];
        rest.write_fmt(head).unwrap();
        let left = rest.len();
        let end = buffer.len() - left;
        if stream.write_all(&buffer[..end]).is_err() {
            return;
        }
    }
}

/// The number in `POST /v2.0/vehicles/vehicle-7/batch`.
fn vehicle_of(request: &[u8]) -> usize {
    let (_, rest) = str::from_utf8(request)
        .unwrap()
        .split_once("/vehicle-")
        .unwrap();
    rest[..rest.find('/').unwrap()].parse().unwrap()
}

/// The peak heap use of a run, above that of an idle client. Each run has its own
/// runtime, client and connections, so what one run leaves behind is not there before
/// the next. What a client needs without any slot, such as its root certificates,
/// does not count for a slot.
fn peak_of(origin: &str, vehicles: usize) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(origin, vehicles))
}

/// The median of three runs: how many slots peak at the same time is random.
fn typical_peak_of(origin: &str, vehicles: usize) -> usize {
    let mut peaks = [0; 3].map(|_| peak_of(origin, vehicles));
    peaks.sort_unstable();
    peaks[1]
}

async fn run(origin: &str, vehicles: usize) -> usize {
    type Six = (Odometer, Location, Fuel, Battery, Charge, Attributes);
    let backoff = Duration::from_millis(1);
    let policy = RetryPolicy::standard().backoff(backoff, backoff, backoff);
    let client = Client::builder()
        .access_token(AccessToken::new("token").unwrap())
        .api_origin(origin)
        .retry(policy)
        .build()
        .unwrap();
    HEAP.reset_peak_usage();
    let at_rest = HEAP.current_usage();
    let ids = (0..vehicles).map(|number| VehicleId::new(format!("vehicle-{number}")).unwrap());
    let fleet = client.fleet::<Six>().concurrency(SLOTS);
    let mut outcomes = fleet.run(stream::iter(ids));
    let (mut good, mut retried) = (0, 0);
    while let Some(outcome) = outcomes.next().await {
        let response = outcome.result.unwrap();
        good += usize::from(response.all_ok());
        retried += usize::from(response.attempts == 2);
    }
    assert_eq!((good, retried), (vehicles, vehicles / 20));
    HEAP.peak_usage() - at_rest
}

#[test]
fn a_slot_takes_at_most_64_kib_whatever_the_number_of_vehicles() {
    let origin = serve();
    // What the first client sets up for all later ones does not count.
    peak_of(&origin, 100);
    let mut peaks = Vec::new();
    for vehicles in [500, MOST_VEHICLES] {
        let peak = typical_peak_of(&origin, vehicles);
        println!("{vehicles} vehicles: {} bytes per slot", peak / SLOTS);
        assert!(
            peak <= SLOTS * MOST_BYTES_A_SLOT,
            "{vehicles}: {peak} bytes"
        );
        peaks.push(peak);
    }
    // Ten times as many vehicles take the same, except for randomness.
    assert!(peaks[1] <= peaks[0] + peaks[0] / 4, "{peaks:?}");
}
