//! Clap value parsers for the paths and makes in the spec.
//!
//! Invariant: shells complete the known values. Where only known values are
//! accepted, the error suggests the nearest one.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::error::ContextKind;
use clap::{Arg, Command, Error};
use smartcar_batch::model::v3::{SIGNALS, SignalInfo};
use smartcar_batch::{ENDPOINTS, EndpointInfo};

/// Accepts any path, because the API may have paths that are not in the spec.
#[derive(Debug, Clone)]
pub(crate) struct AnyPath;

impl TypedValueParser for AnyPath {
    type Value = String;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(cmd, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(paths()))
    }
}

/// An endpoint or signal in the spec.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Known {
    Endpoint(&'static EndpointInfo),
    Signal(&'static SignalInfo),
}

impl Known {
    /// Finds a path, with or without its leading slash, or a signal's code.
    fn of(text: &str) -> Option<Self> {
        let path = format!("/{}", text.trim_start_matches('/'));
        let signal = SignalInfo::of_path(&path).or_else(|| SignalInfo::of(text));
        let endpoint = EndpointInfo::of(&path).map(Self::Endpoint);
        endpoint.or_else(|| signal.map(Self::Signal))
    }
}

/// Accepts the paths and signal codes in the spec.
#[derive(Debug, Clone)]
pub(crate) struct KnownPath;

impl TypedValueParser for KnownPath {
    type Value = Known;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Known, Error> {
        let text = StringValueParser::new().parse_ref(cmd, arg, value)?;
        Known::of(&text).ok_or_else(|| {
            let codes = SIGNALS.iter().map(|signal| PossibleValue::new(signal.code));
            let names: Vec<_> = if text.starts_with('/') {
                paths().collect()
            } else {
                paths().chain(codes).collect()
            };
            let refused = PossibleValuesParser::new(names).parse_ref(cmd, arg, value);
            let mut error = refused
                .err()
                .unwrap_or_else(|| Error::new(clap::error::ErrorKind::InvalidValue).with_cmd(cmd));
            // There are too many valid values to list them.
            error.remove(ContextKind::ValidValue);
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(paths()))
    }
}

/// Accepts a make in several spellings, such as `alfa romeo` or `ALFA_ROMEO`.
#[derive(Debug, Clone)]
pub(crate) struct Make;

impl Make {
    fn names() -> PossibleValuesParser {
        let mut makes: Vec<_> = ENDPOINTS.iter().flat_map(|info| info.makes).collect();
        makes.sort_unstable();
        makes.dedup();
        let names = makes.into_iter().map(|make| make.to_lowercase());
        PossibleValuesParser::new(names.map(PossibleValue::new))
    }
}

impl TypedValueParser for Make {
    type Value = String;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        let text = StringValueParser::new().parse_ref(cmd, arg, value)?;
        let name = text.trim().to_lowercase().replace([' ', '-'], "_");
        let name = Self::names().parse_ref(cmd, arg, OsStr::new(&name))?;
        Ok(name.to_uppercase())
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values: Vec<_> = Self::names().possible_values()?.collect();
        Some(Box::new(values.into_iter()))
    }
}

/// Every path that a batch can ask for.
fn paths() -> impl Iterator<Item = PossibleValue> {
    let endpoints = ENDPOINTS.iter().map(|info| (info.path, info.summary));
    let signals = SIGNALS.iter().map(|signal| (signal.path, signal.name));
    let all = endpoints.chain(signals);
    all.map(|(path, summary)| PossibleValue::new(path).help(summary))
}
