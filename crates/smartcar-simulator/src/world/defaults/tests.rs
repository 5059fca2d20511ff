use super::*;

fn problem(vehicle: &SimulatedVehicle) -> String {
    let complete = complete(vehicle, &Samples::default(), 1, 0);
    complete.err().unwrap()
}

#[test]
fn a_make_is_enough() {
    for (make, expected, model) in [
        ("FORD", Powertrain::Bev, "Mustang Mach-E"),
        ("toyota", Powertrain::Hev, "Corolla"),
        ("Land Rover", Powertrain::Ice, "Sedan"),
    ] {
        let vehicle = SimulatedVehicle::new("car-1").make(make);
        let (profile, car) = complete(&vehicle, &Samples::default(), 1, 0).unwrap();
        assert_eq!(profile.make, make.to_uppercase().replace(' ', "_"));
        assert_eq!((profile.powertrain, &*profile.model), (expected, model));
        assert_eq!(car.battery.is_some(), expected.has_battery());
        assert_eq!(car.tank.is_some(), expected.has_tank());
        assert_eq!(profile.vin.len(), 17);
    }
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let new = || SimulatedVehicle::new("car-1").make("TESLA");
    for (vehicle, expected) in [
        (SimulatedVehicle::new(""), "id must not be empty"),
        (
            new().odometer_km(-1.0),
            "`car-1`: odometer_km must be from 0 to",
        ),
        (new().odometer_km(f64::NAN), "odometer_km must be"),
        (new().location(91.5, 0.0), "latitude must be from -90 to 90"),
        (
            new().location(0.0, 181.5),
            "longitude must be from -180 to 180",
        ),
        (new().battery_capacity_kwh(0.0), "battery_capacity_kwh must"),
        (
            new().battery_fraction(1.1),
            "battery_fraction must be from 0 to 1",
        ),
        (
            new().charge_limit(0.4),
            "charge_limit must be from 0.5 to 1",
        ),
        (new().tank_litres(40.0), "is BEV and has no tank"),
        (
            new().powertrain(Powertrain::Ice).charge_limit(0.9),
            "is ICE and has no battery to charge",
        ),
    ] {
        let problem = problem(&vehicle);
        assert!(problem.contains(expected), "{problem}");
        assert!(!problem.contains("91.5") && !problem.contains("181.5"));
    }
}
