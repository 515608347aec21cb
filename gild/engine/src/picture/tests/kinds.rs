//! Tests of the kinds of pictures beyond rates, shares and final values.

use super::data::{PictureKind, ScaleKind, SeriesStyle};
use super::figures::{CellFigures, RoundFigure, SweepFigures, WaitFigures};
use super::kinds::exploration::{ExplorationFigures, ExploredValue};
use super::kinds::{exploration, ratios};
use super::*;
use crate::measure::measurement::Verdict;
use crate::report::compare::{Caveat, Comparability, ComparisonReport, Pair, PairOutcome};
use crate::stats::fairness::WorkerShare;
use crate::stats::lost_increments::{IncrementCounts, LostIncrements};
use crate::stats::two_sample::Comparison;
use strategies::harness::durations::Durations;

fn cell(strategy: &str, workers: u32) -> CellFigures {
    CellFigures {
        parameters: vec![strategy.to_owned()],
        workers,
        attempts: 10,
        verdict: Some(Verdict::Kept),
        round_rates: vec![1e6; 10],
        rate: (1e6, None),
        ..CellFigures::default()
    }
}

fn sweep(cells: Vec<CellFigures>) -> SweepFigures {
    SweepFigures { has_ended: true, axes: &["strategy"], cells }
}

fn drawn(kind: PictureKind, cells: Vec<CellFigures>) -> data::Picture {
    choose::picture(Some(kind), &sweep(cells)).expect("it can be drawn")
}

#[test]
fn waits_are_the_quantiles_of_the_histogram_and_end_with_the_longest() {
    let mut all = Durations::default();
    (1..=1000).for_each(|us| all.record(us * 1000));
    let waits = WaitFigures { all: Some(all.clone()), count: 1000, quantiles: Vec::new() };
    let picture = drawn(PictureKind::Waits, vec![CellFigures { waits, ..cell("mutex", 2) }]);
    let points = &picture.series[0].points;
    for (label, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)] {
        let point = points.iter().find(|point| point.label == label).expect(label);
        assert_eq!(Some(point.y), all.quantile_ns(share).map(|ns| ns as f64));
        let (low, high) = point.interval.expect("an interval");
        assert!(low <= point.y && point.y <= high && high <= 1e6, "{point:?}");
        assert_eq!(point.count, Some(1000));
    }
    let last = points.last().expect("points");
    assert_eq!(
        (last.label.as_str(), last.y, last.x, last.interval),
        ("longest", 1e6, 1000.0, None)
    );
    let beyond = |label: &str| points.iter().any(|point| point.label == label);
    assert!(!beyond("p99.99"), "a thousand waits have no such percentile");
}

#[test]
fn waits_without_a_histogram_are_the_kept_quantiles() {
    let kept = vec![(0.5, 10), (0.99, 200), (1.0, 3000)];
    let waits = WaitFigures { all: None, count: 500, quantiles: kept };
    let picture = drawn(PictureKind::Waits, vec![CellFigures { waits, ..cell("mutex", 2) }]);
    let points: Vec<(f64, f64)> =
        picture.series[0].points.iter().map(|point| (point.x.round(), point.y)).collect();
    assert_eq!(points, [(2.0, 10.0), (100.0, 200.0), (500.0, 3000.0)]);
}

#[test]
fn shares_are_bars_or_a_series_for_each_window() {
    let alone = cell("alone", 1);
    let uneven = CellFigures { jain: 0.6, slowest: Some(0.1), ..cell("uneven", 2) };
    let picture = drawn(PictureKind::Shares, vec![alone.clone(), uneven.clone()]);
    assert_eq!(picture.x.categories, ["uneven"], "one worker shares nothing");
    assert_eq!((picture.series[0].style, picture.series[0].points[0].y), (SeriesStyle::Bars, 0.6));
    let marks: Vec<_> = picture.marks.iter().filter_map(|mark| mark.y).collect();
    assert_eq!(marks, [1.0, 0.5]);
    assert!(picture.notes.iter().any(|note| note.contains("10.0 %")), "{:?}", picture.notes);
    let windows = CellFigures { jain_windows: vec![(1, 0.5), (10, 0.55)], ..uneven };
    let picture = drawn(PictureKind::Shares, vec![windows]);
    let names: Vec<_> = picture.series.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(names, ["windows of 1 ms", "windows of 10 ms", "whole attempts"]);
    let refused = choose::picture(Some(PictureKind::Shares), &sweep(vec![alone]));
    assert_eq!(refused.expect_err("one worker").reason, "each cell has one worker");
}

