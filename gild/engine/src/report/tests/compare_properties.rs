//! Properties of comparisons: error rates of the outcomes, and laws for any rates and intervals.

use proptest::prelude::*;

use super::*;

/// Twenty rounds spread evenly over a tenth around a rate, drawn from a seed.
fn drawn(seed: u64, rate: f64) -> Vec<f64> {
    let mut draws = SplitMix64::of(&[seed]);
    (0..20).map(|_| rate * (0.95 + 0.1 * draws.unit())).collect()
}

/// A test at p < 0.01 may be wrong in one case of a hundred at most.
#[test]
fn equal_speeds_rarely_differ_and_different_speeds_do() {
    let pair_of = |seed: u64, rate| {
        let first = ComparedCell { round_rates: drawn(2 * seed, 1e6), ..cell("a", 100, 1.0) };
        let other = ComparedCell { round_rates: drawn(2 * seed + 1, rate), ..cell("a", 100, 1.0) };
        two(first, other).pairs[0].outcome
    };
    let different = (0..500).filter(|seed| pair_of(*seed, 1e6) != PairOutcome::Same).count();
    assert!(different <= 10, "{different} of 500");
    let faster = (0..500).filter(|seed| pair_of(*seed, 1.08e6) == PairOutcome::Faster).count();
    assert!(faster >= 480, "{faster} of 500");
}

proptest! {
    /// For any measurement: a wrong cell is never faster, and nothing panics.
    #[test]
    fn cell_with_losses_is_never_faster_for_any_rates(
        correct in prop::array::uniform2(0_u32..=100),
        rates in prop::array::uniform2(prop::collection::vec(0.0..1e9_f64, 0..12)),
    ) {
        let [one, two_rates] = rates;
        let [mut first, mut other] = correct.map(|correct| cell("a", correct, 1.0));
        first.round_rates = one;
        other.round_rates = two_rates;
        let outcome = two(first, other).pairs[0].outcome;
        prop_assert!(outcome != PairOutcome::Faster || correct[1] == 100);
    }

    /// A copy is the same measurement, however much its rounds vary: its ratio is exactly 1.
    #[test]
    fn sweep_equals_itself(
        correct in 0_u32..=100,
        rates in prop::collection::vec(1.0..1e9_f64, 0..30),
    ) {
        let rounds = rates.len();
        let it = ComparedCell { round_rates: rates, ..cell("a", correct, 1.0) };
        let pair = two(it.clone(), it).pairs[0];
        let wanted = match rounds {
            0..COMPARED_ROUNDS_LEAST => PairOutcome::Unknown,
            _ => PairOutcome::Same,
        };
        prop_assert_eq!(pair.outcome, wanted);
        let ratio = pair.rates.map(|it| [it.ratio, it.low, it.high]);
        prop_assert_eq!(ratio, (rounds > 0).then_some([1.0; 3]));
    }

    /// For every interval, p and number of rounds: equality is claimed only of a narrow interval,
    /// a difference only by interval and test, and the other way round it is the mirror image.
    #[test]
    fn verdict_follows_from_interval_and_test(
        (low, ratio, high) in intervals(),
        p in prop_oneof![0.0..0.01_f64, 0.01..=1.0_f64],
        counts in (1_usize..12, 1_usize..12),
        correct in prop_oneof![Just(100_u32), 97_u32..100],
    ) {
        let found = Comparison { ratio, low, high, p, counts };
        let outcome = speed(&cell("a", correct, 1.0), Some(&found));
        let is_narrow = low >= 1.0 / EQUIVALENT_FACTOR && high <= EQUIVALENT_FACTOR;
        let has_rounds = counts.0.min(counts.1) >= COMPARED_ROUNDS_LEAST;
        let (is_above, is_below) = (p < 0.01 && low > 1.0, p < 0.01 && high < 1.0);
        let wanted = match (is_above, is_below) {
            (true, _) if correct == 100 => PairOutcome::Faster,
            (true, _) => PairOutcome::Unknown,
            (_, true) => PairOutcome::Slower,
            _ if !has_rounds => PairOutcome::Unknown,
            _ if is_narrow => PairOutcome::Same,
            _ => PairOutcome::Undecided,
        };
        prop_assert_eq!(outcome, wanted);
        if correct == 100 {
            let inverse = Comparison { ratio: 1.0 / ratio, low: 1.0 / high, high: 1.0 / low, ..found };
            let mirrored = match outcome {
                PairOutcome::Faster => PairOutcome::Slower,
                PairOutcome::Slower => PairOutcome::Faster,
                other => other,
            };
            prop_assert_eq!(speed(&cell("a", 100, 1.0), Some(&inverse)), mirrored);
        }
    }

    /// Whatever two cells measured, more than one round of each apart: what is the same is so by its
    /// whole interval.
    #[test]
    fn same_speed_is_never_claimed_of_a_wide_interval(
        rates in prop::array::uniform2(prop::collection::vec(1.0..20.0_f64, 5..25)),
    ) {
        let [first, other] =
            rates.map(|round_rates| ComparedCell { round_rates, ..cell("a", 100, 1.0) });
        let pair = two(first, other).pairs[0];
        let found = pair.rates.expect("both did something");
        let is_narrow = found.low >= 1.0 / EQUIVALENT_FACTOR && found.high <= EQUIVALENT_FACTOR;
        prop_assert!(pair.outcome != PairOutcome::Same || is_narrow, "{found:?}");
        prop_assert!(pair.outcome != PairOutcome::Undecided || !is_narrow, "{found:?}");
    }
}

/// Ends of intervals near 1, near the factor and far away, with a ratio between them.
fn intervals() -> impl Strategy<Value = (f64, f64, f64)> {
    let end = || {
        prop_oneof![
            0.05..20.0_f64,
            0.9..1.12_f64,
            Just(1.0),
            Just(EQUIVALENT_FACTOR),
            Just(1.0 / EQUIVALENT_FACTOR),
        ]
    };
    (end(), end(), 0.0..=1.0_f64).prop_map(|(one, other, part)| {
        let (low, high) = (one.min(other), one.max(other));
        (low, (low + part * (high - low)).clamp(low, high), high)
    })
}
