//! Tests of the fitted Universal Scalability Law.

use super::*;

const KNOWN: Scalability = Scalability { lambda: 9.5e6, sigma: 0.08, kappa: 0.004 };

fn curve(law: Scalability, workers: &[u32]) -> Vec<(f64, f64)> {
    workers.iter().map(|&n| (f64::from(n), law.rate(f64::from(n)))).collect()
}

#[track_caller]
fn is_near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 1e-6 * wanted.max(1e-3), "{found} is not {wanted}");
}

#[track_caller]
fn is_same_law(found: Scalability, wanted: Scalability) {
    is_near(found.lambda, wanted.lambda);
    is_near(found.sigma, wanted.sigma);
    is_near(found.kappa, wanted.kappa);
}

#[test]
fn law_without_noise_is_found_again() {
    let laws = [
        KNOWN,
        Scalability { kappa: 0.0, ..KNOWN },
        Scalability { sigma: 0.0, ..KNOWN },
        Scalability { sigma: 0.0, kappa: 0.0, ..KNOWN },
        Scalability { sigma: 0.9, kappa: 0.3, lambda: 5e7 },
    ];
    for law in laws {
        let found = Scalability::fit(&curve(law, &[1, 2, 4, 8, 16])).expect("five workers");
        is_same_law(found, law);
    }
}

#[test]
fn peak_is_where_the_rate_is_greatest() {
    let peak = KNOWN.peak();
    is_near(peak, (0.92_f64 / 0.004).sqrt());
    assert!(KNOWN.rate(peak) > KNOWN.rate(peak - 0.1) && KNOWN.rate(peak) > KNOWN.rate(peak + 0.1));
    assert!(Scalability { kappa: 0.0, ..KNOWN }.peak().is_infinite());
    is_near(Scalability { sigma: 1.5, ..KNOWN }.peak(), 1.0);
}

#[test]
fn too_few_workers_or_rates_of_0_have_no_fit() {
    assert_eq!(Scalability::fit(&curve(KNOWN, &[1, 2, 4])), None);
    let mut still = curve(KNOWN, &[1, 2, 4, 8]);
    still[3].1 = 0.0;
    assert_eq!(Scalability::fit(&still), None);
}

/// More than one worker's share for each worker: the bounds hold, and the fit is the best on them.
#[test]
fn superlinear_rates_keep_to_the_bounds() {
    let rates = [(1.0, 10.0), (2.0, 22.0), (3.0, 34.0), (4.0, 46.0)];
    let found = Scalability::fit(&rates).expect("four workers");
    assert_eq!((found.sigma, found.kappa), (0.0, 0.0));
    assert!((10.0..12.0).contains(&found.lambda), "{found:?}");
}

/// Of data with known noise nineteen intervals of twenty contain the truth; with a fixed stream these do.
#[test]
fn intervals_of_noisy_rates_contain_the_known_law() {
    let mut stream = SplitMix64::of(&[17]);
    let mut noisy = |n: u32| {
        let rate = KNOWN.rate(f64::from(n));
        Sample::new((0..20).map(|_| rate * (0.98 + 0.04 * stream.unit())).collect())
    };
    let samples: Vec<_> = [1, 2, 4, 8, 16, 32].into_iter().map(|n| (n, noisy(n))).collect();
    let fit = ScalabilityFit::of(&samples).expect("six workers");
    for (figure, wanted) in [
        (fit.interval(|it| it.sigma), KNOWN.sigma),
        (fit.interval(|it| it.kappa), KNOWN.kappa),
        (fit.interval(Scalability::peak), KNOWN.peak()),
    ] {
        assert!(figure.0 < wanted && wanted < figure.1, "{wanted} is not in {figure:?}");
        assert!(figure.1 < 1.5 * figure.0, "{figure:?} is too wide");
    }
    assert!(fit.deviation < 0.02, "{}", fit.deviation);
    assert_eq!(fit, ScalabilityFit::of(&samples).expect("the same"), "one fixed stream");
}
