//! How to test a service against the simulator: faults, the clock, a scenario.
//!
//! In a service, the checks below are `#[tokio::test]` functions in `tests/`. Here
//! `main` runs them, so that the file is a program:
//!
//! ```text
//! cargo run --example testing
//! ```
//!
//! Each check has its own simulator on a free port, so checks can run in parallel.
//! With `SMARTCAR_API=v3` the same service is tested on v3; only the targets of
//! faults have other names there.

use std::error::Error;
use std::time::Duration;

use smartcar_batch::{
    Batch, Battery, ClientBuilder, Location, Odometer, Reading, RetryPolicy, Vehicle, VehicleId,
};
use smartcar_simulator::{Fault, Scenario, SimulatedVehicle, Simulator};

// The service under test.

#[derive(Batch)]
struct Look {
    battery: Reading<Battery>,
    location: Option<Reading<Location>>,
}

/// The advice to the driver if the battery is below 20 %.
async fn advice(vehicle: &Vehicle) -> Result<Option<String>, smartcar_batch::Error> {
    let look = vehicle.batch::<Look>().send().await?.data;
    if look.battery.percent_remaining >= 0.2 {
        return Ok(None);
    }
    let place = if look.location.is_some() {
        "near you"
    } else {
        "somewhere"
    };
    Ok(Some(format!("charge {place}")))
}

// Its tests.

type Outcome = Result<(), Box<dyn Error>>;

/// The vehicle `car-1` of a simulator, with a client that does not wait long.
fn vehicle(simulator: &Simulator) -> Result<Vehicle, smartcar_batch::Error> {
    let millisecond = Duration::from_millis(1);
    let policy = RetryPolicy::standard().backoff(millisecond, millisecond, millisecond);
    let client = ClientBuilder::from_env()?
        .access_token(simulator.token().parse()?)
        .user(simulator.user().parse()?)
        .api_origin(simulator.origin())
        .retry(policy)
        .build()?;
    Ok(client.vehicle(VehicleId::new("car-1")?))
}

/// A simulator whose `car-1` has this state of charge.
async fn charged(fraction: f64) -> std::io::Result<Simulator> {
    let car = SimulatedVehicle::new("car-1").make("TESLA");
    let builder = Simulator::builder().vehicle(car.battery_fraction(fraction));
    builder.start().await
}

/// The state of charge as the target of a fault: the endpoint, and the v3 signal.
const BATTERY: [&str; 2] = ["/battery", "/signals/tractionbattery-stateofcharge"];
/// The same for the location.
const LOCATION: [&str; 2] = ["/location", "/signals/location-preciselocation"];

async fn who_has_charge_is_left_alone() -> Outcome {
    let simulator = charged(0.8).await?;
    assert_eq!(advice(&vehicle(&simulator)?).await?, None);
    // The simulator records the requests: here one for both.
    let [request] = &simulator.requests()[..] else {
        return Err("one request was expected".into());
    };
    assert_eq!(request.vehicle.as_deref(), Some("car-1"));
    Ok(())
}

async fn a_lost_item_costs_no_advice() -> Outcome {
    let simulator = charged(0.1).await?;
    for item in LOCATION {
        simulator.fault(Fault::item_error(item, "PERMISSION", None))?;
    }
    let advice = advice(&vehicle(&simulator)?).await?;
    assert_eq!(advice.as_deref(), Some("charge somewhere"));
    Ok(())
}

async fn a_proxy_in_the_way_is_asked_again() -> Outcome {
    let simulator = charged(0.1).await?;
    simulator.fault(Fault::html(502).times(1))?;
    let advice = advice(&vehicle(&simulator)?).await?;
    assert_eq!(advice.as_deref(), Some("charge near you"));
    assert_eq!(simulator.requests().len(), 2);
    Ok(())
}

async fn a_sleeping_car_is_an_error_that_says_so() -> Outcome {
    let simulator = charged(0.1).await?;
    for item in BATTERY {
        let asleep = Fault::item_error(item, "VEHICLE_STATE", Some("ASLEEP"));
        simulator.fault(asleep)?;
    }
    let Err(error) = advice(&vehicle(&simulator)?).await else {
        return Err("an error was expected".into());
    };
    let code = error.api_error().and_then(|error| error.code.as_deref());
    assert_eq!(
        (error.item_path(), code),
        (Some("/battery"), Some("ASLEEP"))
    );
    Ok(())
}

async fn the_clock_moves_when_the_test_says_so() -> Outcome {
    let simulator = charged(0.8).await?;
    let vehicle = vehicle(&simulator)?;
    let before = vehicle.get::<Odometer>().send().await?.data.distance;
    simulator.advance(Duration::from_secs(7 * 24 * 3600));
    let after = vehicle.get::<Odometer>().send().await?.data.distance;
    assert!(after > before, "a week without a trip: {before} km");
    Ok(())
}

async fn a_scenario_holds_the_setup_in_a_file() -> Outcome {
    let scenario = Scenario::parse(
        r#"
        [[vehicles]]
        id = "car-1"
        make = "TESLA"
        battery_fraction = 0.1

        [[faults]]
        item = "/location"
        error = "UPSTREAM/NO_RESPONSE"
        times = 1

        [[faults]]
        item = "/signals/location-preciselocation"
        error = "UPSTREAM/NO_RESPONSE"
        times = 1
        "#,
    )?;
    let simulator = Simulator::builder().scenario(scenario).start().await?;
    let advice = advice(&vehicle(&simulator)?).await?;
    assert_eq!(advice.as_deref(), Some("charge near you"));
    // The failed item was retried.
    assert_eq!(simulator.requests().len(), 2);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    who_has_charge_is_left_alone().await?;
    a_lost_item_costs_no_advice().await?;
    a_proxy_in_the_way_is_asked_again().await?;
    a_sleeping_car_is_an_error_that_says_so().await?;
    the_clock_moves_when_the_test_says_so().await?;
    a_scenario_holds_the_setup_in_a_file().await?;
    println!("6 checks passed");
    Ok(())
}
