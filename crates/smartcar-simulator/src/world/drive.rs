//! The location and state of a vehicle at any moment.
//!
//! Invariant: a state depends only on the vehicle's initial state and the moment.
//! Nothing is stored between two calls, so their order does not matter. The time of
//! a call does not grow with the number of days passed: days are computed one by
//! one only until the battery is first charged to its limit, and while it is unplugged.

use super::motion::{Battery, Store};
use super::motion::{cosine, level, real, share_of_speed, share_of_way, unit, whole};
use super::timetable::{DAWN, DAY, Dice, HOUR, Habit, MINUTE, Purpose, RoundTrip, SECOND};

/// Roads wind: a route is this much longer than the straight line that is
/// simulated.
const WINDING: f64 = 1.25;
const KM_PER_DEGREE: f64 = 111.2;
/// The distance between two oil changes.
const OIL_KM: f64 = 15_000.0;
/// The mean distance per day, unless the battery is too small for it.
const MEAN_DAY_KM: f64 = 36.0;
/// The initial state of a vehicle, and its parameters.
#[derive(Debug, Clone)]
pub(crate) struct Car {
    pub(crate) seed: u64,
    /// When the drive starts, in milliseconds since 1970.
    pub(crate) begins: i64,
    /// Degrees north and east.
    pub(crate) home: (f64, f64),
    pub(crate) odometer_km: f64,
    pub(crate) battery: Option<Battery>,
    pub(crate) tank: Option<Store>,
    pub(crate) oil: f64,
    /// Cold pressures in kPa: front left and right, back left and right.
    pub(crate) tires: [f64; 4],
    /// Whether its cable is not plugged in at home.
    pub(crate) unplugged: bool,
    /// Since when it has reported nothing new, in milliseconds since 1970.
    pub(crate) asleep: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    AtHome,
    DrivingOut,
    Away,
    DrivingHome,
}

impl Activity {
    pub(crate) fn is_driving(self) -> bool {
        matches!(self, Self::DrivingOut | Self::DrivingHome)
    }
}

/// The state of a vehicle at one moment, in metric units.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    /// The moment, in milliseconds since 1970.
    pub(crate) at: i64,
    pub(crate) activity: Activity,
    pub(crate) odometer_km: f64,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    /// Sixteenths of a turn, clockwise from north.
    pub(crate) point: u8,
    pub(crate) speed: f64,
    /// The battery's level; 0 if the vehicle has no battery.
    pub(crate) charge: f64,
    /// How much was charged since the cable was plugged in.
    pub(crate) added: f64,
    pub(crate) is_charging: bool,
    /// When charging will reach the limit; `None` if it is not charging.
    pub(crate) charged_at: Option<i64>,
    pub(crate) fuel: f64,
    pub(crate) oil: f64,
    pub(crate) tires: [f64; 4],
    pub(crate) exterior: f64,
    pub(crate) interior: f64,
}

/// A period in which the vehicle does one thing.
#[derive(Debug, Clone, Copy)]
struct Phase {
    activity: Activity,
    day: i64,
    from: i64,
    /// The trip that it belongs to; `None` at home.
    trip: Option<RoundTrip>,
    /// Metres driven, and the battery's level, at its start.
    driven: i64,
    charge: f64,
}

impl Car {
    /// The last state that the car reported up to a moment.
    ///
    /// It reports whenever its activity changes, and from then on every five
    /// seconds while it drives, every minute while it charges and every quarter of
    /// an hour while it is parked.
    pub(crate) fn reported(&self, by: i64) -> State {
        let by = self
            .asleep
            .map_or(by, |since| by.min(since))
            .max(self.begins);
        let phase = self.phase(by);
        let (from, period) = match self.charged_at(&phase) {
            _ if phase.activity.is_driving() => (phase.from, 5 * SECOND),
            Some(charged) if by < charged => (phase.from, MINUTE),
            Some(charged) => (charged, 15 * MINUTE),
            None => (phase.from, 15 * MINUTE),
        };
        self.state_in(&phase, by - (by - from) % period)
    }

    /// The state at a moment; before the start of the drive, the initial state.
    #[cfg(test)]
    pub(crate) fn state(&self, at: i64) -> State {
        let at = at.max(self.begins);
        self.state_in(&self.phase(at), at)
    }

