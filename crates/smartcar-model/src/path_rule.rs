//! The rule for valid paths of a batch.
//!
//! Invariant: the rule exists once, as a const function. Paths of typed batches
//! are checked at compile time, all others before sending.

/// Maximum length of a path in bytes. The longest known path has 33.
const PATH_LENGTH: usize = 256;

/// What is wrong with a path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    NoSlash,
    TooLong,
    Query,
    /// The character that begins at this byte.
    Letter(usize),
    Step,
    Batch,
}

impl Fault {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::NoSlash => "the path does not begin with a slash: write `/odometer`",
            Self::TooLong => "the path is longer than 256 bytes",
            Self::Query => {
                "the path has a query, which a batch cannot carry: request that endpoint alone"
            }
            Self::Letter(_) => {
                "the path has a character that a URL cannot carry: write it as the API's documentation does"
            }
            Self::Step => {
                "the path has a segment that is empty or made of dots: write each segment once, without a trailing slash"
            }
            Self::Batch => {
                "the path is the batch endpoint itself: a batch holds endpoints that are read with GET"
            }
        }
    }
}

/// Checks a path. `None` if it is valid.
pub(crate) const fn fault(path: &str) -> Option<Fault> {
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
    // Each segment ends at a slash or at the end of the text. `/` by itself has
    // none.
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

/// Whether a byte is valid in a URL path without escaping.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'\\' | b'%' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#'
        )
}

/// Fails to compile, when used in a constant, if the path is not valid in a
/// batch.
#[track_caller]
pub(crate) const fn require(path: &str) {
    if let Some(fault) = fault(path) {
        panic!("{}", fault.text());
    }
}
