//! Pseudo-random numbers (`SplitMix64`).
//!
//! Invariant: the n-th number of a seed is the same on every machine, and takes
//! no look at the ones before it.

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The n-th number of a seed.
pub(crate) fn number(seed: u64, n: u64) -> u64 {
    let mut z = seed.wrapping_add(n.wrapping_mul(STEP));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The n-th number of a seed, from 0 to just below 1.
pub(crate) fn fraction(seed: u64, n: u64) -> f64 {
    // The upper half: a double holds it exactly.
    let upper = u32::try_from(number(seed, n) >> 32).unwrap_or(u32::MAX);
    f64::from(upper) / (f64::from(u32::MAX) + 1.0)
}

/// Puts a list into an order that the seed decides.
pub(crate) fn shuffle<T>(list: &mut [T], seed: u64) {
    for last in (1..list.len()).rev() {
        let number = u128::from(number(seed, last as u64));
        // The high half of the product is below the bound.
        let other = (number * (last as u128 + 1)) >> 64;
        list.swap(last, usize::try_from(other).unwrap_or(last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        let numbers: Vec<u64> = (1..=3).map(|n| number(1_234_567, n)).collect();
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn a_shuffled_list_keeps_its_entries() {
        let shuffled = |seed| {
            let mut list: Vec<u32> = (0..20).collect();
            shuffle(&mut list, seed);
            list
        };
        assert_eq!(shuffled(1), shuffled(1));
        assert_ne!(shuffled(1), shuffled(2));
        let mut sorted = shuffled(1);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
        shuffle::<u32>(&mut [], 1);
    }
}
