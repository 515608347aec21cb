//! Increments that were checked and lost, with the interval of the lost share. Pure.
//!
//! Where workers increment until a time or other workers' requests end, an attempt checks millions
//! of increments, and how many it checks depends on its length alone. A count of attempts without
//! a loss would then say nothing about how seldom losses are: nine of nine is compatible with three
//! in ten, whether each checked ten increments or a million. So the unit is the increment.
//!
//! - The counter shows each lost increment, so the two counts are exact.
//! - Without any loss, the share has an upper bound at 95 % by increments: the share at which a
//!   sample without a loss has a probability of 5 % (Clopper and Pearson 1934, one-sided; for many
//!   increments 3 / n, the rule of three). It counts each increment as an independent trial. Losses
//!   that come in bursts of b would show as seldom with a share b times the bound.
//! - With losses, increments are not independent: one hand-over in the wrong place loses thousands.
//!   The interval is that of the percentiles of a bootstrap over rounds (Efron 1979), each with its
//!   counts, since attempts of one round share the moment; the share of a resample is its lost
//!   increments over its checked ones. Clustering can only widen an interval, so it is widened to
//!   Wilson's interval by increments where that reaches further. One round has no spread, and no
//!   interval. With fewer than ten rounds it is too narrow, as a bootstrap never draws beyond the
//!   least and the greatest.

use crate::stats::descriptive::{Share, wilson};
use crate::stats::two_sample::percentiles;
use strategies::harness::rng::SplitMix64;

/// Probability that a sample without a loss is allowed to have at the upper bound.
const LEVEL: f64 = 0.05;

/// Counts of increments of a round, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IncrementCounts {
    /// Increments that the counter should show.
    pub checked: u64,
    /// Those of them that it does not.
    pub lost: u64,
}

impl IncrementCounts {
    /// The counts of an attempt; a counter above what is expected has lost nothing.
    pub fn of(expected: u64, total: u64) -> Self {
        Self { checked: expected, lost: expected.saturating_sub(total) }
    }

    /// The counts of so many such attempts; saturating.
    #[must_use]
    pub fn times(self, attempts: u64) -> Self {
        Self {
            checked: self.checked.saturating_mul(attempts),
            lost: self.lost.saturating_mul(attempts),
        }
    }

    /// Both together; saturating.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            checked: self.checked.saturating_add(other.checked),
            lost: self.lost.saturating_add(other.lost),
        }
    }
}

/// The lost increments of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LostIncrements {
    /// The counts of all rounds together.
    pub counts: IncrementCounts,
    /// The interval of the lost share at 95 %: without losses its upper bound by increments, else by
    /// the spread of rounds; `None` where losses were seen in a single round.
    pub interval: Option<(f64, f64)>,
}

impl LostIncrements {
    /// The lost increments of these rounds. The bootstrap has one fixed stream, so that the same
    /// rounds always have the same interval.
    pub fn of(rounds: &[IncrementCounts]) -> Self {
        let counts = sum(rounds.iter().copied());
        let interval = match (counts.lost, rounds) {
            (0, _) => Some((0.0, without_loss(counts.checked))),
            (_, [] | [_]) => None,
            _ => Some(by_rounds(rounds, counts)),
        };
        Self { counts, interval }
    }

    /// Lost over checked increments, 0 to 1; 0 without any.
    pub fn fraction(&self) -> f64 {
        share(self.counts)
    }

    /// The interval, which is all of 0 to 1 where none is known.
    pub fn widest(&self) -> (f64, f64) {
        self.interval.unwrap_or((0.0, 1.0))
    }
}

/// The largest share at which `checked` increments without a loss have a probability of 5 %.
fn without_loss(checked: u64) -> f64 {
    -(LEVEL.ln() / checked as f64).exp_m1()
}

fn by_rounds(rounds: &[IncrementCounts], all: IncrementCounts) -> (f64, f64) {
    let mut stream = SplitMix64::of(&[3]);
    let count = rounds.len() as u64;
    #[expect(clippy::cast_possible_truncation, reason = "below the number of rounds")]
    let mut drawn = || rounds[stream.below(count) as usize];
    let (low, high) = percentiles(|| share(sum(rounds.iter().map(|_| drawn()))));
    let Share { low: least, high: greatest, .. } = wilson(all.lost, all.checked);
    (low.min(least), high.max(greatest))
}

