//! The implementation of open enums.
//!
//! Invariant: reading never fails on an unknown value, and writing gives exactly
//! the text that was read.

use std::fmt;

/// A value that is not in the spec, as received.
///
/// Only deserializing creates one, so it never holds a value that is in the spec.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unrecognized(Box<str>);

impl Unrecognized {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as the API sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Unrecognized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An enum over strings that keeps unknown values.
macro_rules! open_enum {
    (
        $(#[$docs:meta])*
        pub enum $name:ident { $( $(#[$variant_docs:meta])* $variant:ident = $text:literal ),* $(,)? }
    ) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$variant_docs])* $variant, )*
            /// A value that is not in the spec, as received.
            Unrecognized($crate::Unrecognized),
        }

        impl $name {
            /// The values in the spec.
            pub const VALUES: &'static [&'static str] = &[$($text),*];

            /// The value as the API writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )*
                    Self::Unrecognized(text) => text.as_str(),
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $( $text => Self::$variant, )*
                    text => Self::Unrecognized($crate::Unrecognized::new(text)),
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl ::serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str("a string")
                    }
                    fn visit_str<E>(self, text: &str) -> Result<$name, E> {
                        Ok($name::from(text))
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }

        $crate::lenient::lenient!($name);

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                // The set is open, so the known values are examples and not a
                // limit.
                ::schemars::json_schema!({ "type": "string", "examples": [$($text),*] })
            }
        }
    };
}
pub(crate) use open_enum;
