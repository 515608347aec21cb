//! Statistics of a cell's attempts in bounded memory: counts and ranges of all, and a sample for
//! medians.

use crate::limits::SAMPLE_MAX;
use crate::measure::model::model_fit::SEEN_MAX;
use crate::stats::descriptive::Spread;
use crate::stats::lost_increments::{IncrementCounts, LostIncrements};
use crate::stats::reservoir::Reservoir;
use crate::stats::two_sample::Sample;
use crate::stats::value_counts::ValueCounts;

/// The figures of one attempt that the statistics need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// The counter's value.
    pub(crate) total: u64,
    /// The expected value.
    pub(crate) expected: u64,
    /// How long it took, in nanoseconds; at least 1.
    pub(crate) duration_ns: u64,
    /// Bodies done per second.
    pub(crate) rate: f64,
    /// Share of the duration in which two workers were active.
    pub(crate) overlap: f64,
    /// Jain's index of the workers' increments.
    pub(crate) jain: f64,
    /// Hand-overs.
    pub(crate) switches: u64,
    /// Requests made.
    pub(crate) requests: u64,
}

impl Attempt {
    /// Whether nothing was lost.
    pub(crate) fn is_correct(&self) -> bool {
        self.total == self.expected
    }

    /// Share of the increments that is missing; negative if the counter exceeds them.
    pub(crate) fn lost(&self) -> f64 {
        (self.expected as f64 - self.total as f64) / (self.expected as f64).max(1.0)
    }

    /// `count` per second of the attempt.
    pub(crate) fn per_second(&self, count: u64) -> f64 {
        count as f64 * 1e9 / self.duration_ns as f64
    }

    /// Whether the value is possible: at most the number of increments, and at least 1, which the
    /// last store leaves.
    pub(crate) fn is_possible(&self) -> bool {
        (self.expected.min(1)..=self.expected).contains(&self.total)
    }
}

/// All attempts of a cell so far.
#[derive(Debug)]
pub(crate) struct Attempts {
    /// Number of attempts.
    pub(crate) count: u32,
    /// Those whose value was the expected one.
    pub(crate) correct: u32,
    /// Whether every value is possible.
    pub(crate) are_possible: bool,
    /// Their values.
    pub(crate) finals: ValueCounts,
    /// Rounds.
    pub(crate) round_count: u32,
    rounds: Option<(f64, f64)>,
    round_rates: Vec<f64>,
    round_counts: Vec<IncrementCounts>,
    sample: Reservoir<Attempt>,
}

impl Attempts {
    /// Upper bound of [`Self::bytes_held`].
    pub(crate) const BYTES_HELD_MAX: usize =
        SAMPLE_MAX * size_of::<Attempt>() + SEEN_MAX * size_of::<(u64, u32)>();

    /// No attempts yet.
    pub(crate) fn new() -> Self {
        Self {
            count: 0,
            correct: 0,
            are_possible: true,
            finals: ValueCounts::new(SEEN_MAX),
            round_count: 0,
            rounds: None,
            round_rates: Vec::new(),
            round_counts: Vec::new(),
            sample: Reservoir::new(SAMPLE_MAX),
        }
    }

    /// Adds the attempts of a round.
    pub(crate) fn add_round(&mut self, round: impl Iterator<Item = Attempt>) {
        let (count, correct) = (self.count, self.correct);
        let (mut rates, mut counts) = (Vec::new(), IncrementCounts::default());
        round.for_each(|attempt| {
            rates.push(attempt.rate);
            counts = counts.plus(IncrementCounts::of(attempt.expected, attempt.total));
            self.add(attempt);
        });
        let (count, correct) = (self.count - count, self.correct - correct);
        if count > 0 {
            let share = f64::from(correct) / f64::from(count);
            let (low, high) = self.rounds.unwrap_or((share, share));
            self.rounds = Some((low.min(share), high.max(share)));
            self.round_count += 1;
            self.round_rates.push(Sample::new(rates).median());
            self.round_counts.push(counts);
        }
    }

    fn add(&mut self, attempt: Attempt) {
        self.count += 1;
        self.correct += u32::from(attempt.is_correct());
        self.are_possible &= attempt.is_possible();
        self.finals.add(attempt.total);
        self.sample.add(attempt);
    }

    /// Least and greatest share of correct attempts in a round; 0 before the first.
    pub(crate) fn rounds(&self) -> (f64, f64) {
        self.rounds.unwrap_or_default()
    }

    /// Median and quartiles of a figure, over the sample.
    pub(crate) fn spread(&self, of: impl Fn(&Attempt) -> f64) -> Spread {
        Spread::of(self.sample.kept().iter().map(of))
    }

    /// The median rate of each round. Attempts of one round run close together in time; treated as
    /// independent values they would understate the uncertainty.
    pub(crate) fn rates(&self) -> Sample {
        Sample::new(self.round_rates.clone())
    }

    /// Increments that were checked and lost, of all attempts.
    pub(crate) fn lost_increments(&self) -> LostIncrements {
        LostIncrements::of(&self.round_counts)
    }

    /// Heap bytes that they hold.
    pub(crate) fn bytes_held(&self) -> usize {
        self.sample.bytes_held() + self.finals.bytes_held()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An attempt of a microsecond with ten expected increments.
    fn counted(total: u64) -> Attempt {
        Attempt {
            total,
            expected: 10,
            duration_ns: 1_000,
            rate: 1e7,
            overlap: 1.0,
            jain: 1.0,
            switches: 0,
            requests: 0,
        }
    }

    #[test]
    fn counts_cover_all_attempts_in_bounded_memory() {
        let mut attempts = Attempts::new();
        for round in 0..100 {
            attempts.add_round((0..1000).map(|it| counted(10 - u64::from(it < round))));
        }
        assert_eq!((attempts.count, attempts.correct), (100_000, 100_000 - 99 * 50));
        assert_eq!((attempts.rounds(), attempts.round_count), ((0.901, 1.0), 100));
        assert_eq!(attempts.finals.least().collect::<Vec<_>>(), [(9, 99 * 50), (10, 95_050)]);
        assert_eq!((attempts.rates().len(), attempts.sample.kept().len()), (100, SAMPLE_MAX));
        assert!(attempts.bytes_held() <= Attempts::BYTES_HELD_MAX);
        let counts = IncrementCounts { checked: 1_000_000, lost: 99 * 50 };
        assert_eq!(attempts.lost_increments().counts, counts);
    }

    /// A sample of this size finds a median to within some percent of the ranks.
    #[test]
    fn medians_of_many_attempts_come_from_a_sample() {
        let mut attempts = Attempts::new();
        let slower = |duration_ns| Attempt { duration_ns, ..counted(10) };
        attempts.add_round((1..=100_000).map(slower));
        let Spread { low, median, high } = attempts.spread(|it| it.duration_ns as f64);
        for (found, wanted) in [(low, 25_000.0), (median, 50_000.0), (high, 75_000.0)] {
            assert!((found - wanted).abs() < 4_000.0, "{found} is not about {wanted}");
        }
    }

    #[test]
    fn single_impossible_value_is_remembered() {
        let mut attempts = Attempts::new();
        attempts.add_round([counted(10), counted(1)].into_iter());
        assert!(attempts.are_possible);
        attempts.add_round([counted(11), counted(10)].into_iter());
        assert!(!attempts.are_possible);
    }
}
