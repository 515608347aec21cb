//! Sweeps of workers that make requests, with and without computing workers.

use proto::v1::{Cell, Measurement, Sweep, SweepState, Turn, Verdict};
use serde_json::Value;
use view::render::sweep::columns::Columns;
use view::render::sweep::table::{live, markdown, whole};
use view::render::sweep::{json, record};

use crate::support::pages::{NARROW, WIDE};
use crate::support::sweeps::{gil_sweep, interval, measured, view_of};

/// One worker that makes requests, beside `cpu_workers` that compute.
fn beside(number: u32, cpu_workers: u32, of: Cell) -> Cell {
    Cell {
        cell: number,
        workers: cpu_workers + 1,
        tasks: 0,
        increments: 0,
        expected: 0,
        cpu_workers: Some(cpu_workers),
        io_workers: Some(1),
        requests: Some(100),
        ..of
    }
}

/// The convoy effect: a request of one millisecond takes six beside a computing worker.
fn convoy() -> Sweep {
    let asking = interval(0, 5_000_000_000, 5_000_000);
    let sleep = Cell { io_call: "sleep".into(), io_ns: Some(1_000_000), ..asking.clone() };
    let echo = Cell { io_call: "echo".into(), ..asking };
    let cells = vec![
        beside(0, 0, sleep.clone()),
        beside(1, 1, sleep),
        beside(2, 0, echo.clone()),
        beside(3, 2, echo),
    ];
    Sweep { cells, ..gil_sweep() }
}

fn asked(per_second: f64, latency_ns: u64) -> Measurement {
    Measurement {
        requests: 10_000,
        requests_per_second: Some(per_second),
        requests_per_second_low: Some(per_second * 0.95),
        requests_per_second_high: Some(per_second * 1.02),
        latency_ns_p50: Some(latency_ns),
        latency_ns_p99: Some(latency_ns * 3),
        latency_ns_max: Some(latency_ns * 4),
        switches_per_second: Some(323.0),
        switches_per_second_low: Some(320.0),
        switches_per_second_high: Some(325.2),
        slices: 9_800,
        slice_ns_p10: Some(5_020_000),
        slice_ns_p50: Some(5_160_000),
        slice_ns_p90: Some(6_230_000),
        wait_ranks: vec![120, 0],
        increments_per_second: 7.4e6,
        increments_per_second_low: 7.2e6,
        increments_per_second_high: 7.7e6,
        increments_per_second_median_low: 7.3e6,
        increments_per_second_median_high: 7.5e6,
        ..measured(100)
    }
}

fn alone(per_second: f64, latency_ns: u64) -> Measurement {
    Measurement {
        switches: Some(0),
        slices: 0,
        slice_ns_p10: None,
        slice_ns_p50: None,
        slice_ns_p90: None,
        increments_per_second: 0.0,
        ..asked(per_second, latency_ns)
    }
}

fn convoy_measurements() -> Vec<Measurement> {
    let lost = Measurement { lost_fraction: 0.36, lost_low: 0.32, lost_high: 0.39, ..measured(40) };
    let lost = Measurement {
        correct: lost.correct,
        correct_fraction: lost.correct_fraction,
        correct_low: lost.correct_low,
        correct_high: lost.correct_high,
        lost_fraction: lost.lost_fraction,
        lost_low: lost.lost_low,
        lost_high: lost.lost_high,
        verdict: Verdict::Lost.into(),
        ..asked(96.4, 10_400_000)
    };
    vec![alone(915.0, 1_096_000), asked(154.2, 6_260_000), alone(75_300.0, 11_800), lost]
}

#[test]
fn convoy_as_table() {
    let view = view_of(convoy(), convoy_measurements(), SweepState::Succeeded);
    let table = whole(&view, NARROW);
    assert!(table.lines().skip(4).all(|line| line.chars().count() <= 120), "{table}");
    insta::assert_snapshot!(table);
}

#[test]
fn convoy_with_every_column() {
    let view = view_of(convoy(), convoy_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(whole(&view, WIDE));
}

#[test]
fn convoy_as_markdown() {
    let view = view_of(convoy(), convoy_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(markdown(&view, Columns::Usual));
}

#[test]
fn running_convoy_has_all_its_columns() {
    let none = vec![Measurement::default(); 4];
    insta::assert_snapshot!(live(&view_of(convoy(), none, SweepState::Cancelled), NARROW));
}

/// A sweep of requests has no expected value and no tasks.
#[test]
fn request_records_omit_task_fields() {
    let view = view_of(convoy(), convoy_measurements(), SweepState::Succeeded);
    let lines = json::all(&view);
    insta::assert_snapshot!(lines[2]);
    let cell: Value = serde_json::from_str(&lines[1]).expect("a document");
    for absent in ["tasks", "increments", "task_steps", "expected", "io_every", "slice_ns_p50"] {
        assert!(cell.get(absent).is_none(), "{absent}");
    }
    let header = record::csv(&view).lines().next().expect("a header").to_owned();
    assert!(header.contains(",requests_per_worker,") && header.contains(",requests,"), "{header}");
    assert!(record::csv(&view).contains(r#","[120,0]","#));
}

#[test]
fn turn_lists_increments_per_attempt() {
    let mut view = view_of(convoy(), convoy_measurements(), SweepState::Succeeded);
    let increments = vec![41, 40];
    view.rows[1].turn = Some(Turn { increments, finals: vec![41, 39], ..Turn::default() });
    let change = view::follow::sweep_log::Change::Turn { row: 1 };
    let line = json::on_change(&view, change, json::Turns::Shown).expect("a line");
    let turn: Value = serde_json::from_str(&line).expect("a document");
    assert_eq!(turn["increments"], Value::from(vec![41, 40]));
    assert!(turn.get("expected").is_none(), "{turn}");
}

/// Requests between bodies are shown only with every column.
#[test]
fn requests_between_bodies_need_every_column() {
    let mut sweep = gil_sweep();
    for cell in &mut sweep.cells {
        (cell.io_call, cell.io_every) = ("write".into(), Some(5));
    }
    let view = view_of(sweep, vec![asked(90.0, 11_000); 6], SweepState::Succeeded);
    assert!(!whole(&view, NARROW).contains("REQUESTS"));
    let table = whole(&view, WIDE);
    assert!(table.contains(" · i/o write / 5\n") && table.contains("REQUESTS"), "{table}");
}
