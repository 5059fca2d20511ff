//! What is counted, by name: one iteration of each.
//!
//! Invariant: what a case needs is made before its first iteration, and what it
//! gives is dropped within it.

use std::hint::black_box;

use crate::decode::{Contest, Fourteen, Six, Two, asked, ours};
use crate::{answers, delivery, encode, network, signals};

/// One iteration.
pub type Run = Box<dyn FnMut()>;

/// A case by its name: what makes it.
pub type Case = (&'static str, fn() -> Run);

/// Everything that is counted, those without a network first.
pub const CASES: &[Case] = &[
    ("exact/2", || exact::<Two>(answers::documented_order(2))),
    ("exact/6", || exact::<Six>(answers::documented_order(6))),
    ("exact/14", || {
        exact::<Fourteen>(answers::documented_order(14))
    }),
    ("exact/6 own ages", || exact::<Six>(answers::own_ages(6))),
    ("exact/6 body first", || {
        exact::<Six>(answers::body_first(6))
    }),
    ("raw/6", || raw::<Six>(answers::documented_order(6))),
    ("raw/6 swapped", || raw::<Six>(answers::swapped())),
    ("raw/6 one error", || raw::<Six>(answers::one_error())),
    ("value/6", || value::<Six>(answers::documented_order(6))),
    ("ours/2", || own::<Two>(answers::documented_order(2))),
    ("ours/6", || own::<Six>(answers::documented_order(6))),
    ("ours/14", || own::<Fourteen>(answers::documented_order(14))),
    ("ours/6 own ages", || own::<Six>(answers::own_ages(6))),
    ("ours/6 body first", || own::<Six>(answers::body_first(6))),
    ("ours/6 swapped", || own::<Six>(answers::swapped())),
    ("ours/6 one error", || own::<Six>(answers::one_error())),
    ("copy/body of 6", encode::copy),
    ("ours/body of 6", encode::ours),
    ("exact/v3 six of 96", signals::exact),
    ("ours/v3 six of 96", signals::ours),
    ("exact/delivery, six of 85", delivery::exact),
    ("ours/delivery, six of 85", delivery::ours),
    ("reqwest bytes/6", || network::one(network::Client::Reqwest)),
    ("reqwest exact/6", || {
        network::one(network::Client::ReqwestExact)
    }),
    ("send/6", || network::one(network::Client::Ours)),
    ("send/one", || network::one(network::Client::OursOne)),
    ("send/v3 six", || network::one(network::Client::OursV3)),
    ("send/v3 one signal", || {
        network::one(network::Client::OursV3One)
    }),
];

/// Makes a case.
pub fn case(name: &str) -> Option<Run> {
    let (_, make) = CASES.iter().find(|(known, _)| *known == name)?;
    Some(make())
}

fn exact<B: Contest>(text: String) -> Run {
    Box::new(move || drop(black_box(B::exact(black_box(&text)))))
}

fn raw<B: Contest>(text: String) -> Run {
    Box::new(move || drop(black_box(B::raw(black_box(text.as_bytes())))))
}

fn value<B: Contest>(text: String) -> Run {
    Box::new(move || drop(black_box(B::value(black_box(text.as_bytes())))))
}

/// The check of UTF-8 is part of it: the client does it once for each answer.
fn own<B: Contest>(text: String) -> Run {
    let asked = asked::<B>();
    Box::new(move || {
        let text = std::str::from_utf8(black_box(text.as_bytes())).expect("it is UTF-8");
        drop(black_box(ours::<B>(text, &asked, None)));
    })
}
