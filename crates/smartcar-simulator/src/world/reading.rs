//! A value of a vehicle's state on its way into a body.
//!
//! Invariant: a reading is in metric units until a template converts it.

use std::borrow::Cow;

use serde::Serialize;

/// What is known of a variable.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Reading<'v> {
    Nothing,
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(Cow<'v, str>),
    /// A text of which json escapes no character, as every answer has two.
    Moment(&'v str),
    List(Vec<&'v str>),
}

impl<'v> Reading<'v> {
    pub(crate) fn text(text: impl Into<Cow<'v, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn as_number(&self) -> Option<f64> {
        match *self {
            Self::Number(number) => Some(number),
            #[expect(clippy::cast_precision_loss, reason = "far below 2 to the 53rd")]
            Self::Whole(number) => Some(number as f64),
            _ => None,
        }
    }
}