    fn habit(&self) -> Habit {
        let mean = self.battery.map_or(MEAN_DAY_KM, |battery| {
            // The longest day takes less than seven tenths of a charge.
            let charged_km = battery.limit / battery.store.per_km();
            MEAN_DAY_KM.min(0.38 * charged_km)
        });
        Habit::new(Dice::new(self.seed), whole(mean * 500.0))
    }

    /// The start of the day in which the drive starts: five in the morning, solar
    /// time.
    fn first_dawn(&self) -> i64 {
        let east = whole((self.home.1 / 15.0).round()) * HOUR;
        (self.begins - DAWN + east).div_euclid(DAY) * DAY + DAWN - east
    }

    /// The phase at a moment, which must not be before the start of the drive.
    fn phase(&self, at: i64) -> Phase {
        let day = (at - self.first_dawn()).div_euclid(DAY);
        self.day(self.at_dawn(day), at)
    }

    /// The phase at the start of a day; on the first day, at the start of the
    /// drive.
    fn at_dawn(&self, day: i64) -> Phase {
        let mut dawn = Phase {
            activity: Activity::AtHome,
            day: 0,
            from: self.begins,
            trip: None,
            driven: 0,
            charge: self.battery.map_or(0.0, |battery| battery.store.filling),
        };
        while dawn.day < day {
            let is_charged = |battery: Battery| dawn.charge.total_cmp(&battery.limit).is_eq();
            // From here on it drives all its trips, and every day starts in the
            // same state.
            let is_settled = dawn.day > 0 && self.battery.is_none_or(is_charged);
            if is_settled {
                let habit = self.habit();
                dawn.driven += 2 * (habit.before(day) - habit.before(dawn.day));
                dawn.day = day;
            } else {
                let ends = self.first_dawn() + (dawn.day + 1) * DAY;
                let evening = self.day(dawn, ends);
                dawn = Phase {
                    charge: self.charge(&evening, ends),
                    ..evening
                };
                dawn.day += 1;
            }
            dawn.from = self.first_dawn() + dawn.day * DAY;
        }
        dawn
    }

    /// The phase at a moment of the day that starts with `dawn`.
    fn day(&self, dawn: Phase, at: i64) -> Phase {
        let mut now = dawn;
        let midnight = self.first_dawn() + dawn.day * DAY;
        for trip in self.habit().trips(dawn.day) {
            let leaves = midnight + trip.leaves;
            if at < leaves {
                break;
            }
            if leaves < now.from || !self.can_drive(&now, leaves, &trip) {
                continue;
            }
            let turns = midnight + trip.turns;
            for (activity, from, metres) in [
                (Activity::DrivingOut, leaves, 0),
                (Activity::Away, leaves + trip.lasts, trip.metres),
                (Activity::DrivingHome, turns, 0),
                (Activity::AtHome, turns + trip.lasts, trip.metres),
            ] {
                if at < from {
                    return now;
                }
                now = Phase {
                    activity,
                    from,
                    trip: Some(trip).filter(|_| activity != Activity::AtHome),
                    driven: now.driven + metres,
                    charge: self.charge(&now, from),
                    ..now
                };
            }
        }
        now
    }

    fn can_drive(&self, now: &Phase, leaves: i64, trip: &RoundTrip) -> bool {
        self.battery.is_none_or(|battery| {
            let needed = real(2 * trip.metres) / 1000.0 * battery.store.per_km();
            self.charge(now, leaves) >= needed
        })
    }

    /// The battery's level at a moment of a phase, or at its end.
    fn charge(&self, phase: &Phase, at: i64) -> f64 {
        let Some(battery) = self.battery else {
            return 0.0;
        };
        match phase.activity {
            Activity::AtHome if phase.charge < battery.limit && !self.unplugged => {
                let added = real(at - phase.from) * battery.per_millisecond();
                battery.limit.min(phase.charge + added)
            }
            Activity::AtHome | Activity::Away => phase.charge,
            Activity::DrivingOut | Activity::DrivingHome => {
                let km = driven_in(phase, at) / 1000.0;
                (phase.charge - km * battery.store.per_km()).max(0.0)
            }
        }
    }

    /// When charging is complete, if the vehicle charges in this phase.
    fn charged_at(&self, phase: &Phase) -> Option<i64> {
        let battery = self.battery?;
        let lacks = battery.limit - phase.charge;
        (phase.activity == Activity::AtHome && lacks > 0.0 && !self.unplugged).then(|| {
            let seconds = lacks / battery.per_millisecond() / real(SECOND);
            phase.from + (whole(seconds) + 1) * SECOND
        })
    }

