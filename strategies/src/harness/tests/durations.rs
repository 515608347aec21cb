//! Durations: counts beyond 32 bits, exact maxima, encoding.

use proptest::prelude::*;

use super::*;

const FULL: u64 = u32::MAX as u64;
const QUANTILES: [f64; 6] = [0.0, 0.1, 0.5, 0.9, 0.99, 0.999];

/// So many times each of these durations.
fn counted(times: &[(u64, u64)]) -> Durations {
    let mut durations = Durations::default();
    for &(nanoseconds, count) in times {
        let recorded = durations.recorded();
        recorded.counts.record_n(nanoseconds, count).expect("within the bounds");
        recorded.longest_ns = recorded.longest_ns.max(nanoseconds);
    }
    durations
}

fn of(times: impl IntoIterator<Item = u64>) -> Durations {
    let mut durations = Durations::default();
    for nanoseconds in times {
        durations.record(nanoseconds);
    }
    durations
}

/// The duration of rank ceil(q * n), counted one bucket after the other in 128 bits.
fn by_rank(times: &[(u64, u64)], q: f64) -> u64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    let all: u64 = times.iter().map(|it| it.1).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to all")]
    let rank = ((q * all as f64).ceil() as u128).max(1);
    let mut below = 0_u128;
    let reached = times.iter().find(|it| {
        below += u128::from(it.1);
        below >= rank
    });
    reached.expect("a rank of theirs").0
}

#[test]
fn full_32_bit_counter_does_not_hide_the_quantiles() {
    let part = counted(&[(500, FULL), (900_000, 3)]);
    let mut merged = part.clone();
    merged.merge(&part);
    assert_eq!(merged.count(), 2 * FULL + 6);
    for q in QUANTILES {
        let at = merged.quantile_ns(q).expect("counted");
        assert!((499..=503).contains(&at), "{q}: {at}");
    }
    assert_eq!(merged.count_between(400, 600), 2 * FULL);
    assert_eq!((merged.quantile_ns(1.0), merged.max_ns()), (Some(900_000), Some(900_000)));
    let mut merged_late = Durations::default();
    (0..5).for_each(|_| merged_late.merge(&part));
    merged_late.record(500);
    assert_eq!(merged_late.count(), 5 * FULL + 16);
}

#[test]
fn histogram_with_more_counts_than_a_sum_may_have_is_refused() {
    let full = counted(&[(7, COUNT_MAX)]);
    let read = Durations::from_hdr(&full.to_hdr().expect("counted"), Some(7)).expect("the most");
    let mut merged = Durations::default();
    (0..1000).for_each(|_| merged.merge(&read));
    assert_eq!((merged.count(), merged.quantile_ns(0.99)), (1000 * COUNT_MAX, Some(7)));
    let beyond = counted(&[(7, COUNT_MAX), (8, 1)]);
    let refused = Durations::from_hdr(&beyond.to_hdr().expect("counted"), Some(8));
    assert!(refused.is_err_and(|error| error.to_string().contains("9007199254740993")));
}

/// The example, and what stands at the ends of buckets and of the range.
#[test]
fn longest_duration_is_exact() {
    let lengths = [0, 1, 255, 256, 257, 1_000_000, 1_003_519, 1_003_520, TIME_MAX_NS - 1];
    for longest in lengths.into_iter().chain([TIME_MAX_NS, TIME_MAX_NS + 1, u64::MAX]) {
        let one = of([longest]);
        let ends = [one.max_ns(), one.quantile_ns(1.0)];
        assert_eq!(ends, [Some(longest); 2]);
        let mut merged = of([0, longest / 2]);
        merged.merge(&one);
        assert_eq!(merged.max_ns(), Some(longest), "greater in the second");
        let mut merged = one;
        merged.merge(&of([0, longest / 2]));
        assert_eq!(merged.max_ns(), Some(longest), "greater in the first");
    }
}

