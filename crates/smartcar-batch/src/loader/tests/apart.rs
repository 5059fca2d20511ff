//! A failure in a window reaches only the callers it concerns.

use std::sync::Arc;

use smartcar_model::Endpoint;
use smartcar_model::v3::signal::motion::CurrentSpeed;
use tokio::task::JoinSet;

use super::open_windows;
use crate::call::tests::{Script, Step, api, builder, seconds, vehicle, vehicle_of};
use crate::{
    Api, Attributes, BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, ErrorKind, Fuel, Grant,
    InProcessBudget, Location, Odometer, Rate, RateBudget, ServerLimit, Vin,
};

fn fitting(burst: u32) -> Arc<dyn RateBudget> {
    let rate = Rate::new(burst.try_into().unwrap(), seconds(60));
    Arc::new(InProcessBudget::unlimited().per_vehicle(rate))
}

#[tokio::test(start_paused = true)]
async fn one_wrong_get_fails_alone() {
    let script = Script::default();
    let loader = vehicle(&script).loader();
    let (odometer, signal) = tokio::join!(loader.get::<Odometer>(), loader.get::<CurrentSpeed>(),);
    odometer.unwrap();
    assert!(signal.unwrap_err().is_invalid_request());
    assert_eq!(script.asked(), [["/odometer"]]);
    // On v3 every signal needs a user, but the vehicle resource does not.
    let script = Script::default();
    let builder = builder().api(Api::V3);
    let loader = vehicle_of(builder, &script).loader();
    let (attributes, odometer) =
        tokio::join!(loader.get::<Attributes>(), loader.get::<Odometer>(),);
    attributes.unwrap();
    assert!(odometer.unwrap_err().is_invalid_request());
}

#[tokio::test(start_paused = true)]
async fn a_window_that_the_budget_never_holds_goes_out_in_parts() {
    let script = Script::default();
    let vehicle = vehicle_of(builder().budget(fitting(3)), &script);
    let loader = vehicle.loader();
    let (odometer, fuel, location, vin) = tokio::join!(
        loader.get::<Odometer>(),
        loader.get::<Fuel>(),
        loader.get::<Location>(),
        loader.get::<Vin>(),
    );
    odometer.unwrap();
    fuel.unwrap();
    location.unwrap();
    vin.unwrap();
    let mut asked = script.asked();
    asked.sort();
    assert_eq!(asked, [["/location", "/vin"], ["/odometer", "/fuel"]]);
}

/// A custom endpoint that the API does not know.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Odomter {}

impl Endpoint for Odomter {
    const PATH: &'static str = "/odomter";
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_the_api_does_not_know_fails_alone() {
    let rejected = api("VALIDATION", None, None);
    let rejected = || Step::Answer(400, Vec::new(), rejected.clone());
    let script = Script::of([rejected(), Step::Items(Vec::new()), rejected()]);
    let vehicle = vehicle(&script);
    let loader = vehicle.loader();
    // After the whole window, the misspelled endpoint is rejected by itself too.
    let (odometer, wrong, fuel) = tokio::join!(
        loader.get::<Odometer>(),
        loader.get::<Odomter>(),
        loader.get::<Fuel>(),
    );
    odometer.unwrap();
    fuel.unwrap();
    assert_eq!(wrong.unwrap_err().status(), Some(400));
    let asked = script.asked().split_off(1);
    assert_eq!(asked, [vec!["/odometer", "/fuel"], vec!["/odomter"]]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_reaches_one_of_a_window_and_the_others_get_an_error() {
    #[derive(Debug)]
    struct Broken;
    impl RateBudget for Broken {
        fn acquire<'a>(
            &'a self,
            _: BudgetRequest<'a>,
        ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
            panic!("a bug of the budget")
        }
        fn observe<'a>(&'a self, _: &'a BudgetKey, _: ServerLimit) -> BudgetFuture<'a, ()> {
            Box::pin(async {})
        }
    }
    let broken: Arc<dyn RateBudget> = Arc::new(Broken);
    let script = Script::default();
    let vehicle = vehicle_of(builder().budget(broken), &script);
    let mut tasks = JoinSet::new();
    for _ in 0..5 {
        let vehicle = vehicle.clone();
        tasks.spawn(async move { vehicle.loader().get::<Odometer>().await.map(|_| ()) });
    }
    let (mut panics, mut errors) = (0, 0);
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(answer) => {
                assert_eq!(answer.unwrap_err().kind(), ErrorKind::Transport);
                errors += 1;
            }
            Err(error) => {
                assert!(error.is_panic());
                panics += 1;
            }
        }
    }
    assert_eq!((panics, errors), (1, 4));
    assert_eq!(open_windows(&vehicle), 0);
}
