//! Invented comparisons of sweeps.

use proto::v1::compared_cell::Outcome;
use proto::v1::{
    Cell, CompareSweepsResponse, ComparedCell, Difference, Measurement, Sweep, SweepState,
    Validity, Verdict,
};

use crate::support::sweeps::{cell, gil_sweep, interval, large, measured};

pub(crate) const MINUTE_NS: u64 = 60_000_000_000;

pub(crate) fn sweep(id: &str, minute: u64) -> Sweep {
    Sweep {
        name: format!("sweeps/06a1f0zzzz9k3v7q2m8x{id}"),
        state: SweepState::Succeeded.into(),
        create_time_ns: minute * MINUTE_NS,
        cells: Vec::new(),
        ..gil_sweep()
    }
}

pub(crate) fn pair(cell: Cell, other: u32, second: Measurement, outcome: Outcome) -> ComparedCell {
    ComparedCell {
        cell: Some(cell),
        other,
        other_cell: 2,
        ratio: Some(1.042),
        ratio_low: Some(1.035),
        ratio_high: Some(1.0491),
        p: Some(0.000_02),
        rounds: vec![20, 19],
        first: Some(measured(100)),
        second: Some(second),
        outcome: outcome.into(),
    }
}

pub(crate) fn compared() -> CompareSweepsResponse {
    let noisy = Measurement { validity: Validity::Noisy.into(), ..large(100, 200_000, 0.0) };
    let broken = Measurement { verdict: Verdict::Broken.into(), ..measured(99) };
    let nothing = ComparedCell {
        ratio: None,
        ratio_low: None,
        ratio_high: None,
        p: None,
        second: Some(Measurement::default()),
        rounds: vec![20, 0],
        ..pair(Cell { workers: 8, ..cell(3, "atomic") }, 1, measured(1), Outcome::Unknown)
    };
    let wide = ComparedCell {
        ratio: Some(0.36),
        ratio_low: Some(0.19),
        ratio_high: Some(0.88),
        p: Some(0.014),
        ..pair(cell(4, "ticket"), 1, measured(100), Outcome::Undecided)
    };
    CompareSweepsResponse {
        sweeps: vec![sweep("4abcde", 1), sweep("9fghij", 3)],
        cells: vec![
            pair(interval(0, 500_000, 1_000), 1, measured(97), Outcome::Same),
            pair(cell(1, "fair-mutex"), 1, noisy, Outcome::Faster),
            pair(cell(2, "broken"), 1, broken, Outcome::Wronger),
            nothing,
            wide,
        ],
        unmatched: 2,
        verdict:
            "5 pairs of cells: 1 wronger, 1 faster, 1 the same, 2 undecided, of which 1 needs \
                  more attempts; 1 noisy."
                .into(),
        ..CompareSweepsResponse::default()
    }
}

pub(crate) fn different() -> CompareSweepsResponse {
    let difference = |field: &str, values: [&str; 2]| Difference {
        field: field.into(),
        values: values.map(str::to_owned).into(),
    };
    CompareSweepsResponse {
        differences: vec![
            difference("machine.kernel", ["Linux 6.1.0", "Linux 6.9.1"]),
            difference("pin", ["auto", "pack"]),
        ],
        cells: Vec::new(),
        verdict: "Not comparable: machine.kernel, pin differ.".into(),
        ..compared()
    }
}

pub(crate) fn forced() -> CompareSweepsResponse {
    let verdict = "Forced, although machine.kernel, pin differ: 5 pairs.".into();
    CompareSweepsResponse { cells: compared().cells, forced: true, verdict, ..different() }
}
