//! Our keys that tell the simulator how a vehicle's state feeds an answer.
//!
//! Invariant: only names that the simulator knows; its start fails on any other.

use super::ground::{Lint, did_you_mean, step, texts};
use super::shared;
use crate::api::RawOperation;
use crate::finding::Rule;
use crate::source::Node;

/// What a vehicle can be driven by.
const POWERTRAINS: [&str; 4] = ["BEV", "PHEV", "HEV", "ICE"];

/// What the simulator knows of a vehicle, in the order of its own table.
const VARIABLES: &str = "
    vehicles permissions vehicle.id vehicle.make vehicle.model vehicle.year vehicle.vin
    vehicle.powertrain report.data_age report.fetched_at odometer.distance location.latitude
    location.longitude location.heading location.direction location.at_home home.latitude
    home.longitude drive.speed drive.gear drive.status drive.is_asleep drive.is_online
    battery.fraction battery.range battery.capacity charge.is_plugged_in charge.is_charging
    charge.state charge.limit charge.completion_time charge.minutes_to_complete charge.wattage
    charge.voltage charge.amperage charge.energy_added charge.range_added charge.rate
    fuel.fraction fuel.amount fuel.range oil.life tires.front_left tires.front_right
    tires.back_left tires.back_right tires.pressure temperature.exterior temperature.interior
    lock.is_locked";

/// What an operation needs of the vehicle: its powertrain and its state.
pub(super) fn operation(lint: &mut Lint<'_>, op: &RawOperation<'_>, pointer: &str) {
    for (at, name) in texts(pointer, op.node, "x-smartcar-powertrains") {
        if !POWERTRAINS.contains(&name) {
            lint.at(Rule::Simulated, &at)
                .says(format!("`{name}` is no powertrain"))
                .help(format!("write one of {}", POWERTRAINS.join(", ")));
        }
    }
    let Some(needs) = op.node.get("x-smartcar-needs") else {
        return;
    };
    let at = step(pointer, "x-smartcar-needs");
    variable(lint, &step(&at, "state"), needs.get("state"));
    let (Some(kind), Some(code)) = (needs.text("type"), needs.text("code")) else {
        return;
    };
    let pair = (Some(kind), Some(code));
    if !shared::pairs(lint.source).contains(&pair) {
        lint.at(Rule::Simulated, &step(&at, "code"))
            .says(format!(
                "the catalogue has no error `{kind}` with the code `{code}`"
            ))
            .help("write a pair of `x-smartcar-errors`, or add it there");
    }
}

/// What feeds a member.
pub(super) fn member(lint: &mut Lint<'_>, pointer: &str, node: &Node) {
    const KEY: &str = "x-smartcar-state";
    variable(lint, &step(pointer, KEY), node.get(KEY));
}

fn variable(lint: &mut Lint<'_>, pointer: &str, node: Option<&Node>) {
    // Anything but a text is reported for its shape.
    let Some(name) = node.and_then(Node::as_str) else {
        return;
    };
    if VARIABLES.split_whitespace().any(|known| known == name) {
        return;
    }
    let help = did_you_mean(
        name,
        VARIABLES.split_whitespace(),
        "spec/README.md lists the variables; a new one belongs into the simulator",
    );
    lint.at(Rule::Simulated, pointer)
        .says(format!("the simulator knows no `{name}`"))
        .help(help);
}
