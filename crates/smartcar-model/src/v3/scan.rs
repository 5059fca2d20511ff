//! Splits a response into signals in one pass.
//!
//! Invariant: each byte is visited once, and members are extracted without being
//! parsed. If the single pass fails, the response is split member by member, so
//! that one fault does not affect the others.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

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

/// One element: a signal if it is an object.
#[derive(Default)]
pub(super) struct Element<'a> {
    /// The members beside `attributes`. In older forms all members are there.
    pub(super) own: Attributes<'a>,
    pub(super) attributes: Option<Attributes<'a>>,
    /// Whether `attributes` is a duplicate. Then neither is used.
    pub(super) is_ambiguous: bool,
}

/// The members that describe a signal.
#[derive(Default)]
pub(super) struct Attributes<'a> {
    pub(super) id: Member<'a>,
    pub(super) code: Member<'a>,
    pub(super) status: Member<'a>,
    pub(super) body: Member<'a>,
    pub(super) meta: Member<'a>,
}

impl<'a> Scan<'a> {
    /// Splits a response. Fails if it is not JSON, has no signals, or has them
    /// twice.
    pub(super) fn of(text: &'a str) -> Result<Self, Malformed> {
        let whole = match serde_json::from_str::<Whole<'a>>(text) {
            Ok(whole) => whole,
            Err(_) => Whole::with_care(text)?,
        };
        let Whole {
            outer,
            data,
            signals,
            mut scan,
        } = whole;
        match (data, signals) {
            (Some(_), Some(_)) => {
                let why = "there are signals under both `data` and `signals`";
                return Err(Malformed::new("", why));
            }
            (Some(Data::List(list)), None) | (None, Some(Data::List(list))) => {
                (scan.signals, scan.listed) = (list, true);
            }
            (Some(Data::One(one)), None) | (None, Some(Data::One(one))) => {
                scan.signals = vec![*one];
            }
            (Some(Data::Other), None) | (None, Some(Data::Other)) => {
                let why = "expected a list";
                return Err(Malformed::new("/data", why));
            }
            (None, None) if outer.is_signal() => scan.signals = vec![outer],
            (None, None) => return Err(Malformed::new("", "there is no `data` with signals")),
        }
        Ok(scan)
    }
}

/// A response: an envelope, a bare list, or a bare signal.
#[derive(Default)]
struct Whole<'a> {
    /// The whole response as a bare signal.
    outer: Element<'a>,
    data: Option<Data<'a>>,
    signals: Option<Data<'a>>,
    scan: Scan<'a>,
}

enum Data<'a> {
    List(Vec<Element<'a>>),
    One(Box<Element<'a>>),
    Other,
}

impl<'a> Whole<'a> {
    /// Splits member by member, after the single pass failed.
    fn with_care(text: &'a str) -> Result<Self, Malformed> {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|error| Malformed::from_json("", &error))?;
        let mut whole = Self::default();
        if raw.get().starts_with('[') {
            whole.data = Some(Data::with_care(raw)?);
            return Ok(whole);
        }
        let Some(outer) = Members::of(raw.get()) else {
            return Ok(whole);
        };
        whole.data = outer.once("data", "")?.map(Data::with_care).transpose()?;
        whole.signals = outer
            .once("signals", "")?
            .map(Data::with_care)
            .transpose()?;
        whole.scan.included = outer.get("included");
        whole.scan.meta = outer.get("meta");
        whole.scan.links = outer.get("links");
        whole.outer = Element::with_care(&outer);
        Ok(whole)
    }
}

impl<'a> Data<'a> {
    fn with_care(raw: &'a RawValue) -> Result<Self, Malformed> {
        let element = |raw: &'a RawValue| match serde_json::from_str(raw.get()) {
            Ok(Lenient(element)) => element,
            Err(_) => Members::of(raw.get())
                .map_or_else(Element::default, |members| Element::with_care(&members)),
        };
        match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
            Ok(list) => Ok(Self::List(list.into_iter().map(element).collect())),
            Err(_) if raw.get().starts_with('{') => Ok(Self::One(Box::new(element(raw)))),
            Err(error) => Err(Malformed::from_json("/data", &error)),
        }
    }
}

impl<'a> Element<'a> {
    fn with_care(members: &Members<'a>) -> Self {
        let mut element = Self::default();
        let attributes = members.get("attributes");
        element.is_ambiguous = attributes.is_duplicate();
        element.attributes = attributes.once().map(|raw| {
            let read = serde_json::from_str(raw.get());
            read.map_or_else(|_| Attributes::default(), |Lenient(attributes)| attributes)
        });
        for (name, raw) in members.iter() {
            if let Some(member) = element.own.slot(name) {
                member.put(raw);
            }
        }
        element
    }

