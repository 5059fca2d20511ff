//! The names of the streams, and the subjects of a vehicle.
//!
//! Invariant: an ID is one token of a subject. Where a message has a payload, the payload
//! decides which vehicle it is about, never the subject.

use smartcar_batch::VehicleId;

/// The stream of jobs and of scheduled jobs.
pub const VEHICLES: &str = "SMARTCAR_VEHICLES";

/// The stream of outcomes.
pub const OUTCOMES: &str = "SMARTCAR_OUTCOMES";

/// The stream of dead letters.
pub const DEAD: &str = "SMARTCAR_DEAD";

/// The durable consumer that all workers share.
pub const CONSUMER: &str = "smartcar-worker";

const JOB: &str = "smartcar.vehicles.";

/// Every job.
pub(crate) const ALL_JOBS: &str = "smartcar.vehicles.>";

/// Every scheduled job.
pub(crate) const ALL_SCHEDULES: &str = "smartcar.schedules.>";

/// Every outcome.
pub(crate) const ALL_OUTCOMES: &str = "smartcar.outcomes.>";

/// Every dead letter.
pub(crate) const ALL_DEAD: &str = "smartcar.dead.>";

/// A dot separates the tokens of a subject. The other characters of an ID are allowed.
fn token(vehicle: &VehicleId) -> String {
    vehicle.as_str().replace('.', "%2E")
}

/// The subject of a vehicle's job.
pub(crate) fn job(vehicle: &VehicleId) -> String {
    format!("{JOB}{}", token(vehicle))
}

/// The subject of a vehicle's scheduled job.
pub(crate) fn schedule(vehicle: &VehicleId) -> String {
    format!("smartcar.schedules.{}", token(vehicle))
}

/// The subject of a vehicle's outcomes; `None` for an event without a vehicle.
pub(crate) fn outcome(vehicle: Option<&VehicleId>) -> String {
    let token = vehicle.map_or_else(|| "_".to_owned(), token);
    format!("smartcar.outcomes.{token}")
}

/// The subject of a vehicle's dead letters.
pub(crate) fn dead(vehicle: &VehicleId) -> String {
    format!("smartcar.dead.{}", token(vehicle))
}

/// The subject of a dead letter for a job that names no valid vehicle.
pub(crate) fn dead_of(job: &str) -> String {
    format!("smartcar.dead.{}", job.strip_prefix(JOB).unwrap_or("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_token() {
        let id = VehicleId::new("a.b~c_d-e").unwrap();
        assert_eq!(job(&id), "smartcar.vehicles.a%2Eb~c_d-e");
        assert_eq!(schedule(&id), "smartcar.schedules.a%2Eb~c_d-e");
        assert_eq!(outcome(Some(&id)), "smartcar.outcomes.a%2Eb~c_d-e");
        assert_eq!(outcome(None), "smartcar.outcomes._");
        assert_eq!(dead(&id), "smartcar.dead.a%2Eb~c_d-e");
        assert_eq!(dead_of("smartcar.vehicles.x.y"), "smartcar.dead.x.y");
        // A percent sign cannot occur in an ID, so two IDs never share a subject.
        assert!(VehicleId::new("a%2Eb").is_err());
    }
}
