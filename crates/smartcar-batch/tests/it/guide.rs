//! The guide, as its reader sees it.
//!
//! Invariant: what a snippet hides is the first program around it and nothing
//! more, so that the reader who pastes what is shown has what was tested.

const CHAPTERS: [&str; 5] = [
    include_str!("../../src/guide/start.md"),
    include_str!("../../src/guide/batches.md"),
    include_str!("../../src/guide/asking.md"),
    include_str!("../../src/guide/services.md"),
    include_str!("../../src/guide/testing.md"),
];

/// Where the snippets go.
const PLACE: &str = "    // The snippets of the next chapters go here.\n";

/// The Rust snippets, in their order.
fn snippets() -> Vec<&'static str> {
    let mut found = Vec::new();
    for chapter in CHAPTERS {
        // Outside, inside, outside, …
        for block in chapter.split("```").skip(1).step_by(2) {
            let (language, code) = block.split_once('\n').unwrap();
            if language != "console" {
                found.push(code);
            }
        }
    }
    found
}

/// A line as rustdoc compiles it, if it does not show it.
fn hidden(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('#')?;
    if rest.is_empty() {
        Some("")
    } else {
        rest.strip_prefix(' ')
    }
}

/// The lines without the blanks around them, which a snippet need not keep.
fn trimmed<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn the_first_program_is_shown_whole() {
    let first = snippets()[0];
    assert!(first.contains(PLACE), "{first}");
    assert!(!first.lines().any(|line| hidden(line).is_some()), "{first}");
}

#[test]
fn a_snippet_hides_the_first_program_and_nothing_else() {
    let snippets = snippets();
    let (before, after) = snippets[0].split_once(PLACE).unwrap();
    // The names that the first program brings into scope, and what `main` sets up.
    let setup = trimmed(before.lines());
    let end = trimmed(after.lines());
    let only_here = ["#[tokio::main(flavor = \"current_thread\")]", "{", "}"];
    assert!(snippets.len() > 15, "{} snippets", snippets.len());
    for snippet in snippets {
        for line in trimmed(snippet.lines().filter_map(hidden)) {
            let is_import =
                line.starts_with("use smartcar_batch::{AccessToken, Client, VehicleId};");
            let is_feature = line.starts_with("#[cfg(feature = ") || line.starts_with("Ok::<");
            let is_known =
                setup.contains(&line) || end.contains(&line) || only_here.contains(&line);
            assert!(
                is_import || is_feature || is_known,
                "`{line}` is hidden in\n{snippet}"
            );
        }
    }
}
