//! What is refused before anything is sent.
//!
//! Invariant: each refusal names the cure.

use smartcar_model::v3::Needed;

use super::Subject;
use crate::{Api, BatchPath, Error, ErrorKind};

/// A typed batch names its paths in constants that nobody has checked yet.
pub(super) fn check(api: Api, subject: Subject<'_>, paths: &[&str]) -> Result<(), Error> {
    let refuse = |why: String| Err(Error::new(ErrorKind::InvalidRequest, why));
    for path in paths {
        BatchPath::new(*path)?;
        if api == Api::V2 && path.starts_with("/signals/") {
            return refuse(format!(
                "the path {path} is a signal of version 3: set the client up with `.api(Api::V3)`"
            ));
        }
    }
    let Subject::Vehicle(vehicle) = subject else {
        return Ok(());
    };
    let needs_user = api == Api::V3 && !Needed::of(paths.iter().copied()).signals.is_empty();
    if needs_user && vehicle.user.is_none() {
        return refuse(
            "version 3 wants the user's id beside the vehicle's: name it with `Vehicle::user`, or for all vehicles with `ClientBuilder::user` or SMARTCAR_USER_ID"
                .to_owned(),
        );
    }
    Ok(())
}
