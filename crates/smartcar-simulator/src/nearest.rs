//! The known name that a wrong one most likely means.
//!
//! Invariant: a name that is not like any known one has no suggestion.

/// Below this similarity, two names share letters by chance.
const ALIKE: f64 = 0.6;

/// The known name that is most similar, in any letter case.
pub(crate) fn nearest<'k>(
    asked: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let asked = asked.to_lowercase();
    let mut best = (ALIKE, None);
    for name in known {
        let alike = strsim::normalized_damerau_levenshtein(&asked, &name.to_lowercase());
        if alike > best.0 {
            best = (alike, Some(name));
        }
    }
    best.1
}

/// What to add to a message about an unknown name: the nearest known one, if any.
pub(crate) fn hint<'k>(asked: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let near = nearest(asked, known);
    near.map_or_else(String::new, |near| format!(", did you mean `{near}`?"))
}

/// A parser's message about an unknown key or word, with the nearest known one.
pub(crate) fn explained(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let asked = quoted.next().unwrap_or_default();
    if !message.contains("unknown field") && !message.contains("unknown variant") {
        return message.to_owned();
    }
    format!("{message}{}", hint(asked, quoted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_has_a_hint_and_another_word_has_none() {
        let known = ["read_odometer", "read_vin", "TESLA"];
        assert_eq!(nearest("read_odometr", known), Some("read_odometer"));
        assert_eq!(nearest("telsa", known), Some("TESLA"));
        assert_eq!(nearest("wipers", known), None);
        assert_eq!(hint("read_vim", known), ", did you mean `read_vin`?");
        assert_eq!(hint("", known), "");
        let message = "unknown field `tims`, expected one of `item`, `times`";
        let expected = format!("{message}, did you mean `times`?");
        assert_eq!(explained(message), expected);
        assert_eq!(explained("`times` must be 1"), "`times` must be 1");
    }
}
