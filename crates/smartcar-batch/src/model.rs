//! What bodies and errors are made of, beyond what is at the root of the crate.
//!
//! Endpoints, readings, errors and ids are at the root. Here are the types of
//! their members, and the tables of what the API's descriptions say.

#[doc(inline)]
pub use smartcar_model::{
    ERRORS, ErrorInfo, FieldInfo, Resolution, ResponseHeaders, Retry, UnitInfo, Unrecognized,
    nearest_path,
};

#[cfg(feature = "schemars")]
#[doc(inline)]
pub use smartcar_model::json_schemas;

#[doc(inline)]
pub use crate::generated::parts::*;

/// The same of version 3.
pub mod v3 {
    #[doc(inline)]
    pub use smartcar_model::v3::{
        ERRORS, PowertrainType, SIGNALS, SignalInfo, VehicleMode, migration,
    };

    #[cfg(feature = "schemars")]
    #[doc(inline)]
    pub use smartcar_model::v3::json_schemas;
}
