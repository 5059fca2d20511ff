//! Mutated specs: whatever is deleted, replaced, renamed or copied in a spec, the lint
//! protects the generators.
//!
//! Invariant: the mutations depend only on a seed, so that a failure can be reproduced
//! by its number.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use annotate_snippets::Renderer;
use serde_json::{Value, json};
use xtask::finding::Rule;
use xtask::plan::{self, Plan};
use xtask::source::{Source, escape};

const BASE: &str = include_str!("../rules/base.yaml");

/// Enough for a quick test run. Use `MUTATIONS=20000` for a run overnight.
const COUNT: u64 = 600;

/// Replacements for a node.
#[rustfmt::skip]
const VALUES: &[&str] = &[
    "null", "[]", "{}", "true", "false", "7", "-1.5", r#""""#, r#""text""#, r#""a-b c""#,
    r#"["a", null]"#, r#"{"a": {}}"#, r##"{"$ref": "#/components/schemas/Fuel"}"##, r#""self""#,
    r#""Self""#, r#""array""#, r#""object""#, r#""string""#, r#""double""#, r#""{id}""#,
];

/// New names for a member.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "", "type", "self", "Self", "get", "$ref", "x-smartcar-x", "/", "/vehicles/{id}",
    "/vehicles/{id}/", "/vehicles/{id}/a/{b}", "/vehicles/{id}/land-rover/doors", "default",
    "2XX", "200", "Fuel", "fuel", "EVCharge", "Vec", "allOf", "items", "enum",
];

/// New targets for a reference.
#[rustfmt::skip]
const TARGETS: &[&str] = &[
    "#/components/schemas/FuelKind", "#/components/schemas/Service", "Fuel", "#", "#/paths",
    "#/components/schemas/Fuel/properties/kind", "#/components/schemas/BatchRequest",
    "other.yaml#/a", "#/components/schemas/", "#/components/schemas/Odometer",
    "#/components/parameters/VehicleId", "#/components/schemas/ServiceRecord",
];

/// The destinations for a copied operation, and its new names.
#[rustfmt::skip]
const URLS: &[&str] = &["/vehicles", "/vehicles/{id}/copy", "/vehicles/{id}/tesla/copy", "/x/{y}"];
const IDS: &[&str] = &["copy", "fuel", "tesla_copy", "new", "a__b"];

/// Xorshift, which is good enough to choose nodes.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % count.max(1)
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let at = format!("{at}/{}", escape(key));
                found.push(at.clone());
                pointers(value, &at, found);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                let at = format!("{at}/{index}");
                found.push(at.clone());
                pointers(value, &at, found);
            }
        }
        _ => {}
    }
}

/// Removes a node, and returns its key if it was a member of a mapping.
fn remove(spec: &mut Value, pointer: &str) -> Option<(String, String, Value)> {
    let (parent, key) = pointer.rsplit_once('/')?;
    let key = key.replace("~1", "/").replace("~0", "~");
    let taken = match spec.pointer_mut(parent)? {
        Value::Object(map) => map.remove(&key)?,
        Value::Array(list) => list.remove(key.parse().ok()?),
        _ => return None,
    };
    Some((parent.to_owned(), key, taken))
}

/// Makes one random change and describes it.
fn mutate(spec: &mut Value, dice: &mut Dice) -> String {
    let mut all = Vec::new();
    pointers(spec, "", &mut all);
    let refs: Vec<_> = all
        .iter()
        .filter(|p| p.ends_with("/$ref"))
        .cloned()
        .collect();
    let at = all[dice.below(all.len())].clone();
    let other = all[dice.below(all.len())].clone();
    match dice.below(8) {
        0 | 1 => {
            remove(spec, &at);
            format!("delete {at}")
        }
        2 => {
            let value = dice.one_of(VALUES);
            let value: Value = serde_json::from_str(value).unwrap_or_default();
            let text = format!("{at} = {value}");
            if let Some(node) = spec.pointer_mut(&at) {
                *node = value;
            }
            text
        }
        3 => {
            let to = dice.one_of(KEYS);
            if let Some((parent, key, value)) = remove(spec, &at) {
                match spec.pointer_mut(&parent) {
                    Some(Value::Object(map)) => drop(map.insert(to.to_owned(), value)),
                    Some(Value::Array(list)) => list.push(value),
                    _ => {}
                }
                return format!("rename {at} from {key} to {to:?}");
            }
            String::new()
        }
        4 => {
            let copy = spec.pointer(&other).cloned().unwrap_or_default();
            if let Some(node) = spec.pointer_mut(&at) {
                *node = copy;
            }
            format!("{at} = {other}")
        }
        5 => {
            let to = dice.one_of(TARGETS);
            let at = &refs[dice.below(refs.len())];
            if let Some(node) = spec.pointer_mut(at) {
                *node = json!(to);
            }
            format!("{at} = {to}")
        }
        6 => {
            let (url, from, id) = (dice.one_of(URLS), "/vehicles/{id}/fuel", dice.one_of(IDS));
            if let Some(Value::Object(paths)) = spec.get_mut("paths") {
                let mut copy = paths.get(from).cloned().unwrap_or_default();
                if let Some(Value::Object(op)) = copy.get_mut("get") {
                    op.insert("operationId".to_owned(), json!(id));
                }
                paths.insert(url.to_owned(), copy);
            }
            format!("copy {from} to {url} as {id}")
        }
        _ => {
            let copy = spec.pointer(&other).cloned().unwrap_or_default();
            let name = other.rsplit('/').next().unwrap_or_default().to_owned();
            match spec.pointer_mut(&at) {
                Some(Value::Object(map)) => drop(map.insert(format!("{name}2"), copy)),
                Some(Value::Array(list)) => list.push(copy),
                _ => {}
            }
            format!("put {other} into {at}")
        }
    }
}

