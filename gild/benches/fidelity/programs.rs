//! Statements 1 to 4: which programs can be wrong at all. Counts, no statistics.

use strategies::catalog::Spec;
use strategies::program::bodies::BodyName;
use strategies::program::era::{Era, RuleKind, SwitchRule};

use crate::lab::{ATTEMPTS, Bench, Seen, Setting, interval_us, long, median, ticks};
use crate::real::Reals;
use crate::report::Row;

/// Increments in which what cannot lose must lose nothing.
const MANY: u64 = 10_000_000;
/// Attempts that they are spread over: eight workers may quarrel for a second over a million.
const PARTS: u64 = 10;
/// Workers that try to make it.
const CROWD: usize = 8;
/// Increments of a try to see a loss, and how many tries.
const TRY: u64 = 200_000;
const TRIES: usize = 50;

fn own(era: Era) -> Spec {
    match era.facts().rule {
        RuleKind::Interval => interval_us(era, 10),
        RuleKind::Ticks => ticks(100),
        RuleKind::Free => Spec::Gil { era, rule: SwitchRule::Free },
    }
}

/// Updates lost by programs that must lose none, in all.
fn lost_by_safe(bench: &mut Bench, programs: &[(Era, BodyName)]) -> u64 {
    let lost = programs.iter().map(|&(era, body)| {
        let setting = long(own(era), body, CROWD, MANY / PARTS);
        // Native speed: a step that costs nothing gives ten times as many increments.
        let workload =
            strategies::program::workload::Workload { step_cost_ns: 0, ..setting.workload };
        let setting = Setting { workload, ..setting };
        (0..PARTS).map(|_| bench.attempt(setting).missing()).sum::<u64>()
    });
    lost.sum()
}

/// Programs that must lose, and did not in any try.
fn never_seen_to_lose(bench: &mut Bench, programs: &[(Era, BodyName)]) -> Vec<String> {
    let mut innocent = Vec::new();
    for &(era, body) in programs {
        let setting = long(own(era), body, 2, TRY);
        if !(0..TRIES).any(|_| bench.attempt(setting).missing() > 0) {
            innocent.push(format!("{body} in {era}"));
        }
    }
    innocent
}

fn programs(eras: &[Era], can_lose: bool) -> Vec<(Era, BodyName)> {
    let all = eras.iter().flat_map(|&era| BodyName::ALL.map(|body| (era, body)));
    all.filter(|&(era, body)| era.can_lose(body) == can_lose).collect()
}

const CHECKED: [Era; 4] = [Era::V3_10, Era::V3_11, Era::V3_12, Era::V3_13];

pub(crate) fn without_sites_nothing_is_lost(bench: &mut Bench, _: &mut Reals) -> Row {
    let safe = programs(&CHECKED, false);
    let lost = lost_by_safe(bench, &safe);
    Row {
        claim: "3.10 to 3.13: in warm code without a check site in the window nothing is lost",
        check: "10^7 increments on 8 workers for each body and version: 0 lost",
        measured: format!("{lost} lost in {} programs x 10^7", safe.len()),
        outcome: (lost == 0).into(),
        why: "the holder is asked to leave only where it looks",
    }
}

pub(crate) fn sites_in_the_window_lose(bench: &mut Bench, _: &mut Reals) -> Row {
    let unsafe_ones = programs(&CHECKED, true);
    let innocent = never_seen_to_lose(bench, &unsafe_ones);
    Row {
        claim: "3.10 to 3.13: a call, a loop turn or a system call in the window loses; on 3.10 \
                `len` and a taken forward jump do too; calling first does not",
        check: "each such program loses in one of 50 runs of 2 workers; call-first is in 1",
        measured: summary(unsafe_ones.len(), &innocent),
        outcome: innocent.is_empty().into(),
        why: "there the holder looks, or lets go",
    }
}

pub(crate) fn up_to_3_9_all_but_the_lock_lose(bench: &mut Bench, _: &mut Reals) -> Row {
    let old = [Era::V2_7, Era::V3_9];
    let unsafe_ones = programs(&old, true);
    let innocent = never_seen_to_lose(bench, &unsafe_ones);
    let locked = Era::GENERATIONS.map(|era| (era, BodyName::Locked));
    let lost = lost_by_safe(bench, &locked);
    Row {
        claim: "2.7 and 3.2 to 3.9: every body loses, plain `num += 1` too; under `with lock` none \
                does in any era",
        check: "each program loses in one of 50 runs; locked: 0 lost of 10^7 on 8 workers, 5 eras",
        measured: format!("{}; locked: {lost} lost", summary(unsafe_ones.len(), &innocent)),
        outcome: (innocent.is_empty() && lost == 0).into(),
        why: "the load itself is a check site; a lock outlives the switch",
    }
}

fn summary(programs: usize, innocent: &[String]) -> String {
    if innocent.is_empty() {
        format!("all {programs} programs lost")
    } else {
        format!("of {programs} programs these lost nothing: {}", innocent.join(", "))
    }
}

pub(crate) fn a_call_in_the_window_loses_most(bench: &mut Bench, reals: &mut Reals) -> Row {
    let eras = [Era::V2_7, Era::V3_9, Era::V3_10, Era::V3_12];
    let settings = eras.map(|era| long(own(era), BodyName::Io, 2, 500_000));
    let seen = bench.interleaved(&settings, ATTEMPTS);
    let lost: Vec<_> = seen.iter().map(|seen| median(seen, Seen::lost)).collect();
    let shown = eras.iter().zip(&lost).map(|(era, lost)| format!("{era}: {lost}"));
    let mut shown: Vec<_> = shown.collect();
    for real in &mut reals.0 {
        let rule = real.rule_us(10, 100);
        let lost = real.lost(BodyName::Io, rule, 2, 200_000);
        shown.push(format!("{} {lost:.3} (1 run)", real.name()));
    }
    Row {
        claim: "a system call in the window loses the most there is, (T-1)/T, in every era",
        check: "median of 9 runs, T = 2: within 0.4 to 0.5",
        measured: shown.join("; "),
        outcome: lost.iter().all(|lost| (0.4..=0.501).contains(&lost.middle)).into(),
        why: "the lock is free around the call, so every hand-over falls into the window",
    }
}
