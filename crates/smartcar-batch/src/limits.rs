//! All limits of the client, each with its reason.
//!
//! Invariant: every number that bounds time, size or count is defined here.

use std::num::NonZeroU32;
use std::time::Duration;

/// Time limit of one call. The API documents responses that take 300 s, and the
/// vendor's own clients wait 310 s.
pub(crate) const DEADLINE: Duration = Duration::from_secs(310);

/// Time limit for opening a connection. This does not wait for a car.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an HTTP/2 connection with open requests may be silent before it is
/// pinged.
pub(crate) const PING_INTERVAL: Duration = Duration::from_millis(1500);

/// How long an HTTP/2 connection may take to answer a ping.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an unused connection is kept. Many servers close theirs after five
/// seconds, and a request sent at that moment is lost.
pub(crate) const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Maximum size of a response body, in bytes after decompression.
pub(crate) const BODY_CAP: usize = 8 * 1024 * 1024;

/// Maximum length of an access token, in bytes: a common limit of servers for one
/// header.
pub(crate) const TOKEN_LENGTH: usize = 8 * 1024;

/// Page size of a list of vehicles, or of v3 connections: the maximum of v2.0.
pub(crate) const VEHICLES_PAGE: u32 = 50;

/// Number of vehicles after which a list counts as endless: many times what the
/// documented rate allows to request in a day.
pub(crate) const VEHICLES_LISTED: usize = 100_000;

/// How long a loader collects: negligible next to a response that takes seconds, and
/// enough for the tasks that one event starts.
pub(crate) const LOADER_WINDOW: Duration = Duration::from_millis(5);

/// Maximum number of endpoints that a loader collects. The API's own limit is not
/// published. All endpoints that are not specific to one make fit.
pub(crate) const LOADER_SIZE: usize = 32;

/// Number of batches that the loaders of a client have under way at the same time:
/// over HTTP/1 each takes a connection, and many systems allow a process 1024 files.
pub(crate) const LOADER_BATCHES: usize = 64;

/// Number of vehicles that a fleet requests at the same time.
pub(crate) const FLEET_CONCURRENCY: usize = 16;

/// How long a fleet waits for the limit of one vehicle: long enough for a back-off,
/// but not for a `Retry-After` of minutes, during which other vehicles could use the
/// slot.
pub(crate) const FLEET_MAX_WAIT: Duration = Duration::from_secs(10);

/// Concurrent requests of one attempt when v3 signals are requested one by one: about
/// what a browser opens to one server.
pub(crate) const REQUESTS_AT_ONCE: usize = 8;

/// Assumed price of one v3 request for all signals. It is not published whether the
/// API counts one, or one per signal.
pub(crate) const SIGNALS_COST: NonZeroU32 = NonZeroU32::MIN;

/// Time limit of a token request: it does not wait for a car.
pub(crate) const TOKEN_TIMEOUT: Duration = Duration::from_secs(30);

/// Maximum size of a token response, in bytes.
pub(crate) const TOKEN_BODY_CAP: usize = 64 * 1024;

/// Time limit of a token source: longer than any token endpoint needs, and short
/// enough that a hanging one does not block a service forever.
pub(crate) const TOKEN_FETCH_TIMEOUT: Duration = Duration::from_secs(120);

/// Longest wait stated by a token endpoint that is respected, so that a typing error
/// there does not stop a service for long.
pub(crate) const TOKEN_PARK: Duration = Duration::from_secs(3600);

/// Time limit of a budget's decision. A budget decides; it does not wait.
pub(crate) const BUDGET_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a call with a response waits until its budget has recorded it.
pub(crate) const BUDGET_GRACE: Duration = Duration::from_secs(1);

/// Time limit for a budget to record a response, including the time after the call.
pub(crate) const BUDGET_REPORT_TIMEOUT: Duration = Duration::from_secs(30);

/// Maximum number of attempts of one call: the first and two retries.
pub(crate) const ATTEMPTS: u32 = 3;

/// First wait after a transient failure.
pub(crate) const TRANSIENT_BACKOFF: Duration = Duration::from_millis(200);

/// First wait after a rate limit without `Retry-After`: limits refill slowly.
pub(crate) const THROTTLED_BACKOFF: Duration = Duration::from_secs(1);

/// Longest wait of the back-off, before jitter.
pub(crate) const BACKOFF_CEILING: Duration = Duration::from_secs(30);

/// How long before it expires an access token is renewed, so that it does not expire
/// while a request is on its way.
pub(crate) const TOKEN_MARGIN: Duration = Duration::from_secs(60);

/// Burst of an application, in requests: Smartcar's documented default.
pub(crate) const APPLICATION_BURST: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// Time until an application may send one more request: Smartcar's documented default
/// of two per minute.
pub(crate) const APPLICATION_REFILL: Duration = Duration::from_secs(30);

/// Longest time in which a rate may refill, a century: its nanoseconds fit five times
/// into the 64 bits that count them.
pub(crate) const LONGEST_FILL: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Longest wait that one response can impose on a budget. The API has no waits longer
/// than a month, and a typing error there must not stop an application until it is
/// restarted.
pub(crate) const LONGEST_PARK: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// Minimum number of changes before a budget looks for idle vehicles to evict: with
/// fewer, looking costs more than it saves.
pub(crate) const BUDGET_SWEEP_FLOOR: usize = 1024;

/// Size of the retry quota that the clones of a client share, in tokens: the value of
/// the AWS SDKs, from long experience.
pub(crate) const RETRY_QUOTA: u32 = 500;

/// Cost in tokens of a retry after a transient failure, as in the AWS SDKs of
/// 2026-11: an API that is down gets 35 retries at once, and then one every 14 s.
pub(crate) const RETRY_COST_TRANSIENT: u32 = 14;

/// Cost in tokens of a retry after a 429, as in the AWS SDKs. It is cheaper, because
/// the API works and has said when to retry.
pub(crate) const RETRY_COST_THROTTLED: u32 = 5;

/// Time in which the retry quota gains one token. If only successes refilled it, an
/// empty quota would stay empty when only retries could succeed.
pub(crate) const RETRY_REFILL: Duration = Duration::from_secs(1);

/// Tokens gained by a call that succeeded at its first attempt.
pub(crate) const RETRY_GAIN: u32 = 1;

/// Shortest wait before a budget that denied a request is asked again.
pub(crate) const BUDGET_PAUSE: Duration = Duration::from_millis(10);

/// Maximum of that wait, which doubles with each denial in a row.
pub(crate) const BUDGET_PAUSE_CEILING: Duration = Duration::from_secs(1);
