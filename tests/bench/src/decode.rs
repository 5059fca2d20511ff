//! Ours and the contestants: each reads an answer into the items of a batch.
//!
//! Invariant: they all give the same items, see the tests.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use smartcar_model::{
    ApiError, Attributes, Batch, Battery, Charge, ChargeLimit, Dtcs, Endpoint, EngineOil, Fuel,
    ItemError, Location, Meta, NominalCapacity, Odometer, Reading, Resolution, Security,
    SystemStatus, TirePressure, UnitSystem, Vin, decode,
};

/// Two endpoints.
pub type Two = (Odometer, Location);
/// Six endpoints.
pub type Six = (Odometer, Location, Fuel, Battery, Charge, EngineOil);
/// Fourteen endpoints.
pub type Fourteen = (
    Odometer,
    Location,
    Fuel,
    Battery,
    Charge,
    EngineOil,
    TirePressure,
    ChargeLimit,
    Vin,
    Attributes,
    Security,
    SystemStatus,
    Dtcs,
    NominalCapacity,
);

/// What one endpoint gives.
pub type Outcome<T> = Result<Reading<T>, ItemError>;

/// A contestant that reads a batch.
pub trait Contest: Batch {
    /// Whether two results are equal.
    fn same(one: &Self::Data, other: &Self::Data) -> bool;

    /// The limit: exactly the expected structs, in the expected order.
    fn exact(text: &str) -> Self::Data;
    /// Each body as raw text, then typed.
    fn raw(bytes: &[u8]) -> Self::Data;
    /// A tree of everything, then typed.
    fn value(bytes: &[u8]) -> Self::Data;
}

/// Ours.
pub fn ours<B: Batch>(text: &str, asked: &[(usize, &str)], request_id: Option<&str>) -> B::Data {
    let mut outcomes = B::outcomes();
    let warnings = decode::batch(text, request_id, asked, &mut outcomes).expect("a batch's answer");
    assert!(warnings.is_empty());
    B::data(outcomes).unwrap_or_else(|_| panic!("a tuple requires nothing"))
}

/// The paths of a batch as [`ours`] takes them.
pub fn asked<B: Batch>() -> Vec<(usize, &'static str)> {
    B::PATHS.to_vec().into_iter().enumerate().collect()
}

#[derive(Deserialize)]
struct Outer<T> {
    responses: T,
}

#[derive(Deserialize)]
struct Exact<'a, T> {
    #[serde(rename = "path", borrow)]
    _path: &'a str,
    #[serde(rename = "code")]
    _code: u16,
    headers: Headers,
    body: T,
}

#[derive(Deserialize)]
struct Raw<'a> {
    path: &'a str,
    code: u16,
    headers: Option<Headers>,
    #[serde(borrow)]
    body: &'a RawValue,
}

#[derive(Deserialize, Default)]
struct Headers {
    #[serde(rename = "sc-data-age")]
    data_age: Option<jiff::Timestamp>,
    #[serde(rename = "sc-fetched-at")]
    fetched_at: Option<jiff::Timestamp>,
    #[serde(rename = "sc-unit-system")]
    unit_system: Option<UnitSystem>,
}

impl Headers {
    fn meta(self) -> Meta {
        let mut meta = Meta::default();
        meta.data_age = self.data_age;
        meta.fetched_at = self.fetched_at;
        meta.unit_system = self.unit_system;
        meta
    }
}

impl<T> Exact<'_, T> {
    fn reading(self) -> Reading<T> {
        Reading::new(self.body, self.headers.meta())
    }
}

#[derive(Deserialize)]
struct Failed {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    description: Option<String>,
    #[serde(rename = "docURL")]
    doc_url: Option<String>,
    #[serde(rename = "requestId")]
    request_id: Option<String>,
    resolution: Option<FailedResolution>,
    #[serde(rename = "suggestedUserMessage")]
    suggested_user_message: Option<String>,
}

#[derive(Deserialize)]
struct FailedResolution {
    r#type: Option<String>,
    url: Option<String>,
}

