//! The judges that run on Node.js: exactly what
//! `xtask/judges/npm/package-lock.json` names.
//!
//! Invariant: no package's install script runs, and nothing is installed
//! outside `target/judges/npm`.

use std::path::Path;
use std::process::Command;

use super::case::Case;
use super::kit::{Kit, Program};

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Node's kit.
pub const KIT: Kit = Kit {
    name: "npm",
    programs: &[
        Program {
            name: "node",
            // What Redocly CLI and Prism's dependencies ask for. Prism itself asks for
            // 24.18 and runs on these all the same; npm only warns.
            fits: |major, minor| match major {
                20 => minor >= 19,
                22 => minor >= 13,
                other => other > 22,
            },
        },
        Program {
            name: NPM,
            fits: |major, _| major >= 10,
        },
    ],
    how: "Node.js 22.13 or newer (20.19 and what follows it in 20 will do) with npm",
    pins: &["package.json", "package-lock.json"],
    install,
};

fn install(folder: &Path) -> Vec<Command> {
    let mut packages = Command::new(NPM);
    packages
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder);
    vec![packages]
}

/// A call of an installed script, from the workspace's root.
pub fn script(case: &Case<'_>, path: &str) -> Command {
    let mut command = Command::new("node");
    command
        .arg(case.kit.join("node_modules").join(path))
        .current_dir(case.root);
    command
}

/// A call of a script of ours, which requires installed packages by name.
pub fn own_script(case: &Case<'_>, path: &str) -> Command {
    let mut command = Command::new("node");
    command
        .arg(path)
        .env("NODE_PATH", case.kit.join("node_modules"))
        .current_dir(case.root);
    command
}
