//! The external judges: independent tools that check our spec, simulator and client.
//!
//! Invariant: each judge has an exact version pinned in `xtask/judges/` and is
//! installed only in `target/judges/`. No rule of a judge is turned off, and warnings
//! count as failures.

pub mod broken;
pub mod call;
pub mod kit;
pub mod kits;
pub mod live;
pub mod receiver;
pub mod verdict;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};

use broken::Broken;
use call::call;
use kit::{Kit, Lookup};
use kits::{INTERPRETER, NODE_KIT, PROGRAMS, PYTHON_KIT};
use live::{APPLICATION, GUEST, Simulator, TOKEN, within};
use receiver::Receiver;
use verdict::Verdict;

/// One judge. To add one, pin it in `xtask/judges/` and describe it here.
#[derive(Debug)]
pub struct Judge {
    /// The step's name.
    pub name: &'static str,
    /// What it checks.
    pub about: &'static str,
    /// The packages it is installed with.
    pub kit: &'static Kit,
    /// Whether it uses the simulator, and can detect a broken one.
    pub asks_simulator: bool,
    /// The command line, with placeholders that [`Court`] fills in. The judge passes if
    /// it succeeds within `BOUND`.
    pub call: &'static str,
    /// Each run with its name and additional arguments. A broken simulator is broken in
    /// v2.0, so only the first run is used for it.
    pub runs: &'static [(&'static str, &'static str)],
    /// Additional arguments for broken simulators, to save time.
    pub briefly: &'static str,
}

/// What signs requests to the receiver.
const SIGNED: &str = "xtask/judges/signed.py";

/// Schemathesis needs half a minute, or several minutes on a busy machine.
const BOUND: Duration = Duration::from_secs(300);

/// All judges.
pub const JUDGES: &[Judge] = &[
    Judge {
        name: "openapi-spec-validator",
        about: "spec/ matches the OpenAPI schema",
        kit: &PYTHON_KIT,
        call: "{python} -m openapi_spec_validator --validation-errors=all {specs}",
        ..OF_SPEC
    },
    Judge {
        name: "redocly",
        about: "spec/ passes Redocly's recommended rules",
        call: "REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
               node {kit}/node_modules/@redocly/cli/bin/cli.js \
               lint --config xtask/judges/redocly.yaml {specs}",
        ..OF_SPEC
    },
    Judge {
        name: "spectral",
        about: "spec/ passes Spectral's OpenAPI rules",
        call: "node {kit}/node_modules/@stoplight/spectral-cli/dist/index.js \
               lint --fail-severity=hint --ruleset xtask/judges/spectral.yaml {specs}",
        ..OF_SPEC
    },
    Judge {
        name: "schemathesis",
        about: "the simulator and the receiver handle Schemathesis' valid and invalid requests",
        kit: &PYTHON_KIT,
        call: "{python} -m schemathesis.cli --config-file {root}/xtask/judges/schemathesis.toml \
               run --header {authorization} --checks all --no-color",
        // Version 3 issues tokens on a separate server.
        runs: &[
            ("v2.0", "{root}/spec/smartcar-v2.yaml --url {origin}/v2.0"),
            (
                "v3",
                "{root}/spec/smartcar-v3.yaml --url {origin}/v3 --exclude-operation-id token",
            ),
            (
                "v3",
                "{root}/spec/smartcar-v3.yaml --url {origin} --include-operation-id token",
            ),
            (
                "webhook",
                "{root}/spec/smartcar-webhook.yaml --url {receiver}",
            ),
        ],
        // Generated requests take most of the time and find the same faults.
        briefly: "--phases examples",
        ..OF_WIRE
    },
    Judge {
        name: "python-sdk",
        about: "Smartcar's Python SDK works with the simulator",
        kit: &PYTHON_KIT,
        // The SDK reads this on import. It must be the complete URL.
        call: "SMARTCAR_AUTH_ORIGIN={origin}/oauth/token \
               {python} {root}/xtask/judges/python-sdk/judge.py {embedded}/smartcar-v2.json \
               {smartcar}",
        ..OF_WIRE
    },
    Judge {
        name: "node-sdk",
        about: "Smartcar's Node.js SDK works with the simulator",
        call: "SMARTCAR_AUTH_ORIGIN={origin} \
               node {root}/xtask/judges/node-sdk/judge.cjs {embedded}/smartcar-v2.json \
               {smartcar}",
        ..OF_WIRE
    },
    Judge {
        name: "prism",
        about: "our client works with Prism's validating proxy and its mock",
        call: "node {root}/xtask/judges/prism/judge.cjs",
        runs: &[
            (
                "v2.0",
                "v2.0 {embedded}/smartcar-v2.json {root}/spec/smartcar-v2.yaml {smartcar}",
            ),
            (
                "v3",
                "v3 {embedded}/smartcar-v3.json {root}/spec/smartcar-v3.yaml {smartcar}",
            ),
        ],
        ..OF_WIRE
    },
    Judge {
        name: "actionlint",
        about: "the hosted workflows are valid",
        kit: &PYTHON_KIT,
        call: "{tools}/actionlint .github/workflows/ci.yml .github/workflows/weekly.yml",
        ..OF_SPEC
    },
    Judge {
        name: "zizmor",
        about: "the hosted workflows and dependabot have no known weakness",
        kit: &PYTHON_KIT,
        call: "{tools}/zizmor --offline --no-progress --min-severity=low .github",
        ..OF_SPEC
    },
];

/// The defaults for judges of files in the repository.
const OF_SPEC: Judge = Judge {
    name: "",
    about: "",
    kit: &NODE_KIT,
    asks_simulator: false,
    call: "",
    runs: &[("", "")],
    briefly: "",
};

