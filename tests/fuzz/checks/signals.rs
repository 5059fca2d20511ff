//! Reads bytes as a response with signals, as the vehicle and as the connection.
//!
//! Invariant: every path has one result, the same each time. A signal gives the
//! same result in a tuple, in a list of paths and alone.

use serde_json::value::RawValue;
use smartcar_model::v3::{self, SIGNALS, SignalInfo, Signals, signal};
use smartcar_model::{
    Batch, ENDPOINTS, Endpoint, EndpointInfo, ItemError, Odometer, PathResults, Security,
    TirePressure, tesla,
};

use super::answers::{printable, shown};

/// One of each form of signal, and of body built from signals.
type Typed = (
    signal::odometer::TraveledDistance,
    signal::charge::ChargeLimits,
    signal::closure::Doors,
    signal::service::Records,
    Odometer,
    Security,
    TirePressure,
    tesla::Charge,
    tesla::ChargeRecords,
);

/// Checks one input.
pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut signals = Signals::new();
    match signals.read(text, Some("id")) {
        Ok(warnings) => warnings.iter().for_each(|warning| printable(&warning.path)),
        Err(malformed) => shown(&malformed),
    }
    let _ = v3::vehicle(text);
    let _ = v3::connections(text);
    signals.set_vehicle(Ok(text));
    signals.set_connection(Ok(text));
    for info in ENDPOINTS {
        outcome(&signals, info.path, |body| {
            let info = EndpointInfo::of(info.path)?;
            Some(info.normalize(body))
        });
    }
    for info in SIGNALS {
        outcome(&signals, info.path, |body| {
            Some(SignalInfo::of_path(info.path)?.normalize(body))
        });
    }
    same(&signals);
}

type Normalised = Option<Result<Box<RawValue>, smartcar_model::Malformed>>;

fn outcome(signals: &Signals, path: &str, normalize: impl Fn(&RawValue) -> Normalised) {
    let (answer, member_errors) = match signals.answer_with_member_errors(path) {
        Ok(found) => found,
        Err(error) => {
            shown(&error);
            assert!(signals.answer(path).is_err(), "{path}");
            return;
        }
    };
    for gap in member_errors {
        shown(&gap.error);
    }
    let reading = answer.read_raw().expect("it was built from signals");
    match normalize(&reading.body).expect("the table contains it") {
        Ok(once) => {
            let twice = normalize(&once).expect("the table contains it");
            let twice = twice.expect("a normalised body is readable");
            assert_eq!(once.get(), twice.get(), "{path}");
        }
        Err(malformed) => shown(&ItemError::Malformed(malformed)),
    }
}

fn same(signals: &Signals) {
    let paths = Typed::PATHS.to_vec();
    let asked: Vec<_> = paths.iter().copied().enumerate().collect();
    let mut typed = Typed::outcomes();
    signals.answer_all(&asked, &mut typed);
    let mut dynamic = PathResults::of(paths);
    signals.answer_all(&asked, &mut dynamic);
    let items = Typed::data(typed).expect("each item can hold its error");
    fn one<E: Endpoint + PartialEq + std::fmt::Debug>(
        dynamic: &PathResults,
        item: &Result<smartcar_model::Reading<E>, ItemError>,
    ) {
        assert_eq!(dynamic.get::<E>().as_ref(), Some(item));
    }
    macro_rules! each {
        ($($at:tt)+) => { $( one(&dynamic, &items.$at); )+ };
    }
    each!(0 1 2 3 4 5 6 7 8);
}
