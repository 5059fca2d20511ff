//! Converts names of the API to Rust names.
//!
//! Invariant: pure text functions. The lint checks that the names are valid and unique.

/// `tesla_charge` as `TeslaCharge`.
pub fn pascal(snake: &str) -> String {
    let capitalised = |word: &str| -> String {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect()
    };
    snake.split(['_', '-']).map(capitalised).collect()
}

/// `percentRemaining` as `percent_remaining`.
pub fn snake(camel: &str) -> String {
    let mut snake = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// A signal group in Pascal case: `TractionBattery` is unchanged, `HVAC` becomes `Hvac`.
pub fn group(group: &str) -> String {
    let shouted = !group.contains(|letter: char| letter.is_lowercase());
    if shouted {
        pascal(&group.to_lowercase())
    } else {
        group.to_owned()
    }
}

/// Variant names: the values in Pascal case without their common prefix.
pub fn variants<'a>(values: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let first = values.clone().next().unwrap_or_default();
    let prefix = first
        .find('_')
        .map(|at| &first[..=at])
        .filter(|prefix| {
            values.clone().count() > 1 && values.clone().all(|v| v.starts_with(prefix))
        })
        .unwrap_or_default();
    values
        .map(|value| {
            let value = &value[prefix.len()..];
            let shouted = value.chars().all(|letter| !letter.is_lowercase());
            pascal(&if shouted {
                value.to_lowercase()
            } else {
                value.to_owned()
            })
        })
        .collect()
}
