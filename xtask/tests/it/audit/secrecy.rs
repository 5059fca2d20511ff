//! Values of a recording never appear in the report.
//!
//! Invariant: an arbitrary string may appear only if it looks like a name and was planted
//! where the spec has an enum, a name, a code or a path.

use serde_json::{Value, json};
use xtask::audit::word::{Word, is_name};

use super::{BOOK, audit, clean, command, ndjson, recording};

/// A small generator that gives the same strings in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    /// At least ten letters, so that none appears in a report by chance.
    fn text(&mut self) -> String {
        const ALPHABETS: [&str; 6] = [
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            "ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
            "abcdefghijklmnopqrstuvwxyz_",
            "abcdef0123456789-",
            "0123456789.",
            "abcdeÄöß@/ \"\\\n~{}$<>.,:'",
        ];
        let alphabet: Vec<_> = ALPHABETS[self.roll(ALPHABETS.len())].chars().collect();
        let length = if self.roll(3) == 0 {
            17
        } else {
            10 + self.roll(40)
        };
        (0..length)
            .map(|_| alphabet[self.roll(alphabet.len())])
            .collect()
    }
}

/// The planted words, and whether each may be shown at its position.
type Planted = Vec<(String, bool)>;

/// Replaces strings and numbers, and adds members with arbitrary names. `open` means that a name,
/// a code or a path is expected at this position.
fn scramble(value: &mut Value, open: bool, dice: &mut Dice, planted: &mut Planted) {
    match value {
        Value::String(text) => {
            // If the example has an enum value, the spec has an enum here.
            let open = open || BOOK.words.contains(text.as_str());
            *text = dice.text();
            planted.push((text.clone(), open));
        }
        Value::Number(_) => {
            let number = 100_000_000 + dice.roll(899_999_999);
            *value = json!(number);
            planted.push((number.to_string(), false));
        }
        Value::Array(list) => {
            for value in list {
                scramble(value, open, dice, planted);
            }
        }
        Value::Object(map) => {
            for (name, value) in map.iter_mut() {
                // Some stay unchanged, so that nested values are reached.
                let kept = ["path", "code", "id", "type", "kind"].contains(&name.as_str());
                if !kept || dice.roll(6) == 0 {
                    scramble(value, kept, dice, planted);
                }
            }
            if dice.roll(4) == 0 {
                let (name, mut inner) = (dice.text(), json!({"x": "text", "y": [1, "text"]}));
                planted.push((name.clone(), true));
                scramble(&mut inner, false, dice, planted);
                map.insert(name, inner);
            }
        }
        _ => {}
    }
}

#[test]
fn arbitrary_values_are_never_shown() {
    for seed in 0..4_u64 {
        let mut dice = Dice((seed + 1) * 0x0137_79B9_7F4A_7C15);
        let mut planted = Planted::new();
        let mut answers = clean();
        for answer in &mut answers {
            // Each seed uses different items.
            for list in ["responses", "items", "data"] {
                if let Some(list) = answer.get_mut(list).and_then(Value::as_array_mut) {
                    let items = std::mem::take(list).into_iter().enumerate();
                    *list = items
                        .filter(|(n, _)| *n as u64 % 16 == seed)
                        .map(|(_, item)| item)
                        .collect();
                }
            }
            scramble(answer, false, &mut dice, &mut planted);
            let mut headers =
                json!({"sc-request-id": "text", "sc-unknown": "text", "retry-after": 1});
            scramble(&mut headers, false, &mut dice, &mut planted);
            *answer = json!({"status": 200, "headers": headers, "body": answer, dice.text(): dice.text()});
        }
        let report = audit("a.ndjson", &ndjson(&answers));
        assert!(
            report.deviations().count() > 20 && planted.len() > 150,
            "{}",
            planted.len()
        );
        let output = report.to_string() + &serde_json::to_string(&report).unwrap();
        for (text, open) in planted
            .iter()
            .filter(|(text, open)| !*open || !is_name(text))
        {
            let part: String = text.chars().take(10).collect();
            let escaped = serde_json::to_string(&part).unwrap();
            let shown = output.contains(&part) || output.contains(escaped.trim_matches('"'));
            assert!(!shown, "seed {seed}: {text:?} is shown ({open})");
        }
    }
}

#[test]
fn neither_stream_of_the_command_shows_a_value() {
    let vin = "KNAC381AZP5000042";
    let texts = [
        format!(
            "{{\"responses\": [{{\"path\": \"/vin\", \"code\": 200, \"body\": {{\"vin\": 5, \"{vin}\": \"{vin}\"}}}}]}}"
        ),
        format!(
            "{{\"data\": {{\"id\": \"{vin}\", \"type\": \"{vin}\", \"{vin}\": 1, \"attributes\": \"{vin}\"}}}}"
        ),
        format!("{{\"responses\": [\"{vin}\", {vin}"),
        format!("\"{vin}\""),
        format!("{{\"{vin}\": \"{vin}\", \"{vin}"),
    ];
    let recordings = texts
        .iter()
        .flat_map(|text| ["a.json", "a.ndjson"].map(|name| recording(name, text.as_bytes())));
    let recordings: Vec<_> = recordings.collect();
    let paths: Vec<_> = recordings
        .iter()
        .map(|(_directory, path)| path.as_path())
        .collect();
    for more in [&[][..], &["--format", "json"]] {
        let output = command(&paths, more, b"");
        assert_eq!(output.status.code(), Some(1));
        let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(shown.contains("/vin") && !shown.contains("KNAC"), "{shown}");
    }
}

#[test]
fn only_what_looks_like_a_name_is_shown() {
    let names = [
        "TRICKLE",
        "read_engine_oil",
        "sc-data-age",
        "LEVEL_2",
        "batteryTemperature",
    ];
    let values = [
        "",
        "52.5163",
        "-13.3777",
        "12345",
        "KNAC381AZP5000042",
        "ada@example.org",
        "1 High Street",
        "3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611",
        "2026-03-14",
        "NOTAVINBUTASLONGX",
        "A12345",
        "Straße",
        "+49301234567",
        "a.b",
        "<invalid>",
        &"A".repeat(41),
    ];
    assert_eq!(names.map(is_name), [true; 5]);
    assert_eq!(values.map(is_name), [false; 16]);
    let words = &BOOK.words;
    // Words of the spec may be shown, whatever their length.
    assert_eq!(
        Word::new("ACCOUNT_SUSPENDED", words).shown(),
        Some("ACCOUNT_SUSPENDED")
    );
    assert_eq!(Word::new(values[4], words).to_string(), "(string of 17)");
}
