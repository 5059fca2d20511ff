//! Complete and truncated output files, and files that are not fleet output.

use super::super::sink::Sink;
use super::*;

const ASKED: [&str; 2] = ["/odometer", "/fuel"];

const LINES: [&str; 5] = [
    r#"{"vehicle":"good","request_id":"é\"1\"","items":[{"path":"/odometer","ok":true},{"path":"/fuel","ok":true}]}"#,
    r#"{"vehicle":"partly","request_id":null,"items":[{"path":"/odometer","ok":true},{"path":"/fuel","ok":false,"error":{"kind":"api","type":"PERMISSION","code":null,"status":403,"retryable":false,"retry_after_seconds":null}}]}"#,
    r#"{"vehicle":"waiting","request_id":"3","items":[{"path":"/odometer","ok":true},{"path":"/fuel","ok":false,"error":{"kind":"api","status":429,"retryable":true,"retry_after_seconds":9}}]}"#,
    r#"{"vehicle":"passing","request_id":"4","items":[{"path":"/odometer","ok":false,"error":{"kind":"api","type":"UPSTREAM","code":"NO_RESPONSE","status":502,"retryable":true,"retry_after_seconds":null}},{"path":"/fuel","ok":true}]}"#,
    r#"{"vehicle":"failed","error":{"kind":"transport","retry_after_seconds":null}}"#,
];

const ROWS: [&str; 5] = [
    "good,/odometer,true,distance,1,km,,,,,,,,,1,3\ngood,/fuel,true,range,1,km,,,,,,,,,2,3\ngood,/fuel,true,percentRemaining,\"0,5\",,,,,,,,,,3,3",
    "partly,/odometer,true,distance,1,km,,,,,,,,,1,2\npartly,/fuel,false,,,,,,api,PERMISSION,,403,,,2,2",
    "waiting,/odometer,true,distance,1,km,,,,,,,,,1,2\nwaiting,/fuel,false,,,,,,api,RATE_LIMIT,VEHICLE,429,,9,2,2",
    "passing,/odometer,false,,,,,,api,UPSTREAM,NO_RESPONSE,502,,,1,2\npassing,/fuel,true,range,1,km,,,,,,,,,2,2",
    "failed,,false,,,,,,transport,,,,no answer,,1,1",
];

fn asked() -> Vec<String> {
    ASKED.map(str::to_owned).to_vec()
}

/// A temporary file with these bytes.
fn holding(bytes: impl AsRef<[u8]>) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes.as_ref()).unwrap();
    file
}

