//! Invented sweeps, measurements and events.

use proto::v1::sweep_event::Happening;
use proto::v1::{
    Cell, CellEnded, Ended, MachineInfo, Measurement, Order, Promise, Skipped, Started, Sweep,
    SweepEvent, SweepState, Turn, Validity, Verdict,
};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use view::follow::sweep_log::SweepLog;
use view::follow::sweep_view::SweepView;

/// A new directory for the history of one run of gilctl, below cargo's directory for tests.
pub(crate) fn own_data() -> PathBuf {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let name = format!("history-{}-{run}", std::process::id());
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // An earlier process may have had this number.
    let _ = std::fs::remove_dir_all(&directory);
    directory
}

pub(crate) fn machine() -> MachineInfo {
    MachineInfo {
        cpu_model: "Example CPU 3000".into(),
        cores: 2,
        kernel: "Linux 6.1.0".into(),
        governor: "unknown".into(),
        hypervisor: "kvm".into(),
        clock_source: "tsc".into(),
        profile: "release".into(),
        smt: "1".into(),
        load_1m_milli: Some(120),
    }
}

/// A cell of the usual workload.
pub(crate) fn cell(cell: u32, strategy: &str) -> Cell {
    Cell {
        cell,
        strategy: strategy.into(),
        workers: 2,
        tasks: 100,
        increments: 1,
        body: "increment".into(),
        steps: "L..S".into(),
        task_steps: 600,
        step_cost_ns: 15,
        attempts_requested: 100,
        expected: 100,
        promise: Promise::Lossy.into(),
        ..Cell::default()
    }
}

pub(crate) fn interval(number: u32, asked_ps: u64, effective_ns: u64) -> Cell {
    Cell {
        era: "3.9".into(),
        switch_interval_ps: Some(asked_ps),
        effective_switch_interval_ns: Some(effective_ns),
        ..cell(number, "gil")
    }
}

fn ticks(number: u32, ticks: u32) -> Cell {
    Cell { era: "2.7".into(), switch_ticks: Some(ticks), ..cell(number, "gil") }
}

/// Figures of a cell that was right in `correct` of 100 attempts.
pub(crate) fn measured(correct: u32) -> Measurement {
    let fraction = f64::from(correct) / 100.0;
    let verdict = if correct == 100 { Verdict::Kept } else { Verdict::Lost };
    Measurement {
        attempts: 100,
        correct,
        correct_fraction: fraction,
        correct_low: (fraction - 0.06).max(0.0),
        correct_high: (fraction + 0.04).min(1.0),
        round_low: fraction,
        round_high: fraction,
        rounds: 20,
        observed_min: 100 - u64::from(100 - correct) / 2,
        observed_max: 100,
        duration_ns_median: 1_020_000,
        duration_ns_low: 1_000_000,
        duration_ns_high: 1_100_000,
        increments_per_second: 98_100.0,
        increments_per_second_low: 96_000.0,
        increments_per_second_high: 99_700.0,
        increments_per_second_median_low: 97_400.0,
        increments_per_second_median_high: 98_600.0,
        ns_per_increment: 10_193.7,
        jain: 0.998,
        overlap_fraction: 0.93,
        switches: Some(240),
        switches_forced: Some(180),
        switches_voluntary: Some(60),
        wait_ns_p50: Some(5_100),
        wait_ns_p99: Some(61_000),
        wait_ns_max: Some(90_000),
        waits: 240,
        cpu_ns_user: 150_000_000,
        cpu_ns_system: 9_000_000,
        step_cost_measured_ns: 15.21,
        validity: Validity::Ok.into(),
        verdict: verdict.into(),
        ..Measurement::default()
    }
}

/// A sweep of the gil strategy: three switch intervals, three tick budgets.
pub(crate) fn gil_sweep() -> Sweep {
    Sweep {
        name: "sweeps/06a1f0zzzz9k3v7q2m8x4abcde".into(),
        state: SweepState::Queued.into(),
        cells: vec![
            interval(0, 5_000_000_000, 5_000_000),
            interval(1, 500_000, 1_000),
            interval(2, 500, 1_000),
            ticks(3, 100),
            ticks(4, 10),
            ticks(5, 1),
        ],
        seed: 42,
        order: Order::Interleaved.into(),
        machine: Some(machine()),
        ..Sweep::default()
    }
}

