//! Each path: a template that the generators can fill in, one of its kind.
//!
//! Invariant: a path without a finding is `/` or segments without an empty
//! one, each parameter in braces and named once.

use std::collections::BTreeMap;

use super::ground::{Lint, is_plain, step};
use crate::api::VEHICLE_PREFIX;
use crate::finding::Rule;

pub(super) fn check(lint: &mut Lint<'_>) {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (key, _) in lint.root().members("paths") {
        let pointer = step("/paths", &key.text);
        match names(&key.text) {
            Err(reason) => lint
                .at_key(Rule::PathTemplate, &pointer)
                .says(format!("`{}` cannot be filled in: {reason}", key.text))
                .help("write `/segments/like/{this}`, each parameter in braces and named once"),
            Ok(names) => {
                vehicle(lint, &pointer, &key.text, &names);
                let shape = names.iter().fold(key.text.clone(), |shape, name| {
                    shape.replacen(&format!("{{{name}}}"), "{}", 1)
                });
                lint.unique(Rule::PathTemplate, &mut seen, shape, &pointer)
                    .says(format!(
                        "`{}` is an earlier path with other names",
                        key.text
                    ))
                    .help("a request would match both: put the operations under one path");
            }
        }
    }
}

/// Batches are told by this prefix: another name would quietly leave one out.
fn vehicle(lint: &mut Lint<'_>, pointer: &str, url: &str, names: &[String]) {
    let Some(first) = names.first() else { return };
    if url.starts_with(&format!("/vehicles/{{{first}}}")) && !url.starts_with(VEHICLE_PREFIX) {
        lint.at_key(Rule::PathTemplate, pointer)
            .says(format!("the vehicle's parameter is named `{first}`"))
            .help(format!(
                "write `{VEHICLE_PREFIX}`: what can be batched is told by it"
            ));
    }
}

/// The names of a template's parameters, or why it is none.
fn names(url: &str) -> Result<Vec<String>, String> {
    let Some(rest) = url.strip_prefix('/') else {
        return Err("it does not begin with a slash".to_owned());
    };
    let mut names = Vec::new();
    for segment in rest.split('/') {
        if segment.is_empty() && !rest.is_empty() {
            return Err("it has an empty segment".to_owned());
        }
        let mut rest = segment;
        while let Some(at) = rest.find(['{', '}']) {
            let inner = rest[at..]
                .strip_prefix('{')
                .and_then(|rest| rest.split_once('}'));
            let Some((name, after)) = inner else {
                return Err("a brace has no partner".to_owned());
            };
            if !is_plain(name) {
                return Err(format!("`{name}` is no name for a parameter"));
            }
            if names.iter().any(|known| known == name) {
                return Err(format!("`{name}` stands twice"));
            }
            names.push(name.to_owned());
            rest = after;
        }
        // What a URL cannot have in a segment would be sent as it stands.
        if let Some(odd) = segment
            .chars()
            .find(|letter| !letter.is_ascii_graphic() || "?#%\\\"<>^`|".contains(*letter))
        {
            return Err(format!("`{}` cannot stand in a path", odd.escape_default()));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn the_names_of_a_template() {
        assert_eq!(names("/").unwrap(), Vec::<String>::new());
        assert_eq!(names("/a/{b}:{c}/d").unwrap(), ["b", "c"]);
        for url in [
            "", "a", "/a/", "//a", "/{a", "/a}", "/{a{b}}", "/{}", "/{a}/{a}", "/a b", "/a?b",
        ] {
            assert!(names(url).is_err(), "{url}");
        }
    }
}