/// The first error that a compiler would report in the generated sources.
fn check(plan: &Plan) -> Result<(), String> {
    let mut structs = BTreeSet::new();
    let mut imported = Vec::new();
    let rust = |path: &str| Path::new(path).extension().is_some_and(|end| end == "rs");
    for (path, text) in plan.iter().filter(|(path, _)| rust(path)) {
        let file = syn::parse_file(text).map_err(|error| format!("{path}: {error}"))?;
        for item in file.items {
            match item {
                syn::Item::Struct(item) if path.ends_with("types.rs") => {
                    let fields: Vec<_> = item
                        .fields
                        .iter()
                        .filter_map(|f| f.ident.as_ref())
                        .collect();
                    unique(&fields).map_err(|field| format!("{}.{field}", item.ident))?;
                    if !structs.insert(item.ident.to_string()) {
                        return Err(format!("two structs {}", item.ident));
                    }
                }
                syn::Item::Impl(item) if path.ends_with("requests.rs") && item.trait_.is_none() => {
                    let mut names = Vec::new();
                    for member in &item.items {
                        if let syn::ImplItem::Fn(method) = member {
                            names.push(&method.sig.ident);
                            arguments(&method.sig)?;
                        }
                    }
                    unique(&names).map_err(|name| format!("two methods {name}"))?;
                }
                syn::Item::Impl(item) if path.ends_with("endpoints.rs") => {
                    if let syn::Type::Path(kind) = *item.self_ty {
                        imported.extend(kind.path.get_ident().map(ToString::to_string));
                    }
                }
                _ => {}
            }
        }
    }
    unique(&imported).map_err(|name| format!("two endpoints of {name}"))?;
    match imported.iter().find(|name| !structs.contains(*name)) {
        Some(name) => Err(format!("no struct {name}")),
        None => Ok(()),
    }
}

fn arguments(signature: &syn::Signature) -> Result<(), String> {
    let names = signature.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(typed) => match &*typed.pat {
            syn::Pat::Ident(name) => Some(&name.ident),
            _ => None,
        },
        syn::FnArg::Receiver(_) => None,
    });
    let names: Vec<_> = names.collect();
    unique(&names).map_err(|name| format!("{}: two arguments {name}", signature.ident))
}

fn unique<T: ToString>(names: &[T]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let twice = names
        .iter()
        .map(ToString::to_string)
        .find(|name| !seen.insert(name.clone()));
    twice.map_or(Ok(()), Err)
}

#[test]
fn no_spoilt_spec_reaches_a_generators_fault() {
    let base = Source::parse("base", BASE).unwrap().root.to_value();
    let count = std::env::var("MUTATIONS")
        .ok()
        .and_then(|count| count.parse().ok());
    let (mut wrong, mut planned) = (Vec::new(), 0);
    for seed in 1..=count.unwrap_or(COUNT) {
        let mut dice = Dice::new(seed);
        let mut spec = base.clone();
        let mut changes = Vec::new();
        for _ in 0..=dice.below(3) {
            changes.push(mutate(&mut spec, &mut dice));
        }
        let text = serde_json::to_string_pretty(&spec).unwrap();
        let outcome = catch_unwind(AssertUnwindSafe(|| match plan::plan("spoilt", &text) {
            Ok(plan) => {
                planned += 1;
                check(&plan).err()
            }
            Err(findings) => {
                let generator = findings.list.iter().any(|f| f.rule == Rule::Generator);
                let drawn = findings.draw(&Renderer::plain());
                let source = Source::parse("spoilt", &text).unwrap();
                let lost = findings
                    .list
                    .iter()
                    .any(|f| source.at(&f.pointer).is_none());
                (generator || lost || findings.list.is_empty()).then_some(drawn)
            }
        }));
        match outcome {
            Ok(None) => {}
            Ok(Some(fault)) => wrong.push(format!("{seed}: {changes:#?}\n{fault}")),
            Err(_) => wrong.push(format!("{seed}: {changes:#?}\npanicked")),
        }
    }
    // A lint that rejects everything would pass too.
    assert!(planned > 20, "only {planned} were planned");
    let (count, first) = (
        wrong.len(),
        wrong.iter().take(12).cloned().collect::<Vec<_>>(),
    );
    assert!(
        wrong.is_empty(),
        "{count} escaped the lint\n{}",
        first.join("\n")
    );
}