fn sum(counts: impl Iterator<Item = IncrementCounts>) -> IncrementCounts {
    counts.fold(IncrementCounts::default(), IncrementCounts::plus)
}

fn share(IncrementCounts { checked, lost }: IncrementCounts) -> f64 {
    lost as f64 / checked.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLION: u64 = 1_000_000;

    fn rounds(checked: u64, lost: &[u64]) -> LostIncrements {
        let rounds: Vec<_> = lost.iter().map(|&lost| IncrementCounts { checked, lost }).collect();
        LostIncrements::of(&rounds)
    }

    #[track_caller]
    fn is_near(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 1e-3 * wanted, "{found} is not {wanted}");
    }

    /// Values of R's `binom.test(0, n, alternative = "less")`.
    #[test]
    fn bound_without_losses_is_that_of_clopper_and_pearson() {
        let bound = |checked| rounds(checked, &[0]).interval.expect("a bound").1;
        is_near(bound(10), 0.258_866);
        is_near(bound(100), 0.029_513);
        is_near(bound(MILLION), 2.995_728e-6);
        is_near(bound(1 << 62), 2.995_732 / (1_u64 << 62) as f64);
        assert_eq!(rounds(0, &[]).interval, Some((0.0, 1.0)), "nothing was checked");
    }

    /// The rule of three counts increments: their split into attempts and rounds is of no account.
    #[test]
    fn bound_without_losses_does_not_depend_on_rounds() {
        let all = rounds(20 * MILLION, &[0]);
        assert_eq!(all, rounds(MILLION, &[0; 20]));
        is_near(all.interval.expect("a bound").1, 2.995_732 / (20 * MILLION) as f64);
    }

    #[test]
    fn losses_that_cluster_have_the_interval_of_their_rounds() {
        let steady = rounds(MILLION, &[300_000; 20]);
        let (low, high) = steady.interval.expect("twenty rounds");
        let Share { low: least, high: greatest, .. } = wilson(6 * MILLION, 20 * MILLION);
        assert_eq!((low, high), (least, greatest), "rounds alike: by increments");
        let halves: Vec<u64> = (0..20).map(|round| round % 2 * 600_000).collect();
        let clustered = rounds(MILLION, &halves);
        assert_eq!(clustered.counts, steady.counts);
        let (low, high) = clustered.interval.expect("twenty rounds");
        // The standard error of the mean of twenty of these is 0.3 / sqrt(20).
        assert!((0.14..0.21).contains(&low) && (0.39..0.46).contains(&high), "{low} {high}");
    }

    #[test]
    fn single_lossy_round_is_not_certain_to_come_again() {
        let mut lost = [0; 20];
        lost[7] = 5_000;
        let (low, high) = rounds(MILLION, &lost).interval.expect("twenty rounds");
        assert!(low <= 0.0, "a third of the resamples have none: {low}");
        assert!(high > 2.0 * 5_000.0 / 20e6, "{high}");
    }

    #[test]
    fn few_losses_are_no_more_certain_than_independent_ones() {
        let (low, high) = rounds(MILLION, &[1, 1]).interval.expect("two rounds");
        let Share { low: least, high: greatest, .. } = wilson(2, 2 * MILLION);
        assert_eq!((low, high), (least, greatest));
    }

    #[test]
    fn losses_of_one_round_have_no_interval() {
        let one = rounds(MILLION, &[300_000]);
        assert_eq!((one.interval, one.widest()), (None, (0.0, 1.0)));
        is_near(one.fraction(), 0.3);
    }

    #[test]
    fn same_rounds_have_the_same_interval() {
        let lost: Vec<u64> = (0..20).map(|round| 1_000 * round).collect();
        assert_eq!(rounds(MILLION, &lost), rounds(MILLION, &lost));
    }

    /// Rounds weigh by their increments, not alike.
    #[test]
    fn share_is_of_all_increments() {
        let counts = |checked, lost| IncrementCounts { checked, lost };
        let found = LostIncrements::of(&[counts(900, 0), counts(100, 100)]);
        is_near(found.fraction(), 0.1);
        assert_eq!(IncrementCounts::of(10, 12), counts(10, 0), "more than expected");
    }
}
