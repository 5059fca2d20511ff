//! Which requests are taken, and what is answered to the others.

use proptest::prelude::*;
use smartcar_webhook::{
    Delivery, LARGEST_BODY, ManagementToken, Odometer, Receiver, Refused, TokenError, sign,
};

use crate::support::{KEY, receive, receiver, state, token, with_signals};

const NONE: Option<&str> = None;

fn refused(signature: &[&str], body: &[u8]) -> Refused {
    receiver()
        .receive(signature.iter().copied(), body)
        .unwrap_err()
}

#[test]
fn the_signature_is_that_of_the_vendor() {
    // RFC 4231, test case 2.
    let token = ManagementToken::new("Jefe").unwrap();
    assert_eq!(
        sign(&token, b"what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

#[test]
fn a_body_that_serializes_differently_is_taken_as_it_was_signed() {
    let body = with_signals(
        "[ {\"code\" : \"odometer-traveleddistance\", \"body\": {\"value\": 1.0e2, \"unit\": \"km\",\
         \"a\": 1.0, \"b\": 1e2, \"c\": \"\\u00e9\", \"d\": 12345678901234567890}} ]",
    );
    let (odometer,) = state(&body).batch::<(Odometer,)>().unwrap().data;
    assert_eq!(odometer.unwrap().distance.to_bits(), 100.0_f64.to_bits());
}

#[test]
fn digits_are_taken_in_either_case_and_nothing_around_them() {
    let body = with_signals("[]");
    let right = sign(&token(), body.as_bytes());
    let body = body.as_bytes();
    assert!(receiver().receive(Some(right.to_uppercase()), body).is_ok());
    for wrong in [
        String::new(),
        format!("sha256={right}"),
        format!(" {right}"),
        format!("{right} "),
        right[..62].to_owned(),
        format!("{right}00"),
        right.replacen(|_: char| true, "g", 1),
        right.replacen(|_: char| true, "é", 1),
    ] {
        assert_eq!(refused(&[&wrong], body), Refused::Signature, "{wrong}");
    }
}

#[test]
fn exactly_one_signature_is_needed() {
    let body = with_signals("[]");
    let right = sign(&token(), body.as_bytes());
    let body = body.as_bytes();
    assert_eq!(refused(&[], body), Refused::NotSigned);
    assert_eq!(refused(&[&right, &right], body), Refused::SignedTwice);
    let other = ManagementToken::new("another").unwrap();
    let wrong = sign(&other, body);
    assert_eq!(refused(&[&wrong], body), Refused::WrongSignature);
    for refused in [
        Refused::NotSigned,
        Refused::SignedTwice,
        Refused::WrongSignature,
    ] {
        assert_eq!(refused.status(), 401);
        assert!(!refused.to_string().contains(KEY));
    }
}

#[test]
fn several_tokens_verify_and_the_first_answers() {
    let previous = ManagementToken::new("previous").unwrap();
    let receiver = Receiver::new(token()).also_accept(previous.clone());
    let body = with_signals("[]");
    for key in [&previous, &token()] {
        let signature = sign(key, body.as_bytes());
        assert!(receiver.receive(Some(signature), body.as_bytes()).is_ok());
    }
    let verify = br#"{"eventType": "VERIFY", "data": {"challenge": "challenge_abc"}}"#;
    let Ok(Delivery::Verify(answer)) = receiver.receive(NONE, verify) else {
        panic!("not verified");
    };
    let expected = sign(&token(), b"challenge_abc");
    assert_eq!(answer.body(), format!(r#"{{"challenge":"{expected}"}}"#));
}

#[test]
fn both_payloads_are_verified_unsigned_and_signed() {
    for body in [
        r#"{"eventType":"VERIFY","eventId":"e","data":{"challenge":"a-b._~9"},"meta":{}}"#,
        r#"{"eventName":"verify","payload":{"challenge":"a-b._~9"}}"#,
    ] {
        let expected = format!(r#"{{"challenge":"{}"}}"#, sign(&token(), b"a-b._~9"));
        let Ok(Delivery::Verify(unsigned)) = receiver().receive(NONE, body.as_bytes()) else {
            panic!("not verified: {body}");
        };
        let Delivery::Verify(signed) = receive(body) else {
            panic!("not verified: {body}");
        };
        assert_eq!((unsigned.body(), signed.body()), (&*expected, &*expected));
        let wrong = sign(&ManagementToken::new("another").unwrap(), body.as_bytes());
        assert_eq!(refused(&[&wrong], body.as_bytes()), Refused::WrongSignature);
    }
}

#[test]
fn only_short_tokens_are_signed() {
    let long = "a".repeat(129);
    let delivery = with_signals("[]").replace('"', "\\\"");
    for challenge in [
        "", " ", "a b", "a\\n", "{}", "a/b", "a+b", "a=", "é", "\\u00e9", "a\\u0000", &long,
        &delivery,
    ] {
        let body = format!(r#"{{"eventType":"VERIFY","data":{{"challenge":"{challenge}"}}}}"#);
        assert_eq!(refused(&[], body.as_bytes()), Refused::Challenge, "{body}");
    }
    for rest in [
        "{}",
        "{\"challenge\":7}",
        "{\"challenge\":null}",
        "[]",
        "7",
        "null",
    ] {
        let body = format!(r#"{{"eventType":"VERIFY","data":{rest}}}"#);
        assert_eq!(refused(&[], body.as_bytes()), Refused::Challenge, "{body}");
    }
    let twice = br#"{"eventType":"VERIFY","data":{"challenge":"a","challenge":"b"}}"#;
    assert_eq!(refused(&[], twice), Refused::Challenge);
    assert_eq!(Refused::Challenge.status(), 400);
    let longest = format!(
        r#"{{"eventType":"VERIFY","data":{{"challenge":"{}"}}}}"#,
        "a".repeat(128)
    );
    assert!(receiver().receive(NONE, longest.as_bytes()).is_ok());
}

#[test]
fn what_is_not_an_event_is_told_only_once_it_is_verified() {
    for body in [
        &b""[..],
        b"x",
        b"7",
        b"null",
        b"[]",
        b"{}",
        b"{\"eventType\":7}",
        b"{\"eventType\":\"\"}",
        b"{\"eventType\":\"VEHICLE_STATE\"",
        b"\xff{}",
        b"{\"eventType\":\"A\"}x",
        b"{\"eventType\":\"A\",\"eventType\":\"B\"}",
    ] {
        assert_eq!(refused(&[], body), Refused::NotSigned);
        let signature = sign(&token(), body);
        let refused = refused(&[&signature], body);
        assert!(matches!(refused, Refused::NotAnEvent(_)), "{refused:?}");
        assert_eq!(refused.status(), 400);
    }
}

#[test]
fn a_body_above_the_limit_is_not_hashed() {
    let mut body = vec![b' '; LARGEST_BODY];
    body[..2].copy_from_slice(b"{}");
    let signature = sign(&token(), &body);
    assert!(matches!(
        refused(&[&signature], &body),
        Refused::NotAnEvent(_)
    ));
    body.push(b' ');
    assert_eq!(refused(&[&signature], &body), Refused::TooLarge);
    assert_eq!(Refused::TooLarge.status(), 413);
}

#[test]
fn a_token_is_checked_and_never_shown() {
    let long = "a".repeat(8 * 1024 + 1);
    assert!(ManagementToken::new(&long[1..]).is_ok());
    for (wrong, why) in [
        ("", "is empty"),
        (" a", "has a space or a control character at byte 0"),
        ("a ", "has a space or a control character at byte 1"),
        ("a b", "has a space or a control character at byte 1"),
        ("a\n", "has a space or a control character at byte 1"),
        ("a\tb", "has a space or a control character at byte 1"),
        ("a\u{0}b", "has a space or a control character at byte 1"),
        (long.as_str(), "is longer than 8192 bytes"),
    ] {
        let error: TokenError = ManagementToken::new(wrong).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(why), "{text}");
        assert!(wrong.len() < 3 || !text.contains(wrong), "{text}");
    }
    let shown = format!("{:?} {:?}", token(), receiver());
    assert!(
        !shown.contains(KEY) && shown.contains("[redacted]"),
        "{shown}"
    );
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 1..200),
        Just(with_signals("[{\"code\":\"odometer-traveleddistance\"}]").into_bytes()),
    ]
}

proptest! {
    #[test]
    fn one_flipped_bit_anywhere_is_refused(
        body in body(), byte in any::<prop::sample::Index>(), bit in 0_u8..8
    ) {
        let signature = sign(&token(), &body);
        let at = byte.index(body.len() + 64);
        let (mut body, mut signature) = (body, signature.into_bytes());
        if at < body.len() {
            body[at] ^= 1 << bit;
        } else {
            let at = at - body.len();
            let before = signature[at];
            signature[at] ^= 1 << bit;
            // The same digit in the other case is the same signature.
            prop_assume!(!signature[at].eq_ignore_ascii_case(&before));
        }
        let refused = receiver().receive(Some(&signature), &body).unwrap_err();
        prop_assert!(matches!(refused, Refused::WrongSignature | Refused::Signature));
        prop_assert!(receiver().verify(&signature, &body).is_err());
    }
}
