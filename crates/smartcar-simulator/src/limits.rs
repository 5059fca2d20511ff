//! The four limits of the API, as a value.
//!
//! Invariant: a limit that is not set never refuses; numbers out of range are
//! refused while a table is read, and before a simulator starts.

use std::fmt;
use std::io;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};
use smartcar_model::gcra::Gcra;

/// A bucket that takes longer to fill looks like one that never does.
const LONGEST_FILL: Duration = Duration::from_secs(366 * 86_400);

/// How much may be asked: the limits of the API, each off until it is set.
///
/// | limit | applies to | refused with |
/// |---|---|---|
/// | [`application`](Self::application) | all requests together | the whole answer: 429 `RATE_LIMIT`/`SMARTCAR_API` |
/// | [`vehicle_rate`](Self::vehicle_rate) | each vehicle | the item: 429 `RATE_LIMIT`/`VEHICLE` with `Retry-After` |
/// | [`vehicle_monthly`](Self::vehicle_monthly) | each vehicle | the item: 430 `BILLING`/`VEHICLE_REQUEST_LIMIT` |
/// | [`upstream`](Self::upstream) | the vehicles of a make | the item: 502 `UPSTREAM`/`RATE_LIMIT` |
///
/// An endpoint asked alone is refused as its item would be. Time is the
/// simulated clock's: one that stands still gives nothing back until
/// [`advance`](crate::Simulator::advance) moves it. Requests that are refused for
/// what they are, such as those without a token, take from no limit.
///
/// In a scenario or for the admin endpoint:
///
/// ```toml
/// [limits]
/// application = { bucket = 120, per_minute = 2 }
/// batch_takes = "paths"          # or "request"
/// vehicle_rate = { requests = 10, per_seconds = 60 }
/// vehicle_monthly = 500
/// upstream = { requests = 30, per_seconds = 60 }
/// ```
///
/// `published = true` sets those that the API publishes. An example:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use std::time::Duration;
/// use smartcar_simulator::{BatchTakes, Limits, Simulator};
///
/// let limits = Limits::published()
///     .application(10, 60)
///     .batch_takes(BatchTakes::Request)
///     .vehicle_rate(10, Duration::from_secs(60));
/// let simulator = Simulator::builder().limits(limits).start().await?;
/// simulator.set_limits(Limits::off())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
#[must_use = "limits do nothing before they are given to a simulator"]
pub struct Limits {
    /// Only while a table is read: what it leaves out is as published.
    published: bool,
    application: Option<Bucket>,
    pub(crate) batch_takes: BatchTakes,
    vehicle_rate: Option<Requests>,
    pub(crate) vehicle_monthly: Option<u32>,
    upstream: Option<Requests>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bucket {
    bucket: u32,
    per_minute: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Requests {
    requests: u32,
    #[serde(rename = "per_seconds", deserialize_with = "seconds")]
    per: Duration,
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let message = "`per_seconds` must be a number of seconds above 0";
    let seconds = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(seconds).map_err(|_| de::Error::custom(message))
}

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut limits = Self::deserialize(deserializer)?;
        if std::mem::take(&mut limits.published) {
            let published = Self::published();
            limits.application = limits.application.or(published.application);
            limits.vehicle_monthly = limits.vehicle_monthly.or(published.vehicle_monthly);
        }
        limits.check().map_err(de::Error::custom)?;
        Ok(limits)
    }
}

/// What a batch takes from the application's bucket, which is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchTakes {
    /// One for each of its paths, as it takes from a vehicle. The default,
    /// because a client that keeps to this keeps to the other reading too. A
    /// batch of more paths than the bucket holds takes a full bucket.
    #[default]
    Paths,
    /// One, as any request.
    Request,
}

impl Limits {
    /// No limit, as a simulator starts.
    pub fn off() -> Self {
        Self::default()
    }

    /// The limits with published numbers: a bucket of 120 requests for the
    /// application, of which 2 come back each minute, and 500 requests a month
    /// for each vehicle. How fast one vehicle, or a car maker, may be asked is
    /// not published.
    ///
    /// ```
    /// use smartcar_simulator::Limits;
    ///
    /// let same = Limits::off().application(120, 2).vehicle_monthly(500);
    /// assert_eq!(Limits::published(), same);
    /// ```
    pub fn published() -> Self {
        Self::off().application(120, 2).vehicle_monthly(500)
    }

