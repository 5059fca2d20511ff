//! The names that a scenario, a token, a fault or an admin request can use.
//!
//! Invariant: an unknown name is refused with the nearest known one. All names come from
//! the specs.

use std::collections::BTreeSet;

use crate::nearest::hint;
use crate::oauth;
use crate::spec::Spec;
use crate::v3::V3;

/// Permissions to change something. The spec has none of their endpoints, but an owner
/// can be asked for them.
const CONTROL: [&str; 6] = [
    "control_charge",
    "control_climate",
    "control_navigation",
    "control_pin",
    "control_security",
    "control_trunk",
];

/// Checks that all permissions are known.
pub(crate) fn permissions<'n>(names: impl IntoIterator<Item = &'n String>) -> Result<(), String> {
    let spec = Spec::embedded().map_err(|error| error.to_string())?;
    let known = || all_permissions(spec);
    for name in names {
        if !known().any(|it| it == name) {
            let hint = hint(name, known());
            return Err(format!("the permission `{name}` is not known{hint}"));
        }
    }
    Ok(())
}

/// All permissions.
fn all_permissions(spec: &'static Spec) -> impl Iterator<Item = &'static str> {
    let read = spec.permissions.iter().map(String::as_str);
    read.chain(CONTROL)
}

/// Checks the path of a request.
pub(crate) fn path(path: &str) -> Result<(), String> {
    let spec = Spec::embedded().map_err(|error| error.to_string())?;
    let operations = spec.operations.all.iter();
    let own = operations.map(|it| it.vehicle_path.as_ref().unwrap_or(&it.path).as_str());
    let v3 = V3::embedded().map_err(|error| error.to_string())?;
    let known: BTreeSet<&str> = own.chain(v3.paths()).chain(oauth::PATHS).collect();
    among(path, &known, "path")
}

/// Checks the path of an item.
pub(crate) fn item(path: &str) -> Result<(), String> {
    let spec = Spec::embedded().map_err(|error| error.to_string())?;
    let operations = spec.operations.all.iter().filter(|it| it.batchable);
    let own = operations.filter_map(|it| it.vehicle_path.as_deref());
    let v3 = V3::embedded().map_err(|error| error.to_string())?;
    let signals = v3.paths().filter(|path| path.starts_with("/signals/"));
    among(path, &own.chain(signals).collect(), "item")
}

/// Checks that all codes of signals are known.
pub(crate) fn signals<'n>(codes: impl IntoIterator<Item = &'n String>) -> Result<(), String> {
    let v3 = V3::embedded().map_err(|error| error.to_string())?;
    let known = v3.paths().filter_map(|path| path.strip_prefix("/signals/"));
    let known: BTreeSet<&str> = known.collect();
    for code in codes {
        among(&code.to_lowercase(), &known, "signal")?;
    }
    Ok(())
}

/// Checks a vehicle where only the listed ones are answered.
pub(crate) fn vehicle(id: &str, listed: &[String]) -> Result<(), String> {
    let known = listed.iter().map(String::as_str).collect();
    among(id, &known, "vehicle")
}

fn among(name: &str, known: &BTreeSet<&str>, what: &str) -> Result<(), String> {
    if known.contains(name) {
        return Ok(());
    }
    let hint = hint(name, known.iter().copied());
    Err(format!("the {what} `{name}` is not known{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_one() {
        let text = |name: &str| name.to_owned();
        assert_eq!(
            permissions(&[text("read_vin"), text("control_charge")]),
            Ok(())
        );
        for (found, expected) in [
            (
                permissions(&[text("read_odometr")]),
                "the permission `read_odometr` is not known, did you mean `read_odometer`?",
            ),
            (
                path("/oddometer"),
                "the path `/oddometer` is not known, did you mean `/odometer`?",
            ),
            (
                path("/batc"),
                "the path `/batc` is not known, did you mean `/batch`?",
            ),
            (item("/batch"), "the item `/batch` is not known"),
            (
                item("/feul"),
                "the item `/feul` is not known, did you mean `/fuel`?",
            ),
            (
                signals(&[text("odometer-travelleddistance")]),
                "the signal `odometer-travelleddistance` is not known, \
                 did you mean `odometer-traveleddistance`?",
            ),
            (
                vehicle("car-l", &[text("car-1"), text("other")]),
                "the vehicle `car-l` is not known, did you mean `car-1`?",
            ),
        ] {
            assert!(
                found.clone().unwrap_err().starts_with(expected),
                "{found:?}"
            );
        }
        for known in [
            "/",
            "/batch",
            "/vehicles",
            "/signals",
            "/connections",
            "/oauth/token",
        ] {
            assert_eq!(path(known), Ok(()), "{known}");
        }
        assert_eq!(item("/signals/odometer-traveleddistance"), Ok(()));
    }
}
