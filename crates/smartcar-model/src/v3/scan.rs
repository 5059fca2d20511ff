//! An answer with signals, taken apart in one pass.
//!
//! Invariant: each byte is looked at once; members are cut out and not read. An
//! answer that the one pass cannot take is cut again member by member, so that a
//! fault of one costs no other.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::malformed::Malformed;
use crate::text::Text;

/// The members of an object, still text.
pub(super) type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The members of what is an object.
pub(super) fn members(raw: &RawValue) -> Option<Members<'_>> {
    serde_json::from_str(raw.get()).ok()
}

/// A value; `None` for null and for what cannot be read.
pub(super) fn value(raw: &RawValue) -> Option<Value> {
    let value: Value = serde_json::from_str(raw.get()).ok()?;
    (!value.is_null()).then_some(value)
}

/// What an answer holds, still text.
#[derive(Default)]
pub(super) struct Scan<'a> {
    pub(super) signals: Vec<Element<'a>>,
    /// Whether the signals came as a list, which is all of a page.
    pub(super) listed: bool,
    pub(super) included: Option<&'a RawValue>,
    pub(super) meta: Option<&'a RawValue>,
    pub(super) links: Option<&'a RawValue>,
}

/// One element: a signal, as far as it is an object.
#[derive(Default)]
pub(super) struct Element<'a> {
    /// Members beside `attributes`; older forms have all of them there.
    pub(super) own: Attributes<'a>,
    pub(super) attributes: Option<Attributes<'a>>,
}

/// The members that say what a signal is.
#[derive(Default)]
pub(super) struct Attributes<'a> {
    pub(super) id: Option<&'a RawValue>,
    pub(super) code: Option<&'a RawValue>,
    pub(super) status: Option<&'a RawValue>,
    pub(super) body: Option<&'a RawValue>,
    pub(super) meta: Option<&'a RawValue>,
}

impl<'a> Scan<'a> {
    /// Takes an answer apart. Fails if it is not JSON, or has no signals at all.
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
        match data.or(signals) {
            Some(Data::List(list)) => (scan.signals, scan.listed) = (list, true),
            Some(Data::One(one)) => scan.signals = vec![*one],
            Some(Data::Other) => {
                let why = "something else where a list belongs";
                return Err(Malformed::new("/data", why));
            }
            None if outer.attributes.is_some() || outer.own.code.is_some() => {
                scan.signals = vec![outer];
            }
            None => return Err(Malformed::new("", "no `data` with signals")),
        }
        Ok(scan)
    }
}

/// An answer: an envelope, a bare list, or a bare signal.
#[derive(Default)]
struct Whole<'a> {
    /// The whole as a bare signal.
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
    fn with_care(text: &'a str) -> Result<Self, Malformed> {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|error| Malformed::from_json("", &error))?;
        let mut whole = Self::default();
        if raw.get().starts_with('[') {
            whole.data = Some(Data::with_care(raw)?);
            return Ok(whole);
        }
        let outer = members(raw).unwrap_or_default();
        let get = |name: &str| outer.get(name).copied();
        whole.data = get("data").map(Data::with_care).transpose()?;
        if whole.data.is_none() {
            whole.signals = get("signals").map(Data::with_care).transpose()?;
        }
        whole.scan.included = get("included");
        whole.scan.meta = get("meta");
        whole.scan.links = get("links");
        whole.outer = Element::of_members(&outer);
        Ok(whole)
    }
}

impl<'a> Data<'a> {
    fn with_care(raw: &'a RawValue) -> Result<Self, Malformed> {
        let element = |raw: &'a RawValue| match serde_json::from_str(raw.get()) {
            Ok(Lenient(element)) => element,
            Err(_) => Element::of_members(&members(raw).unwrap_or_default()),
        };
        match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
            Ok(list) => Ok(Self::List(list.into_iter().map(element).collect())),
            Err(_) if raw.get().starts_with('{') => Ok(Self::One(Box::new(element(raw)))),
            Err(error) => Err(Malformed::from_json("/data", &error)),
        }
    }
}

impl<'a> Element<'a> {
    fn of_members(outer: &Members<'a>) -> Self {
        let attributes = outer
            .get("attributes")
            .map(|raw| Attributes::of_members(&members(raw).unwrap_or_default()));
        Self {
            own: Attributes::of_members(outer),
            attributes,
        }
    }
}

impl<'a> Attributes<'a> {
    fn of_members(members: &Members<'a>) -> Self {
        let get = |name: &str| members.get(name).copied();
        Self {
            id: get("id"),
            code: get("code"),
            status: get("status"),
            body: get("body"),
            meta: get("meta"),
        }
    }
}

/// Calls back with each member of an object. Anything else has none.
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
        while let Some(Text(key)) = map.next_key()? {
            self.0.member(&key, &mut map)?;
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

/// Takes the members of an object, or the elements of a list.
trait Handler<'de>: Sized {
    /// An object begins.
    fn begin(&mut self) {}

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;

    fn list<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

impl<'de> Handler<'de> for Whole<'de> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "data" => self.data = Some(map.next_value()?),
            "signals" => self.signals = Some(map.next_value()?),
            "included" => self.scan.included = Some(map.next_value()?),
            "links" => self.scan.links = Some(map.next_value()?),
            "meta" => {
                self.scan.meta = Some(map.next_value()?);
                self.outer.own.meta = self.scan.meta;
            }
            _ => self.outer.member(key, map)?,
        }
        Ok(())
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
                self.attributes = Some(attributes);
            }
            _ => self.own.member(key, map)?,
        }
        Ok(())
    }
}

impl<'de> Handler<'de> for Attributes<'de> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let member = match key {
            "id" => &mut self.id,
            "code" => &mut self.code,
            "status" => &mut self.status,
            "body" => &mut self.body,
            "meta" => &mut self.meta,
            _ => {
                map.next_value::<IgnoredAny>()?;
                return Ok(());
            }
        };
        *member = Some(map.next_value()?);
        Ok(())
    }
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

/// An object's wanted members, or none of them where it is not an object.
struct Lenient<T>(T);

impl<'de, T: Handler<'de> + Default> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(Each(T::default()))
            .map(Lenient)
    }
}
