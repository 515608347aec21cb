//! Verdicts on constructed measurements.

use super::*;
use crate::measure::measurement::tests::{CELL, LOAD, measured, under_load};
use crate::plan::cell::{Cell, MergedInterval};
use crate::plan::spec::Order;
use crate::report::explain::explain;
use crate::sys::affinity::Pin;
use strategies::catalog::Plain;
use strategies::catalog::Spec;
use strategies::program::era::SwitchRule;
use strategies::program::era::{Era, SwitchInterval};
use strategies::program::workload::Workload;

pub(crate) fn gil(picoseconds: u64) -> Spec {
    let rule = SwitchRule::Interval(SwitchInterval::from_picoseconds(picoseconds));
    Spec::Gil { era: Era::V3_9, rule }
}

pub(crate) fn plan(specs: &[Spec]) -> Plan {
    let cells = specs.iter().map(|&spec| Cell { subject: spec.into(), ..CELL }).collect();
    Plan {
        cells,
        merged: Vec::new(),
        skipped: Vec::new(),
        seed: 1,
        order: Order::Interleaved,
        pin: Pin::Auto,
        early_end: crate::plan::sweep_plan::EarlyEnd::Never,
    }
}

fn verdict_of(rows: &[(Spec, &[u64])]) -> String {
    let specs: Vec<_> = rows.iter().map(|row| row.0).collect();
    let measurements: Vec<_> = rows.iter().map(|&(spec, totals)| measured(spec, totals)).collect();
    verdict(&plan(&specs), &measurements, &rates(&measurements))
}

/// An equal rate for each attempt.
fn rates(measurements: &[Measurement]) -> Vec<Sample> {
    let of = |m: &Measurement| Sample::new(vec![m.rate.median; m.attempts as usize]);
    measurements.iter().map(of).collect()
}

#[test]
fn verdict_of_one_strategy_lists_correct_and_wrong_cells() {
    let sentence = verdict_of(&[(gil(5_000_000_000), &[100, 100]), (gil(500), &[100, 87])]);
    assert_eq!(
        sentence,
        "Right in every attempt: gil 3.9 at 5 ms (2 of 2).\n\
         Lost updates: gil 3.9 at 0.5 ns (1 of 2 attempts wrong, least 87)."
    );
}

#[test]
fn cell_of_several_intervals_is_named_by_all_of_them() {
    let spec = gil(500_000);
    let measured = [measured(spec, &[100, 87])];
    let interval = SwitchInterval::from_picoseconds(500);
    let plan = Plan { merged: vec![MergedInterval { cell: 0, interval }], ..plan(&[spec]) };
    assert_eq!(
        verdict(&plan, &measured, &rates(&measured)),
        "Lost updates: gil 3.9 at 500, 0.5 ns (1 of 2 attempts wrong, least 87)."
    );
    let [explained] = &explain(&plan, &[None])[..] else { panic!("one cell") };
    assert!(explained.title.starts_with("gil 3.9 at 500, 0.5 ns, body"), "{}", explained.title);
}

#[test]
fn strategy_with_losses_cannot_win() {
    let sentence = verdict_of(&[
        (Spec::Plain(Plain::Atomic), &[100, 100]),
        (Spec::Plain(Plain::Unlocked), &[60, 60]),
    ]);
    assert!(
        sentence.starts_with("Only atomic promises to lose nothing and kept it: "),
        "{sentence}"
    );
    assert!(sentence.contains("Wrong and no faster: unlocked (lost 40.0 %"), "{sentence}");
}

#[test]
fn lossy_strategy_without_losses_cannot_win() {
    let sentence =
        verdict_of(&[(Spec::Plain(Plain::Atomic), &[100]), (Spec::Plain(Plain::Unlocked), &[100])]);
    assert!(
        sentence.starts_with("Only atomic promises to lose nothing and kept it: "),
        "{sentence}"
    );
    assert!(sentence.contains("Right this time without a promise: unlocked ("), "{sentence}");
    let only_lucky = verdict_of(&[(gil(500), &[100]), (Spec::Plain(Plain::Unlocked), &[100])]);
    assert!(only_lucky.starts_with("Right in every attempt: gil 3.9"), "{only_lucky}");
}

#[test]
fn broken_promise_comes_first() {
    let sentence =
        verdict_of(&[(Spec::Plain(Plain::Atomic), &[99]), (Spec::Plain(Plain::FairMutex), &[100])]);
    assert_eq!(sentence, "PROMISE BROKEN: atomic (1 of 1 attempts wrong, least 99).");
}

#[test]
fn verdict_without_measurements_is_reported() {
    assert_eq!(verdict_of(&[(Spec::Plain(Plain::Atomic), &[])]), "Nothing was measured.");
}

#[test]
fn no_strategy_wins_where_all_lost_updates() {
    let sentence = verdict_of(&[(Spec::Plain(Plain::Unlocked), &[50]), (gil(500), &[60])]);
    assert!(sentence.starts_with("Lost updates: unlocked (1 of 1"), "{sentence}");
}

