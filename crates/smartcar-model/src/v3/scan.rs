//! Splits a response into signals in one pass.
//!
//! Invariant: each byte is visited once, and members are extracted without being
//! parsed. A fault in one element does not affect the others.

use serde::de::IgnoredAny;

use crate::lexer::Lexer;
use crate::malformed::{DUPLICATE, Malformed};
use crate::members::{Member, Members, Name};

/// The parts of a response, as text.
#[derive(Default)]
pub(super) struct Scan<'a> {
    pub(super) signals: Vec<Element<'a>>,
    /// Whether the signals are a list, which is the whole page.
    pub(super) listed: bool,
    pub(super) included: Member<'a>,
    pub(super) meta: Member<'a>,
    pub(super) links: Member<'a>,
}

/// One element, with the members that describe a signal. Where `attributes` has
/// one, it is preferred to that of the element.
#[derive(Default)]
pub(super) struct Element<'a> {
    /// `code`, otherwise `id`.
    pub(super) code: Option<&'a str>,
    pub(super) status: Option<&'a str>,
    /// It may be null.
    pub(super) body: Option<&'a str>,
    /// Of the element, and of its attributes.
    pub(super) metas: [Option<&'a str>; 2],
    /// The first duplicate member.
    pub(super) duplicate: Option<&'static str>,
}

/// The members of an element or of its attributes.
#[derive(Default)]
struct Attributes<'a> {
    id: Member<'a>,
    code: Member<'a>,
    status: Member<'a>,
    body: Member<'a>,
    meta: Member<'a>,
}

/// An element while it is read.
#[derive(Default)]
struct Open<'a> {
    /// The members beside `attributes`. In older forms all members are there.
    own: Attributes<'a>,
    attributes: Option<Attributes<'a>>,
    /// Whether `attributes` is a duplicate. Then neither is used.
    is_ambiguous: bool,
}

/// A response while it is read: an envelope, a bare list, or a bare signal.
#[derive(Default)]
struct Whole<'a> {
    outer: Open<'a>,
    data: Signals<'a>,
    signals: Signals<'a>,
    scan: Scan<'a>,
}

