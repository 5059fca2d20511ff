//! Reads bytes as a batch response, and as the response of each single endpoint.
//!
//! Invariant: the typed and the dynamic result agree, two readings of one text
//! agree, and a single endpoint agrees with a batch of one.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use smartcar_model::decode::{self, ItemResponse, Warning};
use smartcar_model::{
    Batch, Charge, Dtcs, ENDPOINTS, Endpoint, EndpointInfo, ItemError, Location, Malformed,
    NominalCapacity, Odometer, Outcomes, PathResults, Permissions, Reading, ResponseHeaders,
    Security, ServiceHistory, SystemStatus, TirePressure, tesla,
};

/// One of each form: plain members, optional members, open enums, lists, lists that
/// may be a single record, numbers written as text, free-form JSON.
type Typed = (
    Odometer,
    Location,
    TirePressure,
    NominalCapacity,
    Charge,
    Security,
    Permissions,
    SystemStatus,
    Dtcs,
    ServiceHistory,
    tesla::Charge,
    tesla::ChargeRecords,
);

/// A path that is not in the spec, so its body is kept raw.
const FUTURE: &str = "/future";

/// Maximum length of a message, in characters: three sanitised server texts and our
/// own words.
const LONGEST: usize = 1_000;

/// Checks one input.
pub(crate) fn check(bytes: &[u8]) {
    // Invalid UTF-8 is rejected before the model sees it.
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let whole = batch(text);
    if whole.is_err() {
        alone(text);
    }
}

fn batch(text: &str) -> Result<(), Malformed> {
    let (dynamic, outcome) = read_dynamic(text);
    let (typed, typed_outcome) = read_typed(text);
    assert_eq!(outcome.as_ref().err(), typed_outcome.as_ref().err());
    for (index, path) in Typed::PATHS.to_vec().into_iter().enumerate() {
        let asked = dynamic.iter().filter(|(asked, _)| *asked == path);
        assert_eq!(asked.count(), 1, "{path}");
        let error = dynamic.raw(path).expect("it was requested").err();
        assert_eq!(error, typed.error(index), "{path}");
    }
    let items = Typed::data(typed).expect("each item can hold its error");
    same_as_dynamic(&dynamic, &items);

    let (again, typed_outcome_again) = read_typed(text);
    assert_eq!(typed_outcome, typed_outcome_again);
    assert_eq!(items, Typed::data(again).expect("as before"));

    for (path, outcome) in dynamic.iter() {
        match outcome {
            Ok(reading) => normalized(path, &reading.body),
            Err(error) => shown(error),
        }
    }
    match &outcome {
        Ok(warnings) => each_answer_has_one_place(text, warnings),
        Err(malformed) => shown(&ItemError::Malformed(malformed.clone())),
    }
    outcome.map(drop)
}

type Outcome = Result<Vec<Warning>, Malformed>;

/// Reads every endpoint of the spec, and one that is not in it.
fn read_dynamic(text: &str) -> (PathResults, Outcome) {
    let paths = || ENDPOINTS.iter().map(|info| info.path).chain([FUTURE]);
    let mut answers = PathResults::of(paths());
    let asked: Vec<_> = paths().enumerate().collect();
    let outcome = decode::batch(text, Some("id"), &asked, &mut answers);
    (answers, outcome)
}

fn read_typed(text: &str) -> (<Typed as Batch>::Outcomes, Outcome) {
    let mut outcomes = Typed::outcomes();
    let paths = Typed::PATHS.to_vec();
    let asked: Vec<_> = paths.into_iter().enumerate().collect();
    let outcome = decode::batch(text, Some("id"), &asked, &mut outcomes);
    (outcomes, outcome)
}

type Item<E> = Result<Reading<E>, ItemError>;

fn same_as_dynamic(dynamic: &PathResults, items: &<Typed as Batch>::Data) {
    fn same<E: Endpoint + PartialEq + std::fmt::Debug>(dynamic: &PathResults, item: &Item<E>) {
        assert_eq!(dynamic.get::<E>().as_ref(), Some(item));
    }
    macro_rules! each {
        ($($at:tt)+) => { $( same(dynamic, &items.$at); )+ };
    }
    each!(0 1 2 3 4 5 6 7 8 9 10 11);
}

