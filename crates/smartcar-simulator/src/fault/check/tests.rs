use super::*;
use crate::spec::Spec;

#[test]
fn what_cannot_be_done_is_refused() {
    let catalogue = &Spec::embedded().unwrap().catalogue;
    let ok = Fault::unchanged;
    for (fault, expected) in [
        (Fault::error("RATE_LIMIT", None), "no error RATE_LIMIT with"),
        (
            Fault::item_error("/fuel", "rate_limit", Some("VEHICLE")),
            "no error rate_limit with code VEHICLE",
        ),
        (Fault::status(199), "199 is not a status"),
        (Fault::html(1000), "1000 is not a status"),
        (ok().with_status(0), "0 is not a status"),
        (ok().header("two words", "1"), "is not a header name"),
        (ok().without_header(""), "is not a header name"),
        (ok().header("x", "line\nbreak"), "cannot be sent"),
        (
            ok().header("Content-Length", "1"),
            "reserved for the server",
        ),
        (ok().without_header("connection"), "reserved for the server"),
        (ok().on_request(0), "`request` must be 1 or more"),
        (ok().times(0), "`times` must be 1 or more"),
        (ok().with_probability(1.1, 0), "between 0 and 1"),
        (ok().with_probability(f64::NAN, 0), "between 0 and 1"),
    ] {
        let error = check(&fault, catalogue).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn the_whole_catalogue_is_known_outside_and_in_items() {
    let catalogue = &Spec::embedded().unwrap().catalogue;
    assert_eq!(catalogue.names().count(), 48);
    for (kind, code) in catalogue.names() {
        assert_eq!(check(&Fault::error(kind, code), catalogue), Ok(()));
        let item = Fault::item_error("/fuel", kind, code);
        assert_eq!(check(&item, catalogue), Ok(()));
    }
}
