//! When a vehicle drives on a day, how far and in which direction.
//!
//! Invariant: a day's distance and trips depend only on the vehicle's seed and the
//! number of the day. The distance of a span of days depends only on its two ends,
//! so no day in between has to be computed.

use crate::random;

pub(super) const SECOND: i64 = 1_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
/// A day starts at five in the morning, when every vehicle is parked at home.
pub(super) const DAWN: i64 = 5 * HOUR;
pub(super) const DAY: i64 = 24 * HOUR;

/// The purpose of a random number; each purpose has its own numbers.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Distance,
    HasErrand,
    MainLeaves,
    MainTurns,
    MainSpeed,
    MainDirection,
    ErrandLeaves,
    ErrandTurns,
    ErrandSpeed,
    ErrandDirection,
    Weather,
}

/// Random numbers for the days of one vehicle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A whole number from 0 to just below the bound.
    pub(super) fn whole(self, purpose: Purpose, day: i64, bound: i64) -> i64 {
        let seed = random::number(self.0, purpose as u64);
        let number = random::number(seed, day.unsigned_abs()) >> 32;
        let bound = bound.clamp(1, i64::from(u32::MAX)).unsigned_abs();
        // Both factors have 32 bits, so the product fits and its upper half is below the bound.
        i64::try_from((number * bound) >> 32).unwrap_or(0)
    }

    /// A number from 0 to just below 1.
    pub(super) fn fraction(self, purpose: Purpose, day: i64) -> f64 {
        let seed = random::number(self.0, purpose as u64);
        random::fraction(seed, day.unsigned_abs())
    }
}

/// A trip to a place and back home on the same route.
#[derive(Debug, Clone, Copy)]
pub(super) struct RoundTrip {
    /// When it leaves home, in milliseconds after the start of the day.
    pub(super) leaves: i64,
    /// When it starts driving home.
    pub(super) turns: i64,
    /// The duration of one way, in milliseconds.
    pub(super) lasts: i64,
    pub(super) metres: i64,
    /// Which of the sixteen compass points, clockwise from north.
    pub(super) toward: u8,
}

/// How far a vehicle drives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habit {
    dice: Dice,
    /// Metres one way on a mean day.
    mean: i64,
}

impl Habit {
    pub(super) fn new(dice: Dice, mean: i64) -> Self {
        let mean = mean.max(1);
        Self { dice, mean }
    }

    /// Metres one way on all days before this one, counted from the first day.
    ///
    /// The surplus of a day over the mean is taken from its neighbour, so the sum
    /// does not need the days in between.
    pub(super) fn before(self, day: i64) -> i64 {
        let spread = self.mean * 4 / 5;
        day * self.mean + self.dice.whole(Purpose::Distance, day, spread)
    }

    /// The day's one or two round trips, in order.
    pub(super) fn trips(self, day: i64) -> impl Iterator<Item = RoundTrip> {
        let one_way = self.before(day + 1) - self.before(day);
        let has_errand = self.dice.whole(Purpose::HasErrand, day, 7) < 3;
        let errand = if has_errand { one_way * 3 / 10 } else { 0 };
        let main = self.trip(MAIN, day, one_way - errand);
        let errand = self.trip(ERRAND, day, errand);
        [main, errand].into_iter().filter(|trip| trip.metres > 0)
    }

    fn trip(self, kind: Kind, day: i64, metres: i64) -> RoundTrip {
        let at = |Window(purpose, from, span): Window| {
            from + self.dice.whole(purpose, day, span / SECOND) * SECOND
        };
        let speed = 40 + self.dice.whole(kind.speed, day, 36);
        let toward = self.dice.whole(kind.direction, day, 16);
        RoundTrip {
            leaves: at(kind.leaves),
            turns: at(kind.turns),
            // 3600 converts metres and km/h to milliseconds; rounding up to a whole
            // second never makes it faster.
            lasts: (metres * 3600 / speed / SECOND + 1) * SECOND,
            metres,
            toward: u8::try_from(toward).unwrap_or(0),
        }
    }
}

/// A random time after the start of the day: earliest time, and length of the
/// window.
struct Window(Purpose, i64, i64);

/// The parameters of one kind of trip.
struct Kind {
    leaves: Window,
    turns: Window,
    speed: Purpose,
    direction: Purpose,
}

const MAIN: Kind = Kind {
    leaves: Window(Purpose::MainLeaves, 2 * HOUR, 2 * HOUR),
    turns: Window(Purpose::MainTurns, 11 * HOUR, 2 * HOUR),
    speed: Purpose::MainSpeed,
    direction: Purpose::MainDirection,
};
const ERRAND: Kind = Kind {
    leaves: Window(Purpose::ErrandLeaves, 14 * HOUR + HOUR / 4, HOUR / 2),
    turns: Window(Purpose::ErrandTurns, 15 * HOUR + HOUR / 3, HOUR / 2),
    speed: Purpose::ErrandSpeed,
    direction: Purpose::ErrandDirection,
};

#[cfg(test)]
mod tests;
