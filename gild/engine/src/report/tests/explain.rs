//! Explanations of constructed measurements that agree with the claims, or do not.

use super::*;
use crate::measure::measurement::Switches;
use crate::measure::measurement::tests::{CELL, LOAD, measured, under_load};
use crate::measure::model::prediction::lost_by_law;
use crate::measure::validity::Disturbance;
use crate::plan::spec::Order;
use crate::stats::descriptive::{Spread, TimesSummary, wilson};
use crate::sys::affinity::Pin;
use crate::sys::interference::tests::second;
use strategies::catalog::{Plain, Spec};
use strategies::program::era::{Era, SwitchInterval, SwitchRule};
use strategies::program::workload::Workload;

const UNLOCKED: Spec = Spec::Plain(Plain::Unlocked);

fn gil(era: Era) -> Spec {
    let rule = SwitchRule::Interval(SwitchInterval::from_picoseconds(5_000_000_000));
    Spec::Gil { era, rule }
}

fn long(spec: Spec) -> Cell {
    let workload = Workload { tasks: 2, increments: 1_000_000, ..Workload::ONE };
    Cell { subject: spec.into(), workload, ..CELL }
}

/// Twenty attempts with this lost share and number of forced hand-overs each.
fn seen(lost: f64, switches: u64, correct: u32) -> Measurement {
    let lost = Spread { low: lost, median: lost, high: lost };
    Measurement {
        attempts: 20,
        correct,
        correct_share: wilson(correct.into(), 20),
        observed: (10, 2_000_000),
        lost,
        switches: Some(Switches { forced: 20 * switches, voluntary: 1 }),
        lost_predicted: lost_by_law(&long(gil(Era::V3_9)), Some(switches as f64)),
        ..measured(UNLOCKED, &[50])
    }
}

#[track_caller]
fn claim(cell: &Cell, seen: &Measurement, law: &str) -> Claim {
    let all = claims(cell, seen);
    let found = all.iter().find(|claim| claim.law == law).cloned();
    found.unwrap_or_else(|| panic!("{law} is not among {all:?}"))
}

#[test]
fn exact_strategy_is_checked_for_losses() {
    let cell = Cell { subject: Spec::Plain(Plain::Atomic).into(), ..CELL };
    let right = claim(&cell, &measured(UNLOCKED, &[100; 4]), "cannot lose");
    assert_eq!(right.agreement, Agreement::Yes);
    assert_eq!(
        right.measured,
        "0 of 4 attempts wrong; up to 49.0 % wrong would show the same at 95 %"
    );
    assert_eq!(right.claim, "no worker can come between load and store, so no update can be lost");
    let wrong = claim(&cell, &measured(UNLOCKED, &[100, 99]), "cannot lose");
    assert_eq!(
        (wrong.agreement, &*wrong.measured),
        (Agreement::No, "1 of 2 attempts wrong, least 99")
    );
}

const KEPT: [(u64, u64); 9] = [(1_000_000, 1_000_000); 9];
const HALVED: [(u64, u64); 9] = [(1_000_000, 500_000); 9];

#[test]
fn load_is_explained_by_increments() {
    let exact = Cell { subject: Spec::Plain(Plain::Atomic).into(), ..LOAD };
    let of =
        |attempts| claim(&exact, &under_load(Spec::Plain(Plain::Atomic), attempts), "cannot lose");
    let right = of(&KEPT);
    assert_eq!(
        (right.agreement, &*right.measured),
        (
            Agreement::Yes,
            "0 of 9,000,000 increments lost; up to 3.3e-7 of them lost would show the same at 95 %, \
             counted by increments"
        )
    );
    let lost = of(&HALVED);
    let half = "4,500,000 of 9,000,000 increments lost: 50.0 % [50.0 % to 50.0 %]";
    assert_eq!((lost.agreement, &*lost.measured), (Agreement::No, half));
    let values = |attempts| claim(&LOAD, &under_load(UNLOCKED, attempts), "reachable values");
    assert_eq!(values(&HALVED).agreement, Agreement::Open);
    assert!(
        values(&HALVED).claim.contains("and never more than all; the figure says nothing about it"),
        "{}",
        values(&HALVED).claim
    );
    assert_eq!(values(&HALVED).measured, format!("{half}; each attempt within these limits"));
    assert_eq!(values(&[(10, 11)]).agreement, Agreement::No);
    assert_eq!(title(&LOAD, &[]), "unlocked, body increment, 2 workers, for 50 ms");
}

