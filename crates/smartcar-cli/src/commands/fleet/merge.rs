//! Merges a vehicle's new record with the items of an earlier one.
//!
//! Invariant: an item comes from the newer record if it has the path, else
//! unchanged from the earlier one. Everything else comes from the newer record.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::record::Format;
use crate::report::rows::{self, Row};

/// Merges both into one record; `None` if either cannot be parsed.
pub(super) fn merged(
    format: Format,
    newer: &str,
    earlier: &str,
    asked: &[String],
) -> Option<String> {
    match format {
        Format::Ndjson => objects(newer, earlier, asked),
        Format::Csv => table(newer, earlier, asked),
    }
}

fn table(newer: &str, earlier: &str, asked: &[String]) -> Option<String> {
    let (newer, earlier) = (rows::read(newer)?, rows::read(earlier)?);
    let mut rows: Vec<Row> = Vec::new();
    for path in asked {
        let of = |rows: &[Row]| -> Vec<Row> {
            let rows = rows.iter().filter(|row| row.path == *path);
            rows.cloned().collect()
        };
        let found = of(&newer);
        rows.extend(if found.is_empty() {
            of(&earlier)
        } else {
            found
        });
    }
    Some(rows::written(rows))
}

fn objects(newer: &str, earlier: &str, asked: &[String]) -> Option<String> {
    let mut newer: Members = serde_json::from_str(newer).ok()?;
    let earlier: Members = serde_json::from_str(earlier).ok()?;
    let new_items = newer.list("items")?;
    let old_items = earlier.list("items")?;
    let find = |list: &[Box<RawValue>], path: &str| {
        let mut list = list.iter();
        list.find(|item| path_of(item).is_some_and(|it| it == path))
            .cloned()
    };
    let items: Vec<_> = asked
        .iter()
        .filter_map(|path| find(&new_items, path).or_else(|| find(&old_items, path)))
        .collect();
    newer.set("items", &items)?;
    // Member errors follow their item.
    if let (Some(mut told), Some(before)) =
        (newer.list("member_errors"), earlier.list("member_errors"))
    {
        let is_kept =
            |entry: &RawValue| path_of(entry).is_some_and(|path| find(&new_items, &path).is_none());
        told.extend(before.into_iter().filter(|entry| is_kept(entry)));
        newer.set("member_errors", &told)?;
    }
    Some(serde_json::to_string(&newer).ok()? + "\n")
}

fn path_of(item: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        path: String,
    }
    let named: Named = serde_json::from_str(item.get()).ok()?;
    Some(named.path)
}

/// An object's members, unparsed and in order.
struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    fn list(&self, name: &str) -> Option<Vec<Box<RawValue>>> {
        let (_, value) = self.0.iter().find(|(member, _)| member == name)?;
        serde_json::from_str(value.get()).ok()
    }

    fn set(&mut self, name: &str, list: &[Box<RawValue>]) -> Option<()> {
        let (_, value) = self.0.iter_mut().find(|(member, _)| member == name)?;
        *value = serde_json::value::to_raw_value(list).ok()?;
        Some(())
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Vec<String> {
        ["/a", "/b", "/c"].map(str::to_owned).to_vec()
    }

    #[test]
    fn items_are_merged_in_the_order_asked_and_kept_to_the_letter() {
        let earlier = r#"{"vehicle":"v","request_id":"1","items":[{"path":"/a","ok":true,"body":{"n":1.50,"e":"\u00e9"}},{"path":"/b","ok":false},{"path":"/c","ok":false}],"member_errors":[{"path":"/a","member":"m"},{"path":"/b","member":"m"}]}"#;
        let newer = r#"{"vehicle":"v","request_id":"2","items":[{"path":"/c","ok":true},{"path":"/b","ok":true}],"member_errors":[]}"#;
        let merged = merged(Format::Ndjson, newer, earlier, &asked()).unwrap();
        assert_eq!(
            merged,
            concat!(
                r#"{"vehicle":"v","request_id":"2","items":[{"path":"/a","ok":true,"body":{"n":1.50,"e":"\u00e9"}},"#,
                r#"{"path":"/b","ok":true},{"path":"/c","ok":true}],"member_errors":[{"path":"/a","member":"m"}]}"#,
                "\n"
            )
        );
    }

    #[test]
    fn rows_are_merged_and_numbered_anew() {
        let earlier = "v,/a,true,x,1,km,,,,,,,,,1,3\nv,/a,true,y,\"0,5\",,,,,,,,,,2,3\nv,/b,false,,,,,,api,RATE_LIMIT,,429,,9,3,3\n";
        let newer = "v,/b,true,body,2,,,,,,,,,,1,2\nv,/c,true,body,3,,,,,,,,,,2,2\n";
        let merged = merged(Format::Csv, newer, earlier, &asked()).unwrap();
        assert_eq!(
            merged,
            "v,/a,true,x,1,km,,,,,,,,,1,4\nv,/a,true,y,\"0,5\",,,,,,,,,,2,4\nv,/b,true,body,2,,,,,,,,,,3,4\nv,/c,true,body,3,,,,,,,,,,4,4\n"
        );
    }
}
