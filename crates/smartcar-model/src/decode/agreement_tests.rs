//! The one pass and reading with care, on answers that were broken at random.
//!
//! Invariant: whenever the one pass succeeds it says what reading with care says,
//! and whenever it fails the places are as they were.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod corpus;
mod mutate;

use super::{WARNINGS, fast, with_care};
use crate::batch::{Batch, Outcomes};
use crate::{
    Attributes, Charge, Dtcs, Endpoint, Fuel, ItemError, Location, NominalCapacity, Odometer,
    PathResults, Permissions, Reading, Security, ServiceHistory, SystemStatus, Vin, tesla,
};
use corpus::CORPUS;
use mutate::mutated;

type Asked = (
    Odometer,
    Location,
    Fuel,
    Charge,
    NominalCapacity,
    Security,
    SystemStatus,
    Dtcs,
    ServiceHistory,
    Permissions,
    Attributes,
    Vin,
    tesla::Charge,
    tesla::ChargeRecords,
);

/// How many answers are tried where `SMARTCAR_MUTATIONS` does not say.
const MUTATIONS: u64 = 4_000;

/// What one text gave.
#[derive(PartialEq, Eq, Clone, Copy, Debug)]
enum Came {
    Fast,
    WithCare,
}

fn asked() -> Vec<(usize, &'static str)> {
    Asked::PATHS.to_vec().into_iter().enumerate().collect()
}

fn agree(text: &str) -> Came {
    let asked = asked();
    let (mut fast, mut careful) = (Asked::outcomes(), Asked::outcomes());
    if !fast::batch(text, Some("request-1"), &asked, &mut fast) {
        for (index, _) in &asked {
            assert_eq!(fast.error(*index), Some(&ItemError::Missing), "{text}");
        }
        return Came::WithCare;
    }
    let warnings = with_care(text, Some("request-1"), &asked, &mut careful);
    assert_eq!(warnings, Ok(Vec::new()), "{text}");
    let (fast, careful) = (Asked::data(fast).unwrap(), Asked::data(careful).unwrap());
    macro_rules! each {
        ($($at:tt)+) => { $( same(&fast.$at, &careful.$at, text); )+ };
    }
    each!(0 1 2 3 4 5 6 7 8 9 10 11 12 13);
    Came::Fast
}

/// Also bit by bit: `==` does not tell the two zeros apart.
fn same<E: Endpoint + PartialEq + std::fmt::Debug + serde::Serialize>(
    fast: &Result<Reading<E>, ItemError>,
    careful: &Result<Reading<E>, ItemError>,
    text: &str,
) {
    assert_eq!(fast, careful, "{text}");
    if let (Ok(fast), Ok(careful)) = (fast, careful) {
        let written = |body: &E| serde_json::to_string(body).unwrap();
        assert_eq!(written(&fast.body), written(&careful.body), "{text}");
    }
}

#[test]
fn on_the_corpus() {
    let came = |form: &str| {
        let forms = CORPUS.iter().filter(|(name, _)| name.starts_with(form));
        forms.map(|(_, text)| agree(text)).collect::<Vec<_>>()
    };
    let documented = came("documented");
    assert!(documented.len() >= 8 && documented.iter().all(|came| *came == Came::Fast));
    let careful = came("careful");
    assert!(careful.len() >= 30 && careful.iter().all(|came| *came == Came::WithCare));
    assert_eq!(came("").len(), CORPUS.len());
}

#[test]
fn on_mutated_answers() {
    let count = std::env::var("SMARTCAR_MUTATIONS");
    let count = count.map_or(MUTATIONS, |count| count.parse().expect("a number"));
    let seed = std::env::var("SMARTCAR_SEED");
    let seed = seed.map_or(1, |seed| seed.parse().expect("a number"));
    let mut dice = fastrand::Rng::with_seed(seed);
    let (mut fast, mut careful) = (0_u64, 0_u64);
    for _ in 0..count {
        match agree(&mutated(&mut dice)) {
            Came::Fast => fast += 1,
            Came::WithCare => careful += 1,
        }
    }
    println!("{fast} in one pass, {careful} with care, seed {seed}");
    assert!(fast > count / 10, "{fast} of {count} in one pass");
    assert!(careful > count / 10, "{careful} of {count} with care");
}

#[test]
fn errors_of_an_earlier_attempt_come_back() {
    let asked = asked();
    let mut outcomes = Asked::outcomes();
    let earlier = ItemError::Api(Box::new(crate::ApiError::from_status(502)));
    outcomes.fail(0, earlier.clone());
    let text = CORPUS[0].1;
    let cut = &text[..text.len() - 1];
    assert!(!fast::batch(cut, None, &asked, &mut outcomes));
    assert_eq!(outcomes.error(0), Some(&earlier));
    assert_eq!(outcomes.error(1), Some(&ItemError::Missing));
    assert!(fast::batch(text, None, &asked, &mut outcomes));
    assert_eq!(outcomes.error(0), None);
    // A reading is never put at risk.
    assert!(!fast::batch(cut, None, &asked, &mut outcomes));
    assert_eq!(outcomes.error(0), None);
}

#[test]
fn a_path_that_is_asked_twice_is_answered_once() {
    let text = r#"{"responses":[{"path":"/odometer","code":200,"body":{"distance":1}}]}"#;
    let twice = [(0, "/odometer"), (1, "/odometer")];
    let mut outcomes = <(Odometer, Odometer) as Batch>::outcomes();
    assert!(fast::batch(text, None, &twice, &mut outcomes));
    assert_eq!(outcomes.error(0), None);
    assert_eq!(outcomes.error(1), Some(&ItemError::Missing));
}

/// The one pass has a bit for each path.
#[test]
fn up_to_128_paths_are_read_in_one_pass() {
    for (count, is_fast) in [(128, true), (129, false)] {
        let paths: Vec<_> = (0..count).map(|number| format!("/p{number}")).collect();
        let asked: Vec<_> = paths.iter().map(String::as_str).enumerate().collect();
        let item = |path| format!(r#"{{"path":"{path}","code":404,"body":{{}}}}"#);
        let items: Vec<_> = paths.iter().map(item).collect();
        let text = format!(r#"{{"responses":[{}]}}"#, items.join(","));
        let mut outcomes = PathResults::of(paths.iter().map(String::as_str));
        let came = fast::batch(&text, None, &asked, &mut outcomes);
        assert_eq!(came, is_fast, "{count}");
        if !came {
            assert_eq!(with_care(&text, None, &asked, &mut outcomes), Ok(vec![]));
        }
        let is_read = |index| matches!(outcomes.error(index), Some(ItemError::Api(_)));
        assert!((0..count).all(is_read));
    }
}

#[test]
fn no_more_warnings_are_kept_than_the_limit() {
    let items = vec![r#"{"path":"/fuel","code":200,"body":{}}"#; WARNINGS + 3];
    let text = format!(r#"{{"responses":[{}]}}"#, items.join(","));
    let mut outcomes = PathResults::of(["/odometer"]);
    let warnings = with_care(&text, None, &[(0, "/odometer")], &mut outcomes);
    assert_eq!(warnings.unwrap().len(), WARNINGS);
}

#[test]
fn an_answer_that_is_no_object_says_what_was_expected() {
    let asked = [(0, "/odometer")];
    let mut outcomes = PathResults::of(["/odometer"]);
    let malformed = with_care("[]", None, &asked, &mut outcomes).unwrap_err();
    let expected = "expected an object with `responses`, found a list";
    assert_eq!(malformed.to_string(), expected);
}
