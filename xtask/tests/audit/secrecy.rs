//! Whatever stands in a recording, its values are not in the report.
//!
//! Invariant: an arbitrary string may only be seen again if it looks like a
//! name and stood where the spec has an enum.

use serde_json::{Map, Value, json};
use xtask::audit::book::Book;
use xtask::audit::token::is_token;

use super::support::{audit, clean, command, ndjson, recording, spec};

/// A small generator: the same strings in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    /// At least ten letters, so that none is in a report by chance.
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

/// What was planted, and whether it stands where a word may be shown.
type Planted = Vec<(String, bool)>;

/// Replaces strings and numbers, and adds members of arbitrary names.
fn scramble(value: &mut Value, dice: &mut Dice, book: &Book<'_>, planted: &mut Planted) {
    match value {
        Value::String(text) => {
            // Where the example has an enum's value, the spec has an enum.
            let open = book.words.contains(text.as_str());
            *text = dice.text();
            planted.push((text.clone(), open));
        }
        Value::Number(_) => {
            let number = 100_000_000 + dice.roll(899_999_999);
            *value = json!(number);
            planted.push((number.to_string(), false));
        }
        Value::Array(list) => list
            .iter_mut()
            .for_each(|value| scramble(value, dice, book, planted)),
        Value::Object(map) => {
            map.values_mut()
                .for_each(|value| scramble(value, dice, book, planted));
            if dice.roll(4) == 0 {
                let (name, mut inner) = (dice.text(), json!({"x": "text", "y": [1, "text"]}));
                planted.push((name.clone(), true));
                scramble(&mut inner, dice, book, planted);
                map.insert(name, inner);
            }
        }
        _ => {}
    }
}

fn answers(dice: &mut Dice, book: &Book<'_>, planted: &mut Planted) -> Vec<Value> {
    let mut answers = clean();
    for answer in &mut answers {
        let items = answer["responses"].as_array_mut().unwrap();
        for item in items {
            scramble(&mut item["body"], dice, book, planted);
            scramble(&mut item["headers"], dice, book, planted);
            match dice.roll(5) {
                0 => {
                    let segment = dice.text();
                    item["path"] = json!(format!("/{segment}"));
                    planted.push((segment, true));
                }
                1 => scramble(&mut item["code"], dice, book, planted),
                _ => {}
            }
        }
        let mut outer = Map::new();
        outer.insert(dice.text(), json!(dice.text()));
        let mut headers = json!({"sc-request-id": "text", "sc-unknown": "text", "retry-after": 1});
        scramble(&mut headers, dice, book, planted);
        *answer = json!({"status": 200, "headers": headers, "body": answer, "recorder": outer});
    }
    answers
}

#[test]
fn arbitrary_values_are_never_shown() {
    let spec = spec();
    let book = Book::new(&spec);
    for seed in 1..=4 {
        let (mut dice, mut planted) = (Dice(seed * 0x0137_79B9_7F4A_7C15), Planted::new());
        let answers = answers(&mut dice, &book, &mut planted);
        let report = audit("a.ndjson", &ndjson(&answers));
        assert!(
            report.deviations > 100 && planted.len() > 300,
            "{}",
            planted.len()
        );
        let outputs = [report.text(true), serde_json::to_string(&report).unwrap()];
        for (text, open) in &planted {
            if *open && is_token(text) {
                continue;
            }
            let part: String = text.chars().take(10).collect();
            let escaped = serde_json::to_string(&part).unwrap();
            for output in &outputs {
                assert!(!output.contains(&part), "seed {seed}: {text:?} is shown");
                assert!(
                    !output.contains(escaped.trim_matches('"')),
                    "seed {seed}: {text:?} is shown"
                );
            }
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
        format!("{{\"responses\": [\"{vin}\", {vin}"),
        format!("\"{vin}\""),
        format!("{{\"{vin}\": \"{vin}\", \"{vin}"),
    ];
    for text in texts {
        for name in ["a.json", "a.ndjson"] {
            let (_directory, path) = recording(name, text.as_bytes());
            for more in [&[][..], &["--verbose"], &["--format", "json"]] {
                let output = command(&[&path], more);
                assert_ne!(output.status.code(), Some(0));
                for stream in [output.stdout, output.stderr] {
                    let stream = String::from_utf8(stream).unwrap();
                    assert!(
                        !stream.contains(vin) && !stream.contains("KNAC"),
                        "{stream}"
                    );
                }
            }
        }
    }
}
