use super::*;

fn error(text: &str) -> String {
    Scenario::parse(text).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_has_its_line_and_its_cure() {
    for (text, expected) in [
        (
            "\nstart = 1",
            "line 2: unknown field `start`, expected one of `seed`",
        ),
        (
            "start_at = \"tomorrow\"",
            "line 1: `tomorrow` is not a time with an offset",
        ),
        (
            "start_at = 2026-07-01",
            "line 1: `2026-07-01` is not a time",
        ),
        ("start_at = 5", "line 1: `a integer` is not a time"),
        (
            "\n\nclock_speed = -1",
            "line 3: `clock_speed` must be 0 or more",
        ),
        (
            "[[tokens]]\ntoken = \"two words\"",
            "line 1: an access token must be",
        ),
        (
            "[[tokens]]\npermissions = []",
            "line 1: missing field `token`",
        ),
        (
            "[[applications]]\nclient_id = \"a:b\"\nclient_secret = \"s\"",
            "line 1: an application",
        ),
        ("[limits]\nvehicle_monthly = -1", "line 2: "),
        (
            "[limits]\napplication = {bucket = 0, per_minute = 1}",
            "line 1: the limit `application`",
        ),
        (
            "\n[[faults]]\nreset = true\n[[faults]]\nhtml = 1000",
            "line 4: 1000 is not a status",
        ),
        (
            "[[faults]]\nerror = \"SLEEPY\"",
            "line 1: the catalogue has no error SLEEPY",
        ),
        (
            "[[faults]]\nreset = true\nhtml = 502",
            "line 1: `html` and `reset` are two faults",
        ),
        ("[[faults]]\nx = 1", "line 2: unknown field `x`"),
        (
            "[[webhook_faults]]\nkind = \"duplicate\"\nchance = 2",
            "line 1: `chance` must be from 0 to 1",
        ),
        (
            "only_known_vehicles = true\n[[vehicles]]\nid = \"car-1\"\n[[webhook_faults]]\n\
             kind = \"duplicate\"\nvehicle = \"car-l\"",
            "line 4: the vehicle `car-l` is not known, did you mean `car-1`?",
        ),
        (
            "[[vehicles]]\nid = \"a\"\nplugged = false",
            "line 3: unknown field `plugged`, expected one of",
        ),
        (
            "[[vehicles]]\nid = \"a\"\npowertrain = \"ICE\"\nplugged_in = true",
            "line 1: vehicle `a` is ICE and has no battery to charge",
        ),
        ("faults = [", "line 1: "),
    ] {
        let error = error(text);
        assert!(error.starts_with(expected), "{text}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn a_file_is_named_in_its_errors() {
    let error = Scenario::read("no/such/file.toml").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no/such/file.toml: the scenario cannot be read"
    );
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<io::Error>());

    let wrong = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let error = Scenario::read(wrong).unwrap_err().to_string();
    let place = error.strip_prefix(&format!("{wrong}:")).unwrap();
    let (line, message) = place.split_once(": ").unwrap();
    assert!(line.parse::<u32>().is_ok(), "{error}");
    assert!(message.starts_with("unknown field `"), "{error}");
}

#[test]
fn no_secret_is_shown() {
    let text = "[[tokens]]\ntoken = \"hush-1\"\n[[applications]]\nclient_id = \"a\"\nclient_secret = \"hush-2\"";
    let scenario = Scenario::parse(text).unwrap();
    let builder = crate::Simulator::builder().scenario(scenario.clone());
    let shown = format!("{scenario:?} {builder:?}");
    assert!(!shown.contains("hush"), "{shown}");
}

/// The keys that a parser names in its message about an unknown one.
fn keys(text: &str) -> Vec<String> {
    let error = error(text);
    let quoted = error.split('`').skip(3).step_by(2);
    quoted.map(str::to_owned).collect()
}

#[test]
fn the_example_has_every_key() {
    // Those that are like others which it has.
    let alike = [
        "model",
        "vin",
        "latitude",
        "longitude",
        "charge_limit",
        "tank_litres",
        "battery_capacity_kwh",
        "fuel_fraction",
        "application",
        "vehicle_monthly",
    ];
    for table in [
        "",
        "[[vehicles]]\n",
        "[[tokens]]\n",
        "[[applications]]\n",
        "[limits]\n",
        "[[webhooks]]\n",
        "[[webhook_faults]]\n",
    ] {
        let keys = keys(&format!("{table}no_such_key_at_all = 1"));
        assert!(keys.len() > 1, "{table}");
        for key in keys.iter().filter(|key| !alike.contains(&key.as_str())) {
            let is_there = Scenario::EXAMPLE.contains(&format!("{key} = "))
                || Scenario::EXAMPLE.contains(&format!("[{key}]"));
            assert!(is_there, "{table}{key}");
        }
    }
}
