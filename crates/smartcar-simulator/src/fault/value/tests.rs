use super::*;

fn struck(when: &When) -> Vec<u64> {
    (1..=200).filter(|count| when.is_due(*count)).collect()
}

fn chance(probability: f64, seed: u64) -> Vec<u64> {
    let fault = Fault::unchanged().with_probability(probability, seed);
    struck(&fault.when)
}

#[test]
fn the_same_seed_strikes_the_same_requests() {
    assert_eq!(chance(0.25, 7), chance(0.25, 7));
    assert_ne!(chance(0.25, 7), chance(0.25, 8));
    assert!((30..70).contains(&chance(0.25, 7).len()));
    assert!(chance(0.0, 7).is_empty());
    assert_eq!(chance(1.0, 7).len(), 200);
}

#[test]
fn all_conditions_must_hold() {
    let fault = Fault::unchanged().on_request(3).with_probability(1.0, 0);
    assert_eq!(struck(&fault.when), [3]);
    let fault = Fault::unchanged().on_request(3).with_probability(0.0, 0);
    assert!(struck(&fault.when).is_empty());
}
