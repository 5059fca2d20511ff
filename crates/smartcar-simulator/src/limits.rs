//! The four limits of the API, as a value.
//!
//! Invariant: a limit that is not set never rejects a request. Numbers out of range
//! are rejected while a table is read, and before a simulator starts.

use std::fmt;
use std::io;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};
use smartcar_model::gcra::Gcra;

/// A bucket that takes longer to fill would seem never to fill.
const LONGEST_FILL: Duration = Duration::from_secs(366 * 86_400);

/// The rate limits of the API, each off until it is set.
///
/// | limit | applies to | rejected with |
/// |---|---|---|
/// | [`application`](Self::application) | all requests together | the whole response: 429 `RATE_LIMIT`/`SMARTCAR_API` |
/// | [`vehicle_rate`](Self::vehicle_rate) | each vehicle | the item: 429 `RATE_LIMIT`/`VEHICLE` with `Retry-After` |
/// | [`vehicle_monthly`](Self::vehicle_monthly) | each vehicle | the item: 430 `BILLING`/`VEHICLE_REQUEST_LIMIT` |
/// | [`upstream`](Self::upstream) | the vehicles of a make | the item: 502 `UPSTREAM`/`RATE_LIMIT` |
///
/// A single endpoint is rejected in the same way as its batch item. Time is that of
/// the simulated clock: if it does not run, nothing refills until
/// [`advance`](crate::Simulator::advance) moves it. Invalid requests, such as those
/// without a token, do not count against any limit.
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
    /// Used only while a table is read: limits that it does not set are as
    /// published.
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
    let message = "`per_seconds` must be a number of seconds greater than 0";
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

/// What a batch costs the application's bucket. The API does not document this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchTakes {
    /// One for each of its paths, as in the limit of a vehicle. This is the default
    /// because a client that respects it also respects the other reading. A batch
    /// with more paths than the bucket holds takes a full bucket.
    #[default]
    Paths,
    /// One, as for any other request.
    Request,
}

impl Limits {
    /// No limits, the default of a simulator.
    pub fn off() -> Self {
        Self::default()
    }

    /// The limits with published numbers: a bucket of 120 requests for the
    /// application, refilled by 2 per minute, and 500 requests per month for each
    /// vehicle. The rate limits of a single vehicle and of a car maker are not
    /// published.
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

    /// Limits all requests together: a bucket of `bucket` requests, full at the
    /// start and refilled by `per_minute`. Both must be at least 1.
    pub fn application(mut self, bucket: u32, per_minute: u32) -> Self {
        self.application = Some(Bucket { bucket, per_minute });
        self
    }

    /// Sets what a batch costs the application's bucket, by default one per path.
    pub fn batch_takes(mut self, takes: BatchTakes) -> Self {
        self.batch_takes = takes;
        self
    }

    /// Limits each vehicle: `n` requests (at least 1) at once, refilled by `n` in
    /// each `per`, spread evenly. Each path of a batch counts as a request; the
    /// list of vehicles and a vehicle's permissions do not count.
    pub fn vehicle_rate(mut self, n: u32, per: Duration) -> Self {
        self.vehicle_rate = Some(Requests { requests: n, per });
        self
    }

    /// Limits each vehicle per calendar month (UTC) to `n` successful requests; 0
    /// allows none.
    pub fn vehicle_monthly(mut self, n: u32) -> Self {
        self.vehicle_monthly = Some(n);
        self
    }

    /// Limits each car maker: `n` requests (at least 1) at once to all of its
    /// vehicles, refilled by `n` in each `per`. Vehicles of unknown make share one
    /// limit.
    pub fn upstream(mut self, n: u32, per: Duration) -> Self {
        self.upstream = Some(Requests { requests: n, per });
        self
    }

    /// The limits as a table of a scenario; empty if there are none.
    pub(crate) fn in_toml(&self) -> String {
        if self.is_off() {
            return String::new();
        }
        let mut text = String::from("\n[limits]\n");
        if let Some(Bucket { bucket, per_minute }) = self.application {
            let line = format!("application = {{bucket = {bucket}, per_minute = {per_minute}}}\n");
            text.push_str(&line);
        }
        if self.batch_takes == BatchTakes::Request {
            text.push_str("batch_takes = \"request\"\n");
        }
        let rates = [
            ("vehicle_rate", self.vehicle_rate),
            ("upstream", self.upstream),
        ];
        for (key, rate) in rates {
            if let Some(Requests { requests, per }) = rate {
                let per = per.as_secs_f64();
                let line = format!("{key} = {{requests = {requests}, per_seconds = {per:?}}}\n");
                text.push_str(&line);
            }
        }
        if let Some(most) = self.vehicle_monthly {
            text.push_str(&format!("vehicle_monthly = {most}\n"));
        }
        text
    }

    pub(crate) fn is_off(&self) -> bool {
        *self
            == Self {
                batch_takes: self.batch_takes,
                ..Self::off()
            }
    }

    /// The limits as rates, or an error if one is out of range.
    pub(crate) fn rates(&self) -> io::Result<Rates> {
        let minute = Duration::from_secs(60);
        let application = self
            .application
            .map(|it| rate("application", it.bucket, it.per_minute, minute));
        let of =
            |limit: &'static str| move |it: Requests| rate(limit, it.requests, it.requests, it.per);
        Ok(Rates {
            application: application.transpose()?,
            vehicle: self.vehicle_rate.map(of("vehicle_rate")).transpose()?,
            upstream: self.upstream.map(of("upstream")).transpose()?,
        })
    }

    /// Checks that the numbers are in range.
    pub(crate) fn check(&self) -> io::Result<()> {
        self.rates().map(drop)
    }
}

/// The rates that the meter uses.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rates {
    pub(crate) application: Option<Gcra>,
    pub(crate) vehicle: Option<Gcra>,
    pub(crate) upstream: Option<Gcra>,
}

/// A rate with a bucket of this size, refilled by `refill` in each `per`.
fn rate(limit: &str, bucket: u32, refill: u32, per: Duration) -> io::Result<Gcra> {
    let wrong = |problem: &str| {
        let message = format!("the limit `{limit}` {problem}");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    };
    let (Some(bucket), Some(every)) = (NonZeroU32::new(bucket), per.checked_div(refill)) else {
        return Err(wrong("must be 1 or more, or absent"));
    };
    if every.is_zero() {
        return Err(wrong("needs at least one nanosecond per request"));
    }
    match every.checked_mul(bucket.get()) {
        Some(fill) if fill <= LONGEST_FILL => Ok(Gcra::new(bucket, every)),
        _ => Err(wrong("must refill within a year")),
    }
}

/// One line of text, such as `500 per month for each vehicle`.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let application = self.application.map(|Bucket { bucket, per_minute }| {
            let takes = match self.batch_takes {
                BatchTakes::Paths => "each path of a batch counts",
                BatchTakes::Request => "a batch counts once",
            };
            format!("{bucket} for the application, refilled by {per_minute} per minute, {takes}")
        });
        let of = |whom: &'static str| {
            move |Requests { requests, per }: Requests| format!("{requests} in {per:?} for {whom}")
        };
        let vehicle = self.vehicle_rate.map(of("each vehicle"));
        let monthly = self.vehicle_monthly;
        let monthly = monthly.map(|n| format!("{n} per month for each vehicle"));
        let upstream = self.upstream.map(of("each car maker"));
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
