//! Tests every member with a unit as a quantity.
//!
//! Invariant: the SI values of the units are written here a second time,
//! independent of the generator's table and of `uom`.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uom::si::length::{kilometer, mile};
use uom::si::thermodynamic_temperature::{degree_celsius, degree_fahrenheit};

use crate::generated::quantities::ACCESSORS;
use crate::{
    Battery, ENDPOINTS, EndpointInfo, FieldInfo, Fuel, Meta, Odometer, Reading, UnitSystem, tesla,
};

/// A member with a unit, by the endpoint's path and the field's name.
pub(crate) struct Accessor {
    pub(crate) path: &'static str,
    pub(crate) field: &'static str,
    /// Reads the object and returns the accessor's value in SI.
    pub(crate) measure: fn(&Value, Meta) -> Option<f64>,
}

/// Reads the object as a type of the model.
pub(crate) fn read<T: DeserializeOwned>(object: &Value) -> T {
    serde_json::from_str(&object.to_string()).unwrap()
}

fn meta(system: Option<UnitSystem>) -> Meta {
    Meta {
        unit_system: system,
        ..Meta::default()
    }
}

/// A value of a unit in SI.
fn in_si(unit: &str, value: f64) -> f64 {
    let factor = match unit {
        "degC" => return value + 273.15,
        "degF" => return (value + 459.67) * 5.0 / 9.0,
        "km" | "kPa" | "kW" => 1000.0,
        "mi" => 1609.344,
        "mm" | "L" => 0.001,
        "gal" => 231.0 * 0.0254_f64.powi(3),
        "psi" => 0.453_592_37 * 9.806_65 / (0.0254 * 0.0254),
        "km/h" => 1.0 / 3.6,
        "mph" => 1609.344 / 3600.0,
        "kWh" => 3.6e6,
        "deg" => std::f64::consts::PI / 180.0,
        "min" => 60.0,
        "V" | "A" | "fraction" | "count" => 1.0,
        other => panic!("no value in SI for {other}"),
    };
    value * factor
}

/// Equal to within 1e-7, because `uom` has the gallon and the psi to seven
/// digits.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-7 * a.abs().max(b.abs())
}

/// The object that contains a field. All of its members are set, and numbers have
/// this value.
fn object(info: &EndpointInfo, field: &str, value: f64) -> Value {
    fill(
        info,
        field.rfind('.').map_or("", |end| &field[..=end]),
        value,
    )
}

fn fill(info: &EndpointInfo, prefix: &str, value: f64) -> Value {
    let direct = |field: &&FieldInfo| {
        let rest = field.name.strip_prefix(prefix);
        rest.is_some_and(|rest| !rest.contains('.'))
    };
    let members = info.fields.iter().filter(direct).map(|field| {
        let (list, kind) = match field.kind.strip_prefix("list of ") {
            Some(kind) => ("[]", kind),
            None => ("", field.kind),
        };
        let nested = format!("{}{list}.", field.name);
        let one = match kind {
            "number" | "integer" => json!(value),
            "boolean" => json!(true),
            "date-time" => json!("2026-01-01T00:00:00Z"),
            _ if info
                .fields
                .iter()
                .any(|other| other.name.starts_with(&nested)) =>
            {
                fill(info, &nested, value)
            }
            _ => json!("TEXT"),
        };
        let whole = if list.is_empty() { one } else { json!([one]) };
        (field.name[prefix.len()..].to_owned(), whole)
    });
    Value::Object(members.collect::<Map<_, _>>())
}

fn fields_with_unit() -> impl Iterator<Item = (&'static EndpointInfo, &'static FieldInfo)> {
    ENDPOINTS.iter().flat_map(|info| {
        let fields = info.fields.iter().filter(|field| field.unit.is_some());
        fields.map(move |field| (info, field))
    })
}

fn accessor(path: &str, field: &str) -> Option<&'static Accessor> {
    ACCESSORS
        .iter()
        .find(|accessor| accessor.path == path && accessor.field == field)
}

#[test]
fn every_member_with_a_unit_has_an_accessor() {
    let mut count = 0;
    for (info, field) in fields_with_unit() {
        let found = accessor(info.path, field.name).is_some();
        assert!(found, "{} {} has no accessor", info.path, field.name);
        count += 1;
    }
    assert_eq!(count, ACCESSORS.len(), "none without a unit");
    assert!(count > 50, "{count}");
}

