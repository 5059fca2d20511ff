use serde_json::Value;

use super::*;
use crate::fault::target::Shape;
use crate::spec::Spec;

fn faults(all: impl IntoIterator<Item = Fault>) -> Faults {
    let catalogue = &Spec::embedded().unwrap().catalogue;
    let mut faults = Faults::default();
    for fault in all {
        faults.add(fault, catalogue).unwrap();
    }
    faults
}

fn batch(paths: &[&str]) -> Target<'static> {
    let paths: Vec<_> = paths.iter().map(|&path| path.to_owned().into()).collect();
    Target {
        signals: &[],
        vehicle: Some("car"),
        path: Some("/batch"),
        batch_paths: paths.leak(),
        shape: Shape::Batch,
    }
}

fn alone(path: &str) -> Target<'_> {
    Target {
        signals: &[],
        vehicle: Some("car"),
        path: Some(path),
        batch_paths: &[],
        shape: Shape::Alone,
    }
}

/// The faults that apply to each of this many requests, by their status.
fn statuses(faults: &mut Faults, target: &Target<'_>, requests: usize) -> Vec<Vec<u16>> {
    let status = |strike: Strike| strike.fault.sent_status().unwrap_or_default();
    (0..requests)
        .map(|_| faults.strike(target).into_iter().map(status).collect())
        .collect()
}

fn strikes(fault: &Fault, target: &Target<'_>) -> bool {
    !faults([fault.clone()]).strike(target).is_empty()
}

#[test]
fn a_fault_is_for_a_path_alone_or_in_a_batch() {
    let fault = Fault::status(500).on_path("odometer");
    assert!(strikes(&fault, &alone("/odometer")));
    assert!(strikes(&fault, &batch(&["/vin", "/odometer"])));
    assert!(!strikes(&fault, &alone("/vin")));
    assert!(!strikes(&fault, &batch(&["/vin"])));
    assert!(!strikes(&fault, &Target::default()));

    let fault = Fault::status(500).on_path("/batch");
    assert!(strikes(&fault, &batch(&["/vin"])));
    assert!(!strikes(&fault, &alone("/vin")));
}

#[test]
fn a_fault_is_for_a_vehicle() {
    let fault = Fault::status(500).on_vehicle("car");
    assert!(strikes(&fault, &alone("/vin")));
    assert!(!strikes(
        &fault,
        &Target {
            vehicle: Some("bus"),
            ..alone("/vin")
        }
    ));
    assert!(!strikes(&fault, &Target::default()));
}

#[test]
fn a_fault_of_an_item_needs_the_item() {
    let refused = Target {
        shape: Shape::Refused,
        ..batch(&["/fuel"])
    };
    for (fault, also_alone) in [
        (Fault::item("fuel"), true),
        (Fault::item_error("/fuel", "PERMISSION", None), true),
        (Fault::item_body("/fuel", Value::Null), true),
        (Fault::item_json("/fuel", Value::Null), false),
        (Fault::missing_item("/fuel"), false),
        (Fault::duplicate_item("/fuel"), false),
    ] {
        assert!(strikes(&fault, &batch(&["/vin", "/fuel"])), "{fault:?}");
        assert!(!strikes(&fault, &batch(&["/vin"])), "{fault:?}");
        assert!(!strikes(&fault, &refused), "{fault:?}");
        assert_eq!(strikes(&fault, &alone("/fuel")), also_alone, "{fault:?}");
    }
}

#[test]
fn a_fault_of_the_list_needs_a_batch() {
    for fault in [
        Fault::unasked_item("/vin"),
        Fault::extra_item(Value::Null),
        Fault::reversed_items(),
        Fault::shuffled_items(1),
        Fault::without_item_headers(),
        Fault::without_error_headers(),
    ] {
        assert!(strikes(&fault, &batch(&["/fuel"])), "{fault:?}");
        assert!(!strikes(&fault, &alone("/fuel")), "{fault:?}");
        assert!(!strikes(&fault, &Target::default()), "{fault:?}");
    }
}

#[test]
fn a_fault_of_the_whole_answer_strikes_whatever_is_asked() {
    for fault in [
        Fault::unchanged(),
        Fault::latency(std::time::Duration::ZERO),
        Fault::status(500),
        Fault::reset(),
        Fault::truncated(1),
    ] {
        assert!(strikes(&fault, &Target::default()), "{fault:?}");
    }
}

