use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn the_trips_of_a_day_add_up_and_follow_one_another(
        seed: u64,
        mean in 1_i64..=18_000,
        day in 0_i64..4_000_000,
    ) {
        let habit = Habit::new(Dice::new(seed), mean);
        let trips: Vec<RoundTrip> = habit.trips(day).collect();
        let sum: i64 = trips.iter().map(|trip| trip.metres).sum();
        prop_assert_eq!(sum, habit.before(day + 1) - habit.before(day));
        prop_assert!(sum > 0 && sum * 10 <= mean * 18);
        let mut free = 0;
        for trip in trips {
            prop_assert!(trip.leaves >= free && trip.turns >= trip.leaves + trip.lasts);
            free = trip.turns + trip.lasts;
            prop_assert!(trip.toward < 16);
        }
        prop_assert!(free < 17 * HOUR, "home by ten in the evening");
    }
}