#[test]
fn parameters_of_one_strategy_are_ranked() {
    let exact = |ms: u64| match gil(ms * 1_000_000_000) {
        Spec::Gil { rule, .. } => Spec::Gil { era: Era::V3_12, rule },
        Spec::Plain(plain) => Spec::Plain(plain),
    };
    let unlocked = Spec::Plain(Plain::Unlocked);
    let sentence = verdict_of(&[(exact(5), &[100]), (exact(1), &[100]), (unlocked, &[60])]);
    assert!(
        sentence.starts_with("gil 3.12 at 5 ms and gil 3.12 at 1 ms cannot be distinguished: "),
        "{sentence}"
    );
}

#[test]
fn settings_are_compared_separately() {
    let mut plan = plan(&[
        Spec::Plain(Plain::Atomic),
        Spec::Plain(Plain::FairMutex),
        Spec::Plain(Plain::Atomic),
        Spec::Plain(Plain::FairMutex),
    ]);
    plan.cells[2].workers = 4;
    plan.cells[3].workers = 4;
    let measurements: Vec<_> = plan
        .cells
        .iter()
        .map(|cell| measured(cell.subject.model().expect("an era"), &[100]))
        .collect();
    let sentence = verdict(&plan, &measurements, &rates(&measurements));
    assert!(sentence.contains("of 2 settings"), "{sentence}");
}

#[test]
fn cells_with_different_workloads_are_distinguished() {
    let mut plan = plan(&[Spec::Plain(Plain::Unlocked), Spec::Plain(Plain::Unlocked)]);
    plan.cells[1].workers = 4;
    let measurements = [&[100], &[60]]
        .map(|totals| measured(plan.cells[0].subject.model().expect("an era"), totals));
    assert_eq!(
        verdict(&plan, &measurements, &rates(&measurements)),
        "Right in every attempt: unlocked, 2 workers (1 of 1).\n\
         Lost updates: unlocked, 4 workers (1 of 1 attempts wrong, least 60)."
    );
}

#[test]
fn cells_of_every_other_parameter_are_distinguished() {
    let mut plan = plan(&[Spec::Plain(Plain::Unlocked), Spec::Plain(Plain::Unlocked)]);
    let workload = plan.cells[1].workload;
    plan.cells[1].workload = Workload { inside_ns: 1000, locks: 3, reads_percent: 5, ..workload };
    let measurements = [&[60], &[60]]
        .map(|totals| measured(plan.cells[0].subject.model().expect("an era"), totals));
    let said = verdict(&plan, &measurements, &rates(&measurements));
    for name in [
        "unlocked, inside 0 ns, 1 lock, 0 % reads (",
        "unlocked, inside 1 us, 3 locks, 5 % reads (",
    ] {
        assert!(said.contains(name), "{said}");
    }
}

fn verdict_under_load(rows: &[(Spec, &[(u64, u64)])]) -> String {
    let specs: Vec<_> = rows.iter().map(|row| row.0).collect();
    let mut plan = plan(&specs);
    plan.cells.iter_mut().for_each(|cell| cell.workload = LOAD.workload);
    let measurements: Vec<_> =
        rows.iter().map(|&(spec, attempts)| under_load(spec, attempts)).collect();
    verdict(&plan, &measurements, &rates(&measurements))
}

/// Nine attempts of a million increments, of which the last lost a tenth.
const NEARLY: [(u64, u64); 9] = {
    let mut attempts = [(1_000_000, 1_000_000); 9];
    attempts[8].1 = 900_000;
    attempts
};
const KEPT: [(u64, u64); 9] = [(1_000_000, 1_000_000); 9];

#[test]
fn load_is_judged_by_increments() {
    let (atomic, unlocked) = (Spec::Plain(Plain::Atomic), Spec::Plain(Plain::Unlocked));
    assert_eq!(
        verdict_under_load(&[(atomic, &KEPT)]),
        "No increment lost: atomic (0 of 9,000,000 increments lost: at most 3.3e-7 at 95 %)."
    );
    let lost = "100,000 of 9,000,000 increments lost: 1.1 % [0 to 3.3 %]";
    assert_eq!(
        verdict_under_load(&[(unlocked, &NEARLY)]),
        format!("Lost updates: unlocked ({lost}).")
    );
    assert_eq!(
        verdict_under_load(&[(Spec::Plain(Plain::Broken), &NEARLY), (atomic, &KEPT)]),
        format!("PROMISE BROKEN: broken ({lost}).")
    );
    let both = verdict_under_load(&[(atomic, &KEPT), (unlocked, &NEARLY)]);
    assert!(both.contains(&format!("Wrong and no faster: unlocked ({lost}).")), "{both}");
    let lucky = verdict_under_load(&[(atomic, &KEPT), (unlocked, &KEPT)]);
    let nothing = "Right this time without a promise: unlocked (0 of 9,000,000 increments lost: at most 3.3e-7";
    assert!(lucky.contains(nothing), "{lucky}");
    let more = verdict_under_load(&[(atomic, &[(10, 11), (10, 10)])]);
    assert_eq!(more, "PROMISE BROKEN: atomic (more counted than done in 1 of 2 attempts).");
    let once = verdict_under_load(&[(unlocked, &NEARLY[8..])]);
    let alone = "100,000 of 1,000,000 increments lost: 10.0 %, of a single round";
    assert_eq!(once, format!("Lost updates: unlocked ({alone})."));
}