    fn state_in(&self, phase: &Phase, at: i64) -> State {
        let in_phase = driven_in(phase, at);
        let km = (real(phase.driven) + in_phase) / 1000.0;
        let (latitude, longitude) = self.place(phase, in_phase);
        let charge = self.charge(phase, at);
        let charged_at = self.charged_at(phase).filter(|charged| at < *charged);
        let exterior = self.exterior(phase.day, at);
        let is_driving = phase.activity.is_driving();
        // Tires are fully warm at the end of a trip.
        let warmth = phase.trip.map_or(0.0, |trip| in_phase / real(trip.metres));
        let tires = self
            .tires
            .map(|cold| cold + 0.7 * (exterior - 12.0) + 8.0 * warmth);
        let used = |store: Store| level(store.filling, km * store.per_km());
        State {
            at,
            activity: phase.activity,
            odometer_km: self.odometer_km + km,
            latitude,
            longitude,
            point: self.point(phase),
            speed: speed(phase, at),
            charge,
            added: match phase.activity {
                Activity::AtHome => charge - phase.charge,
                _ => 0.0,
            },
            is_charging: charged_at.is_some(),
            charged_at,
            fuel: self.tank.map_or(0.0, used),
            oil: level(self.oil, km / OIL_KM),
            tires,
            exterior,
            interior: if is_driving { 21.0 } else { exterior + 2.5 },
        }
    }

    fn place(&self, phase: &Phase, in_phase: f64) -> (f64, f64) {
        let (latitude, longitude) = self.home;
        let Some(trip) = phase.trip else {
            return self.home;
        };
        let metres = match phase.activity {
            Activity::AtHome => 0.0,
            Activity::DrivingOut => in_phase,
            Activity::Away => real(trip.metres),
            Activity::DrivingHome => real(trip.metres) - in_phase,
        };
        let degrees = metres / 1000.0 / WINDING / KM_PER_DEGREE;
        let (north, east) = unit(trip.toward);
        let latitude_there = (latitude + degrees * north).clamp(-90.0, 90.0);
        let longitude = longitude + degrees * east / cosine(latitude).max(0.02);
        let longitude = if longitude > 180.0 {
            longitude - 360.0
        } else if longitude < -180.0 {
            longitude + 360.0
        } else {
            longitude
        };
        (latitude_there, longitude)
    }

    /// The compass point it faces. At home it is always parked the same way.
    fn point(&self, phase: &Phase) -> u8 {
        match phase.trip {
            None => u8::try_from(self.seed % 16).unwrap_or(0),
            Some(trip) if phase.activity == Activity::DrivingHome => (trip.toward + 8) % 16,
            Some(trip) => trip.toward,
        }
    }

    /// Degrees Celsius: coldest at dawn, warmest at three in the afternoon.
    fn exterior(&self, day: i64, at: i64) -> f64 {
        let dice = Dice::new(self.seed);
        let mean = |day| 6.0 + 12.0 * dice.fraction(Purpose::Weather, day);
        let passed = real(at - self.first_dawn() - day * DAY) / real(DAY);
        let warmest = 10.0 / 24.0;
        let sun = if passed < warmest {
            2.0 * passed / warmest - 1.0
        } else {
            1.0 - 2.0 * (passed - warmest) / (1.0 - warmest)
        };
        mean(day) * (1.0 - passed) + mean(day + 1) * passed + 5.0 * sun
    }
}

/// The current trip, and the share of its time that has passed.
fn under_way(phase: &Phase, at: i64) -> Option<(RoundTrip, f64)> {
    let trip = phase.trip.filter(|_| phase.activity.is_driving())?;
    Some((trip, real(at - phase.from) / real(trip.lasts)))
}

/// Metres since the phase began.
fn driven_in(phase: &Phase, at: i64) -> f64 {
    under_way(phase, at).map_or(0.0, |(trip, time)| real(trip.metres) * share_of_way(time))
}

/// Kilometres per hour.
fn speed(phase: &Phase, at: i64) -> f64 {
    under_way(phase, at).map_or(0.0, |(trip, time)| {
        let mean = real(trip.metres) * 3600.0 / real(trip.lasts);
        mean * share_of_speed(time)
    })
}

#[cfg(test)]
mod tests;