    /// All requests together: a full bucket of so many, of which so many come
    /// back each minute. Both are 1 or more.
    pub fn application(mut self, bucket: u32, per_minute: u32) -> Self {
        self.application = Some(Bucket { bucket, per_minute });
        self
    }

    /// What a batch takes from the application's bucket, by default one a path.
    pub fn batch_takes(mut self, takes: BatchTakes) -> Self {
        self.batch_takes = takes;
        self
    }

    /// Each vehicle: `n` requests (1 or more) at once, and as many again in each
    /// `per`, spread evenly. Each path of a batch is a request; the list of
    /// vehicles and a vehicle's permissions are none.
    pub fn vehicle_rate(mut self, n: u32, per: Duration) -> Self {
        self.vehicle_rate = Some(Requests { requests: n, per });
        self
    }

    /// Each vehicle in a calendar month (UTC): `n` requests that are answered
    /// with success; 0 allows none.
    pub fn vehicle_monthly(mut self, n: u32) -> Self {
        self.vehicle_monthly = Some(n);
        self
    }

    /// A car maker's own limit: `n` requests (1 or more) at once to all of its
    /// vehicles, and as many again in each `per`. Vehicles whose make the
    /// simulator does not know share one.
    pub fn upstream(mut self, n: u32, per: Duration) -> Self {
        self.upstream = Some(Requests { requests: n, per });
        self
    }

    pub(crate) fn is_off(&self) -> bool {
        *self
            == Self {
                batch_takes: self.batch_takes,
                ..Self::off()
            }
    }

    /// The rates in the numbers that they are kept by, if they are in range.
    pub(crate) fn rates(&self) -> io::Result<Rates> {
        let minute = Duration::from_secs(60);
        let application = self
            .application
            .map(|it| rate("application", it.bucket, it.per_minute, minute));
        let of =
            |limit: &'static str| move |it: Requests| rate(limit, it.requests, it.requests, it.per);
        Ok(Rates {
            application: application.transpose()?,
            vehicle: self.vehicle_rate.map(of("vehicle rate")).transpose()?,
            upstream: self.upstream.map(of("upstream")).transpose()?,
        })
    }

    /// Whether the numbers are in range.
    pub(crate) fn check(&self) -> io::Result<()> {
        self.rates().map(drop)
    }
}

/// Rates that can be kept.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rates {
    pub(crate) application: Option<Gcra>,
    pub(crate) vehicle: Option<Gcra>,
    pub(crate) upstream: Option<Gcra>,
}

/// A full bucket, of which `refill` units come back in each `per`.
fn rate(limit: &str, bucket: u32, refill: u32, per: Duration) -> io::Result<Gcra> {
    let wrong = |problem: &str| {
        let message = format!("the {limit} limit {problem}");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    };
    let (Some(bucket), Some(every)) = (NonZeroU32::new(bucket), per.checked_div(refill)) else {
        return Err(wrong("must be 1 or more, or be left out"));
    };
    if every.is_zero() {
        return Err(wrong("needs at least a nanosecond for each request"));
    }
    match every.checked_mul(bucket.get()) {
        Some(fill) if fill <= LONGEST_FILL => Ok(Gcra::new(bucket, every)),
        _ => Err(wrong("must be full again after a year at most")),
    }
}

/// One line for people, such as `500 a month for a vehicle`.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let application = self.application.map(|Bucket { bucket, per_minute }| {
            let takes = match self.batch_takes {
                BatchTakes::Paths => "each path of a batch counts",
                BatchTakes::Request => "a batch counts once",
            };
            format!("{bucket} for the application, {per_minute} back a minute, {takes}")
        });
        let of = |whom: &'static str| {
            move |Requests { requests, per }: Requests| format!("{requests} in {per:?} for {whom}")
        };
        let vehicle = self.vehicle_rate.map(of("a vehicle"));
        let monthly = self.vehicle_monthly;
        let monthly = monthly.map(|n| format!("{n} a month for a vehicle"));
        let upstream = self.upstream.map(of("a car maker"));
        let set: Vec<String> = [application, vehicle, monthly, upstream]
            .into_iter()
            .flatten()
            .collect();
        if set.is_empty() {
            f.write_str("off")
        } else {
            f.write_str(&set.join("; "))
        }
    }
}

#[cfg(test)]
mod rate_tests;
#[cfg(test)]
mod tests;
