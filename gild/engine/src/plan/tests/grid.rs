//! Lists as long as they may be, crossed: what is named often is taken once, before it multiplies.

use super::*;
use crate::plan::expand::subjects;
use crate::plan::spec::{EraSelector, StrategySelector, distinct};
use crate::plan::sweep_plan::Plan;
use crate::python::registry::Interpreters;
use strategies::program::era::{Era, SwitchInterval};

/// A thousand names of the GIL with a thousand rules were a million GILs: 655 MB for a request of
/// 10 KB.
#[test]
fn strategies_are_taken_once_before_their_rules() {
    let wish = SweepSpec {
        strategies: vec![StrategySelector::One(Name::Gil); CELLS_MAX],
        intervals: (1..=CELLS_MAX as u64).map(SwitchInterval::from_picoseconds).collect(),
        ..SweepSpec::default()
    };
    let subjects = subjects(&wish.without_duplicates(), &Interpreters::default())
        .expect("all have rules of their own");
    assert_eq!(subjects.len(), CELLS_MAX);
    let plan = Plan::new(&wish, &Interpreters::default(), 0).expect("as many as a sweep may have");
    assert_eq!(plan.cells.len(), CELLS_MAX);
}

#[test]
fn eras_and_rules_are_taken_once_before_they_are_crossed() {
    let wish = SweepSpec {
        strategies: vec![StrategySelector::One(Name::Gil)],
        eras: vec![EraSelector::One(Era::V3_9); 4],
        ticks: vec![7; CELLS_MAX / 4],
        ..SweepSpec::default()
    };
    assert_eq!(
        subjects(&wish.without_duplicates(), &Interpreters::default()).map(|all| all.len()),
        Ok(1)
    );
}

/// A thousand numbers of workers each were a million of both.
#[test]
fn workers_are_taken_once_before_they_are_crossed() {
    let wish = SweepSpec {
        io_workers: vec![2; CELLS_MAX],
        cpu_workers: vec![1; CELLS_MAX],
        ..SweepSpec::default()
    };
    let alone = Staff::Service { cpu_workers: 0, io_workers: 2 };
    let beside = Staff::Service { cpu_workers: 1, io_workers: 2 };
    assert_eq!(staffs(&wish.without_duplicates()), Ok(vec![alone, beside]));
}

#[test]
fn a_list_of_interpreters_has_a_limit_as_all_lists_have() {
    let python = || "/nowhere/python".to_owned();
    let wish = SweepSpec {
        strategies: vec![StrategySelector::Python],
        pythons: vec![python(); CELLS_MAX + 1],
        ..SweepSpec::default()
    };
    let lab = Interpreters::named([python().into()]);
    let error = Plan::new(&wish, &lab, 0).expect_err("too long");
    assert_eq!((error.field, error.value.as_str()), ("pythons", "a list of 1025 values"));
}

#[test]
fn each_value_is_kept_where_it_was_mentioned_first() {
    assert_eq!(distinct(&[3, 1, 3, 2, 1]), [3, 1, 2]);
}
