//! One call of the load, with everything that may happen to it on our side.
//!
//! Invariant: each call checks its own outcome and its own deadline; what it costs
//! is in the ledger for the end of the round.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::{StreamExt, stream};
use smartcar_batch::{Battery, Error, Fuel, Odometer, RetryPolicy};

use crate::answer::{TYPED, own_path};
use crate::draw::{millis, one_in, rng};
use crate::lag::Lag;
use crate::lane::{Lane, quick};
use crate::ledger::{Ledger, Number};
use crate::outcome::{self, Three};

const PATHS_V3: [&str; 8] = [
    "/odometer",
    "/fuel",
    "/battery",
    "/signals/odometer-traveleddistance",
    "/signals/tractionbattery-range",
    "/signals/soak-one",
    "/permissions",
    "/",
];

/// How a call is answered for, beside its rows in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Good,
    Partly,
    Failed,
    Dropped,
}

/// What a call must keep to.
struct Terms {
    rng: Rng,
    deadline: Duration,
    policy: RetryPolicy,
    /// Whether an attempt has a time of its own.
    hasty: bool,
    drop: Drop,
}

/// When the caller drops the call.
#[derive(Clone, Copy)]
enum Drop {
    Never,
    After(Duration),
    /// After it was polled so many times in vain.
    Polled(u32),
}

impl Terms {
    fn draw(seed: u64, number: Number) -> Self {
        let mut rng = rng(seed, 1, number);
        let deadline = match rng.u32(0..10) {
            0 => millis(&mut rng, 1..50),
            1..3 => millis(&mut rng, 50..500),
            _ => millis(&mut rng, 500..4000),
        };
        let mut policy = quick().attempts(rng.u32(1..5));
        let hasty = one_in(&mut rng, 4);
        if hasty {
            policy = policy.attempt_timeout(millis(&mut rng, 5..400));
        }
        let drop = match rng.u32(0..20) {
            0 => Drop::After(millis(&mut rng, 0..30)),
            1 => Drop::Polled(rng.u32(1..12)),
            _ => Drop::Never,
        };
        Self {
            rng,
            deadline,
            policy,
            hasty,
            drop,
        }
    }
}

/// What runs calls.
#[derive(Debug)]
pub(crate) struct Load<'a> {
    pub(crate) seed: u64,
    pub(crate) ledger: &'a Ledger,
    pub(crate) lag: &'a Lag,
}

