//! Types of the members of readings and errors, and tables of the spec.
//!
//! Endpoints, readings, errors and IDs are at the root of the crate.
//!
//! Invariant: every type here is re-exported; none is defined here.

#[doc(inline)]
pub use smartcar_model::{
    ERRORS, ErrorInfo, FieldInfo, Resolution, ResponseHeaders, Retry, Tuple13, Tuple14, Tuple15,
    Tuple16, UnitInfo, Unrecognized, nearest_path,
};

#[cfg(feature = "schemars")]
#[doc(inline)]
pub use smartcar_model::json_schemas;

#[doc(inline)]
pub use crate::generated::parts::*;

/// Tables and types of v3: signals, errors and the migration from v2.0.
pub mod v3 {
    #[doc(inline)]
    pub use smartcar_model::v3::{
        Connection, ERRORS, PowertrainType, SIGNALS, SignalInfo, Subscription,
        SubscriptionAttributes, VehicleMode, Webhook, WebhookAttributes, migration,
    };

    #[cfg(feature = "schemars")]
    #[doc(inline)]
    pub use smartcar_model::v3::json_schemas;
}
