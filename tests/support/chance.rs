//! Chance with a seed: the same numbers every time, so that a failure can be had again (`SplitMix64`).

/// A source of numbers.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The source with this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number under `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }

    /// One of `items`.
    pub fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.below(items.len() as u64)).unwrap()]
    }

    /// So many different places of a list of this length.
    pub fn places(&mut self, count: usize, length: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..length).collect();
        for place in 0..count {
            let left = (length - place) as u64;
            let other = place + usize::try_from(self.below(left)).unwrap();
            places.swap(place, other);
        }
        places.truncate(count);
        places
    }
}
