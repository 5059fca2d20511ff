//! Limits as data, in a scenario or for the admin endpoint.
//!
//! Invariant: what can be written in a table is what [`Limits`] can say, and
//! numbers out of range are refused while it is read.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use super::{BatchTakes, Limits};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    published: bool,
    application: Option<Application>,
    batch_takes: Option<BatchTakes>,
    vehicle_rate: Option<Rate>,
    vehicle_monthly: Option<u32>,
    upstream: Option<Rate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    bucket: u32,
    per_minute: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    requests: u32,
    per_seconds: f64,
}

impl Rate {
    fn per<E: de::Error>(&self) -> Result<Duration, E> {
        let message = "`per_seconds` must be a number of seconds above 0";
        Duration::try_from_secs_f64(self.per_seconds).map_err(|_| E::custom(message))
    }
}

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = Table::deserialize(deserializer)?;
        let mut limits = if table.published {
            Self::published()
        } else {
            Self::off()
        };
        if let Some(Application { bucket, per_minute }) = table.application {
            limits = limits.application(bucket, per_minute);
        }
        if let Some(takes) = table.batch_takes {
            limits = limits.batch_takes(takes);
        }
        if let Some(rate) = table.vehicle_rate {
            limits = limits.vehicle_rate(rate.requests, rate.per()?);
        }
        if let Some(n) = table.vehicle_monthly {
            limits = limits.vehicle_monthly(n);
        }
        if let Some(rate) = table.upstream {
            limits = limits.upstream(rate.requests, rate.per()?);
        }
        limits.check().map_err(de::Error::custom)?;
        Ok(limits)
    }
}
