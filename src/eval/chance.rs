//! Chance with a seed: the same numbers every time, so that a sample and a failure can be had again (`SplitMix64`, Steele et al. 2014).

/// A source of numbers.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The source with this seed, for this purpose: two purposes draw apart.
    pub fn new(seed: u32, purpose: &str) -> Self {
        let mixed = purpose.bytes().fold(u64::from(seed), |mixed, byte| {
            (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(mixed)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number under `bound`; 0 where that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bits = self.bits();
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(bits % bound).unwrap_or(0)
    }

    /// At most so many different places of a list of this length, in order.
    pub fn places(&mut self, count: usize, length: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..length).collect();
        for place in 0..count.min(length) {
            let other = place + self.below(length - place);
            places.swap(place, other);
        }
        places.truncate(count);
        places.sort_unstable();
        places
    }
}
