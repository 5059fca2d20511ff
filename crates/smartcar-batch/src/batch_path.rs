//! A path that a batch can ask.
//!
//! Invariant: a path that the API would refuse the whole batch for is refused
//! before anything is sent.

use std::fmt;

use crate::limits::PATH_LENGTH;
use crate::{Error, ErrorKind};

/// The path of an endpoint in a batch: its URL without `/vehicles/{id}`.
///
/// ```
/// use smartcar_batch::BatchPath;
///
/// assert!(BatchPath::new("/tesla/speedometer").is_ok());
/// assert!(BatchPath::new("odometer").is_err());
/// assert!(BatchPath::new("/permissions?limit=5").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchPath(Box<str>);

impl BatchPath {
    /// A path with its leading slash; `/` is the vehicle itself.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] for one that is longer than
    /// [`limits::PATH_LENGTH`](crate::limits::PATH_LENGTH) bytes, has a query, an
    /// empty step or one of dots, or is `/batch`.
    pub fn new(path: impl Into<String>) -> Result<Self, Error> {
        let path: String = path.into();
        match Self::fault(&path) {
            None => Ok(Self(path.into())),
            Some(fault) => Err(Error::new(
                ErrorKind::InvalidRequest,
                format!("the path {:?} {fault}", shortened(&path)),
            )),
        }
    }

    fn fault(path: &str) -> Option<String> {
        let odd = |letter: &char| !letter.is_ascii_graphic() || "\\%\"<>^`{|}#".contains(*letter);
        let Some(rest) = path.strip_prefix('/') else {
            return Some("does not begin with a slash: write `/odometer`".to_owned());
        };
        if path.len() > PATH_LENGTH {
            return Some(format!("is longer than {PATH_LENGTH} bytes"));
        }
        if path.contains('?') {
            return Some(
                "has a query, which a batch cannot carry: ask that endpoint alone".to_owned(),
            );
        }
        if let Some(letter) = path.chars().find(odd) {
            return Some(format!(
                "has the character {letter:?}: write it as the API's documentation does"
            ));
        }
        if !rest.is_empty()
            && rest
                .split('/')
                .any(|step| step.is_empty() || step == "." || step == "..")
        {
            return Some("has a step that is empty or made of dots: write each step once, without a slash at the end".to_owned());
        }
        (path == "/batch").then(|| {
            "is the batch endpoint itself: a batch holds endpoints that are read with GET"
                .to_owned()
        })
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn shortened(path: &str) -> String {
    path.chars().take(60).collect()
}

impl AsRef<str> for BatchPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for BatchPath {
    type Err = Error;

    fn from_str(path: &str) -> Result<Self, Error> {
        Self::new(path)
    }
}
