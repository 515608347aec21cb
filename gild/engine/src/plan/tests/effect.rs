//! Effects of fields: the rows against the plan. A field changes the plan where its row says that it
//! touches a strategy, and nowhere else.

use std::path::PathBuf;

use strategies::program::bodies::BodyName;
use strategies::program::body_spec::CustomBody;
use strategies::program::era::{Era, SwitchInterval};
use strategies::program::workload::Request;

use super::*;
use crate::plan::oversubscription::Oversubscription;
use crate::plan::spec::Order;
use crate::plan::sweep_plan::{EqualIntervals, Plan};
use crate::python::interpreter::tests::Fake;
use crate::python::registry::Interpreters;
use crate::sys::affinity::Pin;

/// What is given beside a field; each is a kind of attempt.
const KINDS: [fn(SweepSpec) -> SweepSpec; 6] = [
    |spec| spec,
    |spec| SweepSpec { duration_ns: Some(50_000_000), ..spec },
    |spec| SweepSpec { io_workers: vec![1], cpu_workers: vec![3], ..spec },
    |spec| SweepSpec { inside_ns: vec![1000], ..spec },
    |spec| SweepSpec { io_ns: vec![1000], ..spec },
    |spec| SweepSpec { eras: vec![EraSelector::One(Era::V3_13T)], ..spec },
];

/// They stand beside the plan and change nothing in it.
const LABELS: &str = "labels";

/// Sets a field to something else than its default.
fn give(field: &str, spec: &mut SweepSpec) {
    match field {
        "strategies" => {}
        "eras" => spec.eras = vec![EraSelector::One(Era::V3_12)],
        "switch_interval_ps" => {
            spec.intervals = vec![SwitchInterval::from_picoseconds(7_000_000_000)];
        }
        "switch_ticks" => spec.ticks = vec![77],
        "workers" => spec.workers = vec![3],
        "tasks" => spec.tasks = vec![7],
        "increments" => spec.increments = vec![7],
        "bodies" => spec.bodies = vec![BodyName::Locked],
        "steps" => spec.steps = vec![CustomBody::parse("L.S.J").expect("a body")],
        "step_cost_ns" => spec.step_cost_ns = Some(20),
        "io_ns" => spec.io_ns = vec![2000],
        "io_calls" => spec.io_calls = vec![Request::Echo],
        "io_every" => spec.io_every = vec![7],
        "cpu_workers" => spec.cpu_workers = vec![2],
        "io_workers" => spec.io_workers = vec![2],
        "requests" => spec.requests = Some(7),
        "pythons" => spec.pythons = vec!["other".into()],
        "duration_ns" => spec.duration_ns = Some(20_000_000),
        "precision_permille" => spec.precision_permille = Some(20),
        "attempts" => spec.attempts = Some(11),
        "seed" => spec.seed = Some(7),
        "order" => spec.order = Order::Blocked,
        "pin" => spec.pin = Pin::None,
        "allow_starvation" => spec.starvation = Oversubscription::Allowed,
        "labels" => spec.labels = vec!["before".into()],
        "task_steps" => spec.task_steps = vec![7],
        "inside_ns" => spec.inside_ns = vec![2000],
        "outside_ns" => spec.outside_ns = vec![2000],
        "lengths" => spec.lengths = vec![Lengths::Exponential],
        "locks" => spec.locks = vec![2],
        "reads_percent" => spec.reads_percent = vec![20],
        "arrivals_per_s" => spec.arrivals_per_s = vec![1000],
        other => panic!("{other} has no sample"),
    }
}

fn everything() -> Vec<StrategySelector> {
    let names = Name::all().into_iter().map(StrategySelector::One);
    names.chain([StrategySelector::Python]).collect()
}

#[test]
fn every_field_of_the_request_has_one_row() {
    let mut spec = SweepSpec { strategies: everything(), ..SweepSpec::default() };
    for row in &FIELDS {
        give(row.field, &mut spec);
    }
    let mut given: Vec<_> = spec.given().collect();
    let mut rows: Vec<_> = FIELDS.iter().map(|row| row.field).collect();
    given.sort_unstable();
    rows.sort_unstable();
    assert_eq!(given, rows, "fields with a row, and fields that a row's sample gives");
}

