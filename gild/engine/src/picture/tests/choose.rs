//! Tests of the choice of a picture, and of the pictures of one sweep.

use super::*;
use crate::measure::measurement::Verdict;
use crate::picture::data::{ScaleKind, SeriesStyle};
use crate::picture::figures::{RightShare, SeenFigure, Setting};
use crate::stats::descriptive::wilson;
use crate::stats::scalability::Scalability;
use strategies::program::limit::picoseconds;

const AXES: [&str; 4] = ["strategy", "era", "switch-interval", "workers"];

fn cell(at: usize, strategy: &str, workers: u32, correct: u64) -> CellFigures {
    let parameters = [strategy, "none", "none", &workers.to_string()].map(str::to_owned).into();
    let verdict = if correct == 100 { Verdict::Kept } else { Verdict::Lost };
    let right = RightShare { share: wilson(correct, 100), count: 100, is_by_increments: false };
    CellFigures {
        cell: at,
        parameters,
        workers,
        expected: 100,
        attempts: 100,
        verdict: Some(verdict),
        right,
        rate: (1e6, Some((0.9e6, 1.1e6))),
        round_rates: vec![1e6; 20],
        ..CellFigures::default()
    }
}

fn sweep(cells: Vec<CellFigures>) -> SweepFigures {
    SweepFigures { has_ended: true, axes: &AXES, cells }
}

fn law(strategy: &str, law: Scalability) -> Vec<CellFigures> {
    let of = |n: u32| {
        let rate = law.rate(f64::from(n));
        let rates = [0.99, 1.0, 1.01].map(|factor| factor * rate).into();
        CellFigures { rate: (rate, None), round_rates: rates, ..cell(0, strategy, n, 100) }
    };
    [1, 2, 4, 8].map(of).into()
}

#[test]
fn fitting_picture_follows_the_results() {
    let kind = |cells| picture(None, &sweep(cells)).expect("a picture").kind;
    assert_eq!(kind(vec![cell(0, "a", 2, 100), cell(1, "b", 2, 100)]), PictureKind::Rate);
    assert_eq!(kind(vec![cell(0, "a", 2, 100), cell(1, "b", 2, 90)]), PictureKind::Right);
    let seen = vec![SeenFigure { value: 100, times: 90, probability: None }];
    let lossy = CellFigures { seen, ..cell(0, "a", 2, 90) };
    assert_eq!(kind(vec![lossy]), PictureKind::Outcomes);
}

/// A worker that makes requests is neither right nor wrong.
#[test]
fn cells_of_requests_alone_are_not_drawn() {
    let requesting = CellFigures { only_requests: true, ..cell(1, "gil", 1, 100) };
    let picture =
        picture(Some(PictureKind::Right), &sweep(vec![cell(0, "gil", 2, 100), requesting.clone()]));
    let picture = picture.expect("one cell increments");
    let points: usize = picture.series.iter().map(|series| series.points.len()).sum();
    assert_eq!(points, 1);
    assert!(
        picture.notes.iter().any(|note| note.starts_with("1 cell has no worker that increments"))
    );
    assert!(super::picture(None, &sweep(vec![requesting])).is_err());
}

#[test]
fn impossible_kind_is_refused_with_the_possible_ones() {
    let nothing = CellFigures { attempts: 0, ..cell(0, "a", 2, 100) };
    let refused = picture(None, &sweep(vec![nothing])).expect_err("nothing measured");
    assert_eq!(
        (refused.reason.as_str(), refused.possible.len()),
        ("nothing is measured yet, or no worker increments", 0)
    );
    let endless = CellFigures { expected: 0, ..cell(0, "a", 2, 100) };
    let refused = picture(Some(PictureKind::Outcomes), &sweep(vec![endless])).expect_err("endless");
    assert!(!refused.possible.contains(&PictureKind::Outcomes), "{refused:?}");
    assert!(refused.possible.contains(&PictureKind::Rate), "{refused:?}");
}

#[test]
fn rates_against_workers_have_the_fitted_law() {
    let known = Scalability { lambda: 1e7, sigma: 0.1, kappa: 0.01 };
    let drawn = picture(Some(PictureKind::Rate), &sweep(law("mutex", known))).expect("rates");
    let names: Vec<_> = drawn.series.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(names, ["mutex", "mutex: fitted law"]);
    assert_eq!(drawn.series[1].style, SeriesStyle::Line);
    for point in &drawn.series[1].points {
        assert!((point.y / known.rate(point.x) - 1.0).abs() < 1e-6, "{point:?}");
    }
    assert!(drawn.notes[0].contains("Universal Scalability Law"), "{:?}", drawn.notes);
    let note = &drawn.notes[1];
    for said in
        ["sigma 0.1 [", "kappa 0.01 [", "lambda 10.0 M/s [", "peak at N = 9.49 [", "beyond what"]
    {
        assert!(note.contains(said), "{note}");
    }
    let few = law("mutex", known).into_iter().take(3).collect();
    let drawn = picture(Some(PictureKind::Rate), &sweep(few)).expect("rates");
    assert_eq!(drawn.series.len(), 1);
    assert!(drawn.notes[0].contains("fitted to 4 numbers of workers"), "{:?}", drawn.notes);
}

