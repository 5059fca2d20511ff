//! `#[derive(Batch)]`, which `smartcar_batch` re-exports: see
//! `smartcar_batch::Batch` for its use.
//!
//! Invariant: every fault of the input is reported at its own span, all at once,
//! with a fix. The expansion uses only `__private`.

#[cfg(feature = "derive")]
mod attributes;
#[cfg(feature = "derive")]
mod expand;
#[cfg(feature = "derive")]
mod input;
#[cfg(feature = "derive")]
mod path;

use proc_macro::TokenStream;

/// Makes a struct a batch. A field's type says what is requested and how its
/// result is held.
///
/// | Field | What is requested | If there is no reading |
/// |---|---|---|
/// | `Reading<E>` | the endpoint `E`, with its metadata | `send` fails, and its error keeps every other result |
/// | `E` | the same, the body alone | the same |
/// | `Option<Reading<E>>` | the same as `Reading<E>` | `None`; the error is in `failures()` |
/// | `Result<Reading<E>, ItemError>` | the same | the error |
/// | `B`, itself a struct with this derive | what its fields request | as its fields say |
/// | `Option<B>` | the same | `None` if one of its required fields failed |
/// | `Result<B, RequiredItemError>` | the same | the path of the failed field, and why it failed |
///
/// ```
/// use smartcar_batch::{Batch, Fuel, ItemError, Location, Odometer, Reading};
///
/// #[derive(Batch)]
/// struct Snapshot {
///     odometer: Reading<Odometer>,
///     fuel: Option<Reading<Fuel>>,
///     location: Result<Reading<Location>, ItemError>,
/// }
///
/// assert_eq!(Snapshot::PATHS.to_vec(), ["/odometer", "/fuel", "/location"]);
/// ```
///
/// Then `vehicle.batch::<Snapshot>().send().await?.data` is a `Snapshot`.
///
/// # Attributes
///
/// | Attribute | On | Meaning |
/// |---|---|---|
/// | `#[batch(path = "/tesla/speedometer")]` | a field | Request this path, known to the spec or not. The body is any `T: DeserializeOwned + Send`, held in `Reading<T>`, `T`, `Option<Reading<T>>` or `Result<Reading<T>, ItemError>`, written by these names. |
/// | `#[batch(crate = "my::smartcar")]` | the struct | The path of `smartcar_batch`, if the crate has another name. |
///
/// ```
/// use serde_json::Value;
/// use smartcar_batch::{Batch, Endpoint, Odometer, Reading};
///
/// #[derive(Batch)]
/// struct More<E: Endpoint> {
///     one: Reading<E>,
///     #[batch(path = "/wiper/fluid")]
///     wiper: Option<Reading<Value>>,
/// }
///
/// #[derive(Batch)]
/// struct All {
///     more: More<Odometer>,
///     vin: smartcar_batch::Vin,
/// }
///
/// assert_eq!(All::PATHS.to_vec(), ["/odometer", "/wiper/fluid", "/vin"]);
/// ```
///
/// # What does not compile
///
/// An enum, a union, a struct without named fields; a field whose type cannot
/// hold an outcome; a path that a batch cannot carry; the same path twice.
/// A duplicate that arises through a type parameter is found where the batch is
/// used, and only by `cargo build`: `cargo check` does not evaluate it.
#[cfg(feature = "derive")]
#[proc_macro_derive(Batch, attributes(batch))]
pub fn batch(input: TokenStream) -> TokenStream {
    let expanded = syn::parse(input)
        .and_then(|input| input::Input::read(&input))
        .map(|input| expand::expand(&input));
    expanded
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// Explains how to enable `#[derive(Batch)]`.
///
/// The compiler's `cannot find derive macro` would suggest a missing import.
#[cfg(not(feature = "derive"))]
#[proc_macro_derive(Batch, attributes(batch))]
pub fn batch(_: TokenStream) -> TokenStream {
    "::core::compile_error!(\"`#[derive(Batch)]` needs the feature `derive` of smartcar-batch: \
     write `smartcar-batch = { version = \\\"0.1\\\", features = [\\\"derive\\\"] }` in Cargo.toml, \
     or leave out `default-features = false`\");"
        .parse()
        .expect("it is a macro call")
}
