use super::*;
use http::HeaderValue;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const NOTHING: Grant = Grant::Just(BTreeSet::new());

fn bearer(token: &str) -> HeaderMap {
    let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}

fn granted(values: &[&'static str]) -> bool {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(AUTHORIZATION, HeaderValue::from_static(value));
    }
    Tokens::default().grant(&headers, NOW).is_some()
}

#[test]
fn only_one_well_formed_bearer_header_is_read() {
    assert!(granted(&["Bearer simulator-token"]));
    assert!(granted(&["bearer simulator-token"]));
    assert!(!granted(&[]));
    assert!(!granted(&["simulator-token"]));
    assert!(!granted(&["Basic simulator-token"]));
    assert!(!granted(&["Bearer"]));
    assert!(!granted(&["Bearer "]));
    assert!(!granted(&["Bearer other"]));
    assert!(!granted(&["Bearer simulator-token x"]));
    assert!(!granted(&[
        "Bearer simulator-token",
        "Bearer simulator-token"
    ]));
}

#[test]
fn a_token_covers_just_its_permissions() {
    let grant = Grant::Just(BTreeSet::from(["read_vin".to_owned()]));
    assert!(grant.covers(Some("read_vin")));
    assert!(grant.covers(None));
    assert!(!grant.covers(Some("read_fuel")));
    assert!(Grant::Everything.covers(Some("read_fuel")));
}

#[test]
fn an_expired_token_is_unknown() {
    let mut tokens = Tokens::default();
    assert!(tokens.expire(DEFAULT_TOKEN));
    assert!(!tokens.expire(DEFAULT_TOKEN));
    assert!(!tokens.expire("other"));
    assert_eq!(tokens.grant(&bearer(DEFAULT_TOKEN), NOW), None);
}

#[test]
fn a_token_ends_at_its_moment_and_not_before() {
    let mut tokens = Tokens::default();
    let ends = Some(NOW + Duration::from_secs(60));
    tokens.set("short".to_owned(), NOTHING, ends);
    let at = |seconds| Timestamp::from_millisecond(seconds).unwrap();
    assert_eq!(tokens.grant(&bearer("short"), at(59_999)), Some(NOTHING));
    assert_eq!(tokens.grant(&bearer("short"), at(60_000)), None);
    assert_eq!(tokens.known(at(59_999)).len(), 2);
    assert_eq!(tokens.known(at(60_000)).len(), 1);
    tokens.prune(at(60_000));
    assert!(!tokens.expire("short"), "it is already removed");
    assert!(
        tokens
            .grant(&bearer(DEFAULT_TOKEN), Timestamp::MAX)
            .is_some()
    );
}

#[test]
fn tokens_that_cannot_be_sent_are_refused_without_being_shown() {
    for token in ["", "two words", "line\nbreak", "é"] {
        let error = check(token).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
    let mut tokens = Tokens::default();
    tokens.set("secret".to_owned(), NOTHING, None);
    assert!(check("secret").is_ok());
    assert_eq!(format!("{tokens:?}"), "2 tokens");
    assert!(!format!("{:?}", tokens.known(NOW)).contains("secret"));
}