/// One core, so that a permission to starve shows.
fn planned(spec: &SweepSpec, interpreters: &Interpreters) -> Option<Plan> {
    Plan::among(1, spec, interpreters, 1, EqualIntervals::Merged)
        .ok()
        .filter(|plan| !plan.cells.is_empty())
}

/// What of a plan the machine does: a cost that is not paid and a law of no lengths are left
/// out.
fn done(plan: &Plan, spec: &SweepSpec) -> String {
    let mut plan = plan.clone();
    let has_tasks = spec.duration_ns.is_none() && spec.io_workers.is_empty();
    for cell in &mut plan.cells {
        if cell.subject.is_python() {
            cell.workload.step_cost_ns = 0;
        }
        let is_gil = cell.subject.model().is_some_and(|it| it.name() == Name::Gil);
        if !has_tasks || cell.workload.step_cost_ns == 0 && !is_gil {
            cell.workload.task_steps = 0;
        }
        if cell.workload.inside_ns + cell.workload.outside_ns == 0 {
            cell.workload.lengths = Lengths::Fixed;
        }
    }
    format!("{plan:?}")
}

/// Every field, under every strategy, in every kind of attempt. A request that is refused with its
/// field, or without, says nothing about the field.
#[test]
fn field_changes_a_plan_exactly_where_its_row_says_so() {
    let fake = Fake::new("echo 'CPython 3.11.7 held'");
    let paths = [fake.path(), PathBuf::from("other")];
    let interpreters = Interpreters::named(paths);
    let chosen = vec![fake.path().display().to_string()];
    let mut seen = [[0, 0]; FIELDS.len()];
    for choice in everything() {
        for kind in KINDS {
            let pythons = match choice {
                StrategySelector::Python => chosen.clone(),
                _ => Vec::new(),
            };
            let without =
                kind(SweepSpec { strategies: vec![choice], pythons, ..SweepSpec::default() });
            for (row, seen) in FIELDS.iter().zip(&mut seen) {
                let mut with = without.clone();
                give(row.field, &mut with);
                if with == without || row.field == LABELS {
                    continue;
                }
                let plans = [&with, &without].map(|spec| planned(spec, &interpreters));
                let is_changed = match &plans {
                    [Some(with_it), Some(plain)] => done(with_it, &with) != done(plain, &without),
                    // What only a permission allows.
                    [Some(_), None] => true,
                    _ => continue,
                };
                let partial = partial_effects(&with);
                let is_vain = partial.iter().any(|it| it.field == row.field);
                assert_eq!(is_vain, !is_changed, "{} of {with:?}: {plans:?}", row.field);
                seen[usize::from(is_changed)] += 1;
            }
        }
    }
    for (row, [vain, effective]) in FIELDS.iter().zip(seen) {
        let is_seen = effective > 0 || ["strategies", "pythons", LABELS].contains(&row.field);
        assert!(is_seen, "{} is never effective", row.field);
        let is_refused_elsewhere = row.field == "pythons";
        assert!(row.way_out.is_empty() || vain > 0 || is_refused_elsewhere, "{}", row.field);
    }
}

#[test]
fn field_that_touches_some_strategies_names_them() {
    let one = |name| StrategySelector::One(Name::parse(name).expect("a strategy"));
    let strategies = vec![one("gil"), one("atomic"), StrategySelector::Python];
    let eras = vec![EraSelector::One(Era::V3_9)];
    let intervals = vec![SwitchInterval::from_picoseconds(500)];
    let effects =
        partial_effects(&SweepSpec { strategies, eras, intervals, ..SweepSpec::default() });
    let of = |field| {
        let found = effects.iter().find(|effect| effect.field == field);
        found.map(|effect| effect.strategies.clone())
    };
    assert_eq!(of("eras"), Some(vec!["gil"]));
    assert_eq!(of("switch_interval_ps"), Some(vec!["gil", "cpython"]));
    assert_eq!(effects.len(), 2, "{effects:?}");
}
