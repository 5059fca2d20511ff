//! `cargo xtask bench`: the figures beside their limits.
//!
//! Invariant: with `--gate` the exit code follows from instructions and
//! allocations alone.

use std::path::Path;

use anyhow::{Result, ensure};

use super::root;
use crate::bench::measure::{Counts, Programs};
use crate::bench::rows::{Figure, ROWS, Row};
use crate::bench::table::Line;
use crate::bench::{build, table};
use crate::exit::{CLEAN, STALE};
use crate::judges::verdict::Verdict;

/// The command's options.
#[derive(Debug, Default, clap::Args)]
pub struct Bench {
    /// Fail if instructions or allocations are past their limits
    #[arg(long)]
    pub gate: bool,
    /// Leave out times and whole requests
    #[arg(long)]
    pub quick: bool,
    /// Build cold packages too, for the cost of a build (minutes)
    #[arg(long)]
    pub build: bool,
}

/// Runs the command.
pub fn run(options: &Bench) -> Result<u8> {
    let root = root();
    let programs = Programs::build(&root)?;
    ensure!(
        programs.has_valgrind() || !options.gate,
        "valgrind was not found, and the gate counts instructions with it"
    );
    let mut lines = counted(&programs, options.quick)?;
    if !options.quick {
        let times = programs.times()?;
        for (line, row) in lines.iter_mut().zip(ROWS) {
            if let Figure::Time(name) = row.figure {
                line.today = times.get(name).copied();
            }
        }
        lines.extend(build::lines(&root, options.build)?);
    }
    anstream::println!("{}", table::table(&lines));
    if !programs.has_valgrind() {
        anstream::println!("valgrind was not found: install it to count instructions");
    }
    let failed = options.gate && lines.iter().any(Line::regressed);
    Ok(if failed { STALE } else { CLEAN })
}

/// The quick part of the gate, as a step of `cargo xtask test`.
pub fn step(root: &Path) -> Verdict {
    let judged = Programs::build(root).and_then(|programs| {
        let lines = counted(&programs, true)?;
        anstream::println!("{}", table::table(&lines));
        Ok((programs, lines))
    });
    match judged {
        Err(error) => Verdict::Failed(format!("{error:#}")),
        Ok((_, lines)) if lines.iter().any(Line::regressed) => {
            Verdict::Failed("see `cargo xtask bench --gate`".to_owned())
        }
        Ok((programs, _)) if !programs.has_valgrind() => Verdict::NotRun {
            why: "valgrind was not found: instructions were not counted, allocations hold"
                .to_owned(),
            how: "install the package valgrind".to_owned(),
        },
        Ok(_) => Verdict::Passed,
    }
}

/// Every row, with the figures that are counts.
fn counted(programs: &Programs, quick: bool) -> Result<Vec<Line>> {
    let rows: Vec<&Row> = ROWS.iter().filter(|row| !quick || !row.is_slow()).collect();
    let cases = |of: fn(Figure) -> Vec<&'static str>| {
        let mut cases: Vec<_> = rows.iter().flat_map(|row| of(row.figure)).collect();
        cases.sort_unstable();
        cases.dedup();
        cases
    };
    let allocations = programs.allocations(&cases(Figure::allocated))?;
    let instructions = if programs.has_valgrind() {
        programs.instructions(&cases(Figure::counted))?
    } else {
        Counts::new()
    };
    let line = |row: &&Row| Line::of(row, &instructions, &allocations);
    Ok(rows.iter().map(line).collect())
}