/// A cell of an era and a body whose rounds lost so many of a thousand increments.
fn crossed(era: &str, body: &str, rounds: &[u64]) -> CellFigures {
    let of = |lost: &u64| IncrementCounts { checked: 1000, lost: *lost };
    let lost = LostIncrements::of(&rounds.iter().map(of).collect::<Vec<_>>());
    let verdict = if lost.counts.lost == 0 { Verdict::Kept } else { Verdict::Lost };
    CellFigures {
        parameters: ["gil", era, body].map(str::to_owned).into(),
        lost: Some(lost),
        verdict: Some(verdict),
        ..cell("gil", 2)
    }
}

const CROSSED: &[&str] = &["strategy", "era", "body"];

#[test]
fn heatmap_has_a_row_for_each_era_a_column_for_each_body_and_fits_where_both_are_crossed() {
    let cells = vec![
        crossed("3.9", "increment", &[0, 0]),
        crossed("3.9", "call", &[10, 30]),
        crossed("3.12", "increment", &[7]),
        CellFigures { lost: None, ..crossed("3.12", "call", &[]) },
    ];
    let sweep = |cells| SweepFigures { has_ended: true, axes: CROSSED, cells };
    let picture = choose::picture(None, &sweep(cells.clone())).expect("it fits");
    assert_eq!(picture.kind, PictureKind::Heatmap);
    assert_eq!(picture.x.categories, ["increment", "call"]);
    let names: Vec<&str> = picture.series.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["gil 3.9", "gil 3.12"]);
    let [kept, lost] = picture.series[0].points.as_slice() else { panic!("two columns") };
    assert_eq!((kept.y, kept.count, kept.label.as_str()), (0.0, Some(2000), ""));
    assert_eq!((lost.x, lost.y, lost.label.as_str()), (1.0, 2.0, "lost updates"));
    let (low, high) = lost.interval.expect("several rounds");
    assert!((1.0..=2.0).contains(&low) && (2.0..=3.0).contains(&high), "{lost:?}");
    let [alone] = picture.series[1].points.as_slice() else { panic!("one is unknown") };
    assert_eq!((alone.interval, alone.count), (None, Some(1000)), "one round has no spread");
    assert!(picture.notes[1].starts_with("1 cell has no final values"), "{:?}", picture.notes);
    let one_body = vec![cells[0].clone(), cells[2].clone()];
    let refused = choose::picture(Some(PictureKind::Heatmap), &sweep(one_body));
    let refused = refused.expect_err("one column");
    assert_eq!(refused.reason, "its columns are bodies, and all cells have the same");
    assert!(!refused.possible.contains(&PictureKind::Heatmap));
    let one_era = vec![cells[0].clone(), cells[1].clone()];
    let fitting = choose::picture(None, &sweep(one_era)).expect("a picture");
    assert_ne!(fitting.kind, PictureKind::Heatmap);
}

#[test]
fn workers_have_their_share_of_all_attempts_and_its_range() {
    let share = |increments, least, greatest| WorkerShare { increments, least, greatest };
    let uneven = CellFigures {
        worker_shares: vec![share(300, 0.5, 1.0), share(100, 0.0, 0.5)],
        ..cell("uneven", 2)
    };
    let old = cell("old", 2);
    let picture = drawn(PictureKind::Workers, vec![old.clone(), uneven]);
    assert_eq!(picture.x.categories, ["uneven"]);
    let names: Vec<&str> = picture.series.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(names, ["worker 1", "worker 2"]);
    let point = &picture.series[0].points[0];
    assert_eq!((point.y, point.interval, point.count), (75.0, Some((50.0, 100.0)), Some(10)));
    assert_eq!(picture.marks[0].y, Some(50.0));
    assert!(
        picture.notes[1].starts_with("1 cell has one worker, no end yet"),
        "{:?}",
        picture.notes
    );
    let refused = choose::picture(Some(PictureKind::Workers), &sweep(vec![old]));
    let refused = refused.expect_err("an earlier version's");
    assert!(refused.reason.contains("an earlier version measured it"), "{}", refused.reason);
}

