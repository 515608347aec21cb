//! Sweeps of workers that make requests, beside others that compute and alone.

use gilctl::render::format::color::Color;
use gilctl::render::format::page::Width;
use gilctl::render::sweep::columns::Columns;
use gilctl::render::sweep::json;
use gilctl::render::sweep::record;
use gilctl::render::sweep::table::{Style, live, markdown, whole};
use proto::v1::{Cell, Measurement, Sweep, SweepState, Turn, Verdict};
use serde_json::Value;

use crate::fixture::{chapter, interval, measured};
use crate::table::board;

const NARROW: Style =
    Style { color: Color::Plain, width: Width::Most(120), columns: Columns::Usual };
const WIDE: Style = Style { color: Color::Plain, width: Width::Any, columns: Columns::Every };

/// One worker that asks, beside so many that compute.
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

/// The convoy: a request that takes a millisecond takes six beside one that computes.
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
    Sweep { cells, ..chapter() }
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
fn the_convoy() {
    let board = board(convoy(), convoy_measurements(), SweepState::Succeeded);
    let table = whole(&board, NARROW);
    assert!(table.lines().skip(4).all(|line| line.chars().count() <= 120), "{table}");
    insta::assert_snapshot!(table);
}

#[test]
fn the_convoy_with_every_column() {
    let board = board(convoy(), convoy_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(whole(&board, WIDE));
}

#[test]
fn the_convoy_in_markdown() {
    let board = board(convoy(), convoy_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(markdown(&board, Columns::Usual));
}

#[test]
fn a_convoy_in_the_making_has_its_columns_already() {
    let none = vec![Measurement::default(); 4];
    insta::assert_snapshot!(live(&board(convoy(), none, SweepState::Cancelled), NARROW));
}

/// Nothing is expected before it is done, and there are no tasks.
#[test]
fn records_leave_out_what_requests_do_not_have() {
    let board = board(convoy(), convoy_measurements(), SweepState::Succeeded);
    let lines = json::all(&board);
    insta::assert_snapshot!(lines[2]);
    let cell: Value = serde_json::from_str(&lines[1]).expect("a document");
    for absent in ["tasks", "increments", "task_steps", "expected", "io_every", "slice_ns_p50"] {
        assert!(cell.get(absent).is_none(), "{absent}");
    }
    let header = record::csv(&board).lines().next().expect("a header").to_owned();
    assert!(header.contains(",requests_per_worker,") && header.contains(",requests,"), "{header}");
    assert!(record::csv(&board).contains(r#","[120,0]","#));
}

#[test]
fn a_turn_says_what_was_done_in_each_attempt() {
    let mut board = board(convoy(), convoy_measurements(), SweepState::Succeeded);
    let increments = vec![41, 40];
    board.rows[1].turn = Some(Turn { increments, finals: vec![41, 39], ..Turn::default() });
    let change = gilctl::follow::sweep_log::Change::Turn { row: 1 };
    let line = json::on_change(&board, change, json::Turns::Shown).expect("a line");
    let turn: Value = serde_json::from_str(&line).expect("a document");
    assert_eq!(turn["increments"], Value::from(vec![41, 40]));
    assert!(turn.get("expected").is_none(), "{turn}");
}

/// Requests between bodies are figures of the second row.
#[test]
fn requests_between_bodies_are_shown_to_whoever_wants_every_column() {
    let mut sweep = chapter();
    for cell in &mut sweep.cells {
        (cell.io_call, cell.io_every) = ("write".into(), Some(5));
    }
    let board = board(sweep, vec![asked(90.0, 11_000); 6], SweepState::Succeeded);
    assert!(!whole(&board, NARROW).contains("REQ/S"));
    let table = whole(&board, WIDE);
    assert!(table.contains(" · i/o write / 5\n") && table.contains("REQ/S"), "{table}");
}
