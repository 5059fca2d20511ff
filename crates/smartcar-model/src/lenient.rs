//! Reads the irregular forms that the spec allows, directed by the Rust type.
//!
//! Invariant: lenient reading never invents a value. A form is converted to
//! exactly what it means, or the body is an error.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::date_time::DateTime;

/// The text that the API sends for an unknown value.
const INVALID: &str = "<invalid>";

/// Reads a member leniently. The `deserialize_with` of generated fields.
pub(crate) fn read<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Lenient<'de>,
{
    T::read(deserializer)
}

/// A type that can be read from irregular forms.
pub(crate) trait Lenient<'de>: Sized {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A number, or a number as text.
impl<'de> Lenient<'de> for f64 {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = f64;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_f64<E>(self, value: f64) -> Result<f64, E> {
                Ok(value)
            }
            #[allow(clippy::cast_precision_loss, reason = "a JSON number is a double")]
            fn visit_i64<E>(self, value: i64) -> Result<f64, E> {
                Ok(value as f64)
            }
            #[allow(clippy::cast_precision_loss, reason = "a JSON number is a double")]
            fn visit_u64<E>(self, value: u64) -> Result<f64, E> {
                Ok(value as f64)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<f64, E> {
                text.trim()
                    .parse()
                    .ok()
                    .filter(|value: &f64| value.is_finite())
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

/// An integer, also as `1.0`, as `1e3` or as text. A number with a fraction is
/// rejected.
impl<'de> Lenient<'de> for i64 {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Integer;
        impl Visitor<'_> for Integer {
            type Value = i64;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer")
            }
            fn visit_i64<E>(self, value: i64) -> Result<i64, E> {
                Ok(value)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<i64, E> {
                i64::try_from(value)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<i64, E> {
                // Below 2^52, adjacent doubles differ by less than one, so a
                // whole double was not rounded from another integer.
                if value.fract() == 0.0 && value.abs() < 4_503_599_627_370_496.0 {
                    #[allow(clippy::cast_possible_truncation, reason = "checked above")]
                    return Ok(value as i64);
                }
                Err(E::invalid_value(de::Unexpected::Float(value), &self))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<i64, E> {
                text.trim()
                    .parse()
                    .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Integer)
    }
}

impl<'de> Lenient<'de> for bool {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bool::deserialize(deserializer)
    }
}

/// Text, or a number as its digits.
impl<'de> Lenient<'de> for String {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = String;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, text: &str) -> Result<String, E> {
                Ok(text.to_owned())
            }
            fn visit_string<E>(self, text: String) -> Result<String, E> {
                Ok(text)
            }
            fn visit_i64<E>(self, value: i64) -> Result<String, E> {
                Ok(value.to_string())
            }
            fn visit_u64<E>(self, value: u64) -> Result<String, E> {
                Ok(value.to_string())
            }
            fn visit_f64<E>(self, value: f64) -> Result<String, E> {
                Ok(value.to_string())
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// `None` for a missing member, null or `<invalid>`.
impl<'de, T: Lenient<'de>> Lenient<'de> for Option<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Maybe<T>(PhantomData<T>);
        impl<'de, T: Lenient<'de>> Visitor<'de> for Maybe<T> {
            type Value = Option<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or null")
            }
            fn visit_none<E>(self) -> Result<Option<T>, E> {
                Ok(None)
            }
            fn visit_unit<E>(self) -> Result<Option<T>, E> {
                Ok(None)
            }
            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Option<T>, D::Error> {
                inner.deserialize_any(Value(PhantomData))
            }
        }
        deserializer.deserialize_option(Maybe(PhantomData))
    }
}

/// Any value except the text for an unknown one.
struct Value<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for Value<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }
    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<T>, E> {
        if text == INVALID {
            return Ok(None);
        }
        T::read(de::value::StrDeserializer::new(text)).map(Some)
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Option<T>, E> {
        T::read(de::value::BoolDeserializer::new(value)).map(Some)
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Option<T>, E> {
        T::read(de::value::I64Deserializer::new(value)).map(Some)
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Option<T>, E> {
        T::read(de::value::U64Deserializer::new(value)).map(Some)
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Option<T>, E> {
        T::read(de::value::F64Deserializer::new(value)).map(Some)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<T>, A::Error> {
        T::read(SeqAccessDeserializer::new(seq)).map(Some)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        T::read(MapAccessDeserializer::new(map)).map(Some)
    }
}

/// A list, or a single value instead of a list.
impl<'de, T: Lenient<'de>> Lenient<'de> for Vec<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        list(deserializer, None)
    }
}

/// Reads a list that may also be a single value, or an object that holds the list
/// under a key.
pub(crate) fn read_wrapped<'de, D, T>(
    deserializer: D,
    key: &'static str,
) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Lenient<'de>,
{
    list(deserializer, Some(key))
}

/// The same, for a list that may be null or absent.
pub(crate) fn read_wrapped_option<'de, D, T>(
    deserializer: D,
    key: &'static str,
) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Lenient<'de>,
{
    struct Maybe<T>(&'static str, PhantomData<T>);
    impl<'de, T: Lenient<'de>> Visitor<'de> for Maybe<T> {
        type Value = Option<Vec<T>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list or null")
        }
        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
            list(inner, Some(self.0)).map(Some)
        }
    }
    deserializer.deserialize_option(Maybe(key, PhantomData))
}

