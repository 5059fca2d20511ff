//! What a typed batch sends, as constants.
//!
//! Invariant: the text is what serializing a [`BatchRequest`](crate::BatchRequest) of
//! the same paths gives.

use std::marker::PhantomData;

use super::Batch;
use super::paths::Paths;

/// The paths and the request of a typed batch, made at compile time. Not covered by
/// semantic versioning.
#[derive(Debug)]
pub struct Prepared<B>(PhantomData<B>);

/// What is kept in the program for each type that is used: enough for any batch that
/// is not specific to one make. Larger ones are made when they are sent.
const PATHS: usize = 32;
const TEXT: usize = 1536;

const START: &[u8] = b"{\"requests\":[";
const ENTRY: &[u8] = b"{\"path\":\"";
const ENTRY_END: &[u8] = b"\"}";
const END: &[u8] = b"]}";

impl<B: Batch> Prepared<B> {
    const LIST: &'static ([&'static str; PATHS], usize) = &list(&B::PATHS);
    const BODY: &'static ([u8; TEXT], usize) = &body(&B::PATHS);

    /// The paths in order; `None` if there are more than 32.
    pub const PATHS: Option<&'static [&'static str]> = match Self::LIST {
        (paths, count) if *count <= PATHS => Some(paths.split_at(*count).0),
        _ => None,
    };

    /// The JSON text of the request; `None` if it is longer than 1.5 KiB.
    pub const REQUEST: Option<&'static str> = match Self::BODY {
        (text, length) if *length <= TEXT => match str::from_utf8(text.split_at(*length).0) {
            Ok(text) => Some(text),
            Err(_) => None,
        },
        _ => None,
    };
}

/// The first paths, and how many there are.
const fn list(paths: &Paths) -> ([&'static str; PATHS], usize) {
    let mut list = ([""; PATHS], 0);
    add_to_list(paths, &mut list);
    list
}

const fn add_to_list(paths: &Paths, list: &mut ([&'static str; PATHS], usize)) {
    match paths {
        Paths::One(path) => {
            if list.1 < PATHS {
                list.0[list.1] = path;
            }
            list.1 += 1;
        }
        Paths::All(parts) => {
            let mut at = 0;
            while at < parts.len() && list.1 <= PATHS {
                add_to_list(&parts[at], list);
                at += 1;
            }
        }
    }
}

/// The start of the request's text, and how long the text is. Paths have nothing that
/// JSON escapes: see `path_rule`.
const fn body(paths: &Paths) -> ([u8; TEXT], usize) {
    let mut body = ([0; TEXT], 0);
    push(START, &mut body);
    add_to_body(paths, &mut body);
    push(END, &mut body);
    body
}

const fn add_to_body(paths: &Paths, body: &mut ([u8; TEXT], usize)) {
    match paths {
        Paths::One(path) => {
            if body.1 > START.len() {
                push(b",", body);
            }
            push(ENTRY, body);
            push(path.as_bytes(), body);
            push(ENTRY_END, body);
        }
        Paths::All(parts) => {
            let mut at = 0;
            while at < parts.len() && body.1 <= TEXT {
                add_to_body(&parts[at], body);
                at += 1;
            }
        }
    }
}

const fn push(text: &[u8], body: &mut ([u8; TEXT], usize)) {
    if body.1 + text.len() <= TEXT {
        let (_, rest) = body.0.split_at_mut(body.1);
        rest.split_at_mut(text.len()).0.copy_from_slice(text);
    }
    body.1 += text.len();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::RequiredItemError;
    use crate::{BatchRequest, Battery, Charge, Fuel, Location, Odometer, Slot, Vin};

    /// A batch of any number of paths.
    struct Many<const COUNT: usize>;
    const LONG: Paths = Paths::One("/a/path/of/thirty-seven/bytes/in/all/");
    const LEAVES: [Paths; 40] = [LONG; 40];

    impl<const COUNT: usize> Batch for Many<COUNT> {
        type Data = ();
        type Outcomes = Slot<Odometer>;
        const PATHS: Paths = Paths::All(LEAVES.split_at(COUNT).0);
        fn outcomes() -> Slot<Odometer> {
            Slot::default()
        }
        fn data(_: Slot<Odometer>) -> Result<(), RequiredItemError> {
            Ok(())
        }
    }

    fn says<B: Batch>() {
        let paths = B::PATHS.to_vec();
        assert_eq!(Prepared::<B>::PATHS, Some(&*paths));
        let request = serde_json::to_string(&BatchRequest::of(paths)).unwrap();
        assert_eq!(Prepared::<B>::REQUEST, Some(&*request));
    }

    #[test]
    fn constants_are_what_is_made_when_running() {
        says::<(Odometer,)>();
        says::<(Odometer, Location, Fuel, Battery, Charge, Vin)>();
        says::<Many<0>>();
        says::<Many<31>>();
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole() {
        assert!(Prepared::<Many<32>>::PATHS.is_some());
        assert_eq!(Prepared::<Many<33>>::PATHS, None);
        let fits = (0..=40)
            .take_while(|count| 15 + count * 50 - 1 <= TEXT)
            .last();
        assert_eq!(fits, Some(30));
        assert_eq!(Prepared::<Many<32>>::REQUEST, None);
        assert_eq!(Prepared::<Many<40>>::REQUEST, None);
    }
}
