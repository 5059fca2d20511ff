//! `cargo xtask broken`: runs the judges against deliberately broken simulators.
//!
//! Invariant: the correct simulator runs first, because a judge that fails on it too
//! has not detected anything.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;

use crate::exit::{CLEAN, STALE};
use crate::judges::broken::{BROKEN, Broken, HONEST};
use crate::judges::call::cargo;
use crate::judges::kit::on_this_machine;
use crate::judges::verdict::Verdict;
use crate::judges::{Court, JUDGES, Judge};

/// The command's options.
#[derive(Debug, clap::Args)]
pub struct Listing {
    /// Run only this judge; may be repeated
    #[arg(long, value_name = "JUDGE")]
    pub only: Vec<String>,
    /// Run only broken simulators with these words in their name; may be repeated
    #[arg(long, value_name = "WORDS")]
    pub of: Vec<String>,
    /// Root of the workspace, if not this one
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// Our own tests, which must catch every broken simulator.
const TESTS: &str = "test -p smartcar-tests --test conformance --locked";

/// Runs the command.
pub fn run(options: &Listing) -> Result<u8> {
    let judges = select(&options.only)?;
    let broken = named(&options.of)?;
    let root = std::path::absolute(options.root.clone().unwrap_or_else(super::root))?;
    let tests = Verdict::of(&mut cargo(TESTS, &root));
    let mut court = Court::new(&root, &on_this_machine);

    let names = judges.iter().map(|judge| judge.name);
    let head: Vec<_> = ["broken"]
        .into_iter()
        .chain(names)
        .chain(["our tests"])
        .collect();
    anstream::println!("\n{}", row(&head));
    anstream::println!("{}", row(&vec!["---"; head.len()]));
    let mut is_good = tests == Verdict::Passed;
    for broken in [&HONEST].into_iter().chain(broken) {
        let heard: Vec<_> = judges
            .iter()
            .map(|judge| court.hear(judge, Some(broken)))
            .collect();
        anstream::println!("{}", line(broken, &heard, &tests));
        is_good &= is_as_it_should_be(broken, &heard, &tests);
    }
    Ok(if is_good { CLEAN } else { STALE })
}

/// The judges that use the simulator, or the selected ones.
fn select(only: &[String]) -> Result<Vec<&'static Judge>> {
    let judges = JUDGES.iter().filter(|judge| judge.asks_simulator);
    let judges: Vec<_> = judges.collect();
    for name in only {
        let names: Vec<_> = judges.iter().map(|judge| judge.name).collect();
        anyhow::ensure!(
            names.contains(&name.as_str()),
            "unknown judge `{name}`; the judges of the simulator are {}",
            names.join(", ")
        );
    }
    let is_asked = |judge: &&Judge| only.is_empty() || only.iter().any(|name| name == judge.name);
    Ok(judges.into_iter().filter(|judge| is_asked(judge)).collect())
}

/// The broken simulators that match one of these words; all if there are none.
fn named(of: &[String]) -> Result<Vec<&'static Broken>> {
    for words in of {
        anyhow::ensure!(
            BROKEN.iter().any(|it| it.name.contains(words.as_str())),
            "no broken simulator has `{words}` in its name"
        );
    }
    let is_meant =
        |it: &&Broken| of.is_empty() || of.iter().any(|words| it.name.contains(words.as_str()));
    Ok(BROKEN.iter().filter(is_meant).collect())
}

/// Each broken simulator must be detected, and the correct one must pass.
fn is_as_it_should_be(broken: &Broken, heard: &[Verdict], tests: &Verdict) -> bool {
    let noticed = heard.iter().any(|it| matches!(it, Verdict::Failed(_)));
    if *broken == HONEST {
        return !noticed;
    }
    noticed || *tests == Verdict::Passed
}

/// One row of the table. Our tests pass if each check catches its fault.
fn line(broken: &Broken, heard: &[Verdict], tests: &Verdict) -> String {
    let mut cells = vec![broken.name];
    cells.extend(heard.iter().map(|verdict| match verdict {
        Verdict::Passed => "–",
        Verdict::Failed(_) => "caught",
        Verdict::NotRun { .. } => "not run",
    }));
    cells.push(match tests {
        Verdict::Passed if *broken == HONEST => "–",
        Verdict::Passed => broken.check,
        other => other.word(),
    });
    row(&cells)
}

fn row(cells: &[&str]) -> String {
    let mut text = "|".to_owned();
    for cell in cells {
        // Writing to a String cannot fail.
        let _ = write!(text, " {cell} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Verdict {
        Verdict::Failed("exit status: 1".to_owned())
    }

    #[test]
    fn only_judges_of_the_simulator_are_heard() {
        let all = select(&[]).unwrap();
        assert!(all.len() < JUDGES.len() && !all.is_empty());
        let one = select(&["prism".to_owned()]).unwrap();
        assert_eq!(one.len(), 1);
        let error = select(&["redocly".to_owned()]).unwrap_err().to_string();
        assert!(
            error.contains("`redocly`") && error.contains("prism"),
            "{error}"
        );
    }

    #[test]
    fn broken_simulators_are_chosen_by_a_part_of_their_name() {
        assert_eq!(named(&[]).unwrap().len(), BROKEN.len());
        let twice = named(&["item twice".to_owned()]).unwrap();
        assert_eq!(twice.len(), 1);
        assert!(named(&["wings".to_owned()]).is_err());
    }

    #[test]
    fn a_broken_one_must_be_noticed_and_the_honest_one_not() {
        let broken = &BROKEN[0];
        let (passed, failed) = (Verdict::Passed, failed());
        let heard = [passed.clone(), failed.clone()];
        assert!(is_as_it_should_be(broken, &heard, &failed));
        assert!(is_as_it_should_be(broken, &heard[..1], &passed));
        assert!(!is_as_it_should_be(broken, &heard[..1], &failed));
        assert!(!is_as_it_should_be(&HONEST, &heard, &passed));
        assert!(is_as_it_should_be(&HONEST, &heard[..1], &passed));
    }

    #[test]
    fn a_row_says_who_noticed() {
        let heard = [Verdict::Passed, failed()];
        let expected = format!("| {} | – | caught | body |", BROKEN[0].name);
        assert_eq!(line(&BROKEN[0], &heard, &Verdict::Passed), expected);
        assert_eq!(
            line(&HONEST, &heard[..1], &Verdict::Passed),
            "| nothing | – | – |"
        );
        assert!(line(&BROKEN[0], &heard, &failed()).ends_with("| FAILED |"));
    }

    #[test]
    fn each_one_is_broken_in_its_own_way() {
        let names: std::collections::BTreeSet<_> = BROKEN.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), BROKEN.len());
        assert_eq!(names.len(), 28);
        assert!(BROKEN.iter().all(|broken| broken.fault.is_some()));
    }
}
