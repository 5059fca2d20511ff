//! The budget compared with a model that shares no code with it.
//!
//! Invariant: at the end of every wait the same request is granted, and at any
//! earlier time it is denied.

use proptest::prelude::*;

use super::*;
use crate::VehicleId;

fn vehicle(id: &str) -> BudgetKey {
    BudgetKey::Vehicle(VehicleId::new(id).unwrap())
}

fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn paused<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test)
}

impl InProcessBudget {
    fn take(&self, keys: &[BudgetKey], cost: NonZeroU32) -> Result<Grant, BudgetDenied> {
        self.decide(BudgetRequest::new(keys, cost))
    }

    /// Advances to one nanosecond before that moment, and then to it.
    async fn just_before_and_at(&self, moment: Timestamp, mut then: impl FnMut(bool)) {
        let left = Duration::try_from(moment.duration_since(self.clock.now())).unwrap();
        let last = Duration::from_nanos(1);
        tokio::time::advance(left.checked_sub(last).unwrap()).await;
        then(false);
        tokio::time::advance(last).await;
        then(true);
    }

    async fn is_right_about(&self, moment: Timestamp, keys: &[BudgetKey], cost: u32) {
        self.just_before_and_at(moment, |due| {
            let answer = self.take(keys, units(cost));
            if due {
                assert!(answer.is_ok(), "{answer:?}");
            } else {
                assert_eq!(answer.unwrap_err().retry_at(), Some(moment));
            }
        })
        .await;
    }

