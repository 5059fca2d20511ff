//! Arbitrary input: a request is either sent in its correct form or not sent at
//! all.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use smartcar_batch::{
    AccessToken, Batch, BatchPath, Client, Error, ErrorKind, Location, Odometer, Vehicle, VehicleId,
};
use smartcar_tests::Canned;

/// Arbitrary text, and text near the limits of what is allowed.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z0-9._~/\\\\%?#&:;@!$'()*+,=\\[\\]{}|^`\"<> -]{0,12}",
        "\\PC{0,6}",
        "[\\x00-\\x7f]{0,8}",
        "[.]{0,5}",
        "[a-z.]{120,136}",
    ]
}

fn vehicle(origin: &str) -> Vehicle {
    Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .api_origin(origin)
        .build()
        .unwrap()
        .vehicle(VehicleId::new("v").unwrap())
}

/// Checks an input error: it is one line, and nothing was sent.
fn is_refusal(error: &Error) -> bool {
    let text = error.to_string();
    error.kind() == ErrorKind::InvalidRequest
        && error.charged() == 0
        && !text.chars().any(char::is_control)
        && text.len() < 500
}

proptest! {
    #[test]
    fn any_text_is_refused_as_an_id_or_keeps_the_urls_shape(id in text()) {
        match VehicleId::new(&*id) {
            Err(error) => prop_assert!(is_refusal(&error), "{}", error),
            Ok(kept) => {
                prop_assert_eq!(kept.as_str(), &id);
                let url = format!("https://api.smartcar.com/v2.0/vehicles/{id}/batch");
                let url = reqwest::Url::parse(&url).unwrap();
                let steps: Vec<_> = url.path_segments().unwrap().collect();
                prop_assert_eq!(steps, ["v2.0", "vehicles", id.as_str(), "batch"]);
                prop_assert!(url.query().is_none() && url.fragment().is_none());
                prop_assert_eq!(url.host_str(), Some("api.smartcar.com"));
            }
        }
    }

    #[test]
    fn text_that_changes_a_url_is_never_an_id(
        before in "[a-z0-9]{0,4}",
        odd in select(vec!['/', '\\', '%', '?', '#', '\0', '\r', '\n', '\t', ' ', '\u{7f}', '\u{85}', 'é', '∕', '．', ':', '@', ';']),
        after in "[a-z0-9]{0,4}",
    ) {
        let refused = VehicleId::new(format!("{before}{odd}{after}"));
        prop_assert!(refused.is_err());
        prop_assert!(VehicleId::new(".".repeat(before.len())).is_err());
    }

    #[test]
    fn any_text_is_refused_as_a_token_or_is_one_header(token in text()) {
        let sendable = !token.is_empty()
            && token.len() <= 8 * 1024
            && token.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        match AccessToken::new(&*token) {
            Ok(kept) => {
                prop_assert!(sendable, "{:?}", token);
                let bearer = format!("Bearer {token}");
                let header = reqwest::header::HeaderValue::from_str(&bearer).unwrap();
                prop_assert_eq!(header.to_str().unwrap(), bearer);
                prop_assert_eq!(format!("{kept:?}"), "AccessToken([redacted])");
            }
            Err(error) => {
                prop_assert!(!sendable, "{:?}", token);
                prop_assert!(is_refusal(&error), "{}", error);
            }
        }
    }

    #[test]
    fn a_refused_token_is_not_shown(
        secret in "[A-Z0-9]{12,40}",
        odd in select(vec!['\r', '\n', ' ', 'é', '\0', '\t', '\u{202e}']),
        at in 0_usize..12,
    ) {
        let mut token = secret.clone();
        token.insert(at, odd);
        let error = AccessToken::new(token).unwrap_err();
        let shown = format!("{error} {error:?}");
        // A letter or two can occur in any text.
        prop_assert!(secret.len() - at < 4 || !shown.contains(&secret[at..]), "{}", shown);
        prop_assert!(at < 4 || !shown.contains(&secret[..at]), "{}", shown);
        prop_assert!(shown.contains(&format!("byte {at}")), "{}", shown);
    }

    #[test]
    fn a_list_of_paths_is_refused_or_asks_each_once(
        paths in vec(prop_oneof![
            select(vec!["/odometer", "/location", "/fuel", "/", "/tesla/charge", "odometer", "/odometer/"])
                .prop_map(str::to_owned),
            text().prop_map(|path| format!("/{path}")),
        ], 0..6),
    ) {
        let vehicle = vehicle("http://127.0.0.1:9");
        let mut distinct = paths.clone();
        distinct.sort();
        distinct.dedup();
        let fine = !paths.is_empty()
            && distinct.len() == paths.len()
            && paths.iter().all(|path| BatchPath::new(&**path).is_ok());
        match vehicle.batch_paths(&paths) {
            Ok(request) => {
                prop_assert!(fine, "{:?}", paths);
                prop_assert_eq!(usize::try_from(request.cost()), Ok(paths.len()));
            }
            Err(error) => {
                prop_assert!(!fine, "{:?}", paths);
                prop_assert!(is_refusal(&error), "{}", error);
            }
        }
    }

    #[test]
    fn a_path_that_is_asked_is_one_the_answer_can_name(path in text()) {
        if let Ok(kept) = BatchPath::new(&*path) {
            prop_assert_eq!(kept.as_str(), &path);
            prop_assert!(path.starts_with('/') && path.is_ascii());
            prop_assert!(!path.contains(['?', '#', '\\', '%', '"', ' ']));
            let steps = path[1..].split('/');
            prop_assert!(path == "/" || steps.into_iter().all(|step| !["", ".", ".."].contains(&step)));
        }
    }
}

