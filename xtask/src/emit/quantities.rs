//! `smartcar-model/src/generated/quantities.rs`: an accessor for each member with a
//! unit, behind the feature `uom`.
//!
//! Invariant: this table is the only definition of the units. The generator fails for a
//! unit that the lint accepts but this table does not have.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{docs, rust};
use crate::api::{Api, Schema, Type, Unit, snake};

/// Each unit with its quantity and unit in `uom`.
const UNITS: [(&str, &str, &str); 21] = [
    ("km", "Length", "kilometer"),
    ("mi", "Length", "mile"),
    ("mm", "Length", "millimeter"),
    ("L", "Volume", "liter"),
    ("gal", "Volume", "gallon"),
    ("kPa", "Pressure", "kilopascal"),
    ("psi", "Pressure", "psi"),
    ("km/h", "Velocity", "kilometer_per_hour"),
    ("mph", "Velocity", "mile_per_hour"),
    ("degC", "ThermodynamicTemperature", "degree_celsius"),
    ("degF", "ThermodynamicTemperature", "degree_fahrenheit"),
    ("kWh", "Energy", "kilowatt_hour"),
    ("kW", "Power", "kilowatt"),
    ("W", "Power", "watt"),
    ("V", "ElectricPotential", "volt"),
    ("A", "ElectricCurrent", "ampere"),
    ("deg", "Angle", "degree"),
    ("fraction", "Ratio", "ratio"),
    ("percent", "Ratio", "percent"),
    ("count", "Ratio", "ratio"),
    ("min", "Time", "minute"),
];