    fn refused_until(&self, keys: &[BudgetKey], cost: u32) -> Timestamp {
        match self.take(keys, units(cost)) {
            Err(BudgetDenied::RetryAt(moment) | BudgetDenied::ApplicationRetryAt(moment)) => moment,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_fits_is_refused_at_once_and_takes_nothing() {
    let (a, app) = (vehicle("a"), BudgetKey::Application);
    let both = [a.clone(), app.clone()];
    let budget = InProcessBudget::unlimited()
        .per_vehicle(Rate::new(units(9), seconds(1)))
        .per_application(Rate::new(units(5), seconds(1)))
        .per_vehicle_and_month(units(7));
    for (keys, cost) in [(&both[..], 6), (&both[..1], 8), (&both[1..], 6)] {
        assert_eq!(
            budget.take(keys, units(cost)).unwrap_err(),
            BudgetDenied::NeverFits
        );
    }
    // Also if the key has a stated wait: waiting would not help.
    budget.see(&app, ServerLimit::RetryAfter(seconds(1)));
    assert_eq!(
        budget.take(&both, units(6)).unwrap_err(),
        BudgetDenied::NeverFits
    );
    tokio::time::advance(seconds(1)).await;
    budget.take(&both, units(5)).unwrap();
    budget.take(&both[..1], units(2)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_limits_it_honours_the_api_and_remembers_nothing_else() {
    let (a, b, app) = (vehicle("a"), vehicle("b"), BudgetKey::Application);
    let budget = InProcessBudget::unlimited();
    let keys = [a.clone(), app.clone()];
    budget.take(&keys, units(u32::MAX)).unwrap();
    assert_eq!(budget.ledger().len(), 0);

    budget.see(&a, ServerLimit::RetryAfter(seconds(120)));
    let until = budget.refused_until(&keys, 1);
    budget.take(&[b.clone(), app.clone()], units(1)).unwrap();
    // A shorter wait does not shorten a longer one, and the application's wait is
    // longer.
    budget.see(&a, ServerLimit::RetryAfter(seconds(5)));
    assert_eq!(budget.refused_until(&keys, 1), until);
    budget.see(&app, ServerLimit::RetryAfter(seconds(600)));
    budget.refused_until(&[b, app], 1);
    budget.is_right_about(until, &[a], 1).await;
    let until = budget.refused_until(&keys, 1);
    budget.is_right_about(until, &keys, 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_430_and_a_full_month_end_with_the_month() {
    for monthly in [false, true] {
        let keys = [vehicle("a"), BudgetKey::Application];
        let mut budget = InProcessBudget::unlimited();
        if monthly {
            budget = budget.per_vehicle_and_month(units(500));
            budget.take(&keys, units(450)).unwrap();
            budget.take(&keys, units(50)).unwrap();
        } else {
            budget.see(&keys[0], ServerLimit::QuotaExhausted);
        }
        let until = budget.refused_until(&keys, 1);
        assert!(until.to_string().ends_with("-01T00:00:00Z"), "{until}");
        assert!(until.duration_since(budget.clock.now()).as_hours() <= 31 * 24);
        budget.take(&[vehicle("b")], units(1)).unwrap();
        budget.is_right_about(until, &keys, 500).await;
        if monthly {
            assert!(budget.refused_until(&keys, 1) > until);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_left_comes_back_once() {
    let (a, app) = (vehicle("a"), BudgetKey::Application);
    let keys = [a.clone(), app.clone(), a.clone()];
    let budget = InProcessBudget::unlimited()
        .per_vehicle(Rate::new(units(5), seconds(60)))
        .per_application(Rate::new(units(9), seconds(60)))
        .per_vehicle_and_month(units(500));
    // A duplicate key counts once, both when acquired and when released.
    budget.take(&keys, units(2)).unwrap();
    let grant = budget.take(&keys, units(3)).unwrap();
    budget.refused_until(&keys, 1);
    budget.put_back(&keys, units(3), &grant);
    budget.take(&keys, units(3)).unwrap();
    budget.refused_until(&[a], 1);
    budget.take(&[app], units(4)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_future_that_is_never_polled_takes_nothing() {
    let keys = [vehicle("a")];
    let budget = InProcessBudget::unlimited().per_vehicle(Rate::new(units(1), seconds(1)));
    let one = BudgetRequest::new(&keys, units(1));
    drop(budget.acquire(one));
    let grant = budget.acquire(one).await.unwrap();
    assert!(budget.acquire(one).await.is_err());
    drop(budget.release(one, Grant::new(grant.stamp())));
    assert!(budget.acquire(one).await.is_err());
    budget.release(one, grant).await;
    assert!(budget.acquire(one).await.is_ok());
}

#[test]
fn debug_shows_no_vehicle() {
    let budget = InProcessBudget::unlimited().per_vehicle(Rate::documented_application());
    budget.take(&[vehicle("secret")], units(1)).unwrap();
    let shown = format!("{budget:?}");
    assert!(
        shown.contains("vehicles: 1") && !shown.contains("secret"),
        "{shown}"
    );
}

/// Buckets in whole nanoseconds of refill, and the stated waits.
#[derive(Debug, Clone)]
struct Model {
    every: u64,
    capacity: u64,
    level: u64,
    parked_until: u64,
}

impl Model {
    fn new(burst: u32, every: u64) -> Self {
        let capacity = u64::from(burst) * every;
        Self {
            every,
            capacity,
            level: capacity,
            parked_until: 0,
        }
    }

    fn price(&self, cost: u32) -> u64 {
        u64::from(cost) * self.every
    }

    fn ready_at(&self, now: u64, cost: u32) -> u64 {
        (now + self.price(cost).saturating_sub(self.level)).max(self.parked_until)
    }
}

#[derive(Debug, Clone)]
enum Step {
    Pause(u64),
    /// A vehicle, if any; whether the application is included; the cost.
    Take(Option<usize>, bool, u32),
    Park(usize, u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..400_u64).prop_map(Step::Pause),
        8 => (prop::option::of(0..3_usize), any::<bool>(), 1..9_u32)
            .prop_map(|(vehicle, application, cost)| Step::Take(vehicle, application, cost)),
        1 => (0..4_usize, 0..900_u64).prop_map(|(key, wait)| Step::Park(key, wait)),
    ]
}

proptest! {
    #[test]
    fn every_schedule_is_judged_as_by_the_model(
        bursts in (1..8_u32, 1..12_u32),
        intervals in (1..90_u64, 1..60_u64),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        paused(async {
            let rate = |burst, every| Rate::new(units(burst), Duration::from_nanos(every));
            let budget = InProcessBudget::unlimited()
                .per_vehicle(rate(bursts.0, intervals.0))
                .per_application(rate(bursts.1, intervals.1));
            let keys = [vehicle("a"), vehicle("b"), vehicle("c"), BudgetKey::Application];
            let one = Model::new(bursts.0, intervals.0);
            let mut models = vec![one.clone(), one.clone(), one];
            models.push(Model::new(bursts.1, intervals.1));
            let mut now = 0;
            for step in steps {
                let (asked, cost) = match step {
                    Step::Pause(pause) => {
                        tokio::time::advance(Duration::from_nanos(pause)).await;
                        now += pause;
                        for model in &mut models {
                            model.level = (model.level + pause).min(model.capacity);
                        }
                        continue;
                    }
                    Step::Park(key, wait) => {
                        budget.see(&keys[key], ServerLimit::RetryAfter(Duration::from_nanos(wait)));
                        let model = &mut models[key];
                        model.parked_until = model.parked_until.max(now + wait);
                        continue;
                    }
                    Step::Take(vehicle, application, cost) => {
                        let asked = vehicle.into_iter().chain(application.then_some(3));
                        (asked.collect::<Vec<_>>(), cost)
                    }
                };
                let named: Vec<_> = asked.iter().map(|at| keys[*at].clone()).collect();
                let answer = budget.take(&named, units(cost));
                let ready = asked.iter().map(|at| (models[*at].ready_at(now, cost), *at == 3)).max();
                if asked.iter().any(|at| models[*at].price(cost) > models[*at].capacity) {
                    prop_assert_eq!(answer.unwrap_err(), BudgetDenied::NeverFits);
                } else if let Some(ready) = ready.filter(|ready| ready.0 > now) {
                    let (moment, of_application) = (budget.moment(ready.0), ready.1);
                    let denied = if of_application {
                        BudgetDenied::ApplicationRetryAt(moment)
                    } else {
                        BudgetDenied::RetryAt(moment)
                    };
                    prop_assert_eq!(answer.unwrap_err(), denied);
                } else {
                    prop_assert_eq!(answer.unwrap().stamp(), now);
                    for at in asked {
                        models[at].level -= models[at].price(cost);
                    }
                }
                // Exact to the nanosecond, so no key was charged when another one
                // denied.
                for (key, model) in keys.iter().zip(&models) {
                    let full_at = budget.ledger().account(key).full_at;
                    prop_assert_eq!(full_at.saturating_sub(now), model.capacity - model.level);
                }
            }
            Ok(())
        })?;
    }

    // In every stretch of time, the requests fit burst and refill, even if
    // connections that never opened release their units.
    #[test]
    fn every_stretch_of_time_keeps_to_the_rate(
        burst in 1..8_u32,
        every in 1..50_u64,
        steps in prop::collection::vec((0..150_u64, 1..6_u32, 0..4_u8), 1..80),
    ) {
        paused(async {
            let keys = [vehicle("a")];
            let budget = InProcessBudget::unlimited()
                .per_vehicle(Rate::new(units(burst), Duration::from_nanos(every)));
            let (mut now, mut sent, mut opening) = (0, Vec::new(), Vec::new());
            for (pause, cost, fate) in steps {
                tokio::time::advance(Duration::from_nanos(pause)).await;
                now += pause;
                if fate == 0 && !opening.is_empty() {
                    let (grant, cost): (Grant, u32) = opening.remove(0);
                    budget.put_back(&keys, units(cost), &grant);
                } else if let Ok(grant) = budget.take(&keys, units(cost)) {
                    if fate == 1 {
                        opening.push((grant, cost));
                    } else {
                        sent.push((now, u64::from(cost)));
                    }
                }
            }
            for first in 0..sent.len() {
                let mut total = 0;
                for (at, cost) in &sent[first..] {
                    total += cost * every;
                    prop_assert!(total <= u64::from(burst) * every + at - sent[first].0);
                }
            }
            Ok(())
        })?;
    }
}
