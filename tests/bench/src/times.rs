//! CPU and throughput: contestants take turns, and medians of ratios are told.
//!
//! Invariant: times are reported and never judged; a shared machine is too noisy.

use std::time::Instant;

use cpu_time::ProcessTime;
use futures_util::{StreamExt, stream};
use smartcar_batch::{AccessToken, Client as Ours, RetryPolicy, VehicleId};

use crate::cases;
use crate::decode::Six;
use crate::network::{self, Client, Server};

/// A figure by its name: a ratio.
pub type Figure = (&'static str, f64);

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// The time of reading six items, against the exact structs.
pub fn decoding() -> Figure {
    let mut exact = cases::case("exact/6").expect("a case");
    let mut ours = cases::case("ours/6").expect("a case");
    let time = |run: &mut cases::Run| {
        let start = Instant::now();
        (0..2_000).for_each(|_| run());
        start.elapsed().as_secs_f64()
    };
    let ratios = (0..61).map(|_| {
        let base = time(&mut exact);
        time(&mut ours) / base
    });
    ("time, decode 6", median(ratios.collect()))
}

/// CPU a request of ours against reqwest that reads bytes, by how many are in flight.
pub fn requests() -> Vec<Figure> {
    let server = Server::start();
    let runtime = network::runtime();
    let round = |ask: &network::Ask, count: usize, in_flight: usize| {
        let start = ProcessTime::now();
        runtime.block_on(async {
            let asks = stream::iter(0..count).map(|_| ask());
            asks.buffer_unordered(in_flight)
                .for_each(|()| async {})
                .await;
        });
        start.elapsed().as_secs_f64()
    };
    let asks = runtime.block_on(async {
        [Client::Reqwest, Client::ReqwestExact, Client::Ours]
            .map(|client| network::ask(client, server.at))
    });
    let mut figures = Vec::new();
    for (in_flight, names) in [
        (16, ["CPU, reqwest + exact, c = 16", "CPU, send, c = 16"]),
        (64, ["CPU, reqwest + exact, c = 64", "CPU, send, c = 64"]),
    ] {
        let mut ratios = [Vec::new(), Vec::new()];
        for number in 0..120 {
            let base = round(&asks[0], 960, in_flight);
            for (ratios, ask) in ratios.iter_mut().zip(&asks[1..]) {
                let ratio = round(ask, 960, in_flight) / base;
                // The first round opens connections.
                if number > 0 {
                    ratios.push(ratio);
                }
            }
        }
        figures.extend(names.into_iter().zip(ratios.map(median)));
    }
    figures
}

/// A fleet of ten thousand against a stream of reqwest with the exact decoder.
pub fn fleet() -> Figure {
    const VEHICLES: usize = 10_000;
    const IN_FLIGHT: usize = 64;
    let server = Server::start();
    let runtime = network::runtime();
    let ask = runtime.block_on(async { network::ask(Client::ReqwestExact, server.at) });
    let client = Ours::builder()
        .access_token(AccessToken::new("bench-token").expect("a token"))
        .api_origin(format!("http://{}", server.at))
        .retry(RetryPolicy::none())
        .build()
        .expect("a client");
    let plain = || async {
        let asks = stream::iter(0..VEHICLES).map(|_| ask());
        asks.buffer_unordered(IN_FLIGHT)
            .for_each(|()| async {})
            .await;
    };
    let ours = || async {
        let ids =
            (0..VEHICLES).map(|number| VehicleId::new(format!("vehicle-{number}")).expect("an id"));
        let outcomes = client
            .fleet::<Six>()
            .concurrency(IN_FLIGHT)
            .run(stream::iter(ids));
        outcomes
            .for_each(|outcome| async move { assert!(outcome.result.is_ok()) })
            .await;
    };
    // The first round opens connections.
    timed(&runtime, plain());
    timed(&runtime, ours());
    let ratios = (0..21).map(|_| {
        let base = timed(&runtime, plain());
        timed(&runtime, ours()) / base
    });
    ("fleet time, c = 64", median(ratios.collect()))
}

fn timed(runtime: &tokio::runtime::Runtime, run: impl Future<Output = ()>) -> f64 {
    let start = Instant::now();
    runtime.block_on(run);
    start.elapsed().as_secs_f64()
}
