//! What the simulator sends, and when.

use std::time::Duration;

use smartcar_simulator::{Scenario, SimulatedVehicle, Simulator, WebhookFault, WebhookForm};
use smartcar_tests::storm::KEY;
use smartcar_webhook::{DeliveryMode, Odometer, TriggerType, VehicleErrorState};

use super::receiver::Running;

async fn one_car() -> Simulator {
    let car = SimulatedVehicle::new("car-1").make("KIA");
    Simulator::builder().vehicle(car).start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verification_comes_first_and_then_what_changes() {
    let receiver = Running::start().await;
    let simulator = one_car().await;
    simulator.webhook(&receiver.url, KEY).unwrap();
    simulator.deliver().await;
    simulator.advance(Duration::from_secs(6 * 3600));
    simulator.deliver().await;
    let deliveries = simulator.deliveries();
    assert_eq!(deliveries[0].event_type, "VERIFY");
    assert!(simulator.webhooks()[0].is_verified);
    assert!(
        deliveries
            .iter()
            .all(smartcar_simulator::RecordedDelivery::is_taken)
    );
    let taken = receiver.taken.lock().unwrap();
    assert_eq!(taken.verifications, 1);
    assert_eq!(taken.states.len(), deliveries.len() - 1);
    assert!(taken.states.len() > 10, "{}", taken.states.len());
    assert_eq!(
        taken.states[0].triggers()[0].kind,
        TriggerType::FirstDelivery
    );
    let mut last = 0.0;
    for (at, state) in taken.states.iter().enumerate() {
        assert_eq!(state.vehicle().unwrap().as_str(), "car-1");
        assert_eq!(state.mode(), Some(DeliveryMode::Live));
        assert!(state.unread().is_empty());
        assert_eq!(state.sequence(), i64::try_from(at + 1).ok());
        let odometer = state.batch::<(Odometer,)>().unwrap().data.0.unwrap();
        assert!(odometer.distance >= last);
        last = odometer.distance;
        let triggers = state.triggers();
        assert!(at == 0 || triggers.iter().all(|it| it.code.is_some()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_event_is_repeated_three_times_on_the_simulated_clock() {
    let receiver = Running::start().await;
    let simulator = one_car().await;
    // Before the webhook, which is asked at once.
    receiver.taken.lock().unwrap().failures = vec![200, 503, 500, 429, 404, 503, 500];
    simulator.webhook(&receiver.url, KEY).unwrap();
    // The first one takes the verification's place: it is answered without a proof.
    simulator.deliver().await;
    assert!(!simulator.webhooks()[0].is_verified);
    receiver.taken.lock().unwrap().failures = Vec::new();
    simulator.advance(Duration::from_secs(25));
    simulator.deliver().await;
    assert!(simulator.webhooks()[0].is_verified);
    let before = simulator.deliveries().len();
    receiver.taken.lock().unwrap().failures = vec![503; 4];
    simulator.advance(Duration::from_secs(3600));
    simulator.deliver().await;
    let deliveries = simulator.deliveries();
    let first = &deliveries[before];
    let attempts = deliveries.iter().filter(|it| it.event_id == first.event_id);
    let mut attempts: Vec<_> = attempts.collect();
    attempts.truncate(4);
    let start = attempts[0].at;
    let times = attempts.iter();
    let times: Vec<_> = times
        .map(|it| it.at.duration_since(start).as_secs())
        .collect();
    assert_eq!(times, [0, 25, 75, 175]);
    assert_eq!(attempts[0].status, Some(503));
    let ids: std::collections::BTreeSet<_> = attempts.iter().map(|it| &it.delivery_id).collect();
    assert_eq!(
        ids.len(),
        attempts.len(),
        "each attempt has its own delivery ID"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_form_is_read_like_the_usual_one() {
    let simulator = one_car().await;
    let usual = read(&simulator, None).await;
    for form in WebhookForm::ALL {
        let simulator = one_car().await;
        let mut read = read(&simulator, Some(form)).await;
        let state = read.remove(0);
        assert!(state.unread().is_empty(), "{form:?}: {:?}", state.unread());
        let odd = usize::from(form == WebhookForm::UnknownStatus);
        assert_eq!(
            state.results().failures().len(),
            usual[0].results().failures().len() + odd,
            "{form:?}"
        );
        assert_eq!(state.vehicle().unwrap().as_str(), "car-1", "{form:?}");
        assert!(!state.triggers().is_empty(), "{form:?}");
        assert_eq!(state.mode(), Some(DeliveryMode::Live), "{form:?}");
        let odometer = |state: &smartcar_webhook::State| {
            state
                .batch::<(Odometer,)>()
                .unwrap()
                .data
                .0
                .unwrap()
                .distance
                .to_bits()
        };
        assert_eq!(odometer(&state), odometer(&usual[0]), "{form:?}");
    }
}

async fn read(simulator: &Simulator, form: Option<WebhookForm>) -> Vec<smartcar_webhook::State> {
    let receiver = Running::start().await;
    if let Some(form) = form {
        simulator.webhook_fault(WebhookFault::form(form)).unwrap();
    }
    simulator.webhook(&receiver.url, KEY).unwrap();
    simulator.deliver().await;
    let mut taken = receiver.taken.lock().unwrap();
    std::mem::take(&mut taken.states)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_does_what_it_says() {
    let counts = async |fault: WebhookFault| {
        let receiver = Running::start().await;
        let simulator = one_car().await;
        simulator.webhook_fault(fault.times(1)).unwrap();
        simulator.webhook(&receiver.url, KEY).unwrap();
        simulator.deliver().await;
        let first = simulator.deliveries().len() - 1;
        simulator.advance(Duration::from_secs(4 * 60));
        simulator.deliver().await;
        let taken = receiver.taken.lock().unwrap();
        let test = taken.states.iter();
        let test = test.filter(|it| it.mode() == Some(DeliveryMode::Test));
        (
            first,
            taken.states.len(),
            taken.repeated,
            taken.refused,
            test.count(),
            taken.errors.clone(),
        )
    };
    let (first, states, repeated, ..) = counts(WebhookFault::duplicate()).await;
    assert_eq!((first, repeated), (2, 1));
    let (first, with_test, _, _, tests, _) = counts(WebhookFault::test_mode()).await;
    assert_eq!((first, tests, with_test), (2, 1, states + 1));
    let (_, taken, repeated, refused, ..) = counts(WebhookFault::wrong_signature()).await;
    assert_eq!((taken, repeated, refused), (states, 0, 1));
    let (_, taken, _, refused, ..) = counts(WebhookFault::other_key()).await;
    assert_eq!((taken, refused), (states - 1, 4));
    let (_, taken, _, refused, ..) = counts(WebhookFault::dropped()).await;
    assert_eq!((taken, refused), (states, 0));
    let (first, taken, ..) = counts(WebhookFault::disorder()).await;
    assert_eq!((first, taken), (0, states));
    let (.., errors) = counts(WebhookFault::vehicle_error()).await;
    let states: Vec<_> = errors
        .iter()
        .map(|it| it.errors()[0].state.clone())
        .collect();
    let expected = [VehicleErrorState::Error, VehicleErrorState::Resolved];
    assert_eq!(states, expected.map(Some));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_is_empty_until_a_verified_webhook_has_the_vehicle() {
    let receiver = Running::start().await;
    let scenario = format!(
        "empty_stores = true\n[[webhooks]]\nurl = \"{}\"\ntoken = \"{KEY}\"\nvehicles = [\"car-1\"]\n\
         [[webhook_faults]]\nkind = \"duplicate\"\nchance = 0.5\n\
         [[webhook_faults]]\nkind = \"signal_map\"\nchance = 0.5\n",
        receiver.url
    );
    let scenario = Scenario::parse(&scenario).unwrap();
    let simulator = Simulator::builder()
        .vehicle(SimulatedVehicle::new("car-1").make("KIA"))
        .vehicle(SimulatedVehicle::new("car-2").make("KIA"))
        .scenario(scenario)
        .start()
        .await
        .unwrap();
    simulator.deliver().await;
    let count = async |vehicle: &str| {
        let url = format!("{}/v3/vehicles/{vehicle}/signals", simulator.origin());
        let request = reqwest::Client::new()
            .get(url)
            .bearer_auth(simulator.token())
            .header("sc-user-id", simulator.user());
        let body = request.send().await.unwrap().bytes().await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        body["meta"]["totalCount"].as_u64().unwrap()
    };
    assert!(count("car-1").await > 50);
    assert_eq!(count("car-2").await, 0);
    let webhook = simulator.webhooks()[0].id.clone();
    assert!(simulator.subscribe(&webhook, "car-2").unwrap());
    assert!(!simulator.subscribe(&webhook, "car-2").unwrap());
    assert!(count("car-2").await > 50);
    assert!(simulator.unsubscribe(&webhook, "car-2"));
    assert_eq!(count("car-2").await, 0);
    assert!(simulator.subscribe("no-such", "car-2").is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_sent_is_refused() {
    let simulator = one_car().await;
    for (url, token) in [
        ("https://example.com/", KEY),
        ("example.com", KEY),
        ("http://127.0.0.1:1/", ""),
    ] {
        assert!(simulator.webhook(url, token).is_err(), "{url}");
    }
    for chance in [-0.1, 1.1, f64::NAN] {
        let fault = WebhookFault::duplicate().chance(chance);
        assert!(simulator.webhook_fault(fault).is_err());
    }
    // Nobody listens: the verification fails, and nothing else is sent.
    simulator.webhook("http://127.0.0.1:1/", KEY).unwrap();
    simulator.advance(Duration::from_secs(200));
    simulator.deliver().await;
    let deliveries = simulator.deliveries();
    assert!(
        deliveries
            .iter()
            .all(|it| it.event_type == "VERIFY" && it.status.is_none())
    );
    assert!(!simulator.webhooks()[0].is_verified);
}