impl Load<'_> {
    /// Makes one call on a lane and checks it. Its vehicles have the number, and
    /// those that follow it up to the next call's. How many batches it was.
    pub(crate) async fn call(&self, lane: &Lane, number: Number) -> Result<Vec<End>, String> {
        let mut terms = Terms::draw(self.seed, number);
        let begun = Instant::now();
        if terms.hasty {
            // A fleet's vehicles too.
            for number in number..number + FLEET {
                self.ledger.note(number, |row| row.gave_up = true);
            }
        }
        let (deadline, kind) = (terms.deadline, terms.rng.u32(0..10));
        let ends = match kind {
            0..3 => vec![self.typed(lane, number, terms).await?],
            3..6 => vec![self.paths(lane, number, terms).await?],
            6..7 => vec![self.single(lane, number, terms).await?],
            7..8 => vec![self.loader(lane, number, terms).await?],
            _ => return self.fleet(lane, number, terms).await,
        };
        // An answer that is there may wait so long for its budget, within the
        // deadline; a loader's window opens before its batch's deadline begins.
        let window = Duration::from_millis(if kind == 7 { 50 } else { 0 });
        let late = begun.elapsed().saturating_sub(deadline + window);
        if late > self.lag.slack() {
            return Err(format!(
                "it ended {late:?} after its deadline of {deadline:?}"
            ));
        }
        Ok(ends)
    }

    async fn typed(&self, lane: &Lane, number: Number, terms: Terms) -> Result<End, String> {
        let request = lane.vehicle(self.ledger, number).batch::<Three>();
        let call = request.deadline(terms.deadline).retry(terms.policy).send();
        let Some(result) = cut(terms.drop, call).await else {
            return Ok(End::Dropped);
        };
        outcome::priced(self.ledger, number, &result);
        let Ok(response) = result else {
            return Ok(End::Failed);
        };
        outcome::three(number, &response)?;
        Ok(part(response.all_ok()))
    }

    async fn paths(&self, lane: &Lane, number: Number, mut terms: Terms) -> Result<End, String> {
        let paths = some_paths(lane, &mut terms.rng);
        let request = lane.vehicle(self.ledger, number).batch_paths(&paths);
        let request = request.map_err(|error| format!("the paths were rejected: {error}"))?;
        let call = request.deadline(terms.deadline).retry(terms.policy).send();
        let Some(result) = cut(terms.drop, call).await else {
            return Ok(End::Dropped);
        };
        outcome::priced(self.ledger, number, &result);
        let Ok(response) = result else {
            return Ok(End::Failed);
        };
        outcome::paths(number, &paths, &response)?;
        Ok(part(response.all_ok()))
    }

    async fn single(&self, lane: &Lane, number: Number, terms: Terms) -> Result<End, String> {
        let request = lane.vehicle(self.ledger, number).get::<Odometer>();
        let call = request.deadline(terms.deadline).retry(terms.policy).send();
        let Some(result) = cut(terms.drop, call).await else {
            return Ok(End::Dropped);
        };
        outcome::priced(self.ledger, number, &result);
        let Ok(response) = result else {
            return Ok(End::Failed);
        };
        outcome::odometer(number, &response.data)?;
        Ok(End::Good)
    }

    /// Five who ask for three endpoints; some of them leave.
    async fn loader(&self, lane: &Lane, number: Number, mut terms: Terms) -> Result<End, String> {
        let loader = lane.vehicle(self.ledger, number).loader();
        let window = millis(&mut terms.rng, 1..20);
        let loader = loader
            .window(window)
            .deadline(terms.deadline)
            .retry(terms.policy);
        let mut leave = |all| match terms.rng.u32(0..6) {
            0 => Drop::After(millis(&mut terms.rng, 0..40)),
            1 => Drop::Polled(terms.rng.u32(1..6)),
            _ => all,
        };
        let all = terms.drop;
        let (first, fuel, battery, second, again) = tokio::join!(
            cut(leave(all), loader.get::<Odometer>()),
            cut(leave(all), loader.get::<Fuel>()),
            cut(leave(all), loader.get::<Battery>()),
            cut(leave(all), loader.get::<Odometer>()),
            cut(leave(all), loader.get::<Fuel>()),
        );
        for reading in [first, second].into_iter().flatten().flatten() {
            outcome::odometer(number, &reading)?;
        }
        let good = [fuel, again].into_iter().flatten().flatten().count();
        let good = good + usize::from(matches!(battery, Some(Ok(_))));
        Ok(part(good == 3))
    }

    /// A few vehicles, a few at a time. The whole stream may be dropped.
    async fn fleet(
        &self,
        lane: &Lane,
        number: Number,
        mut terms: Terms,
    ) -> Result<Vec<End>, String> {
        let numbers: Vec<_> = (number..number + terms.rng.u64(2..FLEET)).collect();
        let paths = some_paths(lane, &mut terms.rng);
        let fleet = lane.client.fleet_paths(&paths);
        let fleet = fleet.map_err(|error| format!("the paths were rejected: {error}"))?;
        let vehicles: Vec<_> = numbers.iter().map(|at| lane.id(self.ledger, *at)).collect();
        let most = Duration::from_millis(100);
        let fleet = fleet.concurrency(terms.rng.usize(1..5)).max_wait(most);
        let fleet = fleet.deadline(terms.deadline).retry(terms.policy);
        let mut outcomes = pin!(fleet.run(stream::iter(vehicles.clone())));
        let mut left = vehicles;
        let mut ends = Vec::new();
        let all = async {
            while let Some(outcome) = outcomes.next().await {
                let Some(at) = left.iter().position(|id| *id == outcome.vehicle) else {
                    return Err(format!("{} has two outcomes", outcome.vehicle));
                };
                let id = left.remove(at);
                let number = id.as_str().split('-').nth(1).and_then(|it| it.parse().ok());
                let number = number.ok_or("an id of another")?;
                outcome::priced(self.ledger, number, &outcome.result);
                ends.push(match &outcome.result {
                    Ok(response) => {
                        outcome::paths(number, &paths, response)?;
                        part(response.all_ok())
                    }
                    Err(_) => End::Failed,
                });
            }
            Ok(())
        };
        // Each vehicle has a deadline of its own, and waits for the application
        // are added to it.
        let longest = terms.deadline * u32::try_from(numbers.len()).unwrap_or(1);
        let longest = longest + self.lag.slack() + Duration::from_secs(5);
        let ended = tokio::time::timeout(longest, cut(terms.drop, all)).await;
        match ended.map_err(|_| format!("the fleet did not end within {longest:?}"))? {
            Some(Ok(())) if !left.is_empty() => Err(format!("no outcome for {left:?}")),
            Some(Ok(())) => Ok(ends),
            Some(Err(wrong)) => Err(wrong),
            None => {
                ends.extend(left.iter().map(|_| End::Dropped));
                Ok(ends)
            }
        }
    }
}

/// How many numbers a call may take.
pub(crate) const FLEET: u64 = 8;

fn part(all: bool) -> End {
    if all { End::Good } else { End::Partly }
}

fn some_paths(lane: &Lane, rng: &mut Rng) -> Vec<String> {
    let all: Vec<_> = if lane.is_v3 {
        PATHS_V3.map(str::to_owned).to_vec()
    } else {
        TYPED
            .map(str::to_owned)
            .into_iter()
            .chain((0..5).map(own_path))
            .collect()
    };
    let count = rng.usize(1..=all.len());
    let mut paths = rng.choose_multiple(all, count);
    rng.shuffle(&mut paths);
    paths
}

/// Runs a call to its end, or drops it on the way.
async fn cut<T>(when: Drop, call: impl Future<Output = T>) -> Option<T> {
    match when {
        Drop::Never => Some(call.await),
        Drop::After(time) => tokio::time::timeout(time, call).await.ok(),
        Drop::Polled(times) => {
            let mut call = pin!(call);
            let mut left = times;
            poll_fn(|context| match call.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending if left == 0 => Poll::Ready(None),
                Poll::Pending => {
                    left -= 1;
                    Poll::Pending
                }
            })
            .await
        }
    }
}

/// Asks a calm vehicle: after whatever happened, a client must get going again.
pub(crate) async fn recovers(lane: &Lane, ledger: &Ledger, number: Number) -> Result<(), String> {
    let until = Instant::now() + Duration::from_secs(15);
    let mut at = number;
    loop {
        let request = lane.vehicle(ledger, at).batch::<Three>();
        let result: Result<_, Error> = request.deadline(Duration::from_secs(2)).send().await;
        outcome::priced(ledger, at, &result);
        match result {
            Ok(response) if response.all_ok() => return Ok(()),
            Ok(response) => {
                return Err(format!("a calm vehicle failed: {:?}", response.failures()));
            }
            Err(error) if Instant::now() >= until => return Err(format!("no recovery: {error}")),
            Err(_) => at += 1,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
