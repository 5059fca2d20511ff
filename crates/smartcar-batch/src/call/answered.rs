//! When a call had its last response.
//!
//! Invariant: the server's clock counts if the response has a readable `Date` header.

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderValue};
use smartcar_model::ResponseHeaders;

use crate::clock::Clock;

/// When the last response came. The header is read only for a failure: that costs as
/// much as reading all other headers.
#[derive(Debug)]
pub(super) enum Answered {
    /// At the time of this header.
    Dated(HeaderValue),
    At(Timestamp),
}

impl Answered {
    pub(super) fn by(date: Option<HeaderValue>, clock: &Clock) -> Self {
        date.map_or_else(|| Self::At(clock.now()), Self::Dated)
    }

    pub(super) fn time(&self, clock: &Clock) -> Timestamp {
        match self {
            Self::Dated(date) => {
                let mut headers = ResponseHeaders::default();
                if let Ok(text) = date.to_str() {
                    headers.insert(DATE.as_str(), text);
                }
                headers.date.unwrap_or_else(|| clock.now())
            }
            Self::At(time) => *time,
        }
    }
}
