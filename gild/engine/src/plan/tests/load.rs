//! What is refused of a load, before anything runs.

use strategies::catalog::{Name, Plain};
use strategies::program::workload::{Lengths, Request};

use super::*;
use crate::plan::spec::StrategySelector;

fn loaded(plain: Plain) -> SweepSpec {
    let strategies = vec![StrategySelector::One(Name::Plain(plain))];
    SweepSpec { strategies, duration_ns: Some(100_000_000), ..SweepSpec::default() }
}

#[track_caller]
fn refused(wish: &SweepSpec, field: &str) {
    let error = Plan::new(wish, &Interpreters::default(), 1).expect_err("it cannot be");
    assert_eq!(error.field, field, "{error}");
    assert!(!error.way_out.is_empty(), "{error}");
}

#[test]
fn a_time_stands_instead_of_tasks() {
    let wish = loaded(Plain::Ticket);
    let plan = Plan::new(&wish, &Interpreters::default(), 1).expect("valid");
    assert_eq!((plan.cells.len(), plan.cells[0].attempts), (1, DEFAULT_TIMED_ATTEMPTS));
    refused(&SweepSpec { tasks: vec![2], ..wish.clone() }, "tasks");
    refused(&SweepSpec { increments: vec![2], ..wish.clone() }, "increments");
    refused(&SweepSpec { io_workers: vec![1], ..wish.clone() }, "duration_ns");
    refused(&SweepSpec { io_calls: vec![Request::Write], ..wish.clone() }, "io_every");
    refused(&SweepSpec { duration_ns: Some(1), ..wish.clone() }, "duration_ns");
    refused(&SweepSpec { duration_ns: Some(9_000_000_000), ..wish }, "duration_ns");
}

#[test]
fn what_needs_a_time_says_so() {
    let tasks = SweepSpec { duration_ns: None, ..loaded(Plain::Ticket) };
    refused(&SweepSpec { arrivals_per_s: vec![5], ..tasks.clone() }, "arrivals_per_s");
    refused(&SweepSpec { reads_percent: vec![5], ..tasks }, "reads_percent");
}

#[test]
fn loads_have_limits() {
    let wish = loaded(Plain::Ticket);
    refused(&SweepSpec { locks: vec![0], ..wish.clone() }, "locks");
    refused(&SweepSpec { locks: vec![4097], ..wish.clone() }, "locks");
    refused(&SweepSpec { reads_percent: vec![100], ..wish.clone() }, "reads_percent");
    refused(&SweepSpec { arrivals_per_s: vec![10_000_001], ..wish.clone() }, "arrivals_per_s");
    refused(&SweepSpec { precision_permille: Some(0), ..wish.clone() }, "precision_permille");
    refused(&SweepSpec { precision_permille: Some(501), ..wish.clone() }, "precision_permille");
    let long = SweepSpec { inside_ns: vec![500_000_000], workers: vec![64], ..wish };
    refused(&long, "inside_ns");
}

#[test]
fn some_strategies_cannot_be_loaded_so() {
    let gil =
        SweepSpec { strategies: vec![StrategySelector::One(Name::Gil)], ..loaded(Plain::Ticket) };
    refused(&SweepSpec { locks: vec![2], ..gil.clone() }, "locks");
    refused(&SweepSpec { reads_percent: vec![2], ..gil.clone() }, "reads_percent");
    refused(&SweepSpec { arrivals_per_s: vec![2], ..gil.clone() }, "arrivals_per_s");
    refused(&SweepSpec { lengths: vec![Lengths::Uniform], ..gil }, "lengths");
    let combining = SweepSpec { lengths: vec![Lengths::Exponential], ..loaded(Plain::Combining) };
    refused(&combining, "lengths");
}

#[test]
fn one_core_for_all_is_one_core() {
    let spinning = SweepSpec { pin: Pin::Pack, workers: vec![2], ..loaded(Plain::TicketSpin) };
    refused(&spinning, "workers");
}

#[test]
fn precision_makes_attempts_a_limit() {
    let wish = SweepSpec { precision_permille: Some(20), ..loaded(Plain::Ticket) };
    let plan = Plan::new(&wish, &Interpreters::default(), 1).expect("valid");
    assert_eq!((plan.cells[0].attempts, plan.precision_permille), (DEFAULT_ATTEMPTS, Some(20)));
}