    fn is_signal(&self) -> bool {
        self.attributes.is_some() || self.is_ambiguous || self.own.code.said().is_some()
    }

    /// The first duplicate member of its envelope.
    pub(super) fn duplicate(&self) -> Option<&'static str> {
        if self.is_ambiguous {
            return Some("attributes");
        }
        let inner = self.attributes.as_ref().and_then(Attributes::duplicate);
        inner.or_else(|| self.own.duplicate())
    }
}

impl<'a> Attributes<'a> {
    fn slot(&mut self, name: &str) -> Option<&mut Member<'a>> {
        Some(match name {
            "id" => &mut self.id,
            "code" => &mut self.code,
            "status" => &mut self.status,
            "body" => &mut self.body,
            "meta" => &mut self.meta,
            _ => return None,
        })
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

/// Calls back with each member of an object. Other values have none.
struct Each<F>(F);

impl<'de, F> Visitor<'de> for Each<F>
where
    F: Handler<'de>,
{
    type Value = F;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<F, A::Error> {
        self.0.begin();
        while let Some(name) = map.next_key::<Name<'_>>()? {
            self.0.member(name.as_str(), &mut map)?;
        }
        Ok(self.0)
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<F, A::Error> {
        self.0.list(&mut seq)?;
        Ok(self.0)
    }
    fn visit_unit<E>(self) -> Result<F, E> {
        Ok(self.0)
    }
    fn visit_bool<E>(self, _: bool) -> Result<F, E> {
        Ok(self.0)
    }
    fn visit_i64<E>(self, _: i64) -> Result<F, E> {
        Ok(self.0)
    }
    fn visit_u64<E>(self, _: u64) -> Result<F, E> {
        Ok(self.0)
    }
    fn visit_f64<E>(self, _: f64) -> Result<F, E> {
        Ok(self.0)
    }
    fn visit_str<E>(self, _: &str) -> Result<F, E> {
        Ok(self.0)
    }
}

/// Collects the members of an object, or the elements of a list.
trait Handler<'de>: Sized {
    /// Called when an object begins.
    fn begin(&mut self) {}

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;

    fn list<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

impl<'de> Handler<'de> for Whole<'de> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        // A duplicate or a null is left to the careful reader.
        let list = match key {
            "data" => &mut self.data,
            "signals" => &mut self.signals,
            "included" => return put(&mut self.scan.included, map),
            "links" => return put(&mut self.scan.links, map),
            "meta" => {
                let raw = map.next_value()?;
                self.scan.meta.put(raw);
                self.outer.own.meta.put(raw);
                return Ok(());
            }
            _ => return self.outer.member(key, map),
        };
        match list.replace(map.next_value()?) {
            None if !matches!(list, Some(Data::Other)) => Ok(()),
            _ => Err(de::Error::custom(DUPLICATE)),
        }
    }

    fn list<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<(), A::Error> {
        self.data = Some(Data::of_list(seq)?);
        Ok(())
    }
}

impl<'de> Handler<'de> for Element<'de> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "attributes" => {
                let Lenient(attributes) = map.next_value()?;
                self.is_ambiguous |= self.attributes.replace(attributes).is_some();
                Ok(())
            }
            _ => self.own.member(key, map),
        }
    }
}

impl<'de> Handler<'de> for Attributes<'de> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match self.slot(key) {
            Some(member) => put(member, map),
            None => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

fn put<'de, A: MapAccess<'de>>(member: &mut Member<'de>, map: &mut A) -> Result<(), A::Error> {
    member.put(map.next_value()?);
    Ok(())
}

impl<'de> Data<'de> {
    fn of_list<A: SeqAccess<'de>>(seq: &mut A) -> Result<Self, A::Error> {
        let mut list = Vec::new();
        while let Some(Lenient(element)) = seq.next_element()? {
            list.push(element);
        }
        Ok(Self::List(list))
    }
}

impl<'de> Handler<'de> for Data<'de> {
    fn begin(&mut self) {
        *self = Self::One(Box::default());
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match self {
            Self::One(element) => element.member(key, map),
            Self::List(_) | Self::Other => map.next_value::<IgnoredAny>().map(drop),
        }
    }

    fn list<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<(), A::Error> {
        *self = Self::of_list(seq)?;
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Data<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Each(Self::Other))
    }
}

impl<'de> Deserialize<'de> for Whole<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Each(Self::default()))
    }
}

/// The wanted members of an object. Empty if it is not an object.
struct Lenient<T>(T);

impl<'de, T: Handler<'de> + Default> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(Each(T::default()))
            .map(Lenient)
    }
}
