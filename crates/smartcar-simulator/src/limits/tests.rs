use super::*;

fn read(text: &str) -> Result<Limits, String> {
    toml::from_str(text).map_err(|error: toml::de::Error| error.message().to_owned())
}

#[test]
fn a_table_says_what_the_methods_say() {
    let minute = Duration::from_secs(60);
    for (text, limits) in [
        ("", Limits::off()),
        ("published = true", Limits::published()),
        (
            "application = { bucket = 10, per_minute = 3 }",
            Limits::off().application(10, 3),
        ),
        (
            "published = true\nbatch_takes = \"request\"\nvehicle_monthly = 0",
            Limits::published()
                .batch_takes(BatchTakes::Request)
                .vehicle_monthly(0),
        ),
        (
            "vehicle_rate = { requests = 4, per_seconds = 60 }\nbatch_takes = \"paths\"",
            Limits::off().vehicle_rate(4, minute),
        ),
        (
            "upstream = { requests = 9, per_seconds = 0.5 }",
            Limits::off().upstream(9, Duration::from_millis(500)),
        ),
    ] {
        assert_eq!(read(text).unwrap(), limits, "{text}");
    }
}

#[test]
fn a_table_that_cannot_be_kept_is_refused_with_the_cure() {
    for (text, expected) in [
        (
            "daily = 5",
            "unknown field `daily`, expected one of `published`",
        ),
        (
            "application = { bucket = 10 }",
            "missing field `per_minute`",
        ),
        ("batch_takes = \"half\"", "expected `paths` or `request`"),
        (
            "application = { bucket = 0, per_minute = 1 }",
            "the limit `application` must be 1 or more",
        ),
        (
            "upstream = { requests = 0, per_seconds = 1 }",
            "the limit `upstream` must be 1 or more",
        ),
        (
            "vehicle_rate = { requests = 1, per_seconds = -1 }",
            "a number of seconds greater than 0",
        ),
        (
            "vehicle_rate = { requests = 1, per_seconds = 0 }",
            "the limit `vehicle_rate` needs",
        ),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_line_says_what_is_set() {
    assert_eq!(Limits::off().to_string(), "off");
    let limits = Limits::published().vehicle_rate(4, Duration::from_secs(90));
    assert_eq!(
        limits.to_string(),
        "120 for the application, refilled by 2 per minute, each path of a batch counts; \
         4 in 90s for each vehicle; 500 per month for each vehicle"
    );
}
