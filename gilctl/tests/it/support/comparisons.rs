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
        counterpart: None,
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

fn parameter(field: &str, values: [&str; 2]) -> Difference {
    Difference { field: field.into(), values: values.map(str::to_owned).into() }
}

/// Sweeps that have no cell in common.
pub(crate) fn unpaired() -> CompareSweepsResponse {
    CompareSweepsResponse {
        cells: Vec::new(),
        parameters: vec![
            parameter("strategy", ["ticket", "mcs"]),
            parameter("inside", ["0 ns", "500 ns, 1 us"]),
        ],
        forced_pairs: Some(1),
        verdict: "Nothing to compare: no cell of the first has its parameters in another, and the \
                  sweeps have no strategy, inside in common."
            .into(),
        ..compared()
    }
}

/// The same, paired by force, on different machines.
pub(crate) fn paired_by_force() -> CompareSweepsResponse {
    let of = |strategy, inside_ns, workers| Cell { inside_ns, workers, ..cell(0, strategy) };
    let pair_of = |workers| ComparedCell {
        counterpart: Some(of("mcs", 500, workers)),
        ..pair(of("ticket", 0, workers), 1, measured(100), Outcome::Faster)
    };
    let mut parameters = unpaired().parameters;
    parameters.push(parameter("workers", ["2, 4, 8", "2, 4"]));
    CompareSweepsResponse {
        cells: vec![pair_of(2), pair_of(4)],
        parameters,
        ignored: ["strategy", "inside"].map(str::to_owned).into(),
        by: vec!["workers".into()],
        forced: true,
        forced_pairs: None,
        unmatched: 1,
        verdict:
            "Forced, although machine.kernel, pin differ, and paired although strategy, inside \
                  differ: 2 pairs of cells: 2 faster; 1 cell without a counterpart."
                .into(),
        ..different()
    }
}
