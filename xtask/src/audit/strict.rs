//! A spec as strict JSON Schemas: an undeclared member is an error, and the
//! forms that `x-smartcar-irregular` names are not.
//!
//! Invariant: a keyword keeps its place, so that a validator's path to it is a
//! JSON pointer into the spec.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::json_schema::widen;

/// The forms of components, which members that refer to them share.
type Forms = BTreeMap<String, Vec<String>>;

/// Makes the components and the headers of all responses strict, and gathers
/// the names and values in them. `components/schemas/Headers` is all headers.
pub fn document(document: &mut Value, words: &mut BTreeSet<String>) {
    let schemas = &mut document["components"]["schemas"];
    let forms = named(schemas)
        .map(|(name, schema)| (name.clone(), forms(schema)))
        .collect();
    for (_, schema) in named(schemas) {
        words.extend(
            schema["properties"]
                .as_object()
                .into_iter()
                .flat_map(Map::keys)
                .cloned(),
        );
        words.extend(texts(&schema["enum"]));
        for error in schema["x-smartcar-errors"].as_array().into_iter().flatten() {
            words.extend(texts(&json!([error["type"], error["code"]])));
        }
        widen(schema);
        strict(schema, &forms);
    }
    for (_, header) in named(&mut document["components"]["headers"]) {
        widen(&mut header["schema"]);
    }
    let mut all = Map::new();
    headers(document, &mut all);
    words.extend(all.keys().cloned());
    document["components"]["schemas"]["Headers"] = closed(&all);
}

fn named(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn closed(members: &Map<String, Value>) -> Value {
    json!({"properties": members, "additionalProperties": false})
}

/// The headers of each response as an object's schema, in their place.
fn headers(value: &mut Value, all: &mut Map<String, Value>) {
    for (name, inner) in named(value) {
        let is_response = name != "properties" && inner.get("description").is_some();
        match inner.get_mut("headers") {
            Some(declared) if is_response => {
                for (_, header) in named(declared) {
                    let component = header["$ref"].as_str().unwrap_or_default();
                    *header = json!({"$ref": format!("{component}/schema")});
                }
                let members = declared.as_object().cloned().unwrap_or_default();
                *declared = closed(&members);
                all.extend(members);
            }
            _ => headers(inner, all),
        }
    }
}

/// The irregular forms that a schema names itself.
fn forms(schema: &Value) -> Vec<String> {
    texts(&schema["x-smartcar-irregular"])
}

fn strict(schema: &mut Value, shared: &Forms) {
    let own = forms(schema);
    let Value::Object(map) = schema else { return };
    // Which of its schemas the body of a signal has follows from the signal.
    map.remove("anyOf");
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key) {
            strict(inner, shared);
        }
    }
    members(map, shared);
    if map.contains_key("items") {
        list(map, &own);
    } else {
        scalar(map, &own);
    }
}

fn members(map: &mut Map<String, Value>, shared: &Forms) {
    let Some(Value::Object(members)) = map.get_mut("properties") else {
        return;
    };
    let mut spelled = Vec::new();
    for (name, member) in members.iter_mut() {
        let component = member["$ref"]
            .as_str()
            .and_then(|reference| reference.rsplit('/').next());
        let shared_forms = component.and_then(|component| shared.get(component));
        for form in forms(member)
            .iter()
            .chain(shared_forms.into_iter().flatten())
        {
            if let Some(other) = form.strip_prefix("spelling:") {
                spelled.push((name.clone(), other.to_owned()));
            }
        }
        strict(member, shared);
    }
    for (name, other) in &spelled {
        members.insert(other.clone(), members[name].clone());
    }
    map.entry("additionalProperties").or_insert(false.into());
    let Some(Value::Array(required)) = map.get_mut("required") else {
        return;
    };
    spelled.retain(|(name, _)| required.iter().any(|required| required == name));
    required.retain(|required| spelled.iter().all(|(name, _)| required != name));
    let either = spelled
        .iter()
        .map(|(name, other)| json!({"if": {"required": [other]}, "else": {"required": [name]}}));
    if !spelled.is_empty() {
        map.insert("allOf".to_owned(), either.collect());
    }
}

/// `single`: one element in place of a list. `wrapped:KEY`: a list inside an object.
fn list(map: &mut Map<String, Value>, forms: &[String]) {
    let single = forms.iter().any(|form| form == "single");
    let mut otherwise = map.get("items").filter(|_| single).cloned();
    if let Some(key) = forms.iter().find_map(|form| form.strip_prefix("wrapped:")) {
        let members = Map::from_iter([(key.to_owned(), Value::Object(map.clone()))]);
        otherwise = Some(json!({"if": {"type": "object", "required": [key]},
            "then": closed(&members), "else": otherwise.unwrap_or(true.into())}));
    }
    if let Some(otherwise) = otherwise {
        let kind = map.remove("type").unwrap_or_default();
        map.insert("if".to_owned(), json!({ "type": kind }));
        map.insert("else".to_owned(), otherwise);
    }
}

fn scalar(map: &mut Map<String, Value>, forms: &[String]) {
    let has = |form: &str| forms.iter().any(|named| named == form);
    let mut kinds = texts(&map.get("type").cloned().unwrap_or_default());
    kinds.extend(map.get("type").and_then(Value::as_str).map(str::to_owned));
    let declared = kinds.len();
    let number = r"\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*";
    let patterns = [("text", number), ("invalid", "<invalid>")];
    let patterns: Vec<_> = patterns
        .iter()
        .filter(|(form, _)| has(form))
        .map(|(_, text)| *text)
        .collect();
    if let (true, Some(Value::Array(values))) = (has("invalid"), map.get_mut("enum")) {
        values.push("<invalid>".into());
    } else if !patterns.is_empty() && !kinds.iter().any(|kind| kind == "string") {
        kinds.push("string".to_owned());
        map.insert(
            "pattern".to_owned(),
            format!("^({})$", patterns.join("|")).into(),
        );
    }
    if has("number") || has("epoch") {
        kinds.push("number".to_owned());
    }
    if kinds.len() > declared {
        map.insert("type".to_owned(), kinds.into());
    }
    if has("date") {
        let format = map.remove("format");
        map.insert("if".to_owned(), json!({"format": "date"}));
        map.insert("else".to_owned(), json!({ "format": format }));
    }
}