#[test]
fn laws_of_lost_updates_are_held_against_increments_under_load() {
    let cell = Cell { subject: gil(Era::V3_9).into(), ..LOAD };
    let lost = |total| Measurement {
        switches: Some(Switches { forced: 900, voluntary: 0 }),
        lost_predicted: lost_by_law(&cell, Some(100.0)),
        ..under_load(gil(Era::V3_9), &[(1_000_000, total); 9])
    };
    let said = claim(&cell, &lost(640_000), "rare-switch law");
    assert_eq!(said.agreement, Agreement::Yes);
    assert_eq!(
        said.measured,
        "3,240,000 of 9,000,000 increments lost: 36.0 % [36.0 % to 36.0 %]; 100.0 forced hand-overs an \
         attempt"
    );
    assert_eq!(claim(&cell, &lost(900_000), "rare-switch law").agreement, Agreement::No);
    let laws: Vec<_> = claims(&cell, &lost(640_000)).iter().map(|claim| claim.law).collect();
    assert!(!laws.contains(&"short runs"), "{laws:?}");
}

#[test]
fn observed_values_are_checked_against_reachable_ones() {
    let lossy = claim(&CELL, &measured(UNLOCKED, &[50, 100]), "reachable values");
    assert_eq!(lossy.claim, "in every order of the workers, the counter ends at 2 to 100");
    assert_eq!((lossy.agreement, &*lossy.measured), (Agreement::Yes, "50 to 100 in 2 attempts"));
    // A sweep of a lab that predicted nothing at this size.
    let workload = Workload { tasks: 2, increments: 511, ..Workload::ONE };
    let odd = Cell { subject: UNLOCKED.into(), workload, ..CELL };
    let one = claim(&odd, &measured(UNLOCKED, &[1, 1022]), "reachable values");
    assert_eq!(one.claim, "in every order of the workers, the counter ends at 2 to 1022");
    assert_eq!(one.agreement, Agreement::No, "1 cannot come out");
    let io = Some(strategies::program::workload::Io { every: 1, request: Request::Echo });
    let asking = Cell { workload: Workload { io, ..workload }, ..odd };
    let bound = claim(&asking, &measured(UNLOCKED, &[2, 1022]), "reachable values");
    let said = "its reachable values are not known; in every order of the workers, the counter ends \
                at no less than 1 and no more than 1022; the figure says nothing about it: a counter \
                can end at no other value";
    assert!(bound.claim.ends_with(said), "{}", bound.claim);
    assert_eq!(bound.agreement, Agreement::Open);
    let beyond = claim(&CELL, &measured(UNLOCKED, &[101]), "reachable values");
    assert_eq!(beyond.agreement, Agreement::No);
    let modelled = |impossible| Measurement {
        modelled: Some(ModelFit {
            reachable: "2 to 100".into(),
            tightness: Tightness::AtMost,
            correct: None,
            grade: None,
            impossible,
            seen: Vec::new(),
        }),
        ..measured(UNLOCKED, &[1, 100])
    };
    let known = claim(&CELL, &modelled(Some((1, 77))), "reachable values");
    assert!(known.claim.ends_with("ends at 2 to 100, or fewer values"), "{}", known.claim);
    assert_eq!(known.measured, "1 to 100 in 2 attempts; 1 with seed 77");
    assert_eq!(known.agreement, Agreement::No);
    assert_eq!(claim(&CELL, &modelled(None), "reachable values").agreement, Agreement::Yes);
}