#[test]
fn count_between_counts_durations_within_bounds() {
    let times = of([1_000, 2_000, 9_000]);
    assert_eq!((times.count_between(500, 2_500), times.count_between(5_000, 10_000)), (2, 1));
}

#[test]
fn empty_durations_have_no_quantiles() {
    let none = Durations::default();
    assert_eq!((none.quantile_ns(0.5), none.max_ns(), none.to_hdr()), (None, None, None));
    let mut merged = none.clone();
    merged.merge(&none);
    assert_eq!((merged.count(), merged), (0, none));
}

#[test]
fn encoded_durations_decode_to_the_same() {
    let times = of([1, 70, 5_000_000, u64::MAX]);
    let bytes = times.to_hdr().expect("it has durations");
    let mut read = Durations::from_hdr(&bytes, times.max_ns()).expect("to_hdr encoded them");
    assert_eq!(read, times);
    read.merge(&times);
    assert_eq!(read.count(), 8);
    for damaged in [&bytes[..bytes.len() - 1], &bytes[1..], b"", b"no histogram"] {
        assert!(Durations::from_hdr(damaged, None).is_err());
    }
}

/// What earlier versions stored: without it, or beside it a number that cannot be.
#[test]
fn unknown_longest_duration_is_the_end_of_the_last_bucket() {
    let bytes = of([7, 1_000_000]).to_hdr().expect("counted");
    let read = Durations::from_hdr(&bytes, None).expect("to_hdr encoded them");
    assert_eq!(read.max_ns(), Some(1_003_519));
    let mut merged = of([1_003_000]);
    merged.merge(&read);
    assert_eq!(merged.max_ns(), Some(1_003_519), "an upper bound");
    for of_that_bucket in [999_424, 1_000_000, 1_003_519] {
        let read = Durations::from_hdr(&bytes, Some(of_that_bucket)).expect("it may be");
        assert_eq!(read.max_ns(), Some(of_that_bucket));
    }
    for of_another in [0, 7, 999_423, 1_003_520, u64::MAX] {
        assert!(Durations::from_hdr(&bytes, Some(of_another)).is_err(), "{of_another}");
    }
}

proptest! {
    /// Parts whose counters are about as full as 32 bits allow.
    #[test]
    fn merged_quantiles_are_those_of_all_parts(
        parts in prop::collection::vec(
            prop::collection::vec(
                (1..TIME_MAX_NS, prop_oneof![1..9_u64, FULL - 9..FULL + 9]), 1..6),
            1..6),
    ) {
        let mut merged = Durations::default();
        for part in &parts {
            merged.merge(&counted(part));
        }
        let all: Vec<(u64, u64)> = parts.concat();
        prop_assert_eq!(merged.count(), all.iter().map(|it| it.1).sum::<u64>());
        prop_assert_eq!(merged.max_ns(), all.iter().map(|it| it.0).max());
        for q in QUANTILES {
            let (at, exact) = (merged.quantile_ns(q).expect("counted"), by_rank(&all, q));
            prop_assert!(at.abs_diff(exact) <= exact / 128, "{}: {} for {}", q, at, exact);
            prop_assert!(Some(at) <= merged.max_ns());
        }
        let bytes = merged.to_hdr().expect("counted");
        prop_assert_eq!(Durations::from_hdr(&bytes, merged.max_ns()), Ok(merged));
    }

    #[test]
    fn quantiles_are_correct_to_two_digits(times in prop::collection::vec(1..TIME_MAX_NS, 1..500)) {
        let durations = of(times.clone());
        let times: Vec<(u64, u64)> = times.into_iter().map(|it| (it, 1)).collect();
        for q in QUANTILES {
            let (at, exact) = (durations.quantile_ns(q).expect("counted"), by_rank(&times, q));
            prop_assert!(at.abs_diff(exact) <= exact / 128, "{}: {} for {}", q, at, exact);
        }
    }
}
