//! Loads that are refused before anything runs.

use strategies::catalog::{Name, Plain};
use strategies::program::workload::{Lengths, Request};

use super::*;
use crate::plan::spec::StrategySelector;

fn loaded(plain: Plain) -> SweepSpec {
    let strategies = vec![StrategySelector::One(Name::Plain(plain))];
    SweepSpec { strategies, duration_ns: Some(100_000_000), ..SweepSpec::default() }
}

#[track_caller]
fn refused(spec: &SweepSpec, field: &str) {
    let error = Plan::new(spec, &Interpreters::default(), 1).expect_err("it cannot be");
    assert_eq!(error.field, field, "{error}");
    assert!(!error.way_out.to_string().is_empty(), "{error}");
}

#[test]
fn duration_with_tasks_is_refused() {
    let spec = loaded(Plain::Ticket);
    let plan = Plan::new(&spec, &Interpreters::default(), 1).expect("valid");
    assert_eq!((plan.cells.len(), plan.cells[0].attempts), (1, DEFAULT_TIMED_ATTEMPTS));
    refused(&SweepSpec { tasks: vec![2], ..spec.clone() }, "tasks");
    refused(&SweepSpec { increments: vec![2], ..spec.clone() }, "increments");
    refused(&SweepSpec { io_workers: vec![1], ..spec.clone() }, "duration_ns");
    refused(&SweepSpec { io_calls: vec![Request::Write], ..spec.clone() }, "io_calls");
    refused(&SweepSpec { duration_ns: Some(1), ..spec.clone() }, "duration_ns");
    refused(&SweepSpec { duration_ns: Some(9_000_000_000), ..spec }, "duration_ns");
}

#[test]
fn axis_that_needs_a_duration_is_refused_without_one() {
    let tasks = SweepSpec { duration_ns: None, ..loaded(Plain::Ticket) };
    refused(&SweepSpec { arrivals_per_s: vec![5], ..tasks.clone() }, "arrivals_per_s");
    refused(&SweepSpec { reads_percent: vec![5], ..tasks }, "reads_percent");
}

#[test]
fn load_beyond_a_limit_is_refused() {
    let spec = loaded(Plain::Ticket);
    refused(&SweepSpec { locks: vec![0], ..spec.clone() }, "locks");
    refused(&SweepSpec { locks: vec![4097], ..spec.clone() }, "locks");
    refused(&SweepSpec { reads_percent: vec![100], ..spec.clone() }, "reads_percent");
    refused(&SweepSpec { arrivals_per_s: vec![10_000_001], ..spec.clone() }, "arrivals_per_s");
    refused(&SweepSpec { precision_permille: Some(0), ..spec.clone() }, "precision_permille");
    refused(&SweepSpec { precision_permille: Some(501), ..spec.clone() }, "precision_permille");
    let long = SweepSpec { inside_ns: vec![500_000_000], workers: vec![64], ..spec };
    refused(&long, "inside_ns");
}

#[test]
fn load_that_a_strategy_cannot_run_is_refused() {
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
fn packed_spinning_workers_are_refused() {
    let spinning = SweepSpec { pin: Pin::Pack, workers: vec![2], ..loaded(Plain::TicketSpin) };
    refused(&spinning, "workers");
}

#[test]
fn precision_raises_the_default_of_attempts() {
    let spec = SweepSpec { precision_permille: Some(20), ..loaded(Plain::Ticket) };
    let plan = Plan::new(&spec, &Interpreters::default(), 1).expect("valid");
    let expected = (DEFAULT_ATTEMPTS, EarlyEnd::AtPrecision(20));
    assert_eq!((plan.cells[0].attempts, plan.early_end), expected);
}
