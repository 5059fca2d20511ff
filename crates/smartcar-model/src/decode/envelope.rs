//! The two layers around a body: the outer object and the item.
//!
//! Invariant: everything borrows from the answer's text; nothing is copied
//! before it is known to be wanted.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::headers::ResponseHeaders;
use crate::item_response::{ItemResponse, body_of, is_success};
use crate::lexer::Lexer;
use crate::malformed::{DUPLICATE, Malformed};
use crate::members::{Member, Name};
use crate::text::Text;

/// `{"responses": […]}`, each element still text.
pub(super) struct Envelope<'a> {
    pub(super) responses: Vec<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, Malformed> {
        serde_json::from_str(text).map_err(|error| Malformed::from_json("", &error))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Envelope<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Outer;
        impl<'de> Visitor<'de> for Outer {
            type Value = Envelope<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with `responses`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope<'de>, A::Error> {
                let mut responses = None;
                while let Some(key) = map.next_key::<Name<'de>>()? {
                    if key.as_str() != "responses" {
                        map.next_value::<IgnoredAny>()?;
                    } else if responses.replace(map.next_value()?).is_some() {
                        return Err(serde::de::Error::duplicate_field("responses"));
                    }
                }
                let responses =
                    responses.ok_or_else(|| serde::de::Error::missing_field("responses"))?;
                Ok(Envelope { responses })
            }
        }
        deserializer.deserialize_map(Outer)
    }
}

/// One element of the list, its members still text.
#[derive(Default)]
pub(super) struct Item<'a> {
    path: Member<'a>,
    code: Member<'a>,
    headers: Member<'a>,
    body: Member<'a>,
}

impl<'a> Item<'a> {
    /// Cuts an element into its members. `None` for what cannot be told the
    /// path of: no object, no path, two paths, or an empty one.
    pub(super) fn read(raw: &'a RawValue) -> Option<(Cow<'a, str>, Self)> {
        let mut item = Self::default();
        Lexer::new(raw.get()).members(|name, lexer| {
            let value = lexer.value()?;
            match Name::of(name).as_str() {
                "path" => item.path.put(value),
                "code" => item.code.put(value),
                "headers" => item.headers.put(value),
                "body" => item.body.put(value),
                _ => {}
            }
            Some(())
        })?;
        let path: Text<'a> = serde_json::from_str(item.path.once()?).ok()?;
        let path = match path.0 {
            path if path.is_empty() => return None,
            path if path.starts_with('/') => path,
            path => Cow::Owned(format!("/{path}")),
        };
        Some((path, item))
    }

    pub(super) fn answer(&self, request_id: Option<&'a str>) -> ItemResponse<'a> {
        let code = self.code();
        let members = [("headers", self.headers), ("body", self.body)];
        let twice = members.iter().find(|(_, member)| member.is_duplicate());
        // An error stays one, whatever is left of it.
        let is_good = code.as_ref().is_ok_and(|code| is_success(*code));
        let fault = twice.filter(|_| is_good);
        ItemResponse {
            headers: (self.headers.once())
                .and_then(|raw| serde_json::from_str::<ResponseHeaders>(raw).ok())
                .unwrap_or_default(),
            body: self.body.once().and_then(body_of),
            fault: fault.map(|(name, _)| Malformed::new(format!("/{name}"), DUPLICATE)),
            code,
            request_id,
            last_known: false,
        }
    }

    fn code(&self) -> Result<u16, Malformed> {
        if self.code.is_duplicate() {
            return Err(Malformed::new("/code", DUPLICATE));
        }
        let Some(raw) = self.code.once() else {
            return Err(Malformed::new("/code", "no code"));
        };
        let code: u16 =
            serde_json::from_str(raw).map_err(|error| Malformed::from_json("/code", &error))?;
        if !(100..1000).contains(&code) {
            return Err(Malformed::new("/code", "not an HTTP status"));
        }
        Ok(code)
    }
}
