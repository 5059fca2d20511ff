//! Events and tokens for the tests.

use smartcar_webhook::{Delivery, ManagementToken, Receiver, State, sign};

pub(crate) const KEY: &str = "6c1b2c1e-9f6a-4a0b-8c2c-0c5a8b7d3e21";

pub(crate) fn token() -> ManagementToken {
    ManagementToken::new(KEY).unwrap()
}

pub(crate) fn receiver() -> Receiver {
    Receiver::new(token())
}

/// Signs a body and receives it.
pub(crate) fn receive(body: &str) -> Delivery {
    let signature = sign(&token(), body.as_bytes());
    let received = receiver().receive(Some(signature), body.as_bytes());
    received.unwrap_or_else(|refused| panic!("{refused}: {body}"))
}

/// The signals of a body.
pub(crate) fn state(body: &str) -> State {
    match receive(body) {
        Delivery::State(state) => *state,
        other => panic!("not a state: {other:?}"),
    }
}

/// A delivery with these signals, as JSON elements.
pub(crate) fn with_signals(signals: &str) -> String {
    format!(
        r#"{{"eventId":"e1","eventType":"VEHICLE_STATE","data":{{"user":{{"id":"u1","externalId":"x1"}},"vehicle":{{"id":"v1","make":"KIA","model":"EV6","year":2024,"powertrainType":"BEV","mode":"live"}},"signals":{signals}}},"meta":{{"version":"4.0","deliveryId":"d1","deliveredAt":1773480430120,"mode":"LIVE","sequence":41}}}}"#
    )
}
