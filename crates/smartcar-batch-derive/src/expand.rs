//! The expansion: a place for each field's outcome, and the field made from it.
//!
//! Invariant: no map and no dynamic dispatch, as for a tuple. Each item is bound
//! by the fields' types, so a type that does not fit is reported once.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, WherePredicate, parse_quote};

use crate::input::{Field, Input};

/// The implementations for one struct.
pub(crate) fn expand(input: &Input) -> TokenStream {
    let Input { name, krate, .. } = input;
    let private = quote!(#krate::__private);
    let generics = bounded(input, &private);
    let (params, arguments, bounds) = generics.split_for_impl();

    let names: Vec<_> = input.fields.iter().map(|field| &field.name).collect();
    let outcomes = input.fields.iter().map(|field| outcomes(field, &private));
    let paths = input.fields.iter().map(|field| paths(field, &private));
    let values = input.fields.iter().map(|field| value(field, &private));
    let ends = names.len();
    let accept = dispatch(&names, &quote!(accept), &quote!(answer), &private);
    let fail = dispatch(&names, &quote!(fail), &quote!(error), &private);
    let error = dispatch(&names, &quote!(error), &quote!(), &private);
    let read_body = dispatch(&names, &quote!(read_body), &quote!(text), &private);
    let label = dispatch(&names, &quote!(label), &quote!(meta), &private);
    let distinct = distinct(input, &private);

    quote! {
        const _: () = {
            #[doc(hidden)]
            pub struct __Outcomes #params #bounds {
                #(#names: #outcomes,)*
            }

            #[automatically_derived]
            impl #params ::core::default::Default for __Outcomes #arguments #bounds {
                fn default() -> Self {
                    Self { #(#names: ::core::default::Default::default(),)* }
                }
            }

            impl #params __Outcomes #arguments #bounds {
                /// The end of each field's range of indexes.
                const ENDS: [usize; #ends] =
                    #private::ends(&<#name #arguments as #private::BatchField>::PATHS);
            }

            #[automatically_derived]
            impl #params #private::Outcomes for __Outcomes #arguments #bounds {
                fn accept(&mut self, index: usize, answer: &#private::ItemResponse<'_>) {
                    match index { #accept _ => {} }
                }

                fn fail(&mut self, index: usize, error: #private::ItemError) {
                    match index { #fail _ => {} }
                }

                fn error(&self, index: usize) -> ::core::option::Option<&#private::ItemError> {
                    match index { #error _ => ::core::option::Option::None }
                }

                fn read_body(
                    &mut self,
                    index: usize,
                    text: &::core::primitive::str,
                ) -> ::core::option::Option<usize> {
                    match index { #read_body _ => ::core::option::Option::None }
                }

                fn label(&mut self, index: usize, meta: #private::Meta) {
                    match index { #label _ => {} }
                }
            }

            #[automatically_derived]
            impl #params #private::BatchField for #name #arguments #bounds {
                type Outcomes = __Outcomes #arguments;
                const PATHS: #private::Paths = #private::Paths::All(&[#(#paths),*]);

                fn field(
                    outcomes: Self::Outcomes,
                ) -> ::core::result::Result<Self, #private::RequiredItemError> {
                    ::core::result::Result::Ok(Self { #(#names: #values,)* })
                }
            }

            #[automatically_derived]
            impl #params #private::Batch for #name #arguments #bounds {
                type Data = Self;
                type Outcomes = __Outcomes #arguments;
                const PATHS: #private::Paths = <Self as #private::BatchField>::PATHS;

                fn outcomes() -> Self::Outcomes {
                    ::core::default::Default::default()
                }

                fn data(
                    outcomes: Self::Outcomes,
                ) -> ::core::result::Result<Self, #private::RequiredItemError> {
                    #private::BatchField::field(outcomes)
                }
            }

            #distinct
        };
    }
}

/// The struct's generics, with a bound for each field that depends on them.
fn bounded(input: &Input, private: &TokenStream) -> Generics {
    let mut generics = input.generics.clone();
    for param in &mut generics.params {
        // A default is not allowed in an impl.
        match param {
            GenericParam::Type(param) => param.default = None,
            GenericParam::Const(param) => param.default = None,
            GenericParam::Lifetime(_) => {}
        }
    }
    let predicates = &mut generics.make_where_clause().predicates;
    predicates.extend(input.fields.iter().map(|field| must_be(field, private)));
    generics
}

/// The bound on the field's type. As a bound it is reported once, and a type
/// parameter needs no bound of its own.
fn must_be(field: &Field, private: &TokenStream) -> WherePredicate {
    if let Some(endpoint) = field.endpoint() {
        let bound = at(quote!(#private::Endpoint), endpoint.span());
        return parse_quote!(#endpoint: #bound);
    }
    let kind = &field.kind;
    let holder = holder(field);
    let bound = at(quote!(#private::#holder), kind.span());
    parse_quote!(#kind: #bound)
}

/// The trait through which the field holds its outcome.
fn holder(field: &Field) -> TokenStream {
    match (&field.path, field.is_holder()) {
        (None, _) => quote!(BatchField),
        (Some(_), true) => quote!(PathField),
        (Some(_), false) => quote!(Body),
    }
}

/// Our tokens at a span of the input. Lints still treat them as generated.
fn at(tokens: TokenStream, place: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|mut token| {
        token.set_span(token.span().located_at(place));
        token
    });
    moved.collect()
}

/// The type of the field's outcomes.
fn outcomes(field: &Field, private: &TokenStream) -> TokenStream {
    let (kind, holder) = (&field.kind, holder(field));
    quote!(<#kind as #private::#holder>::Outcomes)
}

/// The paths that the field requests.
fn paths(field: &Field, private: &TokenStream) -> TokenStream {
    let kind = &field.kind;
    let known = || quote!(<#kind as #private::BatchField>::PATHS);
    let own = field.path.as_ref();
    own.map_or_else(known, |path| quote!(#private::Paths::One(#path)))
}

/// The field's value.
fn value(field: &Field, private: &TokenStream) -> TokenStream {
    let (name, holder) = (&field.name, holder(field));
    let path = field.path.as_ref().map(|path| quote!(, #path));
    quote!(#private::#holder::field(outcomes.#name #path)?)
}

/// The match arms that route an index to its field.
fn dispatch(
    names: &[&Ident],
    method: &TokenStream,
    rest: &TokenStream,
    private: &TokenStream,
) -> TokenStream {
    let receiver = if rest.is_empty() {
        quote!(&)
    } else {
        quote!(&mut)
    };
    let comma = (!rest.is_empty()).then(|| quote!(,));
    let arms = names.iter().enumerate().map(|(at, name)| {
        let start = at
            .checked_sub(1)
            .map(|before| quote!(- Self::ENDS[#before]));
        quote! {
            index if index < Self::ENDS[#at] => {
                #private::Outcomes::#method(#receiver self.#name, index #start #comma #rest)
            }
        }
    });
    quote!(#(#arms)*)
}

/// One assertion per field: it requests nothing that a field above requests. With
/// generics it cannot be made here, so `Vehicle::batch` makes it.
fn distinct(input: &Input, private: &TokenStream) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let struct_name = &input.name;
    let later = input.fields.iter().enumerate().skip(1);
    let assertions = later.map(|(index, field)| {
        let message = format!(
            "the field `{}` requests a path that a field above it requests too, and each is charged: remove one of the two",
            field.name
        );
        let assertion = quote! {
            const _: () = ::core::assert!(!__REPEATS[#index], #message);
        };
        at(assertion, field.kind.span())
    });
    let fields = input.fields.len();
    quote! {
        const __REPEATS: [bool; #fields] =
            #private::repeats(&<#struct_name as #private::BatchField>::PATHS);
        #(#assertions)*
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The expansion as text, for a struct with each kind of field and for a
    /// generic one. `UPDATE_GOLDENS=1` writes it.
    #[test]
    #[allow(
        clippy::disallowed_methods,
        reason = "a half-written golden is seen at once, and the way around is xtask's"
    )]
    fn the_expansion_is_as_it_was_read_and_found_good() {
        let structs: [syn::DeriveInput; 2] = [
            parse_quote! {
                struct Snapshot {
                    odometer: Reading<Odometer>,
                    fuel: Option<Reading<Fuel>>,
                    nested: Nested,
                    #[batch(path = "/wiper/fluid")]
                    wiper: Value,
                }
            },
            parse_quote! {
                #[batch(crate = "my::smartcar")]
                pub struct With<E: Endpoint = Odometer>
                where
                    E: Clone,
                {
                    reading: Result<Reading<E>, ItemError>,
                    #[batch(path = "/wiper/fluid")]
                    wiper: Option<Reading<E>>,
                }
            },
        ];
        let expanded = structs.map(|input| {
            let input = Input::read(&input).expect("it is a batch");
            syn::parse2(expand(&input)).expect("it is Rust")
        });
        let text = expanded.map(|file: syn::File| prettyplease::unparse(&file));
        let text = text.join("\n");
        for word in ["dyn", "Box", "Map", "String", "unsafe"] {
            assert!(!text.contains(word), "{word}");
        }
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/expansion.rs");
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(&golden, &text).expect("the golden file can be written");
        }
        let expected = std::fs::read_to_string(&golden).expect("the golden file is there");
        assert_eq!(
            text, expected,
            "run with UPDATE_GOLDENS=1 and read the difference"
        );
    }
}
