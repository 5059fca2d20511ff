//! A job: which vehicle to request, for which user, and how often it failed so far.
//!
//! Invariant: unknown members are ignored, so that other producers can add their own.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smartcar_batch::FleetVehicle;

/// The payload of a message in the stream of vehicles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Job {
    #[serde(flatten)]
    pub(crate) vehicle: FleetVehicle,
    /// Failures in a row after which no time for a retry was stated.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) retries: u32,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Job {
    /// A job that has not failed.
    pub(crate) fn new(vehicle: FleetVehicle) -> Self {
        Self {
            vehicle,
            retries: 0,
        }
    }

    /// Reads a payload. The error says what is wrong with it.
    pub(crate) fn read(payload: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Form {
            #[serde(flatten)]
            vehicle: FleetVehicle,
            #[serde(default)]
            retries: Value,
        }
        let form: Form = serde_json::from_slice(payload)
            .map_err(|error| format!("the job is not valid: {error}"))?;
        let retries = form.retries.as_u64().unwrap_or_default();
        Ok(Self {
            vehicle: form.vehicle,
            // A producer's own member of this name is not an error.
            retries: u32::try_from(retries).unwrap_or_default(),
        })
    }

    /// The payload.
    pub(crate) fn payload(&self) -> Bytes {
        serde_json::to_vec(self)
            .expect("a job has string keys and plain values")
            .into()
    }
}

#[cfg(test)]
mod tests {
    use smartcar_batch::{UserId, VehicleId};

    use super::*;

    #[test]
    fn a_job_is_written_as_the_contract_has_it_and_read_leniently() {
        let id = VehicleId::new("36ab27d0").unwrap();
        let mut job = Job::new(id.clone().into());
        assert_eq!(job.payload(), r#"{"vehicle":"36ab27d0","user":null}"#);
        let user = UserId::new("8d6a2c1e").unwrap();
        job = Job::new((id.clone(), user).into());
        job.retries = 3;
        let payload = r#"{"vehicle":"36ab27d0","user":"8d6a2c1e","retries":3}"#;
        assert_eq!(job.payload(), payload);
        assert_eq!(Job::read(payload.as_bytes()), Ok(job));

        let plain = Ok(Job::new(id.into()));
        for payload in [
            r#"{"vehicle": "36ab27d0"}"#,
            r#"{"tenant": {"a": [1]}, "user": null, "vehicle": "36ab27d0", "retries": "many"}"#,
        ] {
            assert_eq!(Job::read(payload.as_bytes()), plain);
        }
        for payload in ["", "36ab27d0", "{}", r#"{"vehicle": "a b"}"#, "\u{0}"] {
            let fault = Job::read(payload.as_bytes()).unwrap_err();
            assert!(fault.starts_with("the job is not valid: "), "{fault}");
        }
    }
}
