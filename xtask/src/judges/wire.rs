//! The judges of the wire: clients and servers that others wrote, against our
//! simulator and our client.
//!
//! Invariant: each has a simulator of its own, on a free port, and a time bound.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::case::Case;
use super::live::{APPLICATION, GUEST, Simulator, TOKEN, within};
use super::verdict::Verdict;
use super::{npm, python};

/// The clients need a few seconds.
const CLIENT: Duration = Duration::from_secs(120);
/// Schemathesis needs half a minute, and several on a machine that is busy.
const FUZZER: Duration = Duration::from_secs(300);
/// A description that the simulator serves.
struct Description {
    /// The first segment of its paths.
    version: &'static str,
    spec: &'static str,
    /// As the simulator embeds it, which the step `regen` compares with `spec/`.
    embedded: &'static str,
}

const V2: Description = Description {
    version: "v2.0",
    spec: "spec/smartcar-v2.yaml",
    embedded: "crates/smartcar-simulator/src/generated/smartcar-v2.json",
};
const V3: Description = Description {
    version: "v3",
    spec: "spec/smartcar-v3.yaml",
    embedded: "crates/smartcar-simulator/src/generated/smartcar-v3.json",
};

/// What Schemathesis makes up inputs for: the operations of a description, and
/// where they are. Version 3 makes tokens on a server of its own.
const INPUTS: &[(&Description, &str, &[&str])] = &[
    (&V2, "/v2.0", &[]),
    (&V3, "/v3", &["--exclude-operation-id", "token"]),
    (&V3, "", &["--include-operation-id", "token"]),
];

/// A broken simulator is broken in v2.0, which stands first.
fn judged_by<'d, D>(case: &Case<'_>, all: &'d [D]) -> &'d [D] {
    match case.broken {
        None => all,
        Some(_) => &all[..1],
    }
}

/// The vendor's Python SDK asks our simulator.
pub fn python_sdk(case: &Case<'_>) -> Verdict {
    judged(case, |simulator| {
        let mut command = python::script(case, "xtask/judges/python-sdk/judge.py");
        command
            .arg(V2.embedded)
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
            .arg(V2.embedded)
            .env("SMARTCAR_API_ORIGIN", &simulator.origin)
            .env("SMARTCAR_AUTH_ORIGIN", &simulator.origin);
        within(with_tokens(quieted(&mut command, case)), CLIENT)
    })
}

/// Schemathesis' inputs, good and bad, for our simulator.
pub fn schemathesis(case: &Case<'_>) -> Verdict {
    let runs = judged_by(case, INPUTS).iter();
    Verdict::all(runs.map(|(description, below, select)| {
        let verdict = inputs(case, description, below, select);
        verdict.about(description.version)
    }))
}

fn inputs(case: &Case<'_>, description: &Description, below: &str, select: &[&str]) -> Verdict {
    judged(case, |simulator| {
        let mut command = python::module(case, "schemathesis.cli");
        command
            // It keeps what it found in the working directory.
            .current_dir(case.kit)
            .arg("--config-file")
            .arg(case.root.join("xtask/judges/schemathesis.toml"))
            .arg("run")
            .arg(case.root.join(description.spec))
            .args(select)
            .args(["--url", &format!("{}{below}", simulator.origin)])
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
    let runs = judged_by(case, &[V2, V3]).iter();
    Verdict::all(runs.map(|description| {
        let verdict = exchanges(case, description);
        verdict.about(description.version)
    }))
}

fn exchanges(case: &Case<'_>, description: &Description) -> Verdict {
    judged(case, |simulator| {
        let mut command = npm::own_script(case, "xtask/judges/prism/judge.cjs");
        command
            .args([description.version, description.embedded, description.spec])
            .arg(&simulator.command)
            .env("SMARTCAR_API_ORIGIN", &simulator.origin);
        if case.broken.is_some() {
            command.env("BRIEFLY", "1");
        }
        within(with_tokens(quieted(&mut command, case)), CLIENT)
    })
}

fn judged(case: &Case<'_>, ask: impl FnOnce(&Simulator) -> Verdict) -> Verdict {
    let faults = case
        .broken
        .map_or(&[][..], |broken| broken.fault.as_slice());
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
