//! A path that a batch can ask.
//!
//! Invariant: the rule exists once, as a constant function, so that the paths of
//! typed batches are checked when compiling and all others before sending.

use std::fmt;

use crate::response::{Error, ErrorKind};

/// Longest path, in bytes; the longest known is 33.
#[doc(hidden)]
pub const PATH_LENGTH: usize = 256;

/// The path of an endpoint in a batch: its URL without `/vehicles/{id}`.
///
/// ```
/// use smartcar_model::BatchPath;
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
    /// Fails with [`ErrorKind::InvalidRequest`] for a path that is longer than
    /// 256 bytes, has a query, an empty step or one of dots, or is `/batch`.
    pub fn new(path: impl Into<String>) -> Result<Self, Error> {
        let path: String = path.into();
        let Some(fault) = fault(&path) else {
            return Ok(Self(path.into()));
        };
        let shown: String = path.chars().take(60).collect();
        let why = match fault {
            Fault::Letter(at) => {
                let letter = path[at..].chars().next().unwrap_or_default();
                format!("has the character {letter:?}: write it as the API's documentation does")
            }
            other => other.text().to_owned(),
        };
        Err(Error::new(
            ErrorKind::InvalidRequest,
            format!("the path {shown:?} {why}"),
        ))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is wrong with a path.
#[derive(Debug, Clone, Copy)]
enum Fault {
    NoSlash,
    TooLong,
    Query,
    /// The character that begins at this byte.
    Letter(usize),
    Step,
    Batch,
}

/// The words for each fault: for an error, and for a constant that does not
/// compile.
macro_rules! words {
    ($($fault:pat => $words:literal,)+) => {
        impl Fault {
            const fn text(self) -> &'static str {
                match self {
                    $($fault => $words,)+
                }
            }

            const fn refuse(self) -> ! {
                match self {
                    $($fault => panic!(concat!("the path of an endpoint ", $words)),)+
                }
            }
        }
    };
}

words! {
    Self::NoSlash => "does not begin with a slash: write `/odometer`",
    Self::TooLong => "is longer than 256 bytes",
    Self::Query => "has a query, which a batch cannot carry: ask that endpoint alone",
    Self::Letter(_) => "has a character that a URL cannot carry: write it as the API's documentation does",
    Self::Step => "has a step that is empty or made of dots: write each step once, without a slash at the end",
    Self::Batch => "is the batch endpoint itself: a batch holds endpoints that are read with GET",
}

/// The rule.
const fn fault(path: &str) -> Option<Fault> {
    let text = path.as_bytes();
    if text.is_empty() || text[0] != b'/' {
        return Some(Fault::NoSlash);
    }
    if text.len() > PATH_LENGTH {
        return Some(Fault::TooLong);
    }
    let (mut at, mut letter) = (0, None);
    while at < text.len() {
        match text[at] {
            b'?' => return Some(Fault::Query),
            byte if letter.is_none() && !is_plain(byte) => letter = Some(at),
            _ => {}
        }
        at += 1;
    }
    if let Some(at) = letter {
        return Some(Fault::Letter(at));
    }
    // Each step ends with a slash or the text; `/` alone has none.
    let (mut start, mut at) = (1, 1);
    while at <= text.len() && text.len() > 1 {
        if at == text.len() || text[at] == b'/' {
            let length = at - start;
            let is_dots = match length {
                0 => true,
                1 => text[start] == b'.',
                2 => text[start] == b'.' && text[start + 1] == b'.',
                _ => false,
            };
            if is_dots {
                return Some(Fault::Step);
            }
            start = at + 1;
        }
        at += 1;
    }
    if matches!(text, b"/batch") {
        return Some(Fault::Batch);
    }
    None
}

/// Whether a byte can be in a URL's path without an escape.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'\\' | b'%' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#'
        )
}

/// Fails to compile, in a constant, for a path that no batch can ask.
#[doc(hidden)]
pub const fn require(path: &str) {
    if let Some(fault) = fault(path) {
        fault.refuse()
    }
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

#[cfg(test)]
mod tests {
    use super::{BatchPath, fault};

    #[test]
    fn the_rule_takes_what_a_url_can_carry_and_nothing_else() {
        for good in [
            "/",
            "/odometer",
            "/tesla/charge",
            "/batch/x",
            "/a.b",
            "/..a",
            "/...",
            "/~x",
            "/a-b_c",
            "/a:b@c",
        ] {
            assert!(fault(good).is_none(), "{good}");
        }
        for (bad, why) in [
            ("", "slash"),
            ("odometer", "slash"),
            (" /odometer", "slash"),
            ("/odometer ", "' '"),
            ("/a?b=1", "query"),
            ("/é?b=1", "query"),
            ("/a#b", "'#'"),
            ("/a%2e", "'%'"),
            ("//", "step"),
            ("/a/", "step"),
            ("/a//b", "step"),
            ("/./a", "step"),
            ("/.", "step"),
            ("/a/..", "step"),
            ("/aé", "'é'"),
            ("/a\tb", "'\\t'"),
            ("/batch", "batch"),
        ] {
            let error = BatchPath::new(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
        for letter in (0..128_u8).map(char::from) {
            let plain = letter.is_ascii_graphic() && !"\\%\"<>^`{|}#?/".contains(letter);
            assert_eq!(fault(&format!("/a{letter}")).is_none(), plain, "{letter:?}");
        }
        for (length, good) in [(255, true), (256, true), (257, false)] {
            let path = format!("/{}", "a".repeat(length - 1));
            assert_eq!(fault(&path).is_none(), good, "{length}");
        }
    }
}
