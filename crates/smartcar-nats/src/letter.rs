//! The JSON of outcomes and dead letters.
//!
//! Invariant: the object that `smartcar batch --json` prints. A dead letter adds members
//! and changes none.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use smartcar_batch::{Error, Response, VehicleId};

#[derive(Serialize)]
struct Answered<'a, T> {
    vehicle: &'a str,
    #[serde(flatten)]
    response: &'a Response<T>,
}

#[derive(Serialize)]
struct Failed<'a> {
    vehicle: Option<&'a str>,
    #[serde(flatten)]
    error: &'a Error,
}

/// What a dead letter adds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause<'a> {
    pub(crate) reason: &'a str,
    /// How often the job was delivered.
    pub(crate) deliveries: u64,
    /// The payload of the job.
    pub(crate) job: &'a [u8],
}

#[derive(Serialize)]
struct Dead<'a> {
    #[serde(flatten)]
    failed: Failed<'a>,
    reason: &'a str,
    deliveries: u64,
    job: AsItCame<'a>,
}

/// JSON stays JSON; anything else is text.
#[derive(Serialize)]
#[serde(untagged)]
enum AsItCame<'a> {
    Json(&'a RawValue),
    Text(String),
}

/// An answered batch.
pub(crate) fn answered<T: Serialize>(
    vehicle: &VehicleId,
    response: &Response<T>,
) -> Result<Bytes, serde_json::Error> {
    let vehicle = vehicle.as_str();
    Ok(serde_json::to_vec(&Answered { vehicle, response })?.into())
}

/// A batch that failed as a whole.
pub(crate) fn failed(vehicle: &VehicleId, error: &Error) -> Bytes {
    let vehicle = Some(vehicle.as_str());
    written(&Failed { vehicle, error })
}

/// A dead letter; without a vehicle if the job names none.
pub(crate) fn dead(vehicle: Option<&VehicleId>, error: &Error, cause: Cause<'_>) -> Bytes {
    let vehicle = vehicle.map(VehicleId::as_str);
    let job = match serde_json::from_slice(cause.job) {
        Ok(json) => AsItCame::Json(json),
        Err(_) => AsItCame::Text(String::from_utf8_lossy(cause.job).into_owned()),
    };
    written(&Dead {
        failed: Failed { vehicle, error },
        reason: cause.reason,
        deliveries: cause.deliveries,
        job,
    })
}

fn written(object: &impl Serialize) -> Bytes {
    serde_json::to_vec(object)
        .expect("these objects have string keys and plain values")
        .into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use smartcar_batch::ErrorKind;

    use super::*;

    #[test]
    fn a_dead_letter_has_the_object_the_reason_and_the_job_as_it_came() {
        let id = VehicleId::new("36ab27d0").unwrap();
        let error = Error::new(ErrorKind::InvalidRequest, "no");
        for (job, kept) in [
            (
                r#"{"vehicle": "36ab27d0", "n": 1.50}"#,
                json!({"vehicle": "36ab27d0", "n": 1.5}),
            ),
            ("not json", json!("not json")),
        ] {
            let cause = Cause {
                reason: "because",
                deliveries: 2,
                job: job.as_bytes(),
            };
            let letter = dead(Some(&id), &error, cause);
            let letter: Value = serde_json::from_slice(&letter).unwrap();
            assert_eq!(letter["job"], kept);
            assert_eq!(letter["reason"], "because");
            assert_eq!(letter["deliveries"], 2);
            let object: Value = serde_json::from_slice(&failed(&id, &error)).unwrap();
            for (name, value) in object.as_object().unwrap() {
                assert_eq!(&letter[name], value, "{name}");
            }
            assert_eq!(object["error"]["kind"], "invalid_request");
        }
    }
}
