//! What the judges run on: Node.js and Python, with exactly the packages that
//! `xtask/judges/npm/package-lock.json` and `xtask/judges/python/requirements.txt`
//! name.
//!
//! Invariant: no package's install script runs, and nothing is installed
//! outside `target/judges`.

use super::kit::{Kit, Program};

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };
const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// The interpreter of the installed environment, inside its kit.
pub const INTERPRETER: &str = if cfg!(windows) {
    "venv/Scripts/python.exe"
} else {
    "venv/bin/python"
};

/// The judges that run on Node.js.
pub const NODE_KIT: Kit = Kit {
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
    install: &[(NPM, "ci --ignore-scripts --no-audit --no-fund")],
};

/// The judges that are written in Python.
pub const PYTHON_KIT: Kit = Kit {
    name: "python",
    programs: &[Program {
        name: PYTHON,
        // The oldest that all of the pinned packages take.
        fits: |major, minor| (major, minor) >= (3, 11),
    }],
    how: "Python 3.11 or newer with its venv module \
          (Debian and Ubuntu: `apt-get install python3 python3-venv`)",
    pins: &["requirements.txt"],
    // Without dependencies, so that nothing comes in which is not pinned; the
    // check then fails if a pin is missing.
    install: &[
        (PYTHON, "-m venv venv"),
        (
            INTERPRETER,
            "-m pip install --quiet --no-deps --no-input --disable-pip-version-check \
             --requirement requirements.txt",
        ),
        (INTERPRETER, "-m pip check --disable-pip-version-check"),
    ],
};
