//! The result of one path: a success with a body, or the item's error.
//!
//! Invariant: the status code and decoding errors alone decide between success
//! and error. The body is read only when a type is requested.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::api_error::ApiError;
use crate::body::Body;
use crate::headers::ResponseHeaders;
use crate::item_error::ItemError;
use crate::malformed::Malformed;
use crate::reading::{Meta, Reading};
use crate::text;

/// The result of one path, before its body is read.
#[derive(Debug, Clone)]
pub struct ItemResponse<'a> {
    /// The item's code, or the HTTP status if one endpoint was requested by
    /// itself.
    pub(crate) code: Result<u16, Malformed>,
    pub(crate) headers: ResponseHeaders,
    pub(crate) body: Option<Body<'a>>,
    /// Set if the item itself is malformed.
    pub(crate) fault: Option<Malformed>,
    pub(crate) request_id: Option<&'a str>,
    /// Whether the body is the last known value of a signal that failed.
    pub(crate) last_known: bool,
}

impl<'a> ItemResponse<'a> {
    /// The result of a GET of one endpoint: its status, headers and body text. A
    /// body that is not JSON makes a success malformed, and an error keep only
    /// its status.
    pub fn of_endpoint(
        status: u16,
        headers: ResponseHeaders,
        body: &'a str,
        request_id: Option<&'a str>,
    ) -> Self {
        let raw: Result<&RawValue, _> = serde_json::from_str(body);
        Self {
            code: Ok(status),
            headers,
            fault: match &raw {
                Err(error) if is_success(status) => Some(Malformed::from_json("/body", error)),
                _ => None,
            },
            body: raw.ok().and_then(|raw| body_of(raw.get())),
            request_id,
            last_known: false,
        }
    }

    /// An item of a batch whose body is known to be valid JSON and not null.
    pub(crate) fn of_item(
        code: u16,
        headers: ResponseHeaders,
        body: &'a str,
        request_id: Option<&'a str>,
    ) -> Self {
        Self {
            code: Ok(code),
            headers,
            body: Some(Body::Text(body)),
            fault: None,
            request_id,
            last_known: false,
        }
    }

    /// A success that was converted from signals.
    pub(crate) fn of_signals(
        headers: ResponseHeaders,
        body: Body<'a>,
        request_id: Option<&'a str>,
        last_known: bool,
    ) -> Self {
        Self {
            code: Ok(200),
            headers,
            body: Some(body),
            fault: None,
            request_id,
            last_known,
        }
    }

    /// Reads the body as a type. Fails with the item's error, or with
    /// [`ItemError::Malformed`] if the body does not fit.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Reading<T>, ItemError> {
        let body = self.success()?.read().map_err(ItemError::Malformed)?;
        Ok(Reading::new(body, self.meta()))
    }

    /// Keeps the body as received. Fails with the item's error.
    pub fn read_raw(&self) -> Result<Reading<Box<RawValue>>, ItemError> {
        let raw = self.success()?.to_raw().map_err(ItemError::Malformed)?;
        Ok(Reading::new(raw, self.meta()))
    }

    fn meta(&self) -> Meta {
        Meta {
            last_known: self.last_known,
            ..Meta::from_headers(&self.headers, self.request_id)
        }
    }

    /// The body of a success, or the item's error.
    pub(crate) fn success(&self) -> Result<&Body<'a>, ItemError> {
        if let Some(fault) = &self.fault {
            return Err(ItemError::Malformed(fault.clone()));
        }
        let code = match &self.code {
            Ok(code) => *code,
            Err(malformed) => return Err(ItemError::Malformed(malformed.clone())),
        };
        if !is_success(code) {
            let body = match &self.body {
                Some(Body::Text(text)) => Some(*text),
                _ => None,
            };
            let mut error = ApiError::read(code, &self.headers, body);
            if error.request_id.is_none() {
                error.request_id = self.request_id.map(text::clean);
            }
            return Err(ItemError::Api(Box::new(error)));
        }
        self.body.as_ref().ok_or_else(|| {
            let why = format!("code {code} without a body");
            ItemError::Malformed(Malformed::new("/body", why))
        })
    }
}

pub(crate) fn is_success(code: u16) -> bool {
    (200..300).contains(&code)
}

/// A body, unless it is null.
pub(crate) fn body_of(text: &str) -> Option<Body<'_>> {
    (text != "null").then_some(Body::Text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_that_is_not_json_says_so_and_an_error_keeps_its_status() {
        let read = |status| {
            let headers = ResponseHeaders::default();
            ItemResponse::of_endpoint(status, headers, "<html>", None).read_raw()
        };
        match read(200) {
            Err(ItemError::Malformed(malformed)) => {
                assert_eq!(malformed.pointer(), "/body");
                assert_eq!(malformed.reason(), "expected value");
            }
            other => panic!("{other:?}"),
        }
        match read(502) {
            Err(ItemError::Api(error)) => assert_eq!(error.status, 502),
            other => panic!("{other:?}"),
        }
    }
}
