//! The clients: each version of the API over each version of HTTP.
//!
//! Invariant: a client has everything of its own but the budget, which all share.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use smartcar_batch::{Api, Client, RetryPolicy, UserId, Vehicle, VehicleId};

use crate::answer::vehicle_id;
use crate::budget::Counting;
use crate::ledger::{Ledger, Number};
use crate::server::Server;
use crate::tokens::{OneUse, Refreshes};

/// A client, and what the load must know of it.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) client: Client,
    pub(crate) is_v3: bool,
    http2: bool,
    /// What all signals cost.
    price: u32,
}

/// What clients are made of.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) seed: u64,
    pub(crate) http1: Server,
    pub(crate) http2: Server,
    pub(crate) budget: Arc<Counting>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) refreshes: Arc<Refreshes>,
}

impl Setup {
    /// One client of each kind.
    pub(crate) fn lanes(&self, seed: u64) -> Vec<Lane> {
        let kinds = [(false, 1), (true, 1), (true, 3)];
        let all = kinds
            .into_iter()
            .flat_map(|kind| [(kind, false), (kind, true)]);
        all.map(|((is_v3, price), http2)| self.lane(seed, is_v3, price, http2))
            .collect()
    }

    fn lane(&self, seed: u64, is_v3: bool, price: u32, http2: bool) -> Lane {
        let server = if http2 { &self.http2 } else { &self.http1 };
        let client = Client::builder()
            .api(if is_v3 { Api::V3 } else { Api::V2 })
            .user(UserId::new("soak").unwrap())
            .signals_cost(NonZeroU32::new(price).unwrap())
            .token_source(OneUse::new(self.seed ^ seed, Arc::clone(&self.refreshes)))
            .budget(Arc::clone(&self.budget))
            .api_origin(&server.origin)
            .retry(quick())
            .configure_http(move |http| {
                // So that the connections of a round end with it. There is no TLS, and
                // reading the system's roots takes time.
                let http = http.pool_idle_timeout(Duration::from_millis(200));
                let http = http.tls_certs_only([]);
                if http2 {
                    http.http2_prior_knowledge()
                } else {
                    http
                }
            })
            .build()
            .unwrap();
        Lane {
            client,
            is_v3,
            http2,
            price,
        }
    }
}

/// The standard policy with short waits.
pub(crate) fn quick() -> RetryPolicy {
    let wait = Duration::from_millis(2);
    RetryPolicy::standard().backoff(wait, wait, wait * 4)
}

impl Lane {
    /// A vehicle, with its row.
    pub(crate) fn vehicle(&self, ledger: &Ledger, number: Number) -> Vehicle {
        self.client.vehicle(self.id(ledger, number))
    }

    /// Its id, with its row.
    pub(crate) fn id(&self, ledger: &Ledger, number: Number) -> VehicleId {
        ledger.note(number, |row| row.http2 = self.http2);
        VehicleId::new(vehicle_id(number, self.price)).unwrap()
    }
}
