//! Rank test and intervals against published tables, exact distributions and simulations with a
//! fixed seed.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn sample(values: &[f64]) -> Sample {
    Sample::new(values.to_vec())
}

/// Samples without ties whose statistic is `u`: as many of the one as there can be above all
/// others, and one above the rest.
fn with_statistic(n: usize, m: usize, u: usize) -> (Sample, Sample) {
    let others: Vec<f64> = (1..=m).map(|it| it as f64).collect();
    let above = |it: usize| u.saturating_sub(it * m).min(m) as f64 + 0.5 + it as f64 * -0.01;
    (Sample::new((0..n).map(above).collect()), Sample::new(others))
}

#[test]
fn rank_test_critical_values_match_published_tables() {
    // The greatest U that is significant at 5 % and at 1 %, two-sided (Mann and Whitney 1947 as
    // tabulated by Auble 1953).
    let critical = [(5, 5, 2, 0), (4, 7, 3, 0), (6, 6, 5, 2), (6, 7, 6, 3), (7, 7, 8, 4)];
    for (n, m, of_five, of_one) in critical {
        let p = |u| {
            let (one, other) = with_statistic(n, m, u);
            assert!((Ranked::of(&one, &other).u - u as f64).abs() < 1e-9, "{n} {m} {u}");
            rank_test(&one, &other)
        };
        assert!(p(of_five) <= 0.05 && p(of_five + 1) > 0.05, "{n} {m}");
        assert!(p(of_one) <= 0.01 && p(of_one + 1) > 0.01, "{n} {m}");
    }
}

/// Table I of Mann and Whitney 1947, one-sided.
#[test]
fn exact_rank_test_matches_published_table() {
    let counts = arrangements(3, 3);
    assert_eq!(counts, [1, 1, 2, 3, 3, 3, 3, 2, 1, 1]);
    assert_eq!(arrangements(7, 7).iter().sum::<u64>(), 3432);
    assert!((exact(3, 3, 0.0) / 2.0 - 0.050).abs() < 1e-9);
    assert!((exact(5, 5, 3.0) / 2.0 - 0.028).abs() < 5e-4);
    assert!((exact(5, 5, 12.5) - 1.0).abs() < 1e-9);
}

/// Ozone in New York in May and August 1973 (Chambers and others 1983), R's own example of
/// `wilcox.test`: W = 127.5, p = 0.0001208.
#[test]
fn rank_test_with_ties_matches_r() {
    let may = [
        41., 36., 12., 18., 28., 23., 19., 8., 7., 16., 11., 14., 18., 14., 34., 6., 30., 11., 1.,
        11., 4., 32., 23., 45., 115., 37.,
    ];
    let august = [
        39., 9., 16., 78., 35., 66., 122., 89., 110., 44., 28., 65., 22., 59., 23., 31., 44., 21.,
        9., 45., 168., 73., 76., 118., 84., 85.,
    ];
    let (may, august) = (sample(&may), sample(&august));
    assert!((Ranked::of(&may, &august).u - 127.5).abs() < 1e-9);
    let p = rank_test(&may, &august);
    assert!((p - 0.000_120_8).abs() < 2e-7, "{p}");
}

#[test]
fn normal_tail_matches_known_values() {
    for (z, wanted) in [(0.0, 1.0), (1.0, 0.317_310_5), (1.959_963_98, 0.05), (2.575_829_3, 0.01)] {
        let found = two_sided_tail(z);
        assert!((found - wanted).abs() < 2e-7, "{z}: {found}");
    }
}

#[test]
fn comparison_of_equal_samples_finds_no_difference() {
    let same = sample(&[3.0; 20]);
    let found = Comparison::of(&same, &same, &mut SplitMix64::of(&[1])).expect("a ratio");
    assert_eq!(found, Comparison { ratio: 1.0, low: 1.0, high: 1.0, p: 1.0, counts: (20, 20) });
    assert!(!found.differs());
}

#[test]
fn comparison_without_a_positive_rate_has_no_ratio() {
    let (none, zero, one) = (sample(&[]), sample(&[0.0, 5.0, 5.0]), sample(&[1.0]));
    let stream = &mut SplitMix64::of(&[1]);
    assert_eq!(Comparison::of(&one, &zero, stream), None);
    assert_eq!(Comparison::of(&one, &none, stream), None);
    assert_eq!(Comparison::of(&none, &one, stream), None);
    assert!((rank_test(&none, &one) - 1.0).abs() < 1e-9);
    assert_eq!(none.median_interval(stream), (0.0, 0.0));
}

