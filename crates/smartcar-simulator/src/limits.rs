//! The four limits of the API, as a value.
//!
//! Invariant: a limit that is not set never refuses; [`meter`] alone counts.

mod account;
pub(crate) mod meter;
mod rate;
mod table;

use std::fmt;
use std::io;
use std::time::Duration;

pub(crate) use rate::Rate;
use rate::RateError;

/// The documented bucket of an application, and how much of it comes back in a minute.
const APPLICATION: (u32, u32) = (120, 2);
/// The documented requests that a vehicle may be asked in a month.
const MONTHLY: u32 = 500;

/// How much may be asked: the limits of the API, each off until it is set.
///
/// | limit | whom | refused with |
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
/// use smartcar_simulator::{Limits, Simulator};
///
/// let limits = Limits::published().vehicle_rate(10, Duration::from_secs(60));
/// let simulator = Simulator::builder().limits(limits).start().await?;
/// simulator.set_limits(Limits::off())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use = "limits do nothing before they are given to a simulator"]
pub struct Limits {
    application: Option<(u32, u32)>,
    batch_takes: BatchTakes,
    vehicle_rate: Option<(u32, Duration)>,
    vehicle_monthly: Option<u32>,
    upstream: Option<(u32, Duration)>,
}

/// What a batch takes from the application's bucket, which is not documented.
///
/// ```
/// use smartcar_simulator::{BatchTakes, Limits};
///
/// let lenient = Limits::published().batch_takes(BatchTakes::Request);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
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
    ///
    /// ```
    /// use smartcar_simulator::Limits;
    ///
    /// assert_eq!(Limits::off(), Limits::default());
    /// ```
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
        let (bucket, per_minute) = APPLICATION;
        Self::off()
            .application(bucket, per_minute)
            .vehicle_monthly(MONTHLY)
    }

    /// All requests together: a full bucket of so many, of which so many come
    /// back each minute. Both are 1 or more.
    ///
    /// ```
    /// let limits = smartcar_simulator::Limits::off().application(10, 60);
    /// ```
    pub fn application(mut self, bucket: u32, per_minute: u32) -> Self {
        self.application = Some((bucket, per_minute));
        self
    }

    /// What a batch takes from the application's bucket, by default one a path.
    ///
    /// ```
    /// use smartcar_simulator::{BatchTakes, Limits};
    ///
    /// let limits = Limits::published().batch_takes(BatchTakes::Request);
    /// ```
    pub fn batch_takes(mut self, takes: BatchTakes) -> Self {
        self.batch_takes = takes;
        self
    }

    /// Each vehicle: `n` requests (1 or more) at once, and as many again in each
    /// `per`, spread evenly. Each path of a batch is a request; the list of
    /// vehicles and a vehicle's permissions are none.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let limits = smartcar_simulator::Limits::off().vehicle_rate(4, Duration::from_secs(60));
    /// ```
    pub fn vehicle_rate(mut self, n: u32, per: Duration) -> Self {
        self.vehicle_rate = Some((n, per));
        self
    }

    /// Each vehicle in a calendar month (UTC): `n` requests that are answered
    /// with success; 0 allows none.
    ///
    /// ```
    /// let used_up = smartcar_simulator::Limits::off().vehicle_monthly(0);
    /// ```
    pub fn vehicle_monthly(mut self, n: u32) -> Self {
        self.vehicle_monthly = Some(n);
        self
    }

    /// A car maker's own limit: `n` requests (1 or more) at once to all of its
    /// vehicles, and as many again in each `per`. Vehicles whose make the
    /// simulator does not know share one.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let limits = smartcar_simulator::Limits::off().upstream(30, Duration::from_secs(60));
    /// ```
    pub fn upstream(mut self, n: u32, per: Duration) -> Self {
        self.upstream = Some((n, per));
        self
    }

    /// The same limits in the numbers that they are kept by.
    fn terms(&self) -> Result<Terms, RateError> {
        let minute = Duration::from_secs(60);
        let named = |name: &'static str| move |error: RateError| error.of(name);
        let application = self
            .application
            .map(|(bucket, refill)| Rate::new(bucket, refill, minute));
        let vehicle_rate = self.vehicle_rate.map(|(n, per)| Rate::new(n, n, per));
        let upstream = self.upstream.map(|(n, per)| Rate::new(n, n, per));
        Ok(Terms {
            application: application.transpose().map_err(named("application"))?,
            batch_takes: self.batch_takes,
            vehicle_rate: vehicle_rate.transpose().map_err(named("vehicle rate"))?,
            vehicle_monthly: self.vehicle_monthly,
            upstream: upstream.transpose().map_err(named("upstream"))?,
        })
    }

    /// Whether the numbers are in range.
    pub(crate) fn check(&self) -> io::Result<()> {
        let checked = self.terms().map(drop);
        checked.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
    }
}

/// Limits that can be kept.
#[derive(Debug, Clone, Copy, Default)]
struct Terms {
    application: Option<Rate>,
    batch_takes: BatchTakes,
    vehicle_rate: Option<Rate>,
    vehicle_monthly: Option<u32>,
    upstream: Option<Rate>,
}

impl Terms {
    fn any(&self) -> bool {
        let rates = [self.application, self.vehicle_rate, self.upstream];
        self.vehicle_monthly.is_some() || rates.iter().any(Option::is_some)
    }
}

/// One line for people, such as `500 a month for a vehicle`.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let application = self.application.map(|(bucket, per_minute)| {
            let takes = match self.batch_takes {
                BatchTakes::Paths => "each path of a batch counts",
                BatchTakes::Request => "a batch counts once",
            };
            format!("{bucket} for the application, {per_minute} back a minute, {takes}")
        });
        let vehicle = self
            .vehicle_rate
            .map(|(n, per)| format!("{n} in {per:?} for a vehicle"));
        let monthly = self
            .vehicle_monthly
            .map(|n| format!("{n} a month for a vehicle"));
        let upstream = self
            .upstream
            .map(|(n, per)| format!("{n} in {per:?} for a car maker"));
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
#[path = "limits_tests.rs"]
mod tests;
