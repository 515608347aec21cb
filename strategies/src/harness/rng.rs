//! Deterministic random numbers: the same for the same seed, on any machine.

/// The generator SplitMix64 (Steele, Lea and Flood 2014), chosen because it is nine lines long and
/// its whole state is one counter.
#[derive(Debug, Clone)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// The stream that these numbers seed.
    pub fn of(parts: &[u64]) -> Self {
        let mut stream = Self(0);
        for part in parts {
            stream.0 ^= *part;
            stream.0 = stream.draw();
        }
        stream
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A uniform number below `end`, which is at least 1; the bias is below `end` times 2^-64.
    pub fn below(&mut self, end: u64) -> u64 {
        let product = u128::from(self.draw()) * u128::from(end);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// A uniform number between 0 and 1, both excluded.
    pub fn unit(&mut self) -> f64 {
        const STEPS: f64 = (1_u64 << 53) as f64;
        ((self.draw() >> 11) as f64 + 0.5) / STEPS
    }

    /// Shuffles in place (Fisher and Yates). The remainder's bias is below 2^-50 for up to 2^14
    /// items.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.draw() % (last as u64 + 1);
            items.swap(last, usize::try_from(other).unwrap_or(last));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published first outputs of SplitMix64 for seed 0.
    #[test]
    fn stream_of_seed_0_has_the_published_outputs() {
        let mut stream = SplitMix64(0);
        let first = [stream.draw(), stream.draw()];
        assert_eq!(first, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }

    #[test]
    fn shuffle_is_a_permutation_fixed_by_the_seed() {
        let shuffled = || {
            let mut items: Vec<u32> = (0..20).collect();
            SplitMix64::of(&[7, 1]).shuffle(&mut items);
            items
        };
        let mut sorted = shuffled();
        assert_ne!(sorted, (0..20).collect::<Vec<_>>());
        assert_eq!(sorted, shuffled());
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn numbers_below_an_end_are_equally_frequent() {
        let mut stream = SplitMix64::of(&[1]);
        let mut counts = [0; 3];
        (0..3000).for_each(|_| counts[usize::try_from(stream.below(3)).expect("small")] += 1);
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }
}
