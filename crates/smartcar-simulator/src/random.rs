//! Pseudo-random numbers (`SplitMix64`).
//!
//! Invariant: the n-th number of a seed is the same on every machine, and does not
//! depend on the numbers before it.

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
    // The upper half; a double holds it exactly.
    let upper = u32::try_from(number(seed, n) >> 32).unwrap_or(u32::MAX);
    f64::from(upper) / (f64::from(u32::MAX) + 1.0)
}

/// A number that depends on a text (FNV-1a).
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Shuffles a list in an order that depends on the seed.
pub(crate) fn shuffle<T>(list: &mut [T], seed: u64) {
    for last in (1..list.len()).rev() {
        let number = u128::from(number(seed, last as u64));
        // The high half of the product is below the bound.
        let other = (number * (last as u128 + 1)) >> 64;
        list.swap(last, usize::try_from(other).unwrap_or(last));
    }
}

#[cfg(test)]
mod tests;
