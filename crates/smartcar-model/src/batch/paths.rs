//! The paths of a typed batch.
//!
//! Invariant: all of it can be evaluated when compiling.

use crate::path_rule;

/// The paths of a batch, as a tree that can be built in a constant: a nested
/// batch is a branch of it.
#[derive(Debug, Clone, Copy)]
pub enum Paths {
    /// One endpoint.
    One(&'static str),
    /// Several, in order.
    All(&'static [Paths]),
}

impl Paths {
    /// How many endpoints are asked.
    pub const fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::All(parts) => {
                let (mut sum, mut at) = (0, 0);
                while at < parts.len() {
                    sum += parts[at].len();
                    at += 1;
                }
                sum
            }
        }
    }

    /// Whether nothing is asked.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The path at an index.
    pub const fn get(&self, mut index: usize) -> Option<&'static str> {
        match self {
            Self::One(path) => {
                if index == 0 {
                    Some(path)
                } else {
                    None
                }
            }
            Self::All(parts) => {
                let mut at = 0;
                while at < parts.len() {
                    let len = parts[at].len();
                    if index < len {
                        return parts[at].get(index);
                    }
                    index -= len;
                    at += 1;
                }
                None
            }
        }
    }

    /// Every path, in order.
    pub fn to_vec(&self) -> Vec<&'static str> {
        let mut paths = Vec::with_capacity(self.len());
        self.push_into(&mut paths);
        paths
    }

    fn push_into(&self, paths: &mut Vec<&'static str>) {
        match self {
            Self::One(path) => paths.push(path),
            Self::All(parts) => parts.iter().for_each(|part| part.push_into(paths)),
        }
    }

    /// Fails to compile, in a constant, where a path is one that no batch can ask.
    #[track_caller]
    pub const fn require_valid(&self) {
        match self {
            Self::One(path) => path_rule::require(path),
            Self::All(parts) => {
                let mut at = 0;
                while at < parts.len() {
                    parts[at].require_valid();
                    at += 1;
                }
            }
        }
    }

    /// Whether every path is a signal's of version 3.
    pub const fn are_signals(&self) -> bool {
        let (len, mut index) = (self.len(), 0);
        while index < len {
            if let Some(path) = self.get(index)
                && !begins_with(path.as_bytes(), b"/signals/")
            {
                return false;
            }
            index += 1;
        }
        true
    }

    /// Whether no path stands in it twice.
    pub const fn are_distinct(&self) -> bool {
        let len = self.len();
        let mut first = 0;
        while first < len {
            let mut second = first + 1;
            while second < len {
                if let (Some(a), Some(b)) = (self.get(first), self.get(second))
                    && same(a, b)
                {
                    return false;
                }
                second += 1;
            }
            first += 1;
        }
        true
    }
}

/// Whether a text begins with another, when compiling.
const fn begins_with(text: &[u8], start: &[u8]) -> bool {
    if text.len() < start.len() {
        return false;
    }
    let mut at = 0;
    while at < start.len() {
        if text[at] != start[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// `==` of strings is not const.
pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_counted_and_found_through_branches() {
        const INNER: Paths = Paths::All(&[Paths::One("/b"), Paths::One("/c")]);
        const PATHS: Paths = Paths::All(&[Paths::One("/a"), INNER, Paths::One("/d")]);
        assert_eq!(PATHS.to_vec(), ["/a", "/b", "/c", "/d"]);
        assert_eq!(PATHS.get(4), None);
        const TWICE: Paths = Paths::All(&[Paths::One("/c"), INNER]);
        const { assert!(PATHS.are_distinct()) };
        const { assert!(!TWICE.are_distinct()) };
    }
}