/// Each claim that can agree, with a figure that could not have contradicted it: of any figures that
/// the claim accepts, these accept every other claim as well.
#[test]
fn figure_that_could_not_contradict_a_claim_does_not_agree_with_it() {
    let exact = Cell { subject: Spec::Plain(Plain::Spin).into(), ..CELL };
    let right = measured(UNLOCKED, &[100; 4]);
    let alone = Cell { workers: 1, ..CELL };
    let apart = |validity| Measurement { validity, ..right.clone() };
    let short = |attempts| Measurement {
        attempts,
        correct_share: wilson(0, attempts.into()),
        switches: Some(Switches { forced: 2 * u64::from(attempts), voluntary: 1 }),
        ..seen(0.5, 2, 0)
    };
    let long_run = long(gil(Era::V3_9));
    let scattered = Spread { low: 0.05, median: 0.36, high: 0.95 };
    let scattered = Measurement { lost: scattered, ..seen(0.36, 100, 0) };
    let all_values = measured(UNLOCKED, &[50, 100]);
    // Without a model of requests between bodies, all that is known is what any counter keeps to.
    let io = Some(strategies::program::workload::Io { every: 1, request: Request::Echo });
    let asking = Cell { workload: Workload { io, ..CELL.workload }, ..CELL };
    for (cell, figure, law, reason) in [
        (&alone, &right, "cannot lose", "one worker loses nothing under any strategy"),
        (&exact, &apart(Validity::Sequential), "cannot lose", "workers that hardly meet"),
        (&exact, &apart(Validity::Uncontended), "cannot lose", "hardly met at the lock"),
        (&asking, &all_values, "reachable values", "a counter can end at no other value"),
        (&long_run, &scattered, "rare-switch law", "it scatters over all shares"),
        (&long_run, &short(3), "short runs", "so few attempts may all be wrong"),
    ] {
        let said = claim(cell, figure, law);
        let wanted = "the figure says nothing about it";
        assert_eq!(said.agreement, Agreement::Open, "{said:?}");
        assert!(said.claim.contains(wanted) && said.claim.contains(reason), "{said:?}");
    }
    // A figure that contradicts does so all the same, and one that could have agrees.
    let wrong = Measurement { validity: Validity::Sequential, ..measured(UNLOCKED, &[100, 99]) };
    assert_eq!(claim(&exact, &wrong, "cannot lose").agreement, Agreement::No);
    assert_eq!(claim(&exact, &right, "cannot lose").agreement, Agreement::Yes);
    assert_eq!(claim(&long_run, &short(100), "short runs").agreement, Agreement::No);
    let fit = |reachable: &str| Measurement {
        modelled: Some(ModelFit {
            reachable: reachable.into(),
            tightness: Tightness::Exact,
            correct: None,
            grade: None,
            impossible: None,
            seen: Vec::new(),
        }),
        ..measured(UNLOCKED, &[50, 100])
    };
    let agreement = |reachable| claim(&CELL, &fit(reachable), "reachable values").agreement;
    assert_eq!((agreement("1 to 100"), agreement("2 to 100")), (Agreement::Open, Agreement::Yes));
}

/// A lock's model is not its code, and an interpreter's is that of its era.
#[test]
fn claims_name_what_they_follow_from() {
    let right = measured(UNLOCKED, &[100; 4]);
    let said = |subject: Subject| claim(&Cell { subject, ..CELL }, &right, "cannot lose").claim;
    for &plain in Plain::ALL {
        let spec = Spec::Plain(plain);
        if spec == UNLOCKED {
            continue;
        }
        let condition = spec.basis().condition();
        let wanted = format!("between load and store{condition}, so no update can be lost");
        assert!(said(spec.into()).ends_with(&wanted), "{}", said(spec.into()));
    }
    let under_gil = said(gil(Era::V3_12).into());
    assert!(under_gil.contains(" under a GIL that keeps its switch rule,"), "{under_gil}");
}

#[test]
fn rare_switch_law_is_judged_in_long_runs_only() {
    let cell = long(gil(Era::V3_9));
    let agreement = |seen: &Measurement| claim(&cell, seen, "rare-switch law").agreement;
    assert_eq!(agreement(&seen(0.36, 100, 0)), Agreement::Yes);
    assert_eq!(agreement(&seen(0.10, 100, 0)), Agreement::No);
    assert_eq!(agreement(&seen(0.10, 19, 0)), Agreement::Open, "a short run");
    let uncounted = Measurement { switches: None, ..seen(0.36, 0, 0) };
    assert_eq!(agreement(&uncounted), Agreement::Open);
    let said = claim(&cell, &seen(0.36, 100, 0), "rare-switch law");
    assert!(said.claim.contains("p = 0.571, so 2 workers lose 36.4 %"), "{}", said.claim);
    assert!(said.measured.contains("100.0 forced hand-overs an attempt"), "{}", said.measured);
}

#[test]
fn tick_budget_in_step_is_not_judged() {
    let cell = long(Spec::Gil { era: Era::V2_7, rule: SwitchRule::Ticks(99) });
    let said = claim(&cell, &seen(0.5, 1000, 0), "rare-switch law");
    assert_eq!(said.agreement, Agreement::Open);
    assert!(said.claim.contains("keeps step"), "{}", said.claim);
    assert!(claims(&cell, &seen(0.5, 1000, 0)).iter().all(|claim| claim.law != "short runs"));
}

