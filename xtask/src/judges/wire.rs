//! The judges of the wire: clients and servers that others wrote, against our
//! simulator and our client.
//!
//! Invariant: each has a simulator of its own, on a free port, and a time bound.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::live::{APPLICATION, GUEST, Simulator, TOKEN, within};
use super::verdict::Verdict;
use super::{Case, npm, python};

/// The clients need a few seconds.
const CLIENT: Duration = Duration::from_secs(120);
/// Schemathesis needs half a minute, and several on a machine that is busy.
const FUZZER: Duration = Duration::from_secs(300);
/// The API's description as the simulator embeds it, which the step `regen` compares with `spec/`.
const DESCRIPTION: &str = "crates/smartcar-simulator/src/generated/smartcar-v2.json";
/// The description that the simulator serves.
const SPEC: &str = "spec/smartcar-v2.yaml";

/// The vendor's Python SDK asks our simulator.
pub fn python_sdk(case: &Case<'_>) -> Verdict {
    judged(case, |simulator| {
        let mut command = python::script(case, "xtask/judges/python-sdk/judge.py");
        command
            .arg(DESCRIPTION)
            // Read when the SDK is imported. For this one the address is whole.
            .env("SMARTCAR_API_ORIGIN", &simulator.origin)
            .env(
                "SMARTCAR_AUTH_ORIGIN",
                format!("{}/oauth/token", simulator.origin),
            );
        within(with_tokens(quieted(&mut command, case)), CLIENT)
    })
}

/// The vendor's Node SDK asks our simulator.
pub fn node_sdk(case: &Case<'_>) -> Verdict {
    judged(case, |simulator| {
        let mut command = npm::own_script(case, "xtask/judges/node-sdk/judge.cjs");
        command
            .arg(DESCRIPTION)
            .env("SMARTCAR_API_ORIGIN", &simulator.origin)
            .env("SMARTCAR_AUTH_ORIGIN", &simulator.origin);
        within(with_tokens(quieted(&mut command, case)), CLIENT)
    })
}

/// Schemathesis' inputs, good and bad, for our simulator.
pub fn schemathesis(case: &Case<'_>) -> Verdict {
    judged(case, |simulator| {
        let mut command = python::module(case, "schemathesis.cli");
        command
            // It keeps what it found in the working directory.
            .current_dir(case.kit)
            .arg("--config-file")
            .arg(case.root.join("xtask/judges/schemathesis.toml"))
            .arg("run")
            .arg(case.root.join(SPEC))
            .args(["--url", &format!("{}/v2.0", simulator.origin)])
            .args(["--header", &format!("Authorization: Bearer {TOKEN}")])
            .args(["--checks", "all", "--no-color"])
            .env("NO_PROXY", "127.0.0.1");
        if case.broken.is_some() {
            // What it makes up takes most of the time and says the same.
            command.args(["--phases", "examples"]);
        }
        within(quieted(&mut command, case), FUZZER)
    })
}

/// Prism between our client and our simulator, and in the simulator's place.
pub fn prism(case: &Case<'_>) -> Verdict {
    judged(case, |simulator| {
        let mut command = npm::own_script(case, "xtask/judges/prism/judge.cjs");
        command
            .args([DESCRIPTION, SPEC])
            .arg(&simulator.command)
            .env("SMARTCAR_API_ORIGIN", &simulator.origin);
        if case.broken.is_some() {
            command.env("BRIEFLY", "1");
        }
        within(with_tokens(quieted(&mut command, case)), CLIENT)
    })
}

fn judged(case: &Case<'_>, ask: impl FnOnce(&Simulator) -> Verdict) -> Verdict {
    let faults = case.broken.map_or(&[][..], |broken| broken.faults);
    match Simulator::start(case.root, faults) {
        Ok(simulator) => ask(&simulator),
        Err(error) => Verdict::Failed(format!("{error:#}")),
    }
}

/// What a judge says of a broken simulator fills screens and is not needed.
fn quieted<'c>(command: &'c mut Command, case: &Case<'_>) -> &'c mut Command {
    if case.broken.is_some() {
        command.stdout(Stdio::null()).stderr(Stdio::null());
    }
    command
}

/// What a script needs to ask, without a proxy of the machine's in between.
fn with_tokens(command: &mut Command) -> &mut Command {
    command
        .env("SMARTCAR_ACCESS_TOKEN", TOKEN)
        .env("GUEST_TOKEN", GUEST.0)
        .env("SMARTCAR_CLIENT_ID", APPLICATION.0)
        .env("SMARTCAR_CLIENT_SECRET", APPLICATION.1)
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
}
