//! A shuffle of the numbers below `size` that needs no memory: a Feistel network over the next power of
//! four, walked until it lands inside. The same seed gives the same order.

const ROUNDS: u64 = 4;

#[derive(Debug, Clone, Copy)]
pub(super) struct Shuffle {
    size: u64,
    half_bits: u32,
    seed: u64,
}

impl Shuffle {
    pub(super) fn new(size: u64, seed: u64) -> Shuffle {
        let bits = u64::BITS - size.saturating_sub(1).leading_zeros();
        Shuffle { size, half_bits: bits.div_ceil(2).max(1), seed }
    }

    /// Where number `index` goes; every number below `size` is the answer for exactly one `index`.
    pub(super) fn place(&self, index: u64) -> u64 {
        debug_assert!(index < self.size, "the caller stays below `size`");
        let mut place = self.scramble(index);
        while place >= self.size {
            place = self.scramble(place);
        }
        place
    }

    fn scramble(&self, value: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ (mix(right ^ self.seed.rotate_left(round as u32 * 16)) & mask));
        }
        left << self.half_bits | right
    }
}

/// Spreads every bit of `value` over the whole word (the finisher of SplitMix64).
fn mix(value: u64) -> u64 {
    let value =
        (value.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_has_exactly_one_place(size in 1_u64..3000, seed: u64) {
            let shuffle = Shuffle::new(size, seed);
            let mut places: Vec<u64> = (0..size).map(|index| shuffle.place(index)).collect();
            places.sort_unstable();
            prop_assert_eq!(places, (0..size).collect::<Vec<_>>());
        }
    }

    #[test]
    fn another_seed_gives_another_order() {
        let order = |seed| (0..100).map(|index| Shuffle::new(100, seed).place(index)).collect::<Vec<_>>();
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        assert_ne!(order(7), (0..100).collect::<Vec<_>>());
    }
}
