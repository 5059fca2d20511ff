//! The documented form of the error object, read in one pass.
//!
//! Invariant: it fills an error only with what reading with care would fill it
//! with; of any other form it says so and fills nothing.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::{ApiError, Resolution};
use crate::text::{self, Text};

/// Fills an error from its object. False for any other form than the one that is
/// documented, whose members are texts.
pub(super) fn fill(error: &mut ApiError, body: &str) -> bool {
    let Ok(plain) = serde_json::from_str::<Plain<'_>>(body) else {
        return false;
    };
    let clean = |text: Option<Text<'_>>| {
        let text = text.map(|Text(text)| text::clean(&text));
        text.filter(|text| !text.is_empty())
    };
    error.error_type = clean(plain.kind);
    error.code = clean(plain.code);
    error.description = clean(plain.description);
    error.doc_url = clean(plain.doc_url);
    error.request_id = clean(plain.request_id);
    error.suggested_user_message = clean(plain.suggested_user_message);
    error.resolution = plain.resolution.map(|resolution| Resolution {
        resolution_type: resolution.kind.map(|Text(kind)| text::clean(&kind)),
        url: resolution.url.map(|Text(url)| text::clean(&url)),
    });
    true
}

/// The members that are kept.
#[derive(Default)]
struct Plain<'a> {
    kind: Option<Text<'a>>,
    code: Option<Text<'a>>,
    description: Option<Text<'a>>,
    doc_url: Option<Text<'a>>,
    request_id: Option<Text<'a>>,
    suggested_user_message: Option<Text<'a>>,
    resolution: Option<PlainResolution<'a>>,
}

#[derive(Default)]
struct PlainResolution<'a> {
    kind: Option<Text<'a>>,
    url: Option<Text<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Plain<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Plain<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an error object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Plain<'de>, A::Error> {
                let mut plain = Plain::default();
                let (mut status, mut kind_seen) = (false, false);
                let mut seen = [false; 7];
                while let Some(Text(key)) = map.next_key::<Text<'de>>()? {
                    let (place, at) = match key.as_ref() {
                        "type" => (&mut plain.kind, 0),
                        "code" => (&mut plain.code, 1),
                        "description" => (&mut plain.description, 2),
                        "docURL" => (&mut plain.doc_url, 3),
                        "requestId" => (&mut plain.request_id, 4),
                        "suggestedUserMessage" => (&mut plain.suggested_user_message, 5),
                        "resolution" => {
                            once(&mut seen[6])?;
                            plain.resolution = map.next_value()?;
                            continue;
                        }
                        "statusCode" => {
                            once(&mut status)?;
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                        _ => return Err(Error::custom("another form")),
                    };
                    once(&mut seen[at])?;
                    *place = map.next_value()?;
                    kind_seen |= at == 0 && place.is_some();
                }
                // Without it the other shapes' members count.
                if !kind_seen {
                    return Err(Error::custom("another form"));
                }
                Ok(plain)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for PlainResolution<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = PlainResolution<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a resolution")
            }
            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<PlainResolution<'de>, A::Error> {
                let mut resolution = PlainResolution::default();
                let mut seen = [false; 2];
                while let Some(Text(key)) = map.next_key::<Text<'de>>()? {
                    let (place, at) = match key.as_ref() {
                        "type" => (&mut resolution.kind, 0),
                        "url" => (&mut resolution.url, 1),
                        _ => return Err(Error::custom("another form")),
                    };
                    once(&mut seen[at])?;
                    *place = map.next_value()?;
                }
                Ok(resolution)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A duplicate is another form.
fn once<E: Error>(seen: &mut bool) -> Result<(), E> {
    if std::mem::replace(seen, true) {
        return Err(E::custom("another form"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"type": "RATE_LIMIT", "code": "VEHICLE", "description": "too \u00e9 many\n",
        "statusCode": 429, "docURL": null, "requestId": "", "resolution": {"type": "RETRY_LATER", "url": null},
        "suggestedUserMessage": "Please try again."}"#;

    fn both(body: &str) -> (bool, ApiError, ApiError) {
        let (mut plain, mut careful) = (ApiError::from_status(429), ApiError::from_status(429));
        careful.read_with_care(body);
        let filled = fill(&mut plain, body);
        (filled, plain, careful)
    }

    #[test]
    fn the_documented_form_is_read_as_with_care() {
        let (filled, plain, careful) = both(WHOLE);
        assert!(filled);
        assert_eq!(plain, careful);
        assert_eq!(plain.description.as_deref(), Some("too é many"));
        assert_eq!(plain.request_id, None);
    }

    #[test]
    fn any_other_form_is_left_to_care() {
        for (what, with) in [
            (
                r#""statusCode": 429"#,
                r#""statusCode": 429, "statusCode": 429"#,
            ),
            (r#""statusCode": 429"#, r#""detail": "x""#),
            (r#""statusCode": 429"#, r#""errors": []"#),
            (r#""type": "RATE_LIMIT""#, r#""type": null, "error": "x""#),
            (r#""type": "RATE_LIMIT""#, r#""type": null"#),
            (r#""type": "RATE_LIMIT""#, r#""type": 3"#),
            (r#""code": "VEHICLE""#, r#""code": 1e400"#),
            (r#""code": "VEHICLE""#, r#""code": "\ud800""#),
            (r#""code": "VEHICLE""#, r#""code": "A", "code": "B""#),
            (r#"{"type": "RETRY_LATER", "url": null}"#, "\"RETRY_LATER\""),
            (r#"{"type": "RETRY_LATER", "url": null}"#, "{\"kind\": 1}"),
        ] {
            let body = WHOLE.replace(what, with);
            assert_ne!(body, WHOLE, "{what}");
            let (filled, plain, _) = both(&body);
            assert!(!filled, "{body}");
            assert_eq!(plain, ApiError::from_status(429), "{body}");
        }
    }
}
