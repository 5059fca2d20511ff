//! The documented form of an answer, read in one pass.
//!
//! Invariant: where it succeeds it says what reading with care says. Anything
//! unexpected ends it, and the places are then as they were.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::batch::Outcomes;
use crate::body::at_start;
use crate::headers::ResponseHeaders;
use crate::item_error::ItemError;
use crate::item_response::{ItemResponse, is_success};
use crate::reading::Meta;
use crate::text::Text;

/// Reads an answer. False for any other form than the documented one.
pub(super) fn batch(
    text: &str,
    request_id: Option<&str>,
    asked: &[(usize, &str)],
    outcomes: &mut dyn Outcomes,
) -> bool {
    let Some(errors) = errors(asked, outcomes) else {
        return false;
    };
    let mut pass = Pass {
        text,
        at: 0,
        request_id,
        asked,
        outcomes,
        answered: 0,
        headers: None,
    };
    if pass.answer().is_some() {
        return true;
    }
    for (place, (index, _)) in asked.iter().enumerate() {
        if pass.is_answered(place) {
            let error = errors.iter().find(|(before, _)| before == index);
            let error = error.map_or(ItemError::Missing, |(_, error)| error.clone());
            pass.outcomes.fail(*index, error);
        }
    }
    false
}

/// The errors of an earlier attempt, to be put back. `None` where a place has a
/// reading, or where there are too many places.
fn errors(asked: &[(usize, &str)], outcomes: &dyn Outcomes) -> Option<Vec<(usize, ItemError)>> {
    if asked.len() > Pass::MOST {
        return None;
    }
    let mut errors = Vec::new();
    for (index, _) in asked {
        match outcomes.error(*index)? {
            ItemError::Missing => {}
            error => errors.push((*index, error.clone())),
        }
    }
    Some(errors)
}

struct Pass<'a, 'o> {
    text: &'a str,
    at: usize,
    request_id: Option<&'a str>,
    asked: &'o [(usize, &'o str)],
    outcomes: &'o mut dyn Outcomes,
    /// One bit for each path that was asked.
    answered: u128,
    /// The last headers, with their text.
    headers: Option<(&'a str, ResponseHeaders)>,
}

/// What is known of an item.
#[derive(Default)]
struct Item<'a> {
    /// Its place among the asked paths.
    place: Option<usize>,
    code: Option<u16>,
    headers: Option<ResponseHeaders>,
    body: Option<Body<'a>>,
}