fn both() -> [(Format, String, [&'static str; 5]); 2] {
    let csv = Format::Csv.header().unwrap().to_owned() + "\n";
    [
        (Format::Ndjson, String::new(), LINES),
        (Format::Csv, csv, ROWS),
    ]
}

#[test]
fn only_items_that_may_pass_are_asked_again() {
    for (format, header, parts) in both() {
        let file = holding(header + &parts.join("\n") + "\n");
        let kept = Kept::read(file.path(), format, &asked()).unwrap();
        for (vehicle, again) in [
            ("good", &[][..]),
            ("partly", &[]),
            ("waiting", &["/fuel"]),
            ("passing", &["/odometer"]),
            ("failed", &ASKED),
            ("new", &ASKED),
        ] {
            assert_eq!(kept.asks(vehicle), again, "{vehicle}");
            assert_eq!(kept.has(vehicle), again.is_empty(), "{vehicle}");
        }
        assert_eq!(kept.count(Verdict::Good), 1);
        assert_eq!(kept.count(Verdict::Partly), 1);
        assert_eq!(kept.verdict("waiting", Verdict::Good), Verdict::Good);
        assert_eq!(kept.verdict("partly", Verdict::Good), Verdict::Partly);
    }
}

#[test]
fn wherever_a_file_is_cut_what_is_whole_is_kept() {
    for (format, header, parts) in both() {
        let parts = parts.map(|part| part.to_owned() + "\n");
        let text = header.clone() + &parts.concat();
        for cut in 0..=text.len() {
            let file = holding(&text.as_bytes()[..cut]);
            let mut kept = Kept::open(file.path(), format, &asked()).unwrap();
            // A missing newline is added.
            let mut whole = if cut + 1 < header.len() {
                0
            } else {
                header.len()
            };
            let mut named = 0;
            for part in &parts {
                if cut + 1 < whole + part.len() || cut + 1 < header.len() {
                    break;
                }
                whole += part.len();
                named += 1;
            }
            assert_eq!(kept.vehicles.len(), named, "{cut}");
            assert_eq!(kept.is_cut(), cut > whole, "{cut}");
            drop(Sink::go_on(&mut kept).unwrap());
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
fn a_row_whose_last_number_may_be_cut_is_not_taken_for_whole() {
    let header = Format::Csv.header().unwrap();
    let asked = ["/tires/pressure", "/security"].map(|path| vec![path.to_owned()]);
    for (asked, row, is_whole) in [
        (
            &asked[0],
            "a,/tires/pressure,true,frontLeft,1,kPa,,,,,,,,,1,1",
            true,
        ),
        // A truncated `1,12`: this endpoint has lists.
        (
            &asked[1],
            "a,/security,true,isLocked,true,,,,,,,,,,1,1",
            false,
        ),
        (
            &asked[1],
            "a,/security,false,,,,,,api,PERMISSION,,403,,,1,1",
            true,
        ),
    ] {
        let file = holding(format!("{header}\n{row}"));
        let kept = Kept::read(file.path(), Format::Csv, asked).unwrap();
        assert_eq!(
            (kept.vehicles.len() == 1, kept.is_cut()),
            (is_whole, !is_whole)
        );
    }
}

#[test]
fn a_vehicle_that_was_asked_again_is_left_once_and_an_answer_beats_a_failure() {
    for (format, header, [good, _, waiting, _, failed]) in both() {
        let again = good.replace("good", "waiting");
        let worse = failed.replace("failed", "good");
        let text = format!("{header}{good}\n{waiting}\n{failed}\n{again}\n{worse}\n{failed}\n");
        let file = holding(&text);
        let kept = Kept::read(file.path(), format, &asked()).unwrap();
        assert!(kept.has("good") && kept.has("waiting") && !kept.has("failed"));
        kept.tidy(file.as_file()).unwrap();
        let left = fs::read_to_string(file.path()).unwrap();
        assert_eq!(left, format!("{header}{good}\n{again}\n{failed}\n"));
    }
}

#[test]
fn what_no_fleet_wrote_is_refused_with_its_line_and_left_alone() {
    let json = LINES[0];
    let header = Format::Csv.header().unwrap();
    let second = ROWS[1].lines().nth(1).unwrap();
    let ndjson = |text: &str, line| (Format::Ndjson, text.to_owned(), line);
    let csv = |text: &str, line| (Format::Csv, text.to_owned(), line);
    for (format, text, line) in [
        ndjson("\n", 1),
        ndjson(&format!("{json}\n{{}}\n"), 2),
        ndjson(&format!("{json}\n{{\"vehicle\":\"v\"}}\n"), 2),
        ndjson(&(json.replace("/fuel", "/vin") + "\n"), 1),
        ndjson(&format!("{header}\n"), 1),
        // Without a newline.
        ndjson(r#"{"precious": [1, 2, 3]}"#, 1),
        ndjson(r#"{"vehicle":"v","plate":"B-X 1"}"#, 1),
        ndjson(r#"{"vehicle":"v","plate":"B-X"#, 1),
        ndjson(r#"{"vehicle":{"a": "#, 1),
        ndjson("36ab27d0", 1),
        ndjson(" ", 1),
        ndjson(&format!("{json}\nremark"), 2),
        ndjson(&format!("{json}\n{{\"vehicle\":\"v\"}}"), 2),
        ndjson(&format!("{json}\n{}", json.replace("/fuel", "/vin")), 2),
        csv(&format!("{json}\n"), 1),
        csv(&format!("{header}\n{json}\n"), 2),
        // The second row of a vehicle without its first.
        csv(&format!("{header}\n{second}\n"), 2),
        csv(json, 1),
        csv("vehicle,plate", 1),
        csv(&format!("{header}\n{json}"), 2),
        csv(&format!("{header}\na remark"), 2),
        csv(&format!("{header}\na,plate,true"), 2),
        csv(&format!("{header}\na,/fuel,perhaps"), 2),
    ] {
        let file = holding(&text);
        let refusal = Kept::open(file.path(), format, &asked()).unwrap_err();
        let place = format!("{}:{line}: ", file.path().display());
        assert!(refusal.message.starts_with(&place), "{}", refusal.message);
        assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
    }
    let file = holding(b"\xff\xfe\n");
    assert!(Kept::open(file.path(), Format::Ndjson, &asked()).is_err());
    let file = holding(b"{\"vehicle\":\"\xff");
    assert!(Kept::open(file.path(), Format::Ndjson, &asked()).is_err());
}

#[test]
fn a_file_is_one_runs_at_a_time() {
    let file = holding("");
    let first = Kept::open(file.path(), Format::Ndjson, &asked()).unwrap();
    let refusal = Kept::open(file.path(), Format::Ndjson, &asked()).unwrap_err();
    assert!(
        refusal.message.contains("written by another run"),
        "{}",
        refusal.message
    );
    // A dry run writes nothing.
    assert!(Kept::read(file.path(), Format::Ndjson, &asked()).is_ok());
    drop(first);
    assert!(Kept::open(file.path(), Format::Ndjson, &asked()).is_ok());
}
