//! The lexer beside `serde_json`.
//!
//! Invariant: they pass the same texts.

use super::*;
use proptest::prelude::*;
use serde_json::value::RawValue;

fn passes(text: &str) -> bool {
    let mut lexer = Lexer::new(text);
    lexer.value().is_some() && lexer.is_at_end()
}

fn agrees(text: &str) {
    let raw = serde_json::from_str::<&RawValue>(text);
    assert_eq!(passes(text), raw.is_ok(), "{text}");
    if let Ok(raw) = raw {
        assert_eq!(Lexer::new(text).value(), Some(raw.get()));
    }
}

#[test]
fn passes_what_serde_json_passes() {
    for text in [
        "null",
        "nul",
        "nulll",
        "true",
        "truE",
        "false",
        "0",
        "-0",
        "00",
        "01",
        "-",
        "1.",
        ".5",
        "1.5",
        "1e",
        "1e5",
        "1E+05",
        "1e-",
        "-1.0e-10",
        "1e400",
        "+1",
        "\"\"",
        "\"a",
        "\"\\",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\u12g4\"",
        "\"tab\there\"",
        "\"a long text with é and \u{1f600}\"",
        "\"0123456\\\"89\"",
        "\"\u{7f}\"",
        "\"\u{80}\u{81}\u{a2}\u{dc}\"",
        "[]",
        "[ ]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1]]",
        "[[[]]]",
        "[}",
        "{]",
        "{}",
        "{ }",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\" : [ {\"b\":null} , \"\" ] }",
        "{1:2}",
        "{\"a\":1}x",
        "",
        " ",
        " 1 ",
        "\u{a0}1",
    ] {
        agrees(text);
    }
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    agrees(&deep);
    agrees(&deep[1..]);
}

proptest! {
    #[test]
    fn on_any_text(text in r#"[\[\]{}",:0-9eE+.\\ntu -]{0,24}|"\PC{0,20}"|"[\x00-\x7f]{0,20}""#) {
        agrees(&text);
    }

    #[test]
    fn a_special_byte_is_found(bytes: [u8; 8]) {
        let is = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        let first = bytes.iter().position(is).unwrap_or(8);
        prop_assert_eq!(special(u64::from_le_bytes(bytes)), first);
    }
}