#[tokio::test]
async fn an_id_that_is_allowed_goes_out_as_it_is() {
    let server = Canned::json(r#"{"responses": []}"#).await.unwrap();
    let client = Client::builder()
        .access_token(AccessToken::new("!#$%&'*+-.^_`|~:/?@[]{}()<>,;=\"\\").unwrap())
        .api_origin(server.origin())
        .build()
        .unwrap();
    let ids = [
        "...a",
        "a..",
        "..a",
        "~",
        "-",
        "_",
        "A.b-C_d~e",
        "0",
        "vehicles",
        "batch",
    ];
    for id in ids {
        let vehicle = client.vehicle(VehicleId::new(id).unwrap());
        vehicle.batch::<(Odometer,)>().send().await.unwrap();
    }
    let requests = server.requests();
    for (id, request) in ids.iter().zip(&requests) {
        let line = request.lines().next().unwrap();
        assert_eq!(line, format!("POST /v2.0/vehicles/{id}/batch HTTP/1.1"));
        let token = "authorization: Bearer !#$%&'*+-.^_`|~:/?@[]{}()<>,;=\"\\\r\n";
        assert!(request.contains(token), "{request}");
    }
    assert_eq!(requests.len(), ids.len());
}

#[tokio::test]
async fn an_empty_batch_and_a_path_asked_twice_send_nothing() {
    let server = Canned::json(r#"{"responses": []}"#).await.unwrap();
    let vehicle = vehicle(server.origin());
    let none: [&str; 0] = [];
    let error = vehicle.batch_paths(none).unwrap_err();
    assert!(is_refusal(&error), "{error}");
    assert!(error.to_string().contains("empty"), "{error}");
    for paths in [
        ["/odometer", "/odometer"].as_slice(),
        &["/odometer", "/fuel", "/odometer"],
        &["/", "/"],
    ] {
        let error = vehicle.batch_paths(paths).unwrap_err();
        assert!(is_refusal(&error), "{error}");
        assert!(error.to_string().contains("twice"), "{error}");
    }
    assert!(server.requests().is_empty());
    // A typed batch without endpoints or with duplicates does not compile; the
    // compile-fail tests show the messages.
    assert_eq!(
        <(Odometer, Location)>::PATHS.to_vec(),
        ["/odometer", "/location"]
    );
    assert!(<(Odometer, Location)>::PATHS.are_distinct());
    assert!(!<(Odometer, Odometer)>::PATHS.are_distinct());
}