enum Body<'a> {
    /// It is in its place.
    Read,
    /// It was passed over.
    Text(&'a str),
    /// It was passed over unread: only reading it shows that it is JSON.
    Unread(&'a str),
}

impl<'a> Pass<'a, '_> {
    /// As many paths have a bit.
    const MOST: usize = 128;

    fn is_answered(&self, place: usize) -> bool {
        self.answered & (1 << place) != 0
    }

    fn answer(&mut self) -> Option<()> {
        self.take(b'{')?;
        self.key("\"responses\"")?;
        self.take(b'[')?;
        if self.peek()? == b']' {
            self.at += 1;
        } else {
            self.item()?;
            while self.goes_on(b']')? {
                self.item()?;
            }
        }
        self.take(b'}')?;
        self.peek().is_none().then_some(())
    }

    fn item(&mut self) -> Option<()> {
        self.take(b'{')?;
        let mut item = Item::default();
        self.member(&mut item)?;
        while self.goes_on(b'}')? {
            self.member(&mut item)?;
        }
        let place = item.place?;
        let (index, code) = (self.asked[place].0, item.code?);
        let headers = item.headers.unwrap_or_default();
        match (item.body?, code) {
            (Body::Read, 200) => {}
            (Body::Text(text) | Body::Unread(text), 200) => {
                let length = self.outcomes.read_body(index, text)?;
                (length == text.len()).then_some(())?;
            }
            (Body::Text(text), _) if !is_success(code) => {
                let answer = ItemResponse::of_item(code, headers, text, self.request_id);
                self.outcomes.accept(index, &answer);
                return Some(());
            }
            _ => return None,
        }
        let meta = Meta::from_headers(&headers, self.request_id);
        self.outcomes.label(index, meta);
        Some(())
    }

    fn member(&mut self, item: &mut Item<'a>) -> Option<()> {
        self.peek()?;
        if self.key("\"path\"").is_some() {
            let path: &str = self.value()?;
            let place = self.asked.iter().position(|(_, asked)| *asked == path)?;
            if item.place.is_some() || self.is_answered(place) {
                return None;
            }
            item.place = Some(place);
            self.answered |= 1 << place;
        } else if self.key("\"code\"").is_some() {
            let code = self.code()?;
            once(&mut item.code, code)?;
        } else if self.key("\"headers\"").is_some() {
            let headers = self.headers()?;
            once(&mut item.headers, headers)?;
        } else {
            self.key("\"body\"")?;
            let body = self.body(item)?;
            once(&mut item.body, body)?;
        }
        Some(())
    }

    /// Reads headers. Items that were measured together often have equal ones, which are
    /// read once.
    fn headers(&mut self) -> Option<ResponseHeaders> {
        self.peek()?;
        let rest = self.text.get(self.at..)?;
        if let Some((text, headers)) = &self.headers
            && rest.starts_with(text)
        {
            self.at += text.len();
            return Some(headers.clone());
        }
        let start = self.at;
        let Headers(headers) = self.value()?;
        // An object ends with its bracket, so no other value begins with its text.
        self.headers = Some((self.text.get(start..self.at)?, headers.clone()));
        Some(headers)
    }

    /// Reads a body into its place where it is known to be a success, or looks
    /// like one; else passes it over.
    fn body(&mut self, item: &Item<'a>) -> Option<Body<'a>> {
        let first = self.peek()?;
        if item.body.is_some() || !matches!(first, b'{' | b'[') {
            return None;
        }
        let rest = self.text.get(self.at..)?;
        let is_good = item
            .code
            .map_or_else(|| !is_error(rest), |code| code == 200);
        match item.place {
            Some(place) if is_good => {
                let index = self.asked[place].0;
                self.at += self.outcomes.read_body(index, rest)?;
                Some(Body::Read)
            }
            None if is_good => {
                let text = &rest[..extent(rest)?];
                self.at += text.len();
                Some(Body::Unread(text))
            }
            _ => {
                let start = self.at;
                self.value::<IgnoredAny>()?;
                self.text.get(start..self.at).map(Body::Text)
            }
        }
    }

    /// Three digits, and nothing that makes another number of them.
    fn code(&mut self) -> Option<u16> {
        self.peek()?;
        match &self.text.as_bytes()[self.at..] {
            [
                first @ b'1'..=b'9',
                second @ b'0'..=b'9',
                third @ b'0'..=b'9',
                b',' | b'}' | b' ' | b'\n' | b'\t' | b'\r',
                ..,
            ] => {
                self.at += 3;
                let [first, second, third] = [first, second, third].map(|digit| digit - b'0');
                Some(u16::from(first) * 100 + u16::from(second) * 10 + u16::from(third))
            }
            _ => None,
        }
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at)? {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    fn take(&mut self, token: u8) -> Option<()> {
        (self.peek()? == token).then(|| self.at += 1)
    }

    /// Whether there is another member or element before the end.
    fn goes_on(&mut self, end: u8) -> Option<bool> {
        let next = self.peek()?;
        self.at += 1;
        match next {
            b',' => Some(true),
            next if next == end => Some(false),
            _ => None,
        }
    }

    /// A key, given in its quotes, and its colon.
    fn key(&mut self, key: &str) -> Option<()> {
        self.peek()?;
        if !self.text.as_bytes()[self.at..].starts_with(key.as_bytes()) {
            return None;
        }
        self.at += key.len();
        self.take(b':')
    }

    fn value<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let (value, length) = at_start(self.text.get(self.at..)?)?;
        self.at += length;
        Some(value)
    }
}

/// A duplicate is not read in passing.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// Whether a body begins like the API's error object. The code, which may come
/// later, decides.
fn is_error(body: &str) -> bool {
    let inner = body[1..].trim_start_matches([' ', '\n', '\t', '\r']);
    let keys = [
        "type\"",
        "code\"",
        "error\"",
        "statusCode\"",
        "description\"",
    ];
    inner.strip_prefix('"').is_some_and(|name| {
        name.starts_with(['c', 'd', 'e', 's', 't']) && keys.iter().any(|key| name.starts_with(key))
    })
}

/// Where the object or list ends that a text begins with, if it is JSON.
fn extent(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        match bytes.get(at)? {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            b'"' => {
                at += 1;
                while *bytes.get(at)? != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Headers whose values are all texts.
struct Headers(ResponseHeaders);

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Headers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("headers")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut headers = ResponseHeaders::default();
                while let Some((Text(name), Text(value))) = map.next_entry()? {
                    headers.insert(&name, &value);
                }
                Ok(Headers(headers))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
