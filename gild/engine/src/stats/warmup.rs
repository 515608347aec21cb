//! Warm-up of a series of counts per window: the windows to drop before it is steady. Pure.
//!
//! By the marginal standard error rule, MSER (White 1997, "An effective truncation heuristic for
//! bias reduction in simulation output"; Franklin and White 2008, "Stationarity tests and MSER-5"):
//! drop as many windows as minimise the standard error of the mean of the rest. Keeping one more
//! window that resembles the rest makes the error smaller; one that differs makes it greater.

/// Number of leading windows to drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarmUp {
    /// Drop this many: the rest is steady as far as the rule can tell.
    Ends(usize),
    /// Drop half of all windows, the maximum; the rest may not be steady yet, because the series is
    /// too short.
    Outlasts(usize),
}

impl WarmUp {
    /// The windows to drop, at most half of the series.
    pub fn windows(self) -> usize {
        match self {
            Self::Ends(windows) | Self::Outlasts(windows) => windows,
        }
    }

    /// The warm-up of a series of windows of one length. `all_at_work` is the first window, from 0,
    /// by which every worker has done something; the windows before it are always warm-up.
    pub fn of(counts: &[u64], all_at_work: usize) -> Self {
        let most = counts.len() / 2;
        if all_at_work > most {
            return Self::Outlasts(most);
        }
        let errors = squared_errors(counts);
        let allowed = all_at_work..=most.min(errors.len().saturating_sub(1));
        let best = allowed.min_by(|&a, &b| errors[a].total_cmp(&errors[b])).unwrap_or(0);
        // By the rule, a minimum at the bound indicates a series that is too short.
        if best == most && all_at_work < most { Self::Outlasts(most) } else { Self::Ends(best) }
    }
}

/// For each number of dropped windows the squared standard error of the mean of the rest, up to a
/// constant factor; computed from the end by Welford's recurrence (1962), which is numerically
/// stable where a sum of squares is not.
fn squared_errors(counts: &[u64]) -> Vec<f64> {
    let (mut kept, mut mean, mut squares) = (0.0, 0.0, 0.0);
    let mut errors: Vec<f64> = counts
        .iter()
        .rev()
        .map(|&count| {
            let deviation = count as f64 - mean;
            kept += 1.0;
            mean += deviation / kept;
            squares += deviation * (count as f64 - mean);
            squares / (kept * kept)
        })
        .collect();
    errors.reverse();
    errors
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use strategies::harness::rng::SplitMix64;

    /// Counts around `level`, with a tenth of it as noise.
    fn noisy(level: u64, windows: usize, stream: &mut SplitMix64) -> Vec<u64> {
        (0..windows).map(|_| level * 19 / 20 + stream.below(level / 10)).collect()
    }

    #[test]
    fn warm_up_of_flat_series_is_empty() {
        assert_eq!(WarmUp::of(&[1000; 100], 0), WarmUp::Ends(0));
        assert_eq!(WarmUp::of(&[0; 100], 0), WarmUp::Ends(0), "nothing done is steady, too");
        assert_eq!(WarmUp::of(&[], 0), WarmUp::Ends(0));
        assert_eq!(WarmUp::of(&[7], 0), WarmUp::Ends(0));
    }

    #[test]
    fn warm_up_drops_a_ramp() {
        let stream = &mut SplitMix64::of(&[1]);
        for length in [5, 20, 40] {
            let ramp = (0..length).map(|window| 1000 * window / length);
            let counts: Vec<u64> = ramp.chain(noisy(1000, 160, stream)).collect();
            let found = WarmUp::of(&counts, 0);
            let WarmUp::Ends(windows) = found else { panic!("{length}: {found:?}") };
            let length = usize::try_from(length).expect("small");
            assert!((length - 2..=length + 5).contains(&windows), "{length}: {windows}");
        }
    }

    #[test]
    fn squared_errors_match_hand_computed_values() {
        // Dropping 0, 1, 2 of 4: sums of squares 50, 2, 0.5 by 16, 9, 4.
        let errors = squared_errors(&[1, 8, 10, 9]);
        for (found, wanted) in errors.iter().zip([50.0 / 16.0, 2.0 / 9.0, 0.5 / 4.0]) {
            assert!((found - wanted).abs() < 1e-12, "{found} is not {wanted}");
        }
    }

    #[test]
    fn warm_up_of_noise_drops_few_windows() {
        let stream = &mut SplitMix64::of(&[2]);
        let dropped: Vec<usize> =
            (0..100).map(|_| WarmUp::of(&noisy(1000, 200, stream), 0).windows()).collect();
        let mean = dropped.iter().sum::<usize>() as f64 / 100.0;
        assert!(mean < 20.0, "{mean} of 200 windows, mean of 100 series");
    }

    #[test]
    fn warm_up_of_climbing_series_outlasts_it() {
        let counts: Vec<u64> = (0..100).collect();
        assert_eq!(WarmUp::of(&counts, 0), WarmUp::Outlasts(50));
    }

    #[test]
    fn warm_up_includes_windows_before_all_workers_started() {
        assert_eq!(WarmUp::of(&[1000; 100], 12), WarmUp::Ends(12));
        assert_eq!(WarmUp::of(&[1000; 100], 50), WarmUp::Ends(50));
        assert_eq!(WarmUp::of(&[1000; 100], 51), WarmUp::Outlasts(50));
        assert_eq!(WarmUp::of(&[1000; 100], usize::MAX), WarmUp::Outlasts(50));
    }

    proptest! {
        #[test]
        fn warm_up_drops_at_most_half(counts in vec(0..u64::MAX, 0..60), all_at_work in 0..80_usize) {
            let windows = WarmUp::of(&counts, all_at_work).windows();
            prop_assert!(windows <= counts.len() / 2);
            prop_assert!(windows >= all_at_work.min(counts.len() / 2));
        }
    }
}