/// Counts the results that reach each path.
struct Tally(Vec<usize>);

impl Outcomes for Tally {
    fn accept(&mut self, index: usize, _: &ItemResponse<'_>) {
        self.0[index] += 1;
    }
    fn fail(&mut self, _: usize, _: ItemError) {}
    fn error(&self, _: usize) -> Option<&ItemError> {
        None
    }
}

/// Each element of the list is the only result for a path, or it is reported. None
/// is lost or counted twice.
fn each_answer_has_one_place(text: &str, warnings: &[Warning]) {
    let outer: BTreeMap<String, &RawValue> =
        serde_json::from_str(text).expect("it was read as an object");
    let elements: Vec<&RawValue> =
        serde_json::from_str(outer["responses"].get()).expect("it was read as a list");
    let paths = ENDPOINTS.iter().map(|info| info.path).chain([FUTURE]);
    let asked: Vec<_> = paths.enumerate().collect();
    let mut tally = Tally(vec![0; asked.len()]);
    let again = decode::batch(text, None, &asked, &mut tally);
    assert_eq!(again.as_deref(), Ok(warnings));
    assert!(tally.0.iter().all(|count| *count <= 1), "{:?}", tally.0);
    let placed: usize = tally.0.iter().sum();
    assert_eq!(placed + warnings.len(), elements.len());
    for warning in warnings {
        printable(&warning.path);
    }
}

/// Reads the text as the body of a GET of each endpoint.
fn alone(text: &str) {
    let answer = |status| ItemResponse::of_endpoint(status, ResponseHeaders::default(), text, None);
    let refused = answer(429).read_raw().expect_err("429 is an error");
    assert_eq!(refused.status(), Some(429));
    shown(&refused);
    match answer(200).read_raw() {
        // Invalid JSON is invalid for every endpoint, so one of them is enough.
        Err(error) => {
            shown(&error);
            assert_eq!(answer(200).read::<Odometer>(), Err(error));
        }
        Ok(raw) => {
            for info in ENDPOINTS {
                normalized(info.path, &raw.body);
            }
            same_as_batch_of_one::<Permissions>(text);
            same_as_batch_of_one::<ServiceHistory>(text);
            same_as_batch_of_one::<tesla::Charge>(text);
        }
    }
}

fn same_as_batch_of_one<E: Endpoint + PartialEq + std::fmt::Debug>(body: &str) {
    let answer = ItemResponse::of_endpoint(200, ResponseHeaders::default(), body, None);
    let path = E::PATH;
    let text = format!(r#"{{"responses":[{{"path":"{path}","code":200,"body":{body}}}]}}"#);
    let mut outcomes = <(E,) as Batch>::outcomes();
    let warnings = decode::batch(&text, None, &[(0, path)], &mut outcomes);
    assert_eq!(warnings.as_deref(), Ok([].as_slice()));
    let (item,) = <(E,) as Batch>::data(outcomes).expect("it can hold its error");
    assert_eq!(item, answer.read::<E>());
}

/// Normalising a body twice gives the same result as once.
fn normalized(path: &str, body: &RawValue) {
    let Some(info) = EndpointInfo::of(path) else {
        return;
    };
    match info.normalize(body) {
        Ok(once) => {
            let twice = info
                .normalize(&once)
                .expect("a normalised body is readable");
            assert_eq!(once.get(), twice.get(), "{path}");
        }
        Err(malformed) => shown(&ItemError::Malformed(malformed)),
    }
}

/// A message fits on one log line, whatever the API returns.
pub(super) fn shown(error: &impl std::error::Error) {
    let text = error.to_string();
    assert!(!text.is_empty(), "{error:?}");
    printable(&text);
}

pub(super) fn printable(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(text.chars().count() <= LONGEST, "{text:?}");
}
