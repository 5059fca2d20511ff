//! The server's clock, as seen from this machine.
//!
//! Invariant: decisions use the server's clock. This one only chooses the month's key and
//! translates times for the caller.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use jiff::Timestamp;

use crate::month::Month;

/// Up to this difference, in microseconds, the clocks are the same, and times are shown
/// as the server counts them.
const SAME_CLOCK: i64 = 1_000_000;

/// The difference between the clocks, learned from each reply.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    /// The server's time minus this machine's, in microseconds.
    offset: AtomicI64,
}

impl ServerClock {
    /// Learns from a reply with the server's time.
    pub(crate) fn learn(&self, now: i64) {
        self.offset.store(now.saturating_sub(local()), Relaxed);
    }

    /// The month on the server's clock.
    pub(crate) fn month(&self) -> Month {
        Month::of(local().saturating_add(self.offset.load(Relaxed)))
    }
}

/// A time of the server's clock, on this machine's clock if they differ.
pub(crate) fn moment(now: i64, from: i64) -> Timestamp {
    let local = local();
    let moment = if now.saturating_sub(local).saturating_abs() <= SAME_CLOCK {
        from
    } else {
        local.saturating_add(from.saturating_sub(now))
    };
    Timestamp::from_microsecond(moment).unwrap_or(Timestamp::MAX)
}

fn local() -> i64 {
    Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1_000_000;

    #[test]
    fn the_month_is_the_servers() {
        let clock = ServerClock::default();
        assert_eq!(clock.month(), Month::of(local()));
        for days in [-400, 40, 400] {
            let server = local() + days * DAY;
            clock.learn(server);
            assert_eq!(clock.month(), Month::of(server));
        }
    }

    #[test]
    fn a_wait_is_as_long_here_as_there() {
        for days in [-400, 400] {
            let now = local() + days * DAY;
            let until = moment(now, now + DAY);
            let wait = until.duration_since(Timestamp::now()).as_secs_f64();
            assert!((86_395.0..=86_400.0).contains(&wait), "{wait}");
        }
        // The same clock: to the microsecond.
        let now = local();
        assert_eq!(moment(now, now + 7).as_microsecond(), now + 7);
    }
}
