//! The keys in `SMARTCAR_MANAGEMENT_TOKEN`.
//!
//! Invariant: no message shows any part of the variable's value.

use smartcar_webhook::{ManagementToken, Receiver};

use crate::environment::Refusal;

/// The variable with the keys.
pub(crate) const VARIABLE: &str = "SMARTCAR_MANAGEMENT_TOKEN";

const CURE: &str = "set it to the application's management token from its page in the \
    dashboard; while a token is replaced, to the new and the old one, separated by a comma";

/// The first key, which the simulator signs with.
pub(crate) fn first() -> Result<String, Refusal> {
    let value = value()?;
    let key = value.split(',').next().unwrap_or_default();
    Ok(key.trim().to_owned())
}

fn value() -> Result<String, Refusal> {
    let refusal = |message: String| Refusal {
        message,
        cure: Some(CURE),
    };
    let value = std::env::var_os(VARIABLE).unwrap_or_default();
    if value.is_empty() {
        return Err(refusal(format!("{VARIABLE} is not set")));
    }
    let value = value.into_string();
    value.map_err(|_| refusal(format!("{VARIABLE} is not UTF-8")))
}

/// A receiver for the keys of the environment. The first answers verifications.
pub(crate) fn receiver() -> Result<Receiver, Refusal> {
    let refusal = |message: String| Refusal {
        message,
        cure: Some(CURE),
    };
    let value = value()?;
    let mut receiver: Option<Receiver> = None;
    for (index, key) in value.split(',').map(str::trim).enumerate() {
        let token = ManagementToken::new(key)
            .map_err(|error| refusal(format!("{VARIABLE}, key {}: {error}", index + 1)))?;
        receiver = Some(match receiver {
            None => Receiver::new(token),
            Some(receiver) => receiver.also_accept(token),
        });
    }
    receiver.ok_or_else(|| refusal(format!("{VARIABLE} is not set")))
}
