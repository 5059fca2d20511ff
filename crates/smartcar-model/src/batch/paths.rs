//! The paths of a typed batch.
//!
//! Invariant: everything here can be evaluated at compile time.

use crate::path_rule;

/// The paths of a batch as a tree that can be built in a constant. A nested batch
/// is a branch.
#[derive(Debug, Clone, Copy)]
pub enum Paths {
    /// One endpoint.
    One(&'static str),
    /// Several branches, in order.
    All(&'static [Paths]),
}

impl Paths {
    /// Number of paths.
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

    /// Whether there are no paths.
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

    /// All paths, in order.
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

    /// Fails to compile, when used in a constant, if a path is not valid in a
    /// batch.
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

    /// Whether every path is a version 3 signal.
    pub const fn are_signals(&self) -> bool {
        match self {
            Self::One(path) => begins_with(path.as_bytes(), b"/signals/"),
            Self::All(parts) => {
                let mut at = 0;
                while at < parts.len() {
                    if !parts[at].are_signals() {
                        return false;
                    }
                    at += 1;
                }
                true
            }
        }
    }

    /// Whether no path occurs twice.
    pub const fn are_distinct(&self) -> bool {
        !Seen::new(self).repeats(self)
    }

    /// Whether a path is among the first `first` paths.
    const fn begin_with(&self, first: &mut usize, path: &str) -> bool {
        match self {
            Self::One(_) if *first == 0 => false,
            Self::One(known) => {
                *first -= 1;
                same(known, path)
            }
            Self::All(parts) => {
                let mut at = 0;
                while at < parts.len() && *first > 0 {
                    if parts[at].begin_with(first, path) {
                        return true;
                    }
                    at += 1;
                }
                false
            }
        }
    }
}

/// For each part of a batch: whether it repeats a path of its own or of an
/// earlier part.
pub(crate) const fn repeating<const PARTS: usize>(paths: &Paths) -> [bool; PARTS] {
    let mut repeating = [false; PARTS];
    if let Paths::All(parts) = paths {
        let mut seen = Seen::new(paths);
        let mut at = 0;
        while at < PARTS && at < parts.len() {
            repeating[at] = seen.repeats(&parts[at]);
            at += 1;
        }
    }
    repeating
}

const WORDS: usize = 256;

/// The paths visited so far. Comparing each path with every other exceeds the
/// compiler's limit, so only paths with the same hash are compared.
struct Seen<'p> {
    all: &'p Paths,
    count: usize,
    /// One bit per hash.
    hashes: [u64; WORDS],
}

impl<'p> Seen<'p> {
    const fn new(all: &'p Paths) -> Self {
        Self {
            all,
            count: 0,
            hashes: [0; WORDS],
        }
    }

    /// Visits the next paths. Returns whether one of them was visited before.
    const fn repeats(&mut self, next: &Paths) -> bool {
        match next {
            Paths::One(path) => {
                let hash = hash(path);
                let (word, bit) = (hash / 64 % WORDS, 1 << (hash % 64));
                let mut first = self.count;
                self.count += 1;
                let is_new = self.hashes[word] & bit == 0;
                self.hashes[word] |= bit;
                !is_new && self.all.begin_with(&mut first, path)
            }
            Paths::All(parts) => {
                let (mut found, mut at) = (false, 0);
                while at < parts.len() {
                    found |= self.repeats(&parts[at]);
                    at += 1;
                }
                found
            }
        }
    }
}

/// FNV-1a, folded to index a table of a few thousand bits.
const fn hash(path: &str) -> usize {
    let (text, mut hash, mut at) = (path.as_bytes(), 0x811c_9dc5_u32, 0);
    while at < text.len() {
        hash = (hash ^ text[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash ^ (hash >> 16)) as usize
}

/// Whether a text begins with another, at compile time.
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
const fn same(a: &str, b: &str) -> bool {
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
        const PARTS: [bool; 2] = repeating(&TWICE);
        assert_eq!(PARTS, [false, true]);
    }

    /// Paths of equal length that differ only at the end, which is the worst
    /// case.
    const MANY: usize = 400;
    const DIGITS: &[u8; 10] = b"0123456789";
    static NAMES: [[u8; 33]; MANY] = {
        let (mut names, mut at) = ([*b"/signals/a-long-group-with-nam000"; MANY], 0);
        while at < MANY {
            names[at][30] = DIGITS[at / 100];
            names[at][31] = DIGITS[at / 10 % 10];
            names[at][32] = DIGITS[at % 10];
            at += 1;
        }
        names
    };
    const fn name(at: usize) -> Paths {
        match str::from_utf8(&NAMES[at]) {
            Ok(name) => Paths::One(name),
            Err(_) => panic!("it is ASCII"),
        }
    }
    const LEAVES: [Paths; MANY] = {
        let (mut leaves, mut at) = ([Paths::One(""); MANY], 0);
        while at < MANY {
            leaves[at] = name(at);
            at += 1;
        }
        leaves
    };

    #[test]
    fn hundreds_of_paths_are_checked_when_compiling() {
        const PATHS: Paths = Paths::All(&LEAVES);
        const {
            PATHS.require_valid();
            assert!(PATHS.are_distinct() && PATHS.are_signals());
        };
        const TWICE: Paths = Paths::All(&[PATHS, name(MANY - 1), Paths::One("/fuel")]);
        const { assert!(!TWICE.are_distinct() && !TWICE.are_signals()) };
        const PARTS: [bool; 3] = repeating(&TWICE);
        assert_eq!(PARTS, [false, true, false]);
    }

    #[test]
    fn equal_hashes_do_not_make_paths_equal() {
        let names: Vec<&str> = (0..2_000).map(|at| &*format!("/{at}").leak()).collect();
        let bits = names.iter().map(|name| hash(name) % (WORDS * 64));
        let bits: std::collections::BTreeSet<_> = bits.collect();
        assert!(bits.len() < names.len(), "some share a bit");
        let mut leaves: Vec<_> = names.into_iter().map(Paths::One).collect();
        let distinct = Paths::All(leaves.clone().leak());
        assert!(distinct.are_distinct());
        leaves.push(leaves[0]);
        let twice = Paths::All(leaves.leak());
        assert!(!twice.are_distinct());
    }
}
