//! Real interpreters beside the model.

use proto::v1::{Cell, Measurement, Sweep, SweepState};
use serde_json::Value;
use view::render::sweep::json;
use view::render::sweep::table::whole;

use crate::support::pages::{NARROW, WIDE};
use crate::support::sweeps::{cell, gil_sweep, interval, measured, view_of};

/// The model, a real interpreter, and the era without a lock, each with its own cost of a step.
fn beside_the_model() -> Sweep {
    let real = Cell {
        strategy: "cpython".into(),
        era: "3.12".into(),
        python_version: "3.11.7".into(),
        python: "/usr/bin/python3.11".into(),
        task_steps: 0,
        step_cost_ns: 0,
        ..interval(1, 5_000_000_000, 5_000_000)
    };
    let free = Cell { era: "3.13t".into(), ..cell(2, "gil") };
    Sweep { cells: vec![interval(0, 5_000_000_000, 5_000_000), real, free], ..gil_sweep() }
}

fn figures() -> Vec<Measurement> {
    let free = Measurement {
        switches: None,
        switches_forced: None,
        switches_voluntary: None,
        ..measured(40)
    };
    vec![measured(100), measured(97), free]
}

#[test]
fn real_interpreter_shows_its_version() {
    let view = view_of(beside_the_model(), figures(), SweepState::Succeeded);
    insta::assert_snapshot!(whole(&view, NARROW));
}

#[test]
fn every_column_includes_the_interpreter_path() {
    let mut sweep = beside_the_model();
    sweep.cells[2].step_cost_ns = 20;
    let view = view_of(sweep, figures(), SweepState::Succeeded);
    insta::assert_snapshot!(whole(&view, WIDE));
}

#[test]
fn real_interpreter_omits_modelled_fields() {
    let view = view_of(beside_the_model(), figures(), SweepState::Succeeded);
    let lines = json::all(&view);
    let cell = |line: usize| serde_json::from_str::<Value>(&lines[line]).expect("a document");
    let (model, real, free) = (cell(1), cell(2), cell(3));
    assert_eq!(
        (&real["python"], &real["python_version"]),
        (&"/usr/bin/python3.11".into(), &"3.11.7".into())
    );
    for modelled in
        ["task_steps", "step_cost_ns", "step_cost_measured_ns", "inside_ns", "outside_ns"]
    {
        assert!(model.get(modelled).is_some() && real.get(modelled).is_none(), "{modelled}");
    }
    assert!(model.get("python").is_none());
    for absent in ["switch_ticks", "switch_interval_ns", "effective_switch_interval_ns"] {
        assert!(free.get(absent).is_none(), "{absent}");
    }
}
