//! Verdicts on constructed measurements.

use super::*;
use crate::measure::measurement::tests::{CELL, measured};
use crate::plan::cell::Cell;
use crate::plan::spec::Order;
use crate::sys::affinity::Pin;
use strategies::catalog::Plain;
use strategies::catalog::Spec;
use strategies::program::era::SwitchRule;
use strategies::program::era::{Era, SwitchInterval};

pub(crate) fn gil(picoseconds: u64) -> Spec {
    let rule = SwitchRule::Interval(SwitchInterval::from_picoseconds(picoseconds));
    Spec::Gil { era: Era::V3_9, rule }
}

pub(crate) fn plan(specs: &[Spec]) -> Plan {
    let cells = specs.iter().map(|&spec| Cell { subject: spec.into(), ..CELL }).collect();
    Plan {
        cells,
        skipped: Vec::new(),
        seed: 1,
        order: Order::Interleaved,
        pin: Pin::Auto,
        precision_permille: None,
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
        "Right in every attempt: gil 3.9 at 5 ms (2 of 2). \
         Lost updates: gil 3.9 at 0.5 ns (1 of 2 attempts wrong, least 87)."
    );
}

#[test]
fn strategy_with_losses_cannot_win() {
    let sentence = verdict_of(&[
        (Spec::Plain(Plain::Atomic), &[100, 100]),
        (Spec::Plain(Plain::Unlocked), &[60, 60]),
    ]);
    assert!(sentence.starts_with("Only atomic is exact: "), "{sentence}");
    assert!(sentence.contains("No faster and wrong: unlocked (lost 40.0 %"), "{sentence}");
}

#[test]
fn lossy_strategy_without_losses_cannot_win() {
    let sentence =
        verdict_of(&[(Spec::Plain(Plain::Atomic), &[100]), (Spec::Plain(Plain::Unlocked), &[100])]);
    assert!(sentence.starts_with("Only atomic is exact: "), "{sentence}");
    assert!(sentence.contains("lost nothing this time: unlocked ("), "{sentence}");
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
        sentence.starts_with("gil 3.12 at 5 ms and gil 3.12 at 1 ms cannot be distinguished at 2"),
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
        "Right in every attempt: unlocked, 2 workers (1 of 1). \
         Lost updates: unlocked, 4 workers (1 of 1 attempts wrong, least 60)."
    );
}