fn list<'de, D, T>(deserializer: D, key: Option<&'static str>) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Lenient<'de>,
{
    struct List<T>(Option<&'static str>, PhantomData<T>);
    impl<'de, T: Lenient<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(Element(element)) = seq.next_element()? {
                list.push(element);
            }
            Ok(list)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
            let (mut found, mut unknown) = (None, false);
            let (wanted, unknown_only) = (self.0, &mut unknown);
            let record = match wanted {
                None => T::read(Record { map, unknown_only }),
                Some(wanted) => {
                    let found = &mut found;
                    let map = Watched { map, wanted, found };
                    T::read(Record { map, unknown_only })
                }
            }?;
            match found {
                Some(list) => Ok(list),
                None if unknown => Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
                // Without the list it is a single record.
                None => Ok(vec![record]),
            }
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            Ok(vec![T::read(de::value::StrDeserializer::new(text))?])
        }
    }
    deserializer.deserialize_any(List(key, PhantomData))
}

struct Element<T>(T);

impl<'de, T: Lenient<'de>> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Element)
    }
}

struct Whole<T>(Vec<T>);

impl<'de, T: Lenient<'de>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        list(deserializer, None).map(Whole)
    }
}

/// A map that copies one member out while the others pass through.
struct Watched<'a, A, T> {
    map: A,
    wanted: &'static str,
    found: &'a mut Option<Vec<T>>,
}

impl<'de, A: MapAccess<'de>, T: Lenient<'de>> MapAccess<'de> for Watched<'_, A, T> {
    type Error = A::Error;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if key != self.wanted {
                let key = de::value::StringDeserializer::new(key);
                return seed.deserialize(key).map(Some);
            }
            let Whole(list) = self.map.next_value()?;
            if self.found.replace(list).is_some() {
                return Err(de::Error::duplicate_field(self.wanted));
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A single object in place of a list. `unknown_only` is set if it is read as a
/// struct and has no member that the struct knows.
struct Record<'a, A> {
    map: A,
    unknown_only: &'a mut bool,
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Record<'_, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.map)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        *self.unknown_only = true;
        visitor.visit_map(Checked {
            record: self,
            fields,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

/// The members of a [`Record`], compared with the fields of a struct.
struct Checked<'a, A> {
    record: Record<'a, A>,
    fields: &'static [&'static str],
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Checked<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let Some(key) = self.record.map.next_key::<String>()? else {
            return Ok(None);
        };
        *self.record.unknown_only &= !self.fields.contains(&key.as_str());
        let key = de::value::StringDeserializer::new(key);
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, A::Error> {
        self.record.map.next_value_seed(seed)
    }
}

/// A body or nested object. serde's derive would also accept an array as the
/// fields in order, which would read a wrong shape as wrong values.
pub(crate) struct Object<D>(pub(crate) D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Object<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, MapOnly(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map enum
        identifier ignored_any
    }
}

struct MapOnly<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for MapOnly<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(map)
    }
}

/// Implements [`Lenient`] for generated objects and enums.
macro_rules! lenient {
    ($($name:ty),* $(,)?) => {$(
        impl<'de> $crate::lenient::Lenient<'de> for $name {
            fn read<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$name as ::serde::Deserialize>::deserialize($crate::lenient::Object(deserializer))
            }
        }
    )*};
}
pub(crate) use lenient;

/// A date-time, or seconds or milliseconds since 1970 as a number.
impl<'de> Lenient<'de> for DateTime {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Moment;
        impl Visitor<'_> for Moment {
            type Value = DateTime;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date-time")
            }
            fn visit_str<E>(self, text: &str) -> Result<DateTime, E> {
                Ok(DateTime::new(text))
            }
            #[allow(clippy::cast_precision_loss, reason = "no date needs more")]
            fn visit_i64<E>(self, number: i64) -> Result<DateTime, E> {
                Ok(DateTime::from_epoch(number as f64))
            }
            #[allow(clippy::cast_precision_loss, reason = "no date needs more")]
            fn visit_u64<E>(self, number: u64) -> Result<DateTime, E> {
                Ok(DateTime::from_epoch(number as f64))
            }
            fn visit_f64<E>(self, number: f64) -> Result<DateTime, E> {
                Ok(DateTime::from_epoch(number))
            }
        }
        deserializer.deserialize_any(Moment)
    }
}