/// The signals under one name.
#[derive(Default)]
enum Signals<'a> {
    #[default]
    Absent,
    Twice,
    /// Neither a list nor an object.
    Other(&'a str),
    List(Vec<Element<'a>>),
    One(Box<Element<'a>>),
}

impl<'a> Scan<'a> {
    /// Splits a response. Fails if it is not JSON, has no signals, or has them
    /// twice.
    pub(super) fn of(text: &'a str) -> Result<Self, Malformed> {
        let Some(whole) = Whole::of(text) else {
            return Err(not_json(text));
        };
        let outer = whole.outer;
        let mut scan = whole.scan;
        match (
            whole.data.checked("/data")?,
            whole.signals.checked("/signals")?,
        ) {
            (Signals::Absent, Signals::Absent) if outer.is_signal() => {
                scan.signals = vec![outer.close()];
            }
            (Signals::Absent, Signals::Absent) => {
                return Err(Malformed::new("", "there is no `data` with signals"));
            }
            (Signals::Absent, found) | (found, Signals::Absent) => match found {
                Signals::One(one) => scan.signals = vec![*one],
                Signals::List(list) => (scan.signals, scan.listed) = (list, true),
                Signals::Absent | Signals::Twice | Signals::Other(_) => {}
            },
            _ => {
                let why = "there are signals under both `data` and `signals`";
                return Err(Malformed::new("", why));
            }
        }
        Ok(scan)
    }
}

/// The list of signals in a response that has one.
pub(super) fn list(text: &str) -> &str {
    let list = Members::of(text).and_then(|outer| {
        let names = ["data", "signals"].into_iter();
        let mut lists = names.filter_map(|name| outer.get(name).said());
        lists.find(|list| list.starts_with('['))
    });
    list.unwrap_or(text)
}

/// Why a text is not JSON.
fn not_json(text: &str) -> Malformed {
    match serde_json::from_str::<&serde_json::value::RawValue>(text) {
        Err(error) => Malformed::from_json("", &error),
        Ok(_) => Malformed::new("", "unexpected shape"),
    }
}

impl<'a> Whole<'a> {
    /// `None` if the text is not JSON.
    fn of(text: &'a str) -> Option<Self> {
        let mut lexer = Lexer::new(text);
        let mut whole = Self::default();
        match lexer.peek()? {
            b'[' => whole.data = Signals::of(&mut lexer)?,
            b'{' => lexer.members(|name, lexer| whole.member(Name::of(name).as_str(), lexer))?,
            _ => drop(lexer.value()?),
        }
        lexer.is_at_end().then_some(whole)
    }

    fn member(&mut self, name: &str, lexer: &mut Lexer<'a>) -> Option<()> {
        match name {
            "data" => self.data.put(lexer),
            "signals" => self.signals.put(lexer),
            "included" => lexer.value().map(|text| self.scan.included.put(text)),
            "links" => lexer.value().map(|text| self.scan.links.put(text)),
            "meta" => {
                let text = lexer.value()?;
                self.scan.meta.put(text);
                self.outer.own.meta.put(text);
                Some(())
            }
            _ => self.outer.member(name, lexer),
        }
    }
}

impl<'a> Signals<'a> {
    fn of(lexer: &mut Lexer<'a>) -> Option<Self> {
        Some(match lexer.peek()? {
            b'[' => {
                let mut list = Vec::new();
                lexer.elements(|lexer| {
                    list.push(Element::of(lexer)?);
                    Some(())
                })?;
                Self::List(list)
            }
            b'{' => Self::One(Box::new(Element::of(lexer)?)),
            _ => Self::Other(lexer.value()?),
        })
    }

    fn put(&mut self, lexer: &mut Lexer<'a>) -> Option<()> {
        let found = Self::of(lexer)?;
        *self = match self {
            Self::Absent => found,
            _ => Self::Twice,
        };
        Some(())
    }

    /// Fails for signals that cannot be used. Null counts as absent.
    fn checked(self, place: &str) -> Result<Self, Malformed> {
        match self {
            Self::Twice => Err(Malformed::new(place, DUPLICATE)),
            Self::Other("null") => Ok(Self::Absent),
            Self::Other(text) => match serde_json::from_str::<Vec<IgnoredAny>>(text) {
                Err(error) => Err(Malformed::from_json("/data", &error)),
                Ok(_) => Ok(Self::Absent),
            },
            found => Ok(found),
        }
    }
}

impl<'a> Element<'a> {
    fn of(lexer: &mut Lexer<'a>) -> Option<Self> {
        let mut open = Open::default();
        if lexer.peek()? == b'{' {
            lexer.members(|name, lexer| open.member(Name::of(name).as_str(), lexer))?;
        } else {
            lexer.value()?;
        }
        Some(open.close())
    }
}

impl<'a> Open<'a> {
    fn member(&mut self, name: &str, lexer: &mut Lexer<'a>) -> Option<()> {
        if name != "attributes" {
            return self.own.member(name, lexer);
        }
        let mut attributes = Attributes::default();
        if lexer.peek()? == b'{' {
            lexer.members(|name, lexer| attributes.member(Name::of(name).as_str(), lexer))?;
        } else {
            lexer.value()?;
        }
        self.is_ambiguous |= self.attributes.replace(attributes).is_some();
        Some(())
    }

    fn is_signal(&self) -> bool {
        self.attributes.is_some() || self.own.code.said().is_some()
    }

    fn close(self) -> Element<'a> {
        let own = self.own;
        let attributes = self.attributes.as_ref();
        let duplicate = if self.is_ambiguous {
            Some("attributes")
        } else {
            let inner = attributes.and_then(Attributes::duplicate);
            inner.or_else(|| own.duplicate())
        };
        let inner = self.attributes.filter(|_| !self.is_ambiguous);
        let inner = inner.unwrap_or_default();
        // A null member counts as absent, so the outer one is used.
        let either = |inner: Member<'a>, outer: Member<'a>| inner.said().or(outer.said());
        Element {
            code: either(inner.code, own.code).or_else(|| either(inner.id, own.id)),
            status: either(inner.status, own.status),
            body: inner.body.once().or(own.body.once()),
            metas: [own.meta.said(), inner.meta.said()],
            duplicate,
        }
    }
}

impl<'a> Attributes<'a> {
    fn member(&mut self, name: &str, lexer: &mut Lexer<'a>) -> Option<()> {
        let text = lexer.value()?;
        match name {
            "id" => self.id.put(text),
            "code" => self.code.put(text),
            "status" => self.status.put(text),
            "body" => self.body.put(text),
            "meta" => self.meta.put(text),
            _ => {}
        }
        Some(())
    }

    fn duplicate(&self) -> Option<&'static str> {
        let members = [
            ("status", self.status),
            ("body", self.body),
            ("meta", self.meta),
            ("code", self.code),
            ("id", self.id),
        ];
        let mut members = members.into_iter();
        members.find_map(|(name, member)| member.is_duplicate().then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    /// The forms of a response: an envelope, a list, one signal, and an older one.
    const PAGES: &[&str] = &[
        r#"{"data": [{"id": "a-b", "attributes": {"code": "a-b", "status": {"value": "SUCCESS"}, "body": {"value": -1.5e2}}, "meta": {"x": null}}, 7], "meta": {"page": 1}, "links": {}, "included": {"vehicle": {"id": "v"}}}"#,
        r#"[{"id": "a-b", "attributes": {"body": {"value": "\u00e9\n"}}}, {}, null, []]"#,
        r#"{"data": {"id": "a-b", "attributes": {"body": {"values": [[], {}, true, false]}}}}"#,
        r#"{"code": "a-b", "body": {"value": 7}, "status": "SUCCESS", "meta": {}, "x": {"y": [0]}}"#,
    ];

    const BYTES: &[u8] = b"{}[]\",:\\0e.-nt \x01";

    #[test]
    fn what_is_not_json_is_no_response() {
        let count = std::env::var("SMARTCAR_MUTATIONS");
        let count: u64 = count.map_or(20_000, |count| count.parse().expect("a number"));
        let mut dice = fastrand::Rng::with_seed(3);
        let (mut json, mut other) = (0_u64, 0_u64);
        for _ in 0..count {
            let page = PAGES[dice.usize(..PAGES.len())];
            let mut bytes = page.as_bytes().to_vec();
            let at = dice.usize(..bytes.len());
            let byte = BYTES[dice.usize(..BYTES.len())];
            match dice.usize(..4) {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, byte),
                2 => bytes[at] = byte,
                _ => bytes.swap(at, at / 2),
            }
            let text = String::from_utf8(bytes).expect("the pages are ASCII");
            let is_json = serde_json::from_str::<&RawValue>(&text).is_ok();
            assert_eq!(Whole::of(&text).is_some(), is_json, "{text}");
            *if is_json { &mut json } else { &mut other } += 1;
        }
        assert!(json > count / 10 && other > count / 10, "{json} {other}");
    }
}