fn error(status: u16, failed: Failed) -> ItemError {
    let mut error = ApiError::from_status(status);
    error.error_type = Some(failed.kind);
    error.code = failed.code;
    error.description = failed.description;
    error.doc_url = failed.doc_url;
    error.request_id = failed.request_id;
    error.resolution = failed.resolution.map(|resolution| {
        let mut kept = Resolution::default();
        kept.resolution_type = resolution.r#type;
        kept.url = resolution.url;
        kept
    });
    error.suggested_user_message = failed.suggested_user_message;
    ItemError::Api(Box::new(error))
}

fn raw_outcome<T: DeserializeOwned>(item: Raw<'_>) -> Outcome<T> {
    let body = item.body.get();
    if item.code != 200 {
        let failed = serde_json::from_str(body).expect("an error object");
        return Err(error(item.code, failed));
    }
    let body = serde_json::from_str(body).expect("a body");
    Ok(Reading::new(body, item.headers.unwrap_or_default().meta()))
}

fn value_outcome<T: DeserializeOwned>(item: &mut Value) -> Outcome<T> {
    let code = item["code"]
        .as_u64()
        .and_then(|code| u16::try_from(code).ok());
    let code = code.expect("a code");
    let body = item["body"].take();
    if code != 200 {
        let failed = serde_json::from_value(body).expect("an error object");
        return Err(error(code, failed));
    }
    let headers: Headers = serde_json::from_value(item["headers"].take()).expect("headers");
    let body = serde_json::from_value(body).expect("a body");
    Ok(Reading::new(body, headers.meta()))
}

macro_rules! contest {
    ($name:ty: $($endpoint:ident $at:tt),+) => {
        impl Contest for $name {
            fn exact(text: &str) -> Self::Data {
                type Items<'a> = ($(Exact<'a, $endpoint>,)+);
                let outer: Outer<Items<'_>> = serde_json::from_str(text).expect("an answer");
                let items = outer.responses;
                ($(Ok(items.$at.reading()),)+).into()
            }

            fn raw(bytes: &[u8]) -> Self::Data {
                let outer: Outer<Vec<Raw<'_>>> = serde_json::from_slice(bytes).expect("an answer");
                let mut items = ($(Err::<Reading<$endpoint>, _>(ItemError::Missing),)+);
                for item in outer.responses {
                    match item.path {
                        $(<$endpoint as Endpoint>::PATH => items.$at = raw_outcome(item),)+
                        _ => {}
                    }
                }
                items.into()
            }

            fn value(bytes: &[u8]) -> Self::Data {
                let mut outer: Value = serde_json::from_slice(bytes).expect("an answer");
                let mut items = ($(Err::<Reading<$endpoint>, _>(ItemError::Missing),)+);
                for item in outer["responses"].as_array_mut().expect("a list") {
                    match item["path"].as_str().expect("a path") {
                        $(<$endpoint as Endpoint>::PATH => items.$at = value_outcome(item),)+
                        _ => {}
                    }
                }
                items.into()
            }

            fn same(one: &Self::Data, other: &Self::Data) -> bool {
                $(one.$at == other.$at)&&+
            }
        }
    };
}

contest!(Two: Odometer 0, Location 1);
contest!(Six: Odometer 0, Location 1, Fuel 2, Battery 3, Charge 4, EngineOil 5);
contest!(Fourteen: Odometer 0, Location 1, Fuel 2, Battery 3, Charge 4, EngineOil 5,
    TirePressure 6, ChargeLimit 7, Vin 8, Attributes 9, Security 10, SystemStatus 11, Dtcs 12,
    NominalCapacity 13);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers;

    #[test]
    fn the_contestants_agree() {
        fn agree<B: Contest>(text: &str, exact: bool) {
            let ours = ours::<B>(text, &asked::<B>(), None);
            assert!(B::same(&ours, &B::raw(text.as_bytes())), "raw: {text}");
            assert!(B::same(&ours, &B::value(text.as_bytes())), "value: {text}");
            if exact {
                assert!(B::same(&ours, &B::exact(text)), "exact: {text}");
            }
        }
        agree::<Two>(&answers::documented_order(2), true);
        agree::<Six>(&answers::documented_order(6), true);
        agree::<Six>(&answers::own_ages(6), true);
        agree::<Six>(&answers::body_first(6), true);
        agree::<Six>(&answers::swapped(), false);
        agree::<Six>(&answers::one_error(), false);
        agree::<Fourteen>(&answers::documented_order(14), true);
    }
}