#[test]
fn the_nth_of_its_own_requests_is_struck() {
    let mut faults = faults([Fault::status(500).on_path("/fuel").on_request(2)]);
    assert!(faults.strike(&alone("/fuel")).is_empty());
    assert!(faults.strike(&alone("/vin")).is_empty(), "not counted");
    assert_eq!(faults.strike(&alone("/fuel")).len(), 1);
    assert!(faults.waiting.is_empty(), "the fault is used up");
}

#[test]
fn faults_that_contradict_each_other_make_a_sequence() {
    let mut faults = faults([
        Fault::status(502).times(2),
        Fault::html(503).times(1),
        Fault::status(504).on_request(2),
        Fault::status(500).on_request(4),
    ]);
    let found = statuses(&mut faults, &alone("/vin"), 5);
    assert_eq!(found, [vec![502], vec![502], vec![503], vec![500], vec![]]);
    assert!(faults.waiting.is_empty());
}

#[test]
fn errors_of_one_item_make_a_sequence_and_of_two_items_do_not() {
    let error = |path, code| Fault::item_error(path, "UPSTREAM", Some(code)).times(1);
    let mut faults = faults([
        error("/fuel", "NO_RESPONSE"),
        error("/fuel", "INVALID_DATA"),
        error("/vin", "NO_RESPONSE"),
    ]);
    let target = batch(&["/fuel", "/vin"]);
    assert_eq!(faults.strike(&target).len(), 2);
    assert_eq!(faults.strike(&target).len(), 1);
    assert!(faults.strike(&target).is_empty());
}

#[test]
fn a_new_answer_hides_faults_of_items_which_wait() {
    let item = || Fault::missing_item("/fuel").times(1);
    let target = batch(&["/fuel"]);
    for whole in [
        Fault::status(502).times(1),
        Fault::error("SERVER", Some("INTERNAL")).times(1),
        Fault::raw_body("").times(1),
        Fault::reset().times(1),
    ] {
        let mut faults = faults([item(), whole]);
        let first = faults.strike(&target);
        assert_eq!(first.len(), 1);
        assert_ne!(first[0].fault, item());
        assert_eq!(faults.strike(&target)[0].fault, item());
    }
    let mut faults = faults([item(), Fault::truncated(9)]);
    assert_eq!(
        faults.strike(&target).len(),
        2,
        "a truncated response has items"
    );
}

#[test]
fn what_agrees_strikes_together() {
    let latency = || Fault::latency(std::time::Duration::from_millis(1));
    let mut faults = faults([latency(), latency(), Fault::status(500), Fault::unchanged()]);
    assert_eq!(faults.strike(&alone("/vin")).len(), 3, "one latency only");
}

#[test]
fn a_probability_counts_the_requests_of_its_fault() {
    let flaky = |seed| {
        Fault::status(500)
            .on_path("/fuel")
            .with_probability(0.5, seed)
    };
    let run = |seed, others: usize| {
        let mut faults = faults([flaky(seed)]);
        (0..50)
            .map(|_| {
                statuses(&mut faults, &alone("/vin"), others);
                !faults.strike(&alone("/fuel")).is_empty()
            })
            .collect::<Vec<bool>>()
    };
    assert_eq!(run(1, 0), run(1, 3), "other requests do not matter");
    assert_ne!(run(1, 0), run(2, 0));
    assert!(run(1, 0).contains(&true) && run(1, 0).contains(&false));
}

#[test]
fn a_fault_is_removed_by_its_id() {
    let catalogue = &Spec::embedded().unwrap().catalogue;
    let mut faults = Faults::default();
    let one = faults.add(Fault::status(500), catalogue).unwrap();
    let two = faults.add(Fault::status(501), catalogue).unwrap();
    assert!(faults.add(Fault::status(1), catalogue).is_err());
    assert_ne!(one, two);
    assert!(faults.remove(one));
    assert!(!faults.remove(one));
    assert_eq!(statuses(&mut faults, &alone("/vin"), 1), [[501]]);
    faults.clear();
    assert!(!faults.remove(two));
    assert_ne!(faults.add(Fault::status(500), catalogue).unwrap(), two);
}
