//! Parses the derive's input into what the expansion needs.
//!
//! Invariant: all faults of the input are reported, not only the first.

use std::collections::BTreeMap;

use syn::{
    Data, DeriveInput, Error, Fields, GenericArgument, Generics, Ident, LitStr, Path,
    PathArguments, Result, Type,
};

use crate::attributes;

/// The struct that becomes a batch.
pub(crate) struct Input {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    /// The path of the façade crate.
    pub(crate) krate: Path,
    /// At least one.
    pub(crate) fields: Vec<Field>,
}

/// A field: what it requests, and how it holds the outcome.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) kind: Type,
    /// The path of `#[batch(path = "…")]`.
    pub(crate) path: Option<LitStr>,
}

/// The advice for every shape that is not supported.
const ADVICE: &str =
    "write a struct with a named field for each endpoint, such as `odometer: Reading<Odometer>`";

impl Input {
    /// Parses the input. The error combines everything that is wrong with it.
    pub(crate) fn read(input: &DeriveInput) -> Result<Self> {
        let mut faults = Faults(None);
        let krate = faults.keep(attributes::of_struct(&input.attrs));
        let fields = faults.keep(named(input)).map(|fields| {
            let read = fields.iter().filter_map(|field| {
                let path = faults.keep(attributes::of_field(&field.attrs));
                Some(Field {
                    name: field.ident.clone()?,
                    kind: field.ty.clone(),
                    path: path.flatten(),
                })
            });
            read.collect::<Vec<_>>()
        });
        for field in fields.iter().flatten() {
            faults.keep(field.is_held());
        }
        faults.keep(paths_differ(fields.as_deref().unwrap_or_default()));
        match (faults.0, krate, fields) {
            (None, Some(krate), Some(fields)) => Ok(Self {
                name: input.ident.clone(),
                generics: input.generics.clone(),
                krate,
                fields,
            }),
            (Some(error), ..) => Err(error),
            (None, ..) => Err(Error::new_spanned(&input.ident, ADVICE)),
        }
    }
}

impl Field {
    /// Whether the type is one of our holders (`Reading`, alone or wrapped). Any
    /// other type of a field with a path is the body itself.
    pub(crate) fn is_holder(&self) -> bool {
        ["Reading", "Option", "Result"]
            .iter()
            .any(|name| arguments(&self.kind, name).is_some())
    }

    /// The `E` of a field that holds a `Reading<E>` in one of the known forms, as
    /// far as the tokens show it. Used only for a better message: that `E` is not
    /// an endpoint, instead of that a reading of it cannot be held.
    pub(crate) fn endpoint(&self) -> Option<&Type> {
        if self.path.is_some() {
            return None;
        }
        let optional = arguments(&self.kind, "Option").and_then(|inner| match inner[..] {
            [reading] => Some(reading),
            _ => None,
        });
        let result = arguments(&self.kind, "Result").and_then(|inner| match inner[..] {
            [reading, error] if arguments(error, "ItemError").is_some() => Some(reading),
            _ => None,
        });
        let reading = optional.or(result).unwrap_or(&self.kind);
        match arguments(reading, "Reading")?[..] {
            [endpoint] => Some(endpoint),
            _ => None,
        }
    }

    /// A reference, a pointer or a function cannot hold a result. Without this
    /// check the compiler would complain about lifetimes.
    fn is_held(&self) -> Result<()> {
        match &self.kind {
            Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) => Err(Error::new_spanned(
                &self.kind,
                "a field of a batch owns its outcome: use `Reading<E>`, `Option<Reading<E>>`, `Result<Reading<E>, ItemError>` or a plain endpoint `E`",
            )),
            _ => Ok(()),
        }
    }
}

/// The type arguments of a path type whose last segment has this name.
fn arguments<'a>(kind: &'a Type, name: &str) -> Option<Vec<&'a Type>> {
    let Type::Path(kind) = kind else {
        return None;
    };
    let last = kind.path.segments.last()?;
    if last.ident != name {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return Some(Vec::new());
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    });
    Some(types.collect())
}

/// The fields of a struct with named fields.
fn named(input: &DeriveInput) -> Result<&syn::punctuated::Punctuated<syn::Field, syn::Token![,]>> {
    let (what, fields) = match &input.data {
        Data::Enum(_) => ("an enum", None),
        Data::Union(_) => ("a union", None),
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(_) => ("a tuple struct", None),
            Fields::Unit => ("a struct without fields", None),
            Fields::Named(fields) => ("a struct without fields", Some(&fields.named)),
        },
    };
    fields.filter(|fields| !fields.is_empty()).ok_or_else(|| {
        Error::new_spanned(&input.ident, format!("{what} cannot be a batch: {ADVICE}"))
    })
}

/// Reports a path that occurs twice, as far as the tokens show it. The const
/// assertion finds the rest.
fn paths_differ(fields: &[Field]) -> Result<()> {
    let mut faults = Faults(None);
    let mut seen = BTreeMap::new();
    for field in fields {
        let Some(path) = &field.path else { continue };
        if let Some(first) = seen.insert(path.value(), &field.name) {
            let message = format!(
                "`{first}` requests {} too, and each path is charged: remove one of the two",
                path.value()
            );
            faults.keep::<()>(Err(Error::new(path.span(), message)));
        }
    }
    faults.0.map_or(Ok(()), Err)
}

/// Combines all errors so far.
struct Faults(Option<Error>);

impl Faults {
    fn keep<T>(&mut self, outcome: Result<T>) -> Option<T> {
        let error = match outcome {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
        None
    }
}
