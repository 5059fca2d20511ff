//! Every limit of the client, in one place, with its reason.
//!
//! Invariant: a number that bounds time, size or count is here and nowhere else.

use std::time::Duration;

/// How long one call may take in all. The API documents answers that take 300 s,
/// and the vendor's own clients wait 310 s.
pub const DEADLINE: Duration = Duration::from_secs(310);

/// How long opening a connection may take: that does not wait for a car.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an unused connection is kept. Many servers close theirs after five
/// seconds, and a request that meets such a close is lost.
pub const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Largest body that is read, in bytes after decompression.
pub const BODY_CAP: usize = 8 * 1024 * 1024;

/// Longest vehicle id, in bytes; the API's are 36.
pub const VEHICLE_ID_LENGTH: usize = 128;

/// Longest batch path, in bytes; the longest known is 33.
pub const PATH_LENGTH: usize = 256;

/// Longest access token, in bytes: what servers commonly take as one header.
pub const TOKEN_LENGTH: usize = 8 * 1024;
