//! Checks the keys that connect the simulator's vehicle state to responses.
//!
//! Invariant: only names that the simulator knows, because it fails to start otherwise.

use super::ground::{Lint, did_you_mean, step, texts};
use super::shared;
use crate::api::RawOperation;
use crate::finding::Rule;
use crate::source::Node;

/// The powertrains.
const POWERTRAINS: [&str; 4] = ["BEV", "PHEV", "HEV", "ICE"];

/// The simulator's state variables, in the order of its own table.
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

/// Checks an operation's requirements on the powertrain and the state.
pub(super) fn operation(lint: &mut Lint<'_>, op: &RawOperation<'_>, pointer: &str) {
    for (at, name) in texts(pointer, op.node, "x-smartcar-powertrains") {
        if !POWERTRAINS.contains(&name) {
            lint.at(Rule::Simulated, &at)
                .says(format!("`{name}` is not a powertrain"))
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
            .help("use a pair in `x-smartcar-errors`, or add it there");
    }
}

/// Checks the state variable of a member.
pub(super) fn member(lint: &mut Lint<'_>, pointer: &str, node: &Node) {
    const KEY: &str = "x-smartcar-state";
    variable(lint, &step(pointer, KEY), node.get(KEY));
}

fn variable(lint: &mut Lint<'_>, pointer: &str, node: Option<&Node>) {
    // A value that is not a string is reported by the shape check.
    let Some(name) = node.and_then(Node::as_str) else {
        return;
    };
    if VARIABLES.split_whitespace().any(|known| known == name) {
        return;
    }
    let help = did_you_mean(
        name,
        VARIABLES.split_whitespace(),
        "spec/README.md lists the variables; add new ones to the simulator",
    );
    lint.at(Rule::Simulated, pointer)
        .says(format!("the simulator has no variable `{name}`"))
        .help(help);
}