/// Measurements of [`gil_sweep`]; sub-microsecond intervals and short tick budgets lose updates.
pub(crate) fn gil_measurements() -> Vec<Measurement> {
    let rounds = |low, high, it| Measurement { round_low: low, round_high: high, ..it };
    let lost = |high, it| Measurement { lost_high: high, ..it };
    vec![
        measured(100),
        rounds(0.6, 1.0, measured(88)),
        measured(91),
        measured(97),
        lost(0.01, rounds(0.4, 0.9, measured(72))),
        lost(0.02, measured(55)),
    ]
}

/// A sweep of several strategies; the last cell has an exact one.
pub(crate) fn comparison() -> Sweep {
    let large = |it| Cell { tasks: 2, increments: 100_000, expected: 200_000, ..it };
    let exact = |it| Cell { promise: Promise::Exact.into(), ..it };
    let hypothetical = Cell { era: "3.12".into(), hypothetical: true, ..ticks(0, 100) };
    Sweep {
        cells: vec![
            large(hypothetical),
            large(cell(1, "unlocked")),
            Cell { workers: 1, ..large(exact(cell(2, "unlocked"))) },
            large(exact(cell(3, "fair-mutex"))),
        ],
        skipped: vec![Skipped {
            combination: "atomic, body call".into(),
            reason: "an atomic increment has no inside; leave atomic out".into(),
        }],
        order: Order::Blocked.into(),
        ..gil_sweep()
    }
}

/// Figures of an attempt over 200,000 increments that kept `least` of them at worst.
pub(crate) fn large(correct: u32, least: u64, lost: f64) -> Measurement {
    Measurement {
        observed_min: least,
        observed_max: 200_000,
        lost_fraction: lost,
        lost_low: lost * 0.9,
        lost_high: lost * 1.1,
        increments_per_second: 9_400_000.0,
        increments_per_second_low: 9_100_000.0,
        increments_per_second_high: 9_640_000.0,
        increments_per_second_median_low: 9_350_000.0,
        increments_per_second_median_high: 9_460_000.0,
        ..measured(correct)
    }
}

/// Measurements of the comparison, among them a promise that was broken.
pub(crate) fn broken_measurements() -> Vec<Measurement> {
    let without_lock = |it| Measurement { switches: None, ..it };
    let validity = Validity::Sequential.into();
    vec![
        large(40, 151_222, 0.12),
        without_lock(large(0, 102_000, 0.331)),
        without_lock(Measurement { jain: 1.0, validity, ..large(100, 200_000, 0.0) }),
        Measurement { verdict: Verdict::Broken.into(), ..large(99, 199_999, 0.0) },
    ]
}

/// The last event of a sweep.
pub(crate) fn ended(state: SweepState) -> Ended {
    Ended {
        state: state.into(),
        verdict: "5 ms never lost an update; the others did.".into(),
        notes: vec!["500 ns and 0.5 ns are one setting: both take effect as 1 us.".into()],
        error: String::new(),
    }
}

/// The events of a sweep: one turn of all attempts per cell, then its end.
pub(crate) fn events(
    measurements: Vec<Measurement>,
    complete: bool,
    end: Ended,
) -> Vec<SweepEvent> {
    let mut happenings = vec![Happening::Started(Started { machine: Some(machine()) })];
    for (cell, it) in (0..).zip(measurements.iter().cloned()) {
        let turn = Turn { cell, measurement: Some(it), ..Turn::default() };
        happenings.push(Happening::Turn(turn));
    }
    for (cell, it) in (0..).zip(measurements) {
        let ended = CellEnded { cell, complete, measurement: Some(it) };
        happenings.push(Happening::CellEnded(ended));
    }
    happenings.push(Happening::Ended(end));
    let event = |(sequence, it)| SweepEvent { sequence, time_ns: 0, happening: Some(it) };
    (1..).zip(happenings).map(event).collect()
}

/// The view of a sweep that was followed to this end.
pub(crate) fn view_of(
    sweep: Sweep,
    measurements: Vec<Measurement>,
    state: SweepState,
) -> SweepView {
    let complete = state == SweepState::Succeeded;
    let mut log = SweepLog::new(sweep, 0);
    for event in events(measurements, complete, ended(state)) {
        log.apply(event).expect("in order");
    }
    log.view().clone()
}
