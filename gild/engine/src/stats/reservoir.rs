//! Reservoir sampling: a bounded uniform sample of a stream of unknown length. Pure.

use strategies::harness::rng::SplitMix64;

/// A uniform sample of the added values, of bounded size. Algorithm R (Vitter 1985, "Random
/// sampling with a reservoir", where it is credited to Waterman). The choice depends on the number
/// of values only, so it is the same on any machine.
#[derive(Debug, Clone)]
pub struct Reservoir<T> {
    kept: Vec<T>,
    most: usize,
    added: u64,
    stream: SplitMix64,
}

impl<T> Reservoir<T> {
    /// An empty reservoir for at most `most` values.
    pub fn new(most: usize) -> Self {
        Self { kept: Vec::new(), most, added: 0, stream: SplitMix64::of(&[most as u64]) }
    }

    /// Adds a value, which may replace another.
    pub fn add(&mut self, value: T) {
        self.added += 1;
        if self.kept.len() < self.most {
            self.kept.push(value);
            return;
        }
        let index = usize::try_from(self.stream.below(self.added)).unwrap_or(usize::MAX);
        if let Some(kept) = self.kept.get_mut(index) {
            *kept = value;
        }
    }

    /// The sample in no particular order; all values while there are at most as many as fit.
    pub fn kept(&self) -> &[T] {
        &self.kept
    }

    /// Heap bytes that the reservoir holds.
    pub fn bytes_held(&self) -> usize {
        self.kept.capacity() * size_of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample_of(values: u32, most: usize) -> Vec<u32> {
        let mut reservoir = Reservoir::new(most);
        (0..values).for_each(|value| reservoir.add(value));
        reservoir.kept().to_vec()
    }

    #[test]
    fn reservoir_below_capacity_keeps_all_values() {
        assert_eq!(sample_of(5, 8), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn reservoir_beyond_capacity_samples_each_value_at_most_once() {
        let mut sample = sample_of(10_000, 100);
        assert_eq!(sample, sample_of(10_000, 100), "a seed fixes it");
        sample.sort_unstable();
        sample.dedup();
        assert_eq!(sample.len(), 100);
    }

    #[test]
    fn reservoir_samples_early_and_late_values_evenly() {
        let sample = sample_of(100_000, 2_000);
        for tenth in 0..10 {
            let held = sample.iter().filter(|&&value| value / 10_000 == tenth).count();
            // Four standard deviations of 2000 draws of a tenth.
            assert!((146..=254).contains(&held), "{held} of 2000 from tenth {tenth}");
        }
    }

    #[test]
    fn reservoir_never_grows_beyond_its_capacity() {
        let mut reservoir = Reservoir::new(64);
        (0..100_000_u64).for_each(|value| reservoir.add(value));
        assert_eq!(reservoir.bytes_held(), 64 * size_of::<u64>());
    }
}
