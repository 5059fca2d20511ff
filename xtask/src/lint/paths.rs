//! Checks that each path is a unique template that the generators can fill in.
//!
//! Invariant: a path without findings is `/` or non-empty segments, with each
//! parameter in braces and named once.

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
                .help(
                    "write `/segments/like/{this}`, with each parameter in braces and named once",
                ),
            Ok(names) => {
                vehicle(lint, &pointer, &key.text, &names);
                let shape = names.iter().fold(key.text.clone(), |shape, name| {
                    shape.replacen(&format!("{{{name}}}"), "{}", 1)
                });
                lint.unique(Rule::PathTemplate, &mut seen, shape, &pointer)
                    .says(format!(
                        "`{}` differs from an earlier path only in parameter names",
                        key.text
                    ))
                    .help("put the operations under one path, because a request would match both");
            }
        }
    }
}

/// Batchable paths are recognised by this prefix: another name would silently exclude one.
fn vehicle(lint: &mut Lint<'_>, pointer: &str, url: &str, names: &[String]) {
    let Some(first) = names.first() else { return };
    if url.starts_with(&format!("/vehicles/{{{first}}}")) && !url.starts_with(VEHICLE_PREFIX) {
        lint.at_key(Rule::PathTemplate, pointer)
            .says(format!("the vehicle's parameter is named `{first}`"))
            .help(format!(
                "write `{VEHICLE_PREFIX}`; batchable paths are recognised by this prefix"
            ));
    }
}

/// The names of a template's parameters, or why the template is invalid.
fn names(url: &str) -> Result<Vec<String>, String> {
    let Some(rest) = url.strip_prefix('/') else {
        return Err("it does not start with a slash".to_owned());
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
                return Err("a brace is not matched".to_owned());
            };
            if !is_plain(name) {
                return Err(format!("`{name}` is not a valid parameter name"));
            }
            if names.iter().any(|known| known == name) {
                return Err(format!("`{name}` is used twice"));
            }
            names.push(name.to_owned());
            rest = after;
        }
        // Characters that are invalid in a URL segment would be sent unescaped.
        if let Some(odd) = segment
            .chars()
            .find(|letter| !letter.is_ascii_graphic() || "?#%\\\"<>^`|".contains(*letter))
        {
            return Err(format!(
                "`{}` is not allowed in a path",
                odd.escape_default()
            ));
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
