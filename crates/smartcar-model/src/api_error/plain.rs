//! The documented form of the error object, read in one pass.
//!
//! Invariant: it gives nothing but what reading with care would give; of any other
//! form it gives nothing at all.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::text::Text;

/// Reads an error object. `None` for any other form than the one that is documented,
/// whose members are texts.
pub(super) fn read(body: &str) -> Option<Plain<'_>> {
    serde_json::from_str(body).ok()
}

/// The members that are kept.
#[derive(Default)]
pub(super) struct Plain<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) code: Option<Text<'a>>,
    pub(super) description: Option<Text<'a>>,
    pub(super) doc_url: Option<Text<'a>>,
    pub(super) request_id: Option<Text<'a>>,
    pub(super) suggested_user_message: Option<Text<'a>>,
    pub(super) resolution: Option<PlainResolution<'a>>,
}

#[derive(Default)]
pub(super) struct PlainResolution<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) url: Option<Text<'a>>,
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