/// The defaults for judges that use the simulator.
const OF_WIRE: Judge = Judge {
    asks_simulator: true,
    ..OF_SPEC
};

/// Installs and runs judges.
pub struct Court<'a> {
    root: &'a Path,
    lookup: Lookup<'a>,
    /// Install results are kept: a failed install may take minutes and would fail again.
    kits: BTreeMap<&'static str, Result<PathBuf, Verdict>>,
}

impl<'a> Court<'a> {
    /// A court for a workspace.
    pub fn new(root: &'a Path, lookup: Lookup<'a>) -> Self {
        let kits = BTreeMap::new();
        Self { root, lookup, kits }
    }

    /// Installs the judge if necessary and runs it. For a broken simulator, a pass means
    /// that the judge did not detect the fault.
    pub fn hear(&mut self, judge: &Judge, broken: Option<&Broken>) -> Verdict {
        let (root, lookup) = (self.root, self.lookup);
        let kit = self.kits.entry(judge.kit.to);
        let kit = match kit.or_insert_with(|| judge.kit.ready(root, lookup)) {
            Ok(kit) => kit,
            Err(verdict) => return verdict.clone(),
        };
        let count = broken.map_or(judge.runs.len(), |_| 1);
        Verdict::all(judge.runs[..count].iter().map(|(name, more)| {
            let verdict = run(root, kit, judge, more, broken);
            let verdict = verdict.unwrap_or_else(|error| Verdict::Failed(format!("{error:#}")));
            match *name {
                "" => verdict,
                name => verdict.about(name),
            }
        }))
    }
}

/// Runs a judge once, with its own simulator on a free port if it needs one.
fn run(
    root: &Path,
    kit: &Path,
    judge: &Judge,
    more: &str,
    broken: Option<&Broken>,
) -> Result<Verdict> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let embedded = root.join("crates/smartcar-simulator/src/generated");
    let mut values = vec![
        ("root", text(root)),
        ("kit", text(kit)),
        ("python", text(&kit.join(INTERPRETER))),
        ("tools", text(&kit.join(PROGRAMS))),
        ("embedded", text(&embedded)),
        ("authorization", format!("Authorization: Bearer {TOKEN}")),
    ];
    let specs: Vec<_> = specs(root)?.iter().map(|spec| text(spec)).collect();
    let briefly = broken.map_or("", |_| judge.briefly);
    let line = judge.call.replace("{specs}", &specs.join(" "));
    let line = format!("{line} {more} {briefly}");
    if !judge.asks_simulator {
        let mut command = call(&line, &values);
        return Ok(within(command.current_dir(root), BOUND));
    }
    let faults = broken.map_or(&[][..], |broken| broken.fault.as_slice());
    let simulator = Simulator::start(live::build(root)?, root, faults)?;
    values.push(("origin", simulator.origin.clone()));
    values.push(("smartcar", text(&simulator.command)));
    let hears = line.contains("{receiver}");
    let receiver = hears.then(|| Receiver::start(&simulator.command));
    let receiver = receiver.transpose()?;
    if let Some(receiver) = &receiver {
        values.push(("receiver", receiver.origin.clone()));
    }
    let mut command = call(&line, &values);
    if receiver.is_some() {
        command.env("SCHEMATHESIS_HOOKS", root.join(SIGNED));
        command.env("SMARTCAR_MANAGEMENT_TOKEN", receiver::KEY);
    }
    command
        // Some judges write their results to the working directory.
        .current_dir(kit)
        .env("NODE_PATH", kit.join("node_modules"))
        .env("SMARTCAR_API_ORIGIN", &simulator.origin)
        .env("SMARTCAR_ACCESS_TOKEN", TOKEN)
        .env("GUEST_TOKEN", GUEST.0)
        .env("SMARTCAR_CLIENT_ID", APPLICATION.0)
        .env("SMARTCAR_CLIENT_SECRET", APPLICATION.1)
        // Bypass the machine's proxy.
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1");
    if broken.is_some() {
        // The output on broken simulators is long and not needed.
        command.env("BRIEFLY", "1");
        command.stdout(Stdio::null()).stderr(Stdio::null());
    }
    Ok(within(&mut command, BOUND))
}

/// All specs. Fails if there are none, because a judge would pass without any.
fn specs(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in root
        .join("spec")
        .read_dir()
        .context("failed to list spec")?
    {
        let name = PathBuf::from(entry?.file_name());
        if name
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            found.push(Path::new("spec").join(name));
        }
    }
    anyhow::ensure!(!found.is_empty(), "there is no spec/*.yaml");
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::write;

    #[test]
    fn a_missing_program_is_looked_up_once_and_told_by_each_judge() {
        let root = tempfile::tempdir().unwrap();
        let lookups = Cell::new(0);
        let lookup = |_: &str| {
            lookups.set(lookups.get() + 1);
            None
        };
        let mut court = Court::new(root.path(), &lookup);
        for judge in JUDGES {
            let verdict = court.hear(judge, None);
            assert!(matches!(verdict, Verdict::NotRun { .. }), "{verdict:?}");
        }
        assert_eq!(lookups.get(), 2);
    }

    #[test]
    fn every_description_is_judged_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        assert!(specs(root.path()).is_err());
        for name in ["b.yaml", "a.yaml", "README.md"] {
            write::replace(&root.path().join("spec").join(name), "").unwrap();
        }
        let expected = ["spec/a.yaml", "spec/b.yaml"].map(PathBuf::from);
        assert_eq!(specs(root.path()).unwrap(), expected);
    }
}
