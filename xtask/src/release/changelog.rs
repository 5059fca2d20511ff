//! Writes the API changes into the changelog.
//!
//! Invariant: only the text between the two markers is replaced; everything else stays.

use super::changes::{Change, Step};
use super::fold::fold;

const START: &str = "<!-- api changes: kept by cargo xtask regen --changelog -->";
const END: &str = "<!-- end of api changes -->";

/// The entry: the changes grouped by step, the many of one kind in one line.
pub fn entry(changes: &[Change]) -> String {
    let folded = fold(changes);
    let mut text = String::new();
    for (step, heading) in [
        (Step::Major, "### Breaking"),
        (Step::Minor, "### Added and changed"),
        (Step::Patch, "### Documented"),
    ] {
        let lines: Vec<_> = folded
            .iter()
            .filter(|line| line.step == step)
            .map(|line| format!("- {}\n", line.text))
            .collect();
        if !lines.is_empty() {
            text.push_str(&format!("{heading}\n\n{}\n", lines.concat()));
        }
    }
    if text.is_empty() {
        text.push_str("No change of the API.\n\n");
    }
    text
}

/// The changelog with this entry under `Unreleased`. Without a changelog, returns a new
/// one. Fails if a marker is missing.
pub fn keep(changelog: Option<&str>, entry: &str) -> Result<String, String> {
    let Some(text) = changelog else {
        return Ok(format!(
            "# Changelog\n\n## Unreleased\n\n{START}\n\n{entry}{END}\n"
        ));
    };
    let (Some(start), Some(end)) = (text.find(START), text.find(END)) else {
        return Err(format!(
            "the changelog has no place for the changes: put `{START}` and `{END}` below `## Unreleased`"
        ));
    };
    if end < start {
        return Err("the changelog's markers are in the wrong order".to_owned());
    }
    let (head, tail) = (&text[..start], &text[end..]);
    Ok(format!("{head}{START}\n\n{entry}{tail}"))
}

/// The text under `Unreleased`, without the markers.
pub fn unreleased(changelog: &str) -> Option<String> {
    let (_, rest) = changelog.split_once("## Unreleased\n")?;
    let section = rest.split("\n## ").next().unwrap_or_default();
    let lines = section.lines().filter(|line| ![START, END].contains(line));
    let lines: Vec<_> = lines.collect();
    Some(lines.join("\n").trim().to_owned())
}

/// The newest released version.
pub fn latest(changelog: &str) -> Option<&str> {
    let headings = changelog
        .lines()
        .filter_map(|line| line.strip_prefix("## "));
    let mut versions = headings.filter(|heading| *heading != "Unreleased");
    versions.next()?.split(' ').next()
}

/// The changelog after a release: the unreleased changes move under a version. Fails if the
/// version exists already, or if the date is not a day such as `2026-12-01`.
pub fn release(changelog: &str, version: &str, date: &str) -> Result<String, String> {
    // Other spellings of a day are rejected too, so that all headings look alike.
    let day = date.parse::<jiff::civil::Date>().ok();
    if day.is_none_or(|day| day.to_string() != date) {
        return Err(format!("`{date}` is not a date, such as `2026-12-01`"));
    }
    let exists = |line: &str| line.split(' ').take(2).eq(["##", version]);
    if changelog.lines().any(exists) {
        return Err(format!(
            "the changelog has version {version} already: raise the version in Cargo.toml"
        ));
    }
    let empty = keep(None, "No change of the API.\n\n")?;
    let unreleased = empty
        .split_once("## Unreleased")
        .map(|(_, rest)| rest)
        .unwrap_or_default();
    let heading = format!("## Unreleased{unreleased}\n## {version} ({date})");
    if !changelog.contains("## Unreleased") {
        return Err("the changelog has no `## Unreleased`".to_owned());
    }
    let released =
        changelog
            .replacen(&format!("{START}\n\n"), "", 1)
            .replacen(&format!("{END}\n"), "", 1);
    Ok(released.replacen("## Unreleased", &heading, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_a_person_wrote() {
        let first = keep(None, "- one\n\n").unwrap();
        let by_hand = first.replace("## Unreleased\n", "## Unreleased\n\nBy hand.\n");
        let second = keep(Some(&by_hand), "- two\n\n").unwrap();
        assert_eq!(second, by_hand.replace("- one", "- two"));
        assert_eq!(keep(Some(&second), "- two\n\n").unwrap(), second);
        assert!(
            keep(Some("# Changelog\n"), "x")
                .unwrap_err()
                .contains(START)
        );
    }

    #[test]
    fn a_release_moves_the_entry_below_its_version() {
        let kept = keep(None, "- one\n\n").unwrap();
        let released = release(&kept, "0.2.0", "2026-12-01").unwrap();
        let (unreleased, version) = released.split_once("## 0.2.0 (2026-12-01)").unwrap();
        assert!(unreleased.contains(START) && !unreleased.contains("- one"));
        assert!(version.contains("- one") && !version.contains(START));
        assert!(keep(Some(&released), "- two\n\n").is_ok());
    }

    #[test]
    fn the_section_of_a_release_is_found() {
        let kept = keep(None, "- one\n\n").unwrap();
        assert_eq!(unreleased(&kept).unwrap(), "- one");
        assert_eq!(latest(&kept), None);
        let released = release(&kept, "0.2.0", "2026-12-01").unwrap();
        assert_eq!(unreleased(&released).unwrap(), "No change of the API.");
        assert_eq!(latest(&released), Some("0.2.0"));
        assert_eq!(unreleased("# Changelog\n"), None);
    }

    #[test]
    fn a_release_needs_a_real_date_and_a_new_version() {
        let kept = keep(None, "- one\n\n").unwrap();
        for date in ["yesterday", "2026-02-30", "20261201", "2026-12-1", ""] {
            let error = release(&kept, "0.2.0", date).unwrap_err();
            assert!(
                error.starts_with(&format!("`{date}` is not a date")),
                "{error}"
            );
        }
        let released = release(&kept, "0.2.0", "2026-12-01").unwrap();
        let error = release(&released, "0.2.0", "2026-12-02").unwrap_err();
        assert!(error.contains("version 0.2.0 already"), "{error}");
        // Others that begin with it are different versions.
        assert!(release(&released, "0.2", "2026-12-02").is_ok());
        assert!(release(&released, "0.2.0-rc.1", "2026-12-02").is_ok());
    }
}