/// No speed without whether the result was right.
#[test]
fn wrong_strategies_say_so_beside_their_speed() {
    for cells in [
        vec![cell(0, "unlocked", 2, 90), cell(1, "mutex", 2, 100)],
        vec![cell(0, "unlocked", 2, 90), cell(1, "unlocked", 4, 80), cell(2, "mutex", 2, 100)],
    ] {
        let drawn = picture(Some(PictureKind::Rate), &sweep(cells)).expect("rates");
        let names: Vec<&String> = match drawn.x.scale {
            ScaleKind::Category => drawn.x.categories.iter().collect(),
            _ => drawn.series.iter().map(|series| &series.name).collect(),
        };
        assert_eq!(names, ["unlocked (lost updates)", "mutex"]);
        assert!(drawn.notes.iter().any(|note| note.contains("lost updates")), "{:?}", drawn.notes);
    }
}

#[test]
fn rates_far_apart_are_on_a_logarithmic_axis_without_zeros() {
    let slow = CellFigures { rate: (1e3, None), ..cell(1, "slow", 2, 100) };
    let still = CellFigures { rate: (0.0, None), ..cell(2, "still", 2, 100) };
    let cells = vec![cell(0, "fast", 2, 100), slow, still];
    let drawn = picture(Some(PictureKind::Rate), &sweep(cells)).expect("rates");
    assert_eq!((drawn.y.scale, drawn.y.dropped_zeros), (ScaleKind::Log, 1));
    assert_eq!(drawn.series[0].points.len(), 2);
}

#[test]
fn right_share_is_against_intervals_only_if_all_have_one() {
    let at = |picoseconds, correct| CellFigures {
        setting: Some(Setting::Interval(picoseconds)),
        ..cell(0, "gil", 2, correct)
    };
    let drawn = picture(None, &sweep(vec![at(5_000_000, 100), at(1000, 50)])).expect("right");
    assert_eq!((drawn.x.scale, drawn.x.unit), (ScaleKind::Log, "ns"));
    let xs: Vec<f64> = drawn.series[0].points.iter().map(|point| point.x).collect();
    assert_eq!(xs, [1.0, 5000.0]);
    let ticks = CellFigures { setting: Some(Setting::Ticks(10)), ..cell(1, "gil", 2, 90) };
    let mixed = picture(Some(PictureKind::Right), &sweep(vec![at(1000, 50), ticks]));
    let mixed = mixed.expect("right");
    assert_eq!(mixed.x.scale, ScaleKind::Category);
    let share = wilson(50, 100);
    assert_eq!(mixed.series[0].points[0].interval, Some((share.low * 100.0, share.high * 100.0)));
}

#[test]
fn outcomes_are_seen_shares_beside_predictions() {
    let seen = vec![
        SeenFigure { value: 60, times: 10, probability: Some(0.2) },
        SeenFigure { value: 100, times: 90, probability: Some(0.8) },
    ];
    let lossy = CellFigures { seen, reachable: "2 to 100".into(), ..cell(0, "unlocked", 2, 90) };
    let drawn = picture(None, &sweep(vec![lossy])).expect("outcomes");
    let ys = |at: usize| drawn.series[at].points.iter().map(|it| it.y).collect::<Vec<_>>();
    assert_eq!((ys(0), ys(1)), (vec![10.0, 90.0], vec![20.0, 80.0]));
    assert_eq!(drawn.marks[0].x, Some(100.0));
    assert!(drawn.notes.iter().any(|note| note.contains("2 to 100")), "{:?}", drawn.notes);
}

#[test]
fn many_points_are_binned_and_the_note_says_so() {
    let seen = (0..1000).map(|value| SeenFigure { value, times: 1, probability: None }).collect();
    let cells = vec![CellFigures { seen, attempts: 1000, ..cell(0, "unlocked", 2, 90) }];
    let drawn = picture(None, &sweep(cells)).expect("outcomes");
    let points = &drawn.series[0].points;
    assert!(points.len() <= 400, "{}", points.len());
    let sum: f64 = points.iter().map(|point| point.y).sum();
    assert!((sum - 100.0).abs() < 1e-6, "shares add up: {sum}");
    let said = |note: &String| note.contains("points stand for 1000");
    assert!(drawn.notes.iter().any(said), "{:?}", drawn.notes);
}

#[test]
fn description_says_every_point_of_a_short_series() {
    let drawn = picture(None, &sweep(vec![cell(0, "a", 2, 100), cell(1, "b", 2, 100)]));
    let said = drawn.expect("rates").description;
    for part in ["increments per second by cells", "1.00 M/s [900 k/s to 1.10 M/s] at a", "at b"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn cell_is_found_by_each_of_its_intervals() {
    let of = |at, asked, also: &[u64]| CellFigures {
        setting: Some(Setting::Interval(asked)),
        also_intervals: also.into(),
        ..cell(at, "gil", 2, 100)
    };
    let found = |text: &str| {
        let cells = vec![of(0, 5_000_000_000, &[]), of(1, 500_000, &[500])];
        let axes = &["strategy", "switch-interval"];
        let only = only(SweepFigures { has_ended: true, axes, cells: named(cells) }, text);
        only.map(|sweep| sweep.cells.iter().map(|cell| cell.cell).collect::<Vec<_>>())
    };
    for (text, cells) in [("500 ns", 1), ("0.5 ns", 1), ("500, 0.5 ns", 1), ("gil 5 ms", 0)] {
        assert_eq!(found(text), Ok(vec![cells]), "{text}");
    }
    assert!(found("7 ns").is_err());
}

/// Cells with the axes of a strategy and its interval.
fn named(cells: Vec<CellFigures>) -> Vec<CellFigures> {
    let with = |cell: CellFigures| {
        let Some(Setting::Interval(picos)) = cell.setting else { return cell };
        CellFigures { parameters: vec!["gil".to_owned(), picoseconds(picos)], ..cell }
    };
    cells.into_iter().map(with).collect()
}
