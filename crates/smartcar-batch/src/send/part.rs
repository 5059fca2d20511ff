//! The HTTP requests of one attempt: what each asks, and what it costs.
//!
//! Invariant: what is acquired, charged and said as the price is the sum of
//! [`Part::cost`].

use std::num::NonZeroU32;

use crate::request::Query;
use crate::transport::Ask;
use crate::{EndpointInfo, Plan, UserId, VehicleId};

use super::Subject;
use super::store::Store;

/// One HTTP request.
#[derive(Debug, Clone)]
pub(super) enum Part<'a> {
    Batch(&'a VehicleId, Vec<&'a str>),
    Endpoint(&'a VehicleId, &'a str),
    Vehicles(u32),
    /// Every signal of the store, at the price that was assumed.
    Signals(&'a VehicleId, &'a UserId, NonZeroU32),
    Signal(&'a VehicleId, &'a UserId, &'a str),
    Resource(&'a VehicleId),
    Connections(&'a VehicleId, Option<&'a UserId>),
    AllConnections(Option<&'a UserId>, u32),
}

impl Part<'_> {
    pub(super) fn get(&self) -> Ask<'_> {
        match self {
            Self::Batch(vehicle, paths) => Ask::Batch(vehicle, paths),
            Self::Endpoint(vehicle, path) => Ask::Endpoint(vehicle, path),
            Self::Vehicles(offset) => Ask::Vehicles(*offset),
            Self::Signals(vehicle, user, _) => Ask::Signals(vehicle, user),
            Self::Signal(vehicle, user, code) => Ask::Signal(vehicle, user, code),
            Self::Resource(vehicle) => Ask::Resource(vehicle),
            Self::Connections(vehicle, user) => Ask::Connections(vehicle, *user),
            Self::AllConnections(user, page) => Ask::AllConnections(*user, *page),
        }
    }

    /// How many requests are counted for it.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::Batch(_, paths) => u32::try_from(paths.len()).unwrap_or(u32::MAX),
            Self::Signals(_, _, price) => price.get(),
            _ => 1,
        }
    }
}

/// What a whole attempt costs.
pub(super) fn cost(parts: &[Part<'_>]) -> u32 {
    let costs = parts.iter().map(Part::cost);
    costs.fold(0, u32::saturating_add)
}

/// The requests that ask the paths that are left.
pub(super) fn parts<'a, Q: Query>(
    subject: Subject<'a>,
    left: &[&'a str],
    store: Option<&Store>,
) -> Vec<Part<'a>> {
    match (subject, store) {
        (_, _) if left.is_empty() => Vec::new(),
        (Subject::Vehicles { offset }, _) => vec![Part::Vehicles(offset)],
        (Subject::Connections { user, page }, _) => vec![Part::AllConnections(user, page)],
        (Subject::Vehicle(vehicle), Some(store)) => store.parts(vehicle, left),
        // An endpoint that the description does not know has no request of
        // its own: it is a batch of one.
        (Subject::Vehicle(vehicle), None) if Q::SINGLE && EndpointInfo::of(left[0]).is_some() => {
            vec![Part::Endpoint(&vehicle.id, left[0])]
        }
        (Subject::Vehicle(vehicle), None) => vec![Part::Batch(&vehicle.id, left.to_vec())],
    }
}

/// What the requests of the first attempt are, in a word.
pub(super) fn plan(parts: &[Part<'_>]) -> Plan {
    let signals = parts.iter().filter(|part| matches!(part, Part::Signal(..)));
    let singles = u32::try_from(signals.count()).unwrap_or(u32::MAX);
    match parts.first() {
        None => Plan::Nothing,
        Some(Part::Batch(..)) => Plan::Batch,
        Some(Part::Endpoint(..) | Part::Vehicles(_) | Part::AllConnections(..)) => Plan::Endpoint,
        Some(Part::Signals(..)) => Plan::Signals,
        Some(_) if singles > 0 => Plan::Singles(singles),
        Some(_) => Plan::Resources,
    }
}

/// What asking paths of a vehicle costs if nothing fails.
pub(crate) fn price<Q: Query>(vehicle: &crate::Vehicle, paths: &[&str]) -> u32 {
    let subject = Subject::Vehicle(vehicle);
    let store = Store::of(&vehicle.client.inner, subject);
    cost(&parts::<Q>(subject, paths, store.as_ref()))
}