#[test]
fn few_hand_overs_give_a_lower_bound_of_correct_attempts() {
    let cell = long(gil(Era::V3_9));
    let of = |seen: &Measurement| claim(&cell, seen, "short runs");
    let bound = of(&seen(0.0, 1, 10));
    assert!(bound.claim.ends_with("at least about 42.9 %"), "{}", bound.claim);
    assert_eq!(bound.agreement, Agreement::Yes);
    assert_eq!(of(&seen(0.5, 1, 0)).agreement, Agreement::No, "never right is too little");
    assert_eq!(of(&seen(0.5, 100, 0)).agreement, Agreement::Open, "no short run");
    let uncounted = Measurement { switches: None, ..seen(0.0, 0, 20) };
    assert_eq!(of(&uncounted).agreement, Agreement::Open);
}

#[test]
fn convoy_is_judged_in_intervals() {
    let serving = |request, workers| {
        let service = Some(Service { workers: 1, requests: 100, request });
        let cell = long(gil(Era::V3_9));
        Cell { workload: Workload { service, ..cell.workload }, workers, ..cell }
    };
    let waited = |p50_ns| Measurement {
        latencies: TimesSummary { count: 2000, p50_ns: Some(p50_ns), ..TimesSummary::default() },
        ..seen(0.0, 10, 0)
    };
    let sleep = Request::Sleep { duration_ns: 1_000_000 };
    let agreement = |cell: &Cell, ns| claim(cell, &waited(ns), "convoy").agreement;
    assert_eq!(agreement(&serving(sleep, 2), 6_100_000), Agreement::Yes);
    assert_eq!(agreement(&serving(sleep, 2), 1_100_000), Agreement::No);
    assert_eq!(agreement(&serving(sleep, 2), 16_000_000), Agreement::No);
    assert_eq!(
        agreement(&serving(sleep, 3), 16_000_000),
        Agreement::Yes,
        "beside two: at least one"
    );
    assert_eq!(agreement(&serving(Request::Echo, 2), 6_100_000), Agreement::Open);
    let alone = claims(&serving(sleep, 1), &waited(1_100_000));
    assert!(alone.iter().all(|claim| claim.law != "convoy"));
    let said = claim(&serving(sleep, 2), &waited(6_100_000), "convoy");
    assert_eq!(said.measured, "6.1 ms, median of 2000 requests");
}

#[test]
fn sequential_workers_are_explained() {
    let apart = Measurement { overlap: 0.03, validity: Validity::Sequential, ..seen(0.0, 0, 20) };
    let said = claim(&long(UNLOCKED), &apart, "one after the other");
    assert_eq!(said.agreement, Agreement::Open);
    assert!(
        said.measured.starts_with("two were at work in 3.0 % of the time"),
        "{}",
        said.measured
    );
}

#[test]
fn busy_machine_is_explained() {
    let disturbance = Disturbance {
        noise: second(0.4, 0.48, 0.02),
        noisy_turns: 3,
        reruns: 2,
        degraded_turns: 0,
    };
    let noisy = Measurement { disturbance, validity: Validity::Noisy, ..seen(0.0, 0, 20) };
    let said = claim(&long(UNLOCKED), &noisy, "a busy machine");
    assert_eq!(said.agreement, Agreement::Open);
    assert_eq!(
        said.measured,
        "others used 48.0 % of it and the hypervisor 2.0 %, both to +-1.0 %; 3 turns that count \
         were too noisy"
    );
}

#[test]
fn lost_worker_is_explained() {
    for (degraded_turns, turns) in [(1, "1 turn was"), (2, "2 turns were")] {
        let disturbance = Disturbance { degraded_turns, ..Disturbance::default() };
        let lost = Measurement { disturbance, validity: Validity::Degraded, ..seen(0.0, 0, 20) };
        let said = claim(&long(UNLOCKED), &lost, "a lost worker");
        assert_eq!(said.measured, format!("{turns} measured while one may still have run"));
    }
}

#[test]
fn cells_are_explained_in_order_if_measured() {
    let cells = vec![CELL, long(gil(Era::V3_9))];
    let plan = Plan {
        cells,
        merged: Vec::new(),
        skipped: Vec::new(),
        seed: 1,
        order: Order::Interleaved,
        pin: Pin::Auto,
        early_end: crate::plan::sweep_plan::EarlyEnd::Never,
    };
    let explained = explain(&plan, &[None, Some(seen(0.36, 100, 0))]);
    assert_eq!(explained.iter().map(|it| it.cell).collect::<Vec<_>>(), [0, 1]);
    assert!(explained[0].claims[0].law == "not measured" && explained[1].claims.len() == 3);
    assert_eq!(explained[1].title, "gil 3.9 at 5 ms, body increment, 2 workers, 2 x 1000000");
}
