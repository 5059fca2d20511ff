//! Every limit of the client, in one place, with its reason.
//!
//! Invariant: a number that bounds time, size or count is here and nowhere else.

use std::num::NonZeroU32;
use std::time::Duration;

/// How long one call may take in all. The API documents answers that take 300 s,
/// and the vendor's own clients wait 310 s.
pub(crate) const DEADLINE: Duration = Duration::from_secs(310);

/// How long opening a connection may take: that does not wait for a car.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an HTTP/2 connection with open requests may be silent before it is
/// pinged.
pub(crate) const PING_INTERVAL: Duration = Duration::from_millis(1500);

/// How long an HTTP/2 connection may take to answer a ping.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an unused connection is kept. Many servers close theirs after five
/// seconds, and a request that meets such a close is lost.
pub(crate) const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Largest body that is read, in bytes after decompression.
pub(crate) const BODY_CAP: usize = 8 * 1024 * 1024;

/// Longest access token, in bytes: what servers commonly take as one header.
pub(crate) const TOKEN_LENGTH: usize = 8 * 1024;

/// How many vehicles, or connections of version 3, a page of the list has: the
/// most that v2.0 allows.
pub(crate) const VEHICLES_PAGE: u32 = 50;

/// How many vehicles are listed before the list counts as endless: dozens of
/// times what the documented rate could ask in a day.
pub(crate) const VEHICLES_LISTED: usize = 100_000;

/// How long a loader gathers: nothing beside an answer that takes seconds, and
/// enough for the tasks that one event sets off.
pub(crate) const LOADER_WINDOW: Duration = Duration::from_millis(5);

/// How many endpoints a loader gathers at most. The API's own limit is not
/// published; every endpoint that is not one make's alone fits.
pub(crate) const LOADER_SIZE: usize = 32;

/// How many vehicles a fleet asks at a time.
pub(crate) const FLEET_CONCURRENCY: usize = 16;

/// How long a fleet waits for one vehicle's limit: a back-off, but no
/// `Retry-After` of minutes, during which others could use the slot.
pub(crate) const FLEET_MAX_WAIT: Duration = Duration::from_secs(10);

/// How many requests of one attempt are on their way at a time, where version 3
/// is asked signal by signal: what a browser opens to one server, and a little.
pub(crate) const REQUESTS_AT_ONCE: usize = 8;

/// What one request for all signals of version 3 is assumed to be counted as.
/// Whether the API counts one or one for each signal is not published.
pub(crate) const SIGNALS_COST: NonZeroU32 = NonZeroU32::MIN;

/// How long a token's request may take in all: no car is waited for.
pub(crate) const TOKEN_TIMEOUT: Duration = Duration::from_secs(30);

/// Largest token answer that is read, in bytes.
pub(crate) const TOKEN_BODY_CAP: usize = 64 * 1024;

/// How long a token source may take: longer than any token endpoint needs, and
/// short enough that one that hangs does not stop a service for good.
pub(crate) const TOKEN_FETCH_TIMEOUT: Duration = Duration::from_secs(120);

/// The longest stated wait of a token endpoint during which the source is not
/// asked: a typing error there must not stop a service for long.
pub(crate) const TOKEN_PARK: Duration = Duration::from_secs(3600);

/// How long a budget may take to answer; it is asked for a decision, not to wait.
pub(crate) const BUDGET_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a call that has its answer waits for its budget to note what the
/// answer said.
pub(crate) const BUDGET_GRACE: Duration = Duration::from_secs(1);

/// How long a budget may take to note it, after the call too.
pub(crate) const BUDGET_REPORT_TIMEOUT: Duration = Duration::from_secs(30);

/// How many attempts one call may make: the first, and two repeats.
pub(crate) const ATTEMPTS: u32 = 3;

/// First wait after a fault that may be gone at once.
pub(crate) const TRANSIENT_BACKOFF: Duration = Duration::from_millis(200);

/// First wait after a limit without a stated wait: limits fill up slowly.
pub(crate) const THROTTLED_BACKOFF: Duration = Duration::from_secs(1);

/// Longest wait of the back-off itself, before jitter.
pub(crate) const BACKOFF_CEILING: Duration = Duration::from_secs(30);

/// How long before its end an access token is renewed, so that it does not end
/// on the way.
pub(crate) const TOKEN_MARGIN: Duration = Duration::from_secs(60);

/// Requests that an application may make at once: Smartcar's documented default.
pub(crate) const APPLICATION_BURST: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// After which time an application may make one request more: Smartcar's
/// documented default of two a minute.
pub(crate) const APPLICATION_REFILL: Duration = Duration::from_secs(30);

/// Longest time that a rate may need to fill up, a century: so that its
/// nanoseconds fit the 64 bits they are counted in, five times over.
pub(crate) const LONGEST_FILL: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Longest wait that one answer can impose on a budget. The API has no wait that
/// is longer than a month, and a typing error there must not stop an application
/// until it is restarted.
pub(crate) const LONGEST_PARK: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// How many changes a budget makes at least before it looks for vehicles to
/// forget: below that, forgetting saves less than looking costs.
pub(crate) const BUDGET_SWEEP_FLOOR: usize = 1024;

/// Tokens of the retry quota that the clones of a client share: what the AWS
/// SDKs took from long experience.
pub(crate) const RETRY_QUOTA: u32 = 500;

/// Tokens for a retry after a fault, as in the AWS SDKs of 2026-11: an API that
/// is down gets 35 retries at once, and then fourteen seconds between two.
pub(crate) const RETRY_COST_TRANSIENT: u32 = 14;

/// Tokens for a retry after a 429, as in the AWS SDKs: cheaper, since the API is
/// well and has said when to come back.
pub(crate) const RETRY_COST_THROTTLED: u32 = 5;

/// After which time the retry quota has one token more. A quota that only
/// successes fill stays empty when nothing but retries could succeed.
pub(crate) const RETRY_REFILL: Duration = Duration::from_secs(1);

/// Tokens for a call that succeeded at its first attempt.
pub(crate) const RETRY_GAIN: u32 = 1;

/// Shortest wait before a budget that refused is asked again.
pub(crate) const BUDGET_PAUSE: Duration = Duration::from_millis(10);

/// Where that wait stops to double, with each refusal in a row.
pub(crate) const BUDGET_PAUSE_CEILING: Duration = Duration::from_secs(1);
