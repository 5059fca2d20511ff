//! The step `browser` of `cargo xtask test`: the simulator's pages in a real browser.
//!
//! Invariant: without Node.js or the packages, the step says that the tests did not run.

use std::path::Path;
use std::time::Duration;

use crate::judges::call::call;
use crate::judges::kit::Lookup;
use crate::judges::kits::BROWSER_KIT;
use crate::judges::live::{self, within};
use crate::judges::verdict::Verdict;

/// The tests need half a minute, or some minutes on a busy machine.
const BOUND: Duration = Duration::from_secs(600);

/// Installs the browser if necessary and runs the tests.
pub fn step(root: &Path, lookup: Lookup<'_>) -> Verdict {
    let kit = match BROWSER_KIT.ready(root, lookup) {
        Ok(kit) => kit,
        Err(Verdict::NotRun { why, how }) => {
            let why = format!("{why}; the tests of the simulator's pages did not run");
            return Verdict::NotRun { why, how };
        }
        Err(failed) => return failed,
    };
    let smartcar = match live::build(root) {
        Ok(command) => command,
        Err(error) => return Verdict::Failed(format!("{error:#}")),
    };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let values = [
        ("root", text(root)),
        ("kit", text(&kit)),
        ("smartcar", text(&smartcar)),
    ];
    let mut command = call(
        "node {root}/xtask/browser/judge.mjs {kit} {smartcar}",
        &values,
    );
    within(command.current_dir(root), BOUND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write;

    #[test]
    fn without_node_it_is_said_that_the_tests_did_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let Verdict::NotRun { why, how } = step(folder.path(), &|_| None) else {
            panic!("nothing can run");
        };
        assert!(
            why.contains("was not found") && why.contains("did not run"),
            "{why}"
        );
        assert!(how.contains("Node.js"), "{how}");
    }

    #[test]
    fn absent_pins_are_our_fault() {
        let folder = tempfile::tempdir().unwrap();
        write::replace(&folder.path().join("unrelated"), "").unwrap();
        let verdict = step(folder.path(), &|_| Some("v22.20.0".to_owned()));
        assert!(matches!(verdict, Verdict::Failed(_)), "{verdict:?}");
    }
}
