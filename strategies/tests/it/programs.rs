//! Which programs can be wrong at all, era by era, on real threads: what can never lose an update
//! loses none of ten million, and what can is seen to. No statistics: a rate is measured elsewhere.

use strategies::catalog::Spec;
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::{CustomBody, Increment};
use strategies::program::era::{Era, RuleKind, SwitchRule};
use strategies::program::workload::Workload;

use crate::real_threads::{attempt, interval, loses_updates, ticks};

/// Increments in which a program that cannot lose must lose nothing.
const MANY: u64 = 10_000_000;
/// Workers that try to make it.
const CROWD: usize = 8;

const US: u64 = 1_000_000;
const SECOND: u64 = 1_000_000 * US;

/// The era's own rule with frequent hand-overs. The budget divides by no body's ticking steps, so
/// that every step has its turn.
fn own_rule(era: Era) -> Spec {
    match era.facts().rule {
        RuleKind::Ticks => ticks(era, 100),
        RuleKind::Interval => interval(era, 10 * US),
        RuleKind::Free => Spec::Gil { era, rule: SwitchRule::Free },
    }
}

/// Bodies by hand: hardly more than a load and a store, and one with each way in.
const BY_HAND: [&str; 4] = ["LSJ", "L.JS", "LFSJ", "L,IS"];

fn programs() -> impl Iterator<Item = (Era, Increment)> {
    let by_hand = BY_HAND.map(|letters| CustomBody::parse(letters).expect("a body").into());
    let bodies: Vec<_> = BodyName::ALL.map(Increment::from).into_iter().chain(by_hand).collect();
    Era::GENERATIONS
        .into_iter()
        .flat_map(move |era| bodies.clone().into_iter().map(move |body| (era, body)))
}

#[test]
fn what_cannot_lose_loses_nothing() {
    let tasks = CROWD as u64;
    for (era, body) in programs().filter(|&(era, body)| !era.can_lose(body)) {
        let workload = Workload { tasks, increments: MANY / tasks, body, ..Workload::ONE };
        let outcome = attempt(own_rule(era), workload, CROWD, 0);
        assert_eq!(outcome.total, MANY, "{body} in {era}");
        let has_lock = era.facts().rule != RuleKind::Free;
        assert!(!has_lock || outcome.tally().switches() > 0, "{body} in {era}: never tried");
    }
}

#[test]
fn what_can_lose_is_seen_to() {
    for (era, body) in programs().filter(|&(era, body)| era.can_lose(body)) {
        let workload =
            Workload { tasks: 2, increments: 50_000, body, step_cost_ns: 15, ..Workload::ONE };
        assert!(loses_updates(own_rule(era), workload), "{body} in {era} lost nothing");
    }
}

/// A run that is shorter than one interval is right, even where the code is wrong: no worker is ever
/// asked to let go.
#[test]
fn the_chapters_program_is_right_while_no_interval_ends() {
    let chapter = Workload { tasks: 100, task_steps: 600, step_cost_ns: 15, ..Workload::ONE };
    for seed in 0..20 {
        let outcome = attempt(interval(Era::V3_9, 10 * SECOND), chapter, 2, seed);
        assert_eq!((outcome.total, outcome.tally().switches_forced), (100, 0));
    }
}

/// From 3.10 on the chapter's program is right at any interval.
#[test]
fn the_chapters_program_is_right_from_3_10_on() {
    let chapter = Workload { tasks: 100, task_steps: 600, step_cost_ns: 15, ..Workload::ONE };
    for era in [Era::V3_10, Era::V3_11, Era::V3_12, Era::V3_13] {
        for picoseconds in [5_000 * US, US / 2, 500] {
            for seed in 0..20 {
                let total = attempt(interval(era, picoseconds), chapter, 2, seed).total;
                assert_eq!(total, 100, "{era} at {picoseconds} ps");
            }
        }
    }
}

/// 500 ns, 0.5 ns and all else below a microsecond are one and the same setting.
#[test]
fn intervals_below_the_floor_are_one_setting() {
    for era in Era::ALL.into_iter().filter(|era| era.facts().rule == RuleKind::Interval) {
        let effective =
            [1, 500, US / 2, US - 1, US].map(|ps| interval(era, ps).effective_interval_us());
        assert_eq!(effective, [Some(1); 5], "{era}");
    }
}
