//! Sentences about comparisons, by what was asked and by what the sweeps have in common.

use super::*;
use crate::measure::measurement::Verdict;
use crate::report::compare::{ComparedCell, SweepResults, compare};
use crate::report::environment::Environment;

const AXES: [&str; 3] = ["strategy", "workers", "inside"];

/// A sweep of these cells on a machine of so many cores, measured alike.
fn sweep(cores: u32, cells: &[[&str; 3]]) -> SweepResults {
    let cell = |values: &[&str; 3]| ComparedCell {
        parameters: values.map(str::to_owned).to_vec(),
        verdict: Some(Verdict::Kept),
        caveat: Caveat::None,
        attempts: 10,
        correct: 10,
        lost_increments: None,
        round_rates: vec![1e6; 10],
    };
    let environment = Environment { cores, ..Environment::default() };
    SweepResults { environment, cells: cells.iter().map(cell).collect() }
}

/// The verdict or the refusal of a comparison of two, by named axes and with force or without.
fn said(sheets: &[SweepResults; 2], named: &[usize], is_forced: bool) -> String {
    let policy = Policy::of(named.to_vec(), is_forced);
    let report = compare(&AXES, sheets, &policy);
    match refusal(&report, &AXES, &policy) {
        Some(refused) => refused.to_string(),
        None => verdict(&report, &AXES, &policy),
    }
}

/// What is said of two sweeps for every way to pair their cells, and where they cannot be paired.
fn said_of_every_way() -> [String; 17] {
    let first = || sweep(2, &[["ticket", "2", "0 ns"], ["ticket", "4", "0 ns"]]);
    let same = || sweep(4, &[["ticket", "2", "0 ns"]]);
    let other = |cores| sweep(cores, &[["mcs", "2", "1 us"], ["mcs", "4", "1 us"]]);
    let several = || sweep(2, &[["mcs", "2", "0 ns"], ["clh", "2", "0 ns"]]);
    let lengths = || sweep(2, &[["ticket", "2", "1 us"], ["ticket", "2", "2 us"]]);
    let mixed = || sweep(2, &[["mcs", "2", "0 ns"], ["clh", "2", "1 us"]]);
    let apart = |one, two| sweep(2, &[["ticket", one, "0 ns"], ["mcs", two, "0 ns"]]);
    let (strategy, workers) = (&[0][..], &[1][..]);
    [
        said(&[first(), first()], &[], false),
        said(&[first(), same()], &[], false),
        said(&[first(), same()], &[], true),
        said(&[first(), other(2)], &[], false),
        said(&[first(), other(2)], &[], true),
        said(&[first(), other(4)], &[], true),
        said(&[first(), other(2)], workers, false),
        said(&[first(), other(2)], strategy, false),
        said(&[first(), other(2)], strategy, true),
        said(&[first(), several()], &[], true),
        said(&[first(), several()], workers, false),
        said(&[first(), lengths()], workers, true),
        said(&[first(), mixed()], workers, false),
        said(&[apart("2", "4"), apart("4", "2")], &[], false),
        said(&[apart("2", "4"), apart("4", "2")], &[], true),
        said(&[apart("2", "4"), apart("4", "2")], strategy, false),
        said(&[first(), first()], strategy, false),
    ]
}

#[test]
fn wording_of_every_way_to_pair() {
    let of_second = "by: workers takes cells 0 and 1 of the second sweep for one, which differ in";
    let wanted = [
        "2 pairs of cells: 2 the same.".to_owned(),
        "Not comparable: they differ in the machine's cores.".to_owned(),
        "Forced, although they differ in the machine's cores: 1 pair of cells: 1 the same; 1 cell without a \
         counterpart."
            .to_owned(),
        "Nothing to compare: no cell of the first has its parameters in another, and the sweeps have \
         no strategy, inside in common."
            .to_owned(),
        "Paired although they differ in strategy, inside: 2 pairs of cells: 2 the same.".to_owned(),
        "Forced, although they differ in the machine's cores, and paired although they differ in strategy, inside: 2 \
         pairs of cells: 2 the same."
            .to_owned(),
        "Paired although they differ in strategy, inside: 2 pairs of cells: 2 the same.".to_owned(),
        "Nothing to compare: no cell of the first has its strategy in another, and the sweeps have \
         no strategy, inside in common."
            .to_owned(),
        "Nothing to compare: no cell of the first has its strategy in another, and the sweeps have \
         no strategy, inside in common."
            .to_owned(),
        "Nothing to compare: cells 0 and 1 of the second sweep are equal but for strategy, and the \
         sweeps have no strategy in common; measure all in one sweep."
            .to_owned(),
        format!("{of_second} strategy; measure all in one sweep, as these have no strategy in common"),
        format!("{of_second} inside; measure all in one sweep, as these have no inside in common"),
        format!("{of_second} strategy, inside; add inside"),
        "Nothing to compare: no cell of the first has its parameters in another.".to_owned(),
        "Nothing to compare: no cell of the first has in another what the sweeps have in common."
            .to_owned(),
        "Paired although they differ in workers: 2 pairs of cells: 2 the same.".to_owned(),
        "by: strategy takes cells 0 and 1 of the first sweep for one, which differ in workers; add \
         workers"
            .to_owned(),
    ];
    assert_eq!(said_of_every_way(), wanted);
}
