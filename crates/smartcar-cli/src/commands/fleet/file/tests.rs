//! Files as a run leaves them, whole or not.

use super::*;

const ASKED: [&str; 2] = ["/odometer", "/fuel"];

const LINES: [&str; 4] = [
    r#"{"vehicle":"good","items":[{"path":"/odometer","ok":true},{"path":"/fuel","ok":true}]}"#,
    r#"{"vehicle":"partly","items":[{"path":"/odometer","ok":true},{"path":"/fuel","ok":false,"error":{"retry_after_seconds":null}}]}"#,
    r#"{"vehicle":"waiting","items":[{"path":"/odometer","ok":true},{"path":"/fuel","ok":false,"error":{"retry_after_seconds":9}}]}"#,
    r#"{"vehicle":"failed","error":{"retry_after_seconds":null}}"#,
];

const ROWS: [&str; 4] = [
    "good,/odometer,true,distance,1,km,,,,,,,,,1,3\ngood,/fuel,true,range,1,km,,,,,,,,,2,3\ngood,/fuel,true,percentRemaining,\"0,5\",,,,,,,,,,3,3",
    "partly,/odometer,true,distance,1,km,,,,,,,,,1,2\npartly,/fuel,false,,,,,,api,PERMISSION,,403,,,2,2",
    "waiting,/odometer,true,distance,1,km,,,,,,,,,1,2\nwaiting,/fuel,false,,,,,,api,RATE_LIMIT,,429,,9,2,2",
    "failed,,false,,,,,,transport,,,,no answer,,1,1",
];

fn asked() -> Vec<String> {
    ASKED.map(str::to_owned).to_vec()
}

/// A file of its own with this text.
fn holding(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn both() -> [(Format, String, [&'static str; 4]); 2] {
    let csv = Format::Csv.header().unwrap().to_owned() + "\n";
    [
        (Format::Ndjson, String::new(), LINES),
        (Format::Csv, csv, ROWS),
    ]
}

#[test]
fn wherever_a_file_is_cut_what_is_whole_is_kept() {
    for (format, header, parts) in both() {
        let parts = parts.map(|part| part.to_owned() + "\n");
        let text = header.clone() + &parts.concat();
        for cut in 0..=text.len() {
            let file = holding(&text[..cut]);
            let kept = Kept::read(file.path(), format, &asked()).unwrap();
            let mut whole = if cut < header.len() { 0 } else { header.len() };
            let mut named = Vec::new();
            for part in &parts {
                if cut < whole + part.len() || cut < header.len() {
                    break;
                }
                whole += part.len();
                named.push(part);
            }
            assert_eq!(kept.has("good"), !named.is_empty(), "{cut}");
            assert_eq!(kept.has("partly"), named.len() > 1, "{cut}");
            assert!(!kept.has("waiting") && !kept.has("failed"));
            assert_eq!(kept.is_cut, cut > whole, "{cut}");
            drop(kept.go_on().unwrap());
            let left = fs::read_to_string(file.path()).unwrap();
            let expected = if whole == 0 {
                header.as_str()
            } else {
                &text[..whole]
            };
            assert_eq!(left, expected, "{cut}");
        }
    }
}

#[test]
fn a_vehicle_that_was_asked_again_is_left_once_and_an_answer_beats_a_failure() {
    for (format, header, [good, _, waiting, failed]) in both() {
        let again = good.replace("good", "waiting");
        let worse = failed.replace("failed", "good");
        let text = format!("{header}{good}\n{waiting}\n{failed}\n{again}\n{worse}\n{failed}\n");
        let file = holding(&text);
        let kept = Kept::read(file.path(), format, &asked()).unwrap();
        assert!(kept.has("good") && kept.has("waiting") && !kept.has("failed"));
        kept.tidy().unwrap();
        let left = fs::read_to_string(file.path()).unwrap();
        assert_eq!(left, format!("{header}{good}\n{again}\n{failed}\n"));
    }
}

#[test]
fn what_no_fleet_wrote_is_refused_with_its_line() {
    let json = LINES[0];
    let header = Format::Csv.header().unwrap();
    let second = ROWS[1].lines().nth(1).unwrap();
    for (format, text, line) in [
        (Format::Ndjson, "\n".to_owned(), 1),
        (Format::Ndjson, format!("{json}\n{{}}\n"), 2),
        (
            Format::Ndjson,
            format!("{json}\n{{\"vehicle\":\"v\"}}\n"),
            2,
        ),
        (Format::Ndjson, json.replace("/fuel", "/vin") + "\n", 1),
        (Format::Ndjson, header.to_owned() + "\n", 1),
        (Format::Csv, json.to_owned() + "\n", 1),
        (Format::Csv, format!("{header}\n{json}\n"), 2),
        // The second row of a vehicle without its first.
        (Format::Csv, format!("{header}\n{second}\n"), 2),
    ] {
        let file = holding(&text);
        let refusal = Kept::read(file.path(), format, &asked()).unwrap_err();
        let place = format!("{}:{line}: ", file.path().display());
        assert!(refusal.message.starts_with(&place), "{}", refusal.message);
        assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
    }
}
