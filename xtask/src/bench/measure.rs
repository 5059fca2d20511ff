//! The benchmark's programs: built, run, and what they count.
//!
//! Invariant: instructions are the difference of two runs of one case, so that
//! nothing but its iterations is counted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::judges::call::cargo;

/// How many iterations the two runs of a case have.
const ITERATIONS: [u64; 2] = [20, 120];

/// What was counted, by case.
pub type Counts = BTreeMap<&'static str, f64>;

/// The programs, built with the profile `measured`.
#[derive(Debug)]
pub struct Programs {
    folder: PathBuf,
    valgrind: bool,
}

impl Programs {
    /// Builds them.
    pub fn build(root: &Path) -> Result<Self> {
        let status = cargo(
            "build --profile measured --locked --package smartcar-bench",
            root,
        )
        .status()?;
        ensure!(status.success(), "the benchmark does not build");
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.unwrap_or_else(|| root.join("target"));
        let found = Command::new("valgrind").arg("--version").output();
        Ok(Self {
            folder: target.join("measured"),
            valgrind: found.is_ok_and(|output| output.status.success()),
        })
    }

    /// Whether instructions can be counted on this machine.
    pub fn has_valgrind(&self) -> bool {
        self.valgrind
    }

    fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The instructions of one iteration of each case.
    pub fn instructions(&self, cases: &[&'static str]) -> Result<Counts> {
        // One case a core: counting is not disturbed by neighbours.
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let next = std::sync::atomic::AtomicUsize::new(0);
        let work = || {
            let mut counts = Counts::new();
            while let Some(case) =
                cases.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
            {
                counts.insert(*case, self.instructions_of(case)?);
            }
            anyhow::Ok(counts)
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let mut counts = Counts::new();
            for worker in workers {
                let part = worker.join();
                counts.extend(part.map_err(|_| anyhow::anyhow!("a count panicked"))??);
            }
            Ok(counts)
        })
    }

    #[allow(clippy::cast_precision_loss, reason = "no count is that large")]
    fn instructions_of(&self, case: &str) -> Result<f64> {
        let [few, many] = ITERATIONS;
        let counted = self
            .collected(case, many)?
            .saturating_sub(self.collected(case, few)?);
        Ok(counted as f64 / (many - few) as f64)
    }

    fn collected(&self, case: &str, iterations: u64) -> Result<u64> {
        let kept = tempfile::NamedTempFile::new()?;
        let output = Command::new("valgrind")
            .arg("--tool=callgrind")
            .arg(format!("--callgrind-out-file={}", kept.path().display()))
            .arg(self.program("smartcar-bench"))
            .args(["count", case, &iterations.to_string()])
            .output()
            .context("failed to start valgrind")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "`{case}` failed below valgrind:\n{said}"
        );
        collected(&said).with_context(|| format!("valgrind says no count of `{case}`:\n{said}"))
    }

    /// The allocations of one iteration of each case.
    pub fn allocations(&self, cases: &[&'static str]) -> Result<Counts> {
        let mut program = Command::new(self.program("smartcar-bench-allocations"));
        let printed = printed(program.args(cases))?;
        let find = |case: &&'static str| Some((*case, *printed.get(*case)?));
        let counts: Counts = cases.iter().filter_map(find).collect();
        ensure!(
            counts.len() == cases.len(),
            "a case's allocations are missing"
        );
        Ok(counts)
    }

    /// Ratios of times, by the names that the program gives them.
    pub fn times(&self) -> Result<BTreeMap<String, f64>> {
        printed(Command::new(self.program("smartcar-bench")).arg("times"))
    }
}

/// Lines of a name, a tab and a number.
fn printed(program: &mut Command) -> Result<BTreeMap<String, f64>> {
    let output = program.output().context("failed to start the benchmark")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the benchmark failed:\n{said}");
    let text = String::from_utf8(output.stdout)?;
    let line = |line: &str| {
        let mut columns = line.split('\t');
        let name = columns.next()?.to_owned();
        Some((name, columns.next()?.parse().ok()?))
    };
    Ok(text.lines().filter_map(line).collect())
}

/// The count in what callgrind says at its end.
fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("Collected : "))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callgrinds_count_is_found() {
        let said = "==1== Events    : Ir\n==1== Collected : 1234567\n==1== \n";
        assert_eq!(collected(said), Some(1_234_567));
        assert_eq!(collected("==1== ERROR SUMMARY: 0"), None);
    }

    #[test]
    fn a_program_that_fails_is_an_error() {
        assert!(printed(&mut Command::new("false")).is_err());
        let printed = printed(Command::new("printf").arg("a b\\t1.5\\t7\\nnoise\\n")).unwrap();
        assert_eq!(printed, [("a b".to_owned(), 1.5)].into());
    }
}