#[test]
fn comparison_of_different_samples_needs_five_values() {
    let rates = |from: f64, count: u32| -> Sample {
        Sample::new((0..count).map(|it| from + f64::from(it)).collect())
    };
    let compared = |count| {
        let (fast, slow) = (rates(200.0, count), rates(100.0, count));
        Comparison::of(&fast, &slow, &mut SplitMix64::of(&[1])).expect("a ratio")
    };
    assert!(!compared(4).differs(), "4 of 4 in order have p = 2 / 70");
    assert!(compared(5).differs(), "p = 2 / 252");
    let many = compared(100);
    assert!(many.differs() && many.low < many.ratio && many.ratio < many.high, "{many:?}");
}

/// P(at least `least` of `n` trials succeed).
fn at_least(least: usize, n: usize, p: f64) -> f64 {
    let choose = |k: usize| (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
    let of = |k: usize| choose(k) * p.powf(k as f64) * (1.0 - p).powf((n - k) as f64);
    (least..=n).map(of).sum()
}

/// The rank of a resample's k-th value is at most r where at least k of its n draws are.
#[test]
fn middle_ranks_have_the_distribution_of_a_resample() {
    const DRAWS: u32 = 20_000;
    for n in [1, 2, 3, 6, 7, 30] {
        let stream = &mut SplitMix64::of(&[n as u64]);
        let drawn: Vec<_> = (0..DRAWS).map(|_| middle_ranks(n, stream)).collect();
        for rank in 0..n {
            let share = |of: &dyn Fn(&(usize, usize)) -> usize| {
                drawn.iter().filter(|it| of(it) <= rank).count() as f64 / f64::from(DRAWS)
            };
            let p = (rank + 1) as f64 / n as f64;
            // Four standard errors of a share of so many draws.
            let [lower, upper] = [n.div_ceil(2), n / 2 + 1].map(|least| at_least(least, n, p));
            assert!((share(&|it| it.0) - lower).abs() < 0.0142, "{n} {rank}");
            assert!((share(&|it| it.1) - upper).abs() < 0.0142, "{n} {rank}");
        }
    }
}

/// Exponential numbers, whose median is the logarithm of 2.
fn exponential(n: usize, stream: &mut SplitMix64) -> Sample {
    Sample::new((0..n).map(|_| -stream.unit().ln()).collect())
}

#[test]
fn median_interval_covers_the_median_at_its_nominal_rate() {
    const SAMPLES: usize = 500;
    let stream = &mut SplitMix64::of(&[95]);
    for n in [20, 31, 100] {
        let (mut of_median, mut of_ratio) = (0, 0);
        for _ in 0..SAMPLES {
            let (one, other) = (exponential(n, stream), exponential(n, stream));
            let (low, high) = one.median_interval(stream);
            of_median += usize::from((low..=high).contains(&2_f64.ln()));
            let Comparison { low, high, .. } =
                Comparison::of(&one, &other, stream).expect("a ratio");
            of_ratio += usize::from((low..=high).contains(&1.0));
        }
        // 95 % of 500 scatter by 1 % (one standard error); small samples may be off by some more.
        for held in [of_median, of_ratio] {
            assert!((460..=495).contains(&held), "{held} of {SAMPLES}, {n} values each");
        }
    }
}

#[test]
fn rank_test_of_equal_distributions_rarely_rejects() {
    const PAIRS: usize = 2000;
    let stream = &mut SplitMix64::of(&[7]);
    let differ = |_: &usize| {
        let (one, other) = (exponential(30, stream), exponential(30, stream));
        rank_test(&one, &other) < P_DIFFERENT
    };
    let found = (0..PAIRS).filter(differ).count();
    assert!((8..=36).contains(&found), "{found} of {PAIRS}, 20 expected");
}

proptest! {
    #[test]
    fn rank_test_ignores_scale_and_order_of_samples(
        one in vec(1_u32..50, 1..40), other in vec(1_u32..50, 1..40), scale in 1_u32..1000,
    ) {
        let scaled = |values: &[u32], by: u32| {
            Sample::new(values.iter().map(|&value| f64::from(value * by)).collect())
        };
        let p = rank_test(&scaled(&one, 1), &scaled(&other, 1));
        prop_assert!((0.0..=1.0).contains(&p));
        let of_scaled = rank_test(&scaled(&one, scale), &scaled(&other, scale));
        prop_assert!((p - of_scaled).abs() < 1e-9);
        prop_assert!((p - rank_test(&scaled(&other, 1), &scaled(&one, 1))).abs() < 1e-9);
    }

    #[test]
    fn median_interval_contains_the_sample_median(values in vec(0.0..1e9_f64, 1..60), seed: u64) {
        let sample = Sample::new(values);
        let (low, high) = sample.median_interval(&mut SplitMix64::of(&[seed]));
        prop_assert!(low <= sample.median() && sample.median() <= high);
        prop_assert!(sample.0[0] <= low && high <= sample.0[sample.len() - 1]);
        prop_assert_eq!((low, high), sample.median_interval(&mut SplitMix64::of(&[seed])));
    }
}