#[test]
fn a_member_that_is_null_is_none_and_an_unknown_system_gives_no_number() {
    let unknown = || meta(Some(UnitSystem::from("nautical")));
    for (info, field) in fields_with_unit() {
        let accessor = accessor(info.path, field.name).unwrap();
        let mut object = object(info, field.name, 7.0);
        let unit = field.unit.unwrap();
        let value = (accessor.measure)(&object, unknown());
        if unit.metric == unit.imperial {
            assert!(value.is_some_and(f64::is_finite), "{}", field.name);
        } else {
            assert_eq!(value.is_none(), field.optional, "{}", field.name);
            assert!(value.is_none_or(f64::is_nan), "{}", field.name);
        }
        if field.optional {
            let name = field.name.rsplit('.').next().unwrap();
            object[name] = Value::Null;
            assert_eq!((accessor.measure)(&object, meta(None)), None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_quantity_is_the_member_in_the_readings_own_unit(whole in 0_u32..1_000_000) {
        // Whole numbers, because some members are integers.
        let value = f64::from(whole);
        for (info, field) in fields_with_unit() {
            let accessor = accessor(info.path, field.name).unwrap();
            let object = object(info, field.name, value);
            let unit = field.unit.unwrap();
            for (system, unit) in [
                (None, unit.metric),
                (Some(UnitSystem::Metric), unit.metric),
                (Some(UnitSystem::Imperial), unit.imperial),
            ] {
                let measured = (accessor.measure)(&object, meta(system)).unwrap();
                prop_assert!(
                    close(measured, in_si(unit, value)),
                    "{} {} {unit}: {measured}", info.path, field.name
                );
            }
        }
    }

    #[test]
    fn metric_and_imperial_bodies_of_one_quantity_are_equal(km in 0.0..1e6_f64, celsius in -80.0..90.0_f64) {
        let miles = km / 1.609_344;
        let fahrenheit = celsius * 1.8 + 32.0;
        let odometer = |distance: f64, system| {
            Reading::new(read::<Odometer>(&json!({"distance": distance})), meta(Some(system)))
        };
        let one = odometer(km, UnitSystem::Metric).distance_quantity();
        let other = odometer(miles, UnitSystem::Imperial).distance_quantity();
        prop_assert!(close(one.value, other.value));
        let thermometer = |temperature: f64, system| {
            let body = json!({"temperature": temperature});
            Reading::new(read::<tesla::ThermometerExterior>(&body), meta(Some(system)))
        };
        let one = thermometer(celsius, UnitSystem::Metric).temperature_quantity();
        let other = thermometer(fahrenheit, UnitSystem::Imperial).temperature_quantity();
        prop_assert!(close(one.value, other.value));
    }

    #[test]
    fn a_quantity_taken_back_to_its_unit_is_the_bodys_number(number in -1e6..1e6_f64) {
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1.0);
        let odometer = |system| {
            Reading::new(read::<Odometer>(&json!({"distance": number})), meta(Some(system)))
        };
        prop_assert!(close(odometer(UnitSystem::Metric).distance_quantity().get::<kilometer>(), number));
        prop_assert!(close(odometer(UnitSystem::Imperial).distance_quantity().get::<mile>(), number));
        let thermometer = |system| {
            let body = json!({"temperature": number});
            Reading::new(read::<tesla::ThermometerInterior>(&body), meta(Some(system)))
        };
        let metric = thermometer(UnitSystem::Metric).temperature_quantity();
        let imperial = thermometer(UnitSystem::Imperial).temperature_quantity();
        prop_assert!(close(metric.get::<degree_celsius>(), number));
        prop_assert!(close(imperial.get::<degree_fahrenheit>(), number));
    }
}

#[test]
fn an_accessor_is_named_after_its_member() {
    let fuel = json!({"percentRemaining": 0.25, "amountRemaining": 10, "range": null});
    let fuel = Reading::new(read::<Fuel>(&fuel), meta(Some(UnitSystem::Imperial)));
    let gallons = fuel.amount_remaining_quantity().unwrap();
    assert!(close(
        gallons.get::<uom::si::volume::gallon>(),
        fuel.amount_remaining.unwrap()
    ));
    assert_eq!(fuel.range_quantity(), None);
    let battery = json!({"percentRemaining": 0.25, "range": 40.0});
    let battery = Reading::new(read::<Battery>(&battery), Meta::default());
    let percent = battery.percent_remaining_quantity();
    let percent = percent.get::<uom::si::ratio::percent>();
    assert!(close(percent, 25.0));
}