#[test]
fn rounds_are_in_the_order_of_turns_and_noisy_ones_are_marked() {
    let round = |turn, is_noisy| RoundFigure { turn, rate: 1e6, attempts: 5, is_noisy };
    let rounds = vec![round(2, false), round(5, true)];
    let picture = drawn(PictureKind::Rounds, vec![CellFigures { rounds, ..cell("mutex", 2) }]);
    let points = &picture.series[0].points;
    assert_eq!(points.iter().map(|point| point.x).collect::<Vec<_>>(), [2.0, 5.0]);
    assert_eq!(points.iter().map(|point| point.is_noisy).collect::<Vec<_>>(), [false, true]);
    assert!(picture.notes[0].contains("1 of 2 turns are noisy"), "{:?}", picture.notes);
}

#[test]
fn ratios_have_their_interval_and_say_which_side_was_wrong() {
    let rates = Comparison { ratio: 1.2, low: 1.1, high: 1.3, p: 0.001, counts: (20, 20) };
    let pair = |at, outcome| Pair {
        first: at,
        sweep: 1,
        other: at,
        rates: Some(rates),
        outcome,
        caveat: Caveat::None,
    };
    let report = ComparisonReport {
        comparability: Comparability::Comparable,
        differences: Vec::new(),
        unknown: Vec::new(),
        parameters: Vec::new(),
        ignored: Vec::new(),
        disjoint: Vec::new(),
        pairs: vec![pair(0, PairOutcome::Faster), pair(1, PairOutcome::Wronger)],
        unmatched: 3,
        ambiguity: None,
        with_force: 0,
    };
    let lossy = CellFigures { verdict: Some(Verdict::Lost), ..cell("unlocked", 2) };
    let sweeps =
        [sweep(vec![cell("mutex", 2), cell("unlocked", 2)]), sweep(vec![cell("mutex", 2), lossy])];
    let picture = ratios::picture(&report, &sweeps);
    assert_eq!(picture.x.categories, ["mutex", "unlocked (the other lost updates)"]);
    let point = &picture.series[0].points[0];
    assert_eq!((point.y, point.interval, point.count), (1.2, Some((1.1, 1.3)), Some(40)));
    assert_eq!(point.label, "faster");
    assert_eq!((picture.y.scale, picture.marks[0].y), (ScaleKind::Log, Some(1.0)));
    assert!(picture.notes.iter().any(|note| note.contains("3 cells have no counterpart")));
}

#[test]
fn probabilities_below_a_double_and_zeros_are_counted_not_drawn() {
    let value = |value, probability, log10| ExploredValue { value, probability, log10 };
    let figures = ExplorationFigures {
        strategy: "unlocked".into(),
        scheduler: "interleavings".into(),
        expected: 4,
        has_ended: true,
        has_probabilities: true,
        values: vec![
            value(2, 0.25, Some(-0.602)),
            value(3, 0.0, Some(-400.0)),
            value(4, 0.0, None),
        ],
    };
    let picture = exploration::picture(None, &figures).expect("probabilities");
    assert_eq!((picture.series[0].points.len(), picture.y.dropped_zeros), (1, 2));
    let notes = picture.notes.join(" ");
    assert!(notes.contains("1 possible values are below 1e-308"), "{notes}");
    assert!(notes.contains("1 values have probability 0"), "{notes}");
    let refused = exploration::picture(Some(PictureKind::Rate), &figures).expect_err("no rate");
    assert_eq!(refused.possible, [PictureKind::Outcomes]);
    let closed = ExplorationFigures { has_probabilities: false, ..figures };
    assert!(exploration::picture(None, &closed).is_err(), "a closed form knows no probability");
}
