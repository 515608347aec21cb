//! A bounded sample of a stream of unknown length: every value is as likely to be in it
//! as any other. Pure; computes no statistics.

use strategies::harness::rng::SplitMix64;

/// At most so many of the values that were added. Algorithm R (Vitter 1985, "Random sampling with a
/// reservoir", where it is credited to Waterman). Which of them stay depends on their number alone,
/// never on their values: the same on any machine.
#[derive(Debug, Clone)]
pub struct Reservoir<T> {
    kept: Vec<T>,
    most: usize,
    added: u64,
    stream: SplitMix64,
}

impl<T> Reservoir<T> {
    /// An empty one for at most `most` values.
    pub fn new(most: usize) -> Self {
        Self { kept: Vec::new(), most, added: 0, stream: SplitMix64::of(&[most as u64]) }
    }

    /// Adds a value, which may take the place of another.
    pub fn add(&mut self, value: T) {
        self.added += 1;
        if self.kept.len() < self.most {
            self.kept.push(value);
            return;
        }
        let place = usize::try_from(self.stream.below(self.added)).unwrap_or(usize::MAX);
        if let Some(kept) = self.kept.get_mut(place) {
            *kept = value;
        }
    }

    /// The sample, in no order; all values as long as they are not more than it holds.
    pub fn kept(&self) -> &[T] {
        &self.kept
    }

    /// Heap bytes that it holds.
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
    fn few_values_are_all_kept() {
        assert_eq!(sample_of(5, 8), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn many_values_are_sampled_once_each() {
        let mut sample = sample_of(10_000, 100);
        assert_eq!(sample, sample_of(10_000, 100), "a seed fixes it");
        sample.sort_unstable();
        sample.dedup();
        assert_eq!(sample.len(), 100);
    }

    #[test]
    fn early_and_late_values_are_as_likely() {
        let sample = sample_of(100_000, 2_000);
        for tenth in 0..10 {
            let held = sample.iter().filter(|&&value| value / 10_000 == tenth).count();
            // Four standard deviations of 2000 draws of a tenth.
            assert!((146..=254).contains(&held), "{held} of 2000 from tenth {tenth}");
        }
    }

    #[test]
    fn it_never_grows_beyond_its_size() {
        let mut reservoir = Reservoir::new(64);
        (0..100_000_u64).for_each(|value| reservoir.add(value));
        assert_eq!(reservoir.bytes_held(), 64 * size_of::<u64>());
    }
}