/// The text of the file.
pub fn emit(api: &Api) -> Result<String, String> {
    // In spec order.
    let mut types = Vec::new();
    let mut impls = Vec::new();
    let mut accessors = BTreeMap::new();
    for schema in api.typed() {
        let made = Accessor::all(api, schema)?;
        let Some(first) = made.first() else { continue };
        let name = format_ident!("{}", schema.name);
        let owner = if first.on_reading {
            quote!(Reading<#name>)
        } else {
            quote!(#name)
        };
        let methods = made.iter().map(|accessor| &accessor.method);
        impls.push(quote!(impl #owner { #(#methods)* }));
        types.push(name);
        accessors.insert(schema.name.as_str(), made);
    }
    let quantities: BTreeSet<_> = accessors
        .values()
        .flatten()
        .map(|made| made.quantity)
        .collect();
    let quantities = quantities.into_iter().map(|name| format_ident!("{name}"));
    let rows = rows(api, &accessors);
    rust::file(
        &api.file,
        "Members with a unit as quantities.",
        quote! {
            use uom::si;
            use uom::si::f64::{#(#quantities),*};

            use super::types::{#(#types),*};
            use crate::{Reading, quantity};

            #(#impls)*

            /// Each member with a unit in the endpoint table, and the value that its
            /// accessor returns for its object.
            #[cfg(test)]
            pub(crate) static ACCESSORS: &[quantity::tests::Accessor] = &[#(#rows),*];
        },
    )
}

/// The accessor of one member.
struct Accessor {
    property: String,
    quantity: &'static str,
    /// Whether it is a method of the reading; otherwise of a nested type.
    on_reading: bool,
    /// Whether it takes the reading's `Meta`, which decides the unit.
    takes_meta: bool,
    method: TokenStream,
    /// A call of the accessor for the test table, on `owner` with `meta`.
    call: TokenStream,
    optional: bool,
}

impl Accessor {
    /// One accessor per property with a unit.
    fn all(api: &Api, schema: &Schema) -> Result<Vec<Self>, String> {
        let mut endpoints = api.endpoints.iter();
        let on_reading = endpoints.any(|endpoint| endpoint.type_name == schema.name);
        let made = schema.properties().iter().filter_map(|property| {
            let unit = property.unit.as_ref()?;
            Some(Self::new(on_reading, property, unit))
        });
        made.collect()
    }

    fn new(on_reading: bool, property: &Schema, unit: &Unit) -> Result<Self, String> {
        let optional = property.is_optional();
        let name = snake(&property.name);
        let name = syn::parse_str::<syn::Ident>(&name).unwrap_or_else(|_| format_ident!("{name}_"));
        let (object, meta) = if on_reading {
            (quote!(self.body), quote!(&self.meta))
        } else {
            (quote!(self), quote!(meta))
        };
        let value = match (&property.kind, optional) {
            (Type::Integer, true) => quote!(#object.#name.map(quantity::whole)),
            (Type::Integer, false) => quote!(quantity::whole(#object.#name)),
            _ => quote!(#object.#name),
        };
        let (metric, imperial) = match unit {
            Unit::Fixed(unit) => (unit, unit),
            Unit::System { metric, imperial } => (metric, imperial),
        };
        let (quantity, metric) = constructor(metric)?;
        let (other, imperial) = constructor(imperial)?;
        if quantity != other {
            return Err(format!(
                "`{}` is a {quantity} in one unit system and a {other} in the other",
                property.name
            ));
        }
        let by_system = matches!(unit, Unit::System { .. });
        let body = match (by_system, optional) {
            (true, true) => {
                quote!(quantity::by_system_if_there(#meta, #value, #metric, #imperial))
            }
            (true, false) => quote!(quantity::by_system(#meta, #value, #metric, #imperial)),
            (false, true) => quote!(#value.map(#metric)),
            (false, false) => quote!(#metric(#value)),
        };
        let takes_meta = by_system && !on_reading;
        let parameter = takes_meta.then(|| quote!(, meta: &crate::Meta));
        let argument = takes_meta.then(|| quote!(&meta));
        let kind = format_ident!("{quantity}");
        let kind = if optional {
            quote!(Option<#kind>)
        } else {
            quote!(#kind)
        };
        let doc = docs::attributes(&doc(property, unit, on_reading));
        // A method never has the name of a field.
        let method = format_ident!("{}_quantity", snake(&property.name));
        Ok(Self {
            property: property.name.clone(),
            quantity,
            on_reading,
            takes_meta,
            method: quote! {
                #(#doc)*
                pub fn #method(&self #parameter) -> #kind {
                    #body
                }
            },
            call: quote!(#method(#argument)),
            optional,
        })
    }
}

/// The name of the quantity and its constructor.
fn constructor(unit: &str) -> Result<(&'static str, TokenStream), String> {
    let row = UNITS.iter().find(|(name, ..)| *name == unit);
    let (_, quantity, unit) = row.ok_or_else(|| format!("no quantity for the unit `{unit}`"))?;
    let (kind, unit) = (format_ident!("{quantity}"), format_ident!("{unit}"));
    let module = format_ident!("{}", snake(quantity));
    Ok((quantity, quote!(#kind::new::<si::#module::#unit>)))
}

fn doc(property: &Schema, unit: &Unit, on_reading: bool) -> String {
    let (text, name) = (docs::escape(&property.description), &property.name);
    let (unit, unknown) = match unit {
        Unit::Fixed(unit) => (unit.clone(), false),
        Unit::System { metric, imperial } => {
            let system = if on_reading {
                "the reading"
            } else {
                "`meta` of the reading"
            };
            (
                format!("{metric} or {imperial}, depending on {system}"),
                true,
            )
        }
    };
    let missing = match (property.is_optional(), unknown) {
        (true, true) => {
            " `None` if it is missing, or if the unit system is unknown to this version."
        }
        (true, false) => " `None` if it is missing.",
        (false, true) => " NaN if the unit system is unknown to this version.",
        (false, false) => "",
    };
    format!("{text}\n\nThe member `{name}` ({unit}) as a quantity.{missing}")
}

/// The table for the test: one row per field with a unit of each endpoint.
fn rows(api: &Api, accessors: &BTreeMap<&str, Vec<Accessor>>) -> Vec<TokenStream> {
    let mut rows = Vec::new();
    for endpoint in &api.endpoints {
        for field in api.fields(&endpoint.type_name) {
            let mut made = accessors.get(field.owner).into_iter().flatten();
            let Some(accessor) = made.find(|made| made.property == field.property.name) else {
                continue;
            };
            let (path, name) = (&endpoint.path, &field.name);
            let (owner, call) = (format_ident!("{}", field.owner), &accessor.call);
            let object = quote!(quantity::tests::read::<#owner>(object));
            let object = if accessor.on_reading {
                quote!(Reading::new(#object, meta))
            } else {
                object
            };
            let value = if accessor.optional {
                quote!(#object.#call.map(|quantity| quantity.value))
            } else {
                quote!(Some(#object.#call.value))
            };
            let uses_meta = accessor.on_reading || accessor.takes_meta;
            let meta = if uses_meta { quote!(meta) } else { quote!(_) };
            rows.push(quote! {
                quantity::tests::Accessor {
                    path: #path,
                    field: #name,
                    measure: |object, #meta| #value,
                }
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_of_a_spec_is_known_once() {
        let known: BTreeSet<_> = UNITS.iter().map(|(unit, ..)| *unit).collect();
        assert_eq!(known.len(), UNITS.len());
        assert_eq!(known, BTreeSet::from(crate::lint::vocabulary::UNITS));
        assert!(constructor("furlong").is_err_and(|error| error.contains("`furlong`")));
    }
}
