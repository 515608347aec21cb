//! Crossings of lists of the greatest length: repeated values are removed before they multiply.

use super::*;
use crate::plan::expand::subjects;
use crate::plan::spec::{EraSelector, StrategySelector, distinct};
use crate::plan::sweep_plan::Plan;
use crate::python::interpreter::tests::Fake;
use crate::python::registry::Interpreters;
use strategies::catalog::Name;
use strategies::program::era::{Era, SwitchInterval, SwitchRule};

/// A thousand names of the GIL with a thousand rules were a million GILs: 655 MB for a request of
/// 10 KB.
fn microseconds(count: u64) -> SwitchInterval {
    SwitchInterval::from_picoseconds(count * 1_000_000)
}

#[test]
fn repeated_strategies_are_crossed_once_with_rules() {
    let spec = SweepSpec {
        strategies: vec![StrategySelector::One(Name::Gil); CELLS_MAX],
        intervals: (1..=CELLS_MAX as u64).map(microseconds).collect(),
        ..SweepSpec::default()
    };
    let subjects = subjects(&spec.without_duplicates(), &Interpreters::default())
        .expect("all have rules of their own");
    assert_eq!(subjects.len(), CELLS_MAX);
    let plan = Plan::new(&spec, &Interpreters::default(), 0).expect("as many as a sweep may have");
    assert_eq!(plan.cells.len(), CELLS_MAX);
}

#[test]
fn repeated_eras_and_rules_are_crossed_once() {
    let spec = SweepSpec {
        strategies: vec![StrategySelector::One(Name::Gil)],
        eras: vec![EraSelector::One(Era::V3_9); 4],
        ticks: vec![7; CELLS_MAX / 4],
        ..SweepSpec::default()
    };
    assert_eq!(
        subjects(&spec.without_duplicates(), &Interpreters::default()).map(|all| all.len()),
        Ok(1)
    );
}

/// A thousand numbers of workers each were a million of both.
#[test]
fn repeated_workers_are_crossed_once() {
    let spec = SweepSpec {
        io_workers: vec![2; CELLS_MAX],
        cpu_workers: vec![1; CELLS_MAX],
        ..SweepSpec::default()
    };
    let alone = Staff::Service { cpu_workers: 0, io_workers: 2 };
    let beside = Staff::Service { cpu_workers: 1, io_workers: 2 };
    assert_eq!(staffs(&spec.without_duplicates()), Ok(vec![alone, beside]));
}

/// Beside an interpreter without ticks, ticks are those of an era that has them, and bring no rule of
/// the interpreter's that was not asked for.
#[test]
fn named_rule_that_no_interpreter_has_is_kept() {
    let fake = Fake::new("echo 'CPython 3.11.7 held'");
    let interpreters = Interpreters::named([fake.path()]);
    let gil = StrategySelector::One(Name::Gil);
    let gils = |intervals: &[u64]| {
        let spec = SweepSpec {
            strategies: vec![StrategySelector::Python, gil],
            ticks: vec![5],
            intervals: intervals.iter().map(|ps| SwitchInterval::from_picoseconds(*ps)).collect(),
            ..SweepSpec::default()
        };
        let all = subjects(&spec, &interpreters).expect("they are known");
        let of_lab = all.iter().filter(|it| !it.is_python()).map(|it| it.model().expect("a gil"));
        of_lab.map(|spec| (spec.era().map(Era::name), spec.rule())).collect::<Vec<_>>()
    };
    let ticks = (Some("2.7"), Some(SwitchRule::Ticks(5)));
    let interval = SwitchRule::Interval(SwitchInterval::from_picoseconds(5_000_000_000));
    assert_eq!(gils(&[]), [ticks]);
    assert_eq!(gils(&[5_000_000_000]), [(Some("3.11"), Some(interval)), ticks]);
}

#[test]
fn list_of_interpreters_beyond_the_limit_is_refused() {
    let python = || "/nowhere/python".to_owned();
    let spec = SweepSpec {
        strategies: vec![StrategySelector::Python],
        pythons: vec![python(); CELLS_MAX + 1],
        ..SweepSpec::default()
    };
    let lab = Interpreters::named([python().into()]);
    let error = Plan::new(&spec, &lab, 0).expect_err("too long");
    assert_eq!((error.field, error.value.as_str()), ("pythons", "a list of 1025 values"));
}

#[test]
fn distinct_keeps_the_first_of_equal_values() {
    assert_eq!(distinct(&[3, 1, 3, 2, 1]), [3, 1, 2]);
}
