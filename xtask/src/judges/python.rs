//! The judges that are written in Python: a virtual environment with exactly
//! what `xtask/judges/python/requirements.txt` names.
//!
//! Invariant: nothing is installed outside `target/judges/python`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::case::Case;
use super::kit::{Kit, Program};

const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// Python's kit.
pub const KIT: Kit = Kit {
    name: "python",
    programs: &[Program {
        name: PYTHON,
        // The oldest that all of the pinned packages take.
        fits: |major, minor| (major, minor) >= (3, 11),
    }],
    how: "Python 3.11 or newer with its venv module \
          (Debian and Ubuntu: `apt-get install python3 python3-venv`)",
    pins: &["requirements.txt"],
    install,
};

fn install(folder: &Path) -> Vec<Command> {
    let mut environment = Command::new(PYTHON);
    environment.args(["-m", "venv"]).arg(folder.join("venv"));
    // Without dependencies, so that nothing comes in which is not pinned;
    // `pip check` then tells if a pin is missing.
    let mut packages = Command::new(interpreter(folder));
    packages
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--no-input"])
        .args(["--disable-pip-version-check", "--requirement"])
        .arg(folder.join("requirements.txt"));
    let mut check = Command::new(interpreter(folder));
    check.args(["-m", "pip", "check", "--disable-pip-version-check"]);
    vec![environment, packages, check]
}

/// A call of an installed module, from the workspace's root.
pub fn module(case: &Case<'_>, name: &str) -> Command {
    let mut command = Command::new(interpreter(case.kit));
    command.args(["-m", name]).current_dir(case.root);
    command
}

/// A call of a script of ours, which imports installed packages.
pub fn script(case: &Case<'_>, path: &str) -> Command {
    let mut command = Command::new(interpreter(case.kit));
    command.arg(path).current_dir(case.root);
    command
}

fn interpreter(folder: &Path) -> PathBuf {
    let inside = if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    };
    folder.join("venv").join(inside)
}
