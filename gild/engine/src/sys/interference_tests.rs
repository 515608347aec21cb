//! Interference between constructed snapshots.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A snapshot `after` the start, when this process had used the share `own` of all cores, other
/// processes `others` and the hypervisor `steal`.
pub(crate) fn snapshot(
    start: Instant,
    after: Duration,
    own: f64,
    others: f64,
    steal: f64,
) -> UsageSnapshot {
    let cores = allowed().len() as f64;
    let seconds = after.as_secs_f64() * cores;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small times")]
    let ticks = |share: f64| (share * seconds / TICK.as_secs_f64()).round() as u64;
    UsageSnapshot {
        at: start + after,
        own: Some(Duration::from_secs_f64(own * seconds)),
        cores: Some(Ticks { busy: ticks(own + others), steal: ticks(steal), all: ticks(1.0) }),
        count: allowed().len(),
    }
}

/// The interference during a second with these shares.
pub(crate) fn second(own: f64, others: f64, steal: f64) -> Option<Interference> {
    let start = Instant::now();
    snapshot(start, SECOND, own, others, steal).interference_since(&snapshot(
        start,
        Duration::ZERO,
        0.0,
        0.0,
        0.0,
    ))
}

#[track_caller]
fn close(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
}

#[test]
fn stat_file_is_parsed_core_by_core() {
    let stat = "cpu  3 0 0 0 0 0 0 0 0 0\ncpu0 1 2 4 8 16 32 64 128 256 512\n\
                cpu1 9 9 9 9 9 9 9 9 9 9\ncpu10 1000 0 0 0 0 0 0 5 0 0\nintr 1 2 3\n";
    let first = Ticks { busy: 103, steal: 128, all: 255 };
    assert_eq!(parse(stat, &[0]), Some(first));
    let both = Ticks { busy: 1103, steal: 133, all: 1260 };
    assert_eq!(parse(stat, &[0, 10]), Some(both));
}

#[test]
fn missing_counters_give_no_interference() {
    assert_eq!(parse("", &[0]), None);
    assert_eq!(parse("cpu0 1 2 3 4 5 6 7 8\n", &[0, 1]), None, "no such core");
    assert_eq!(parse("cpu0 1 2 3 4 5 6 7\n", &[0]), None, "no stolen time");
    assert_eq!(parse("cpu0 1 2 x 4 5 6 7 8\n", &[0]), None);
    let start = Instant::now();
    let known = snapshot(start, Duration::ZERO, 0.0, 0.0, 0.0);
    let later = snapshot(start, SECOND, 0.5, 0.5, 0.0);
    assert_eq!(later.interference_since(&UsageSnapshot { own: None, ..known }), None);
    assert_eq!(UsageSnapshot { cores: None, ..later }.interference_since(&known), None);
    let still = UsageSnapshot { cores: known.cores, ..later };
    assert_eq!(still.interference_since(&known), None, "a system that counts nothing");
}

#[test]
fn busy_time_beyond_own_usage_belongs_to_others() {
    let noise = second(0.5, 0.25, 0.01).expect("known");
    close(noise.others(), 0.25);
    close(noise.steal(), 0.01);
    close(noise.doubt(), 0.01);
    assert!(noise.is_too_much());
}

#[test]
fn interference_within_rounding_is_not_too_much() {
    assert!(!second(0.9, 0.1, 0.0).expect("known").is_too_much());
    assert!(!second(0.5, 0.11, 0.0).expect("known").is_too_much());
    assert!(second(0.5, 0.12, 0.0).expect("known").is_too_much());
    assert!(second(0.5, 0.06, 0.06).expect("known").is_too_much(), "both together");
    let noise = second(1.0, -0.03, 0.0).expect("known");
    close(noise.others(), 0.0);
}

#[test]
fn snapshots_too_close_give_no_interference() {
    let start = Instant::now();
    let [first, next, last] = [0, 99, 100].map(|ms| {
        let after = Duration::from_millis(ms);
        snapshot(start, after, 0.0, 1.0, 0.0)
    });
    assert_eq!(next.interference_since(&first), None);
    assert!(last.interference_since(&first).is_some());
}

/// Rounding errors cancel out, and the uncertainty shrinks with the root of the number of turns.
#[test]
fn interference_sums_weighted_by_time() {
    let quiet = second(0.5, -0.01, 0.0).expect("known");
    let loud = second(0.5, 0.41, 0.2).expect("known");
    let both = quiet.plus(loud);
    close(both.others(), 0.2);
    close(both.steal(), 0.1);
    close(both.doubt(), 0.01 / 2.0_f64.sqrt());
    let mostly_quiet = quiet.plus(loud.during(SECOND / 20));
    close(mostly_quiet.others(), (0.0205 - 0.01) / 1.05);
    assert!(!mostly_quiet.is_too_much());
    close(Interference::default().others(), 0.0);
}

#[test]
fn snapshots_of_this_machine_give_shares_up_to_one() {
    let first = UsageSnapshot::now(Some(Duration::ZERO));
    while first.at.elapsed() < WATCHED_MIN {
        std::hint::spin_loop();
    }
    let noise = UsageSnapshot::now(Some(Duration::ZERO)).interference_since(&first);
    if first.cores.is_some_and(|ticks| ticks.all > 0) {
        let noise = noise.expect("it counts");
        assert!((0.0..=1.0).contains(&noise.others()), "{noise:?}");
    } else {
        assert_eq!(noise, None);
    }
}
