//! Writes the API changes into the changelog.
//!
//! Invariant: only the text between the two markers is replaced; everything else stays.

use super::changes::{Change, Step};

const START: &str = "<!-- api changes: kept by cargo xtask regen --changelog -->";
const END: &str = "<!-- end of api changes -->";

/// The entry: the changes grouped by step.
pub fn entry(changes: &[Change]) -> String {
    let mut text = String::new();
    for (step, heading) in [
        (Step::Major, "### Breaking"),
        (Step::Minor, "### Added and changed"),
        (Step::Patch, "### Documented"),
    ] {
        let lines: Vec<_> = changes
            .iter()
            .filter(|change| change.step == step)
            .map(|change| format!("- {}\n", change.text))
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

/// The changelog after a release: the unreleased changes move under a version.
pub fn release(changelog: &str, version: &str, date: &str) -> Result<String, String> {
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
}
