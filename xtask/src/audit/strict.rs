//! Turns a spec into strict JSON Schemas, where undeclared members are errors. The
//! irregular forms of lists and names are handled here, those of single values in
//! `check`.
//!
//! Invariant: keywords keep their position, so that a validator's path is a JSON
//! pointer into the spec.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::json_schema::widen;

/// The irregular forms of components, which also apply to members that refer to them.
type Forms = BTreeMap<String, Vec<String>>;

/// Makes the components strict and collects their names and values. Adds
/// `components/schemas/Headers` with the headers of all responses.
pub fn document(document: &mut Value, words: &mut BTreeSet<String>) {
    let mut all = Map::new();
    headers(document, &mut all);
    words.extend(all.keys().cloned());
    let components = &mut document["components"];
    let named = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let schemas = named(&components["schemas"]).into_iter();
    let forms = schemas.map(|(name, schema)| (name, forms(&schema)));
    let forms = forms.collect();
    let schemas = components["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        words.extend(named(&schema["properties"]).keys().cloned());
        words.extend(texts(&schema["enum"]));
        for error in schema["x-smartcar-errors"].as_array().into_iter().flatten() {
            words.extend(texts(&json!([error["type"], error["code"]])));
        }
        strict(&format!("#/components/schemas/{name}"), schema, &forms);
    }
    components["schemas"]["Headers"] = closed(&all);
    widen(components);
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn closed(members: &Map<String, Value>) -> Value {
    json!({"properties": members, "additionalProperties": false})
}

/// Collects the headers of all responses by name.
fn headers(value: &Value, all: &mut Map<String, Value>) {
    for (name, inner) in value.as_object().into_iter().flatten() {
        let declared = inner.as_object().filter(|_| name == "headers");
        for (name, header) in declared.into_iter().flatten() {
            if let Some(component) = header["$ref"].as_str() {
                all.insert(name.clone(), json!({"$ref": format!("{component}/schema")}));
            }
        }
        headers(inner, all);
    }
}

/// The irregular forms in a schema itself.
fn forms(schema: &Value) -> Vec<String> {
    texts(&schema["x-smartcar-irregular"])
}

fn strict(at: &str, schema: &mut Value, shared: &Forms) {
    let own = forms(schema);
    let Value::Object(map) = schema else { return };
    // The signal decides which of the schemas its body has.
    map.remove("anyOf");
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key) {
            strict(&format!("{at}/{key}"), inner, shared);
        }
    }
    members(at, map, shared);
    list(map, &own);
}

/// `spelling:NAME`: the member also has another name, and one of the two is required.
fn members(at: &str, map: &mut Map<String, Value>, shared: &Forms) {
    let mut required = texts(map.get("required").unwrap_or(&Value::Null));
    let Some(Value::Object(members)) = map.get_mut("properties") else {
        return;
    };
    let (mut spelled, mut either) = (Vec::new(), Vec::new());
    for (name, member) in members.iter_mut() {
        let at = format!("{at}/properties/{name}");
        let component = member["$ref"].as_str().and_then(|it| it.rsplit('/').next());
        let mut all = component.map_or_else(Vec::new, |it| shared[it].clone());
        all.extend(forms(member));
        for other in all.iter().filter_map(|it| it.strip_prefix("spelling:")) {
            spelled.push((other.to_owned(), json!({ "$ref": at })));
            if required.contains(name) {
                required.retain(|required| required != name);
                either.push(json!({"if": {"required": [other]}, "else": {"required": [name]}}));
            }
        }
        strict(&at, member, shared);
    }
    members.extend(spelled);
    map.entry("additionalProperties").or_insert(false.into());
    map.insert("required".to_owned(), required.into());
    map.insert("allOf".to_owned(), either.into());
}

/// `single`: one element instead of a list. `wrapped:KEY`: a list inside an object.
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
