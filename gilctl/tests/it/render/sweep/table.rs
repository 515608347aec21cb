//! Table of a sweep, at its end and while it fills.

use proto::v1::{Cell, LostIncrements, Measurement, Sweep, SweepState, Validity, Verdict};
use view::follow::sweep_view::{Stage, SweepView};
use view::render::format::color::Color;
use view::render::format::page::Width;
use view::render::sweep::columns::Columns;
use view::render::sweep::table::{Style, live, markdown, whole};

use crate::support::pages::{NARROW, WIDE};
use crate::support::sweeps::{
    broken_measurements, cell, comparison, gil_measurements, gil_sweep, measured, view_of,
};

/// The first cell has had 40 attempts, all others none.
fn partial(state: SweepState) -> SweepView {
    let some = Measurement { attempts: 40, correct: 36, correct_fraction: 0.9, ..measured(90) };
    let none = Measurement { verdict: Verdict::Invalid.into(), ..Measurement::default() };
    let mut measurements = vec![none; 6];
    measurements[0] = some;
    view_of(gil_sweep(), measurements, state)
}

#[test]
fn gil_sweep_as_table() {
    let view = view_of(gil_sweep(), gil_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(whole(&view, NARROW));
}

#[test]
fn gil_sweep_with_every_column() {
    let view = view_of(gil_sweep(), gil_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(whole(&view, WIDE));
}

#[test]
fn row_that_ended_early_says_its_own_count() {
    let mut measurements = vec![measured(100); comparison().cells.len()];
    measurements[1] = Measurement { attempts: 50, correct: 50, ..measured(100) };
    let view = view_of(comparison(), measurements.clone(), SweepState::Succeeded);
    let text = whole(&view, WIDE);
    let rows: Vec<&str> = text.lines().filter(|line| line.contains(" of ")).collect();
    assert!(text.contains(" OF 100") && rows.len() == 1 && rows[0].contains("] of 50 "), "{text}");
    // Of an unfinished sweep every row says how many of how many.
    let view = view_of(comparison(), measurements, SweepState::Cancelled);
    assert!(whole(&view, WIDE).contains("] of 50/100"));
}

#[test]
fn broken_promise() {
    let view = view_of(comparison(), broken_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(whole(&view, WIDE));
}

#[test]
fn cancelled_sweep() {
    insta::assert_snapshot!(whole(&partial(SweepState::Cancelled), NARROW));
}

#[test]
fn running_sweep() {
    let mut view = partial(SweepState::Running);
    view.verdict.clear();
    view.notes.clear();
    view.rows.iter_mut().for_each(|row| row.stage = Stage::Open);
    insta::assert_snapshot!(live(&view, NARROW));
}

#[test]
fn redrawn_table_never_wraps() {
    let painted = Style { width: Width::Most(60), ..NARROW };
    let text = live(&partial(SweepState::Running), painted);
    assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    assert!(text.lines().any(|line| line.ends_with('…')), "{text}");
}

#[test]
fn failed_sweep_shows_its_error() {
    let mut view = partial(SweepState::Failed);
    view.error = "an attempt did not end within 10 s".into();
    assert!(whole(&view, NARROW).contains("error: an attempt did not end within 10 s\n"));
}

#[test]
fn validity_follows_the_verdict() {
    let doubt = |validity: Validity| Measurement { validity: validity.into(), ..measured(100) };
    let mut measurements = gil_measurements();
    measurements[0] = doubt(Validity::Noisy);
    measurements[1] = doubt(Validity::Sequential);
    let text = whole(&view_of(gil_sweep(), measurements, SweepState::Succeeded), NARROW);
    let row = |at: usize| text.lines().filter(|line| line.starts_with("gil ")).nth(at);
    assert!(row(0).is_some_and(|row| row.ends_with("kept (noisy)")), "{text}");
    assert!(row(1).is_some_and(|row| row.ends_with("kept (sequential)")), "{text}");
}

#[test]
fn planned_sweep() {
    let plan = Sweep { name: String::new(), ..comparison() };
    insta::assert_snapshot!(whole(&SweepView::new(plan), NARROW));
}

/// Cells under load with these lost increments of 4,812,345.
fn under_load(lost: &[Option<LostIncrements>]) -> SweepView {
    let cell =
        |at| Cell { duration_ns: Some(50_000_000), tasks: 0, expected: 0, ..cell(at, "ticket") };
    let cells = (0..).map(cell).take(lost.len()).collect();
    let figures = |lost_increments: &Option<LostIncrements>| Measurement {
        lost_increments: *lost_increments,
        lost_high: 0.3,
        ..measured(90)
    };
    let measurements = lost.iter().map(figures).collect();
    view_of(Sweep { cells, ..gil_sweep() }, measurements, SweepState::Succeeded)
}

fn lost(lost: u64, low: Option<f64>, high: Option<f64>) -> LostIncrements {
    LostIncrements {
        increments_checked: 4_812_345,
        increments_lost: lost,
        increments_lost_fraction: lost as f64 / 4_812_345.0,
        increments_lost_low: low,
        increments_lost_high: high,
    }
}

#[test]
fn load_is_judged_by_increments() {
    let view = under_load(&[
        Some(lost(0, Some(0.0), Some(6.2e-7))),
        Some(lost(3, Some(0.0), Some(1.8e-6))),
        Some(lost(96_247, Some(0.018), Some(0.022))),
        Some(lost(96_247, None, None)),
        None,
    ]);
    let text = whole(&view, NARROW);
    assert!(text.contains("LOST OF") && text.contains("INCREMENTS"), "{text}");
    assert!(
        !text.contains("RIGHT") && !text.contains("OF 100") && !text.contains("-30]"),
        "{text}"
    );
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("ticket")).collect();
    for (row, wanted) in rows.iter().zip([
        "0 of 4.8 M (<6.2e-7)",
        "3 of 4.8 M (6.2e-7 [0-1.8e-6])",
        "96247 of 4.8 M (2.0 % [1.8-2.2])",
        "96247 of 4.8 M (2.0 %, 1 round)",
        " – ",
    ]) {
        assert!(row.contains(wanted), "{wanted}: {row}");
    }
    assert_eq!(rows.len(), 5, "{text}");
}

/// A daemon that does not count increments.
#[test]
fn load_of_an_older_daemon_is_shown_by_attempts() {
    let text = whole(&under_load(&[None, None]), NARROW);
    assert!(text.contains("RIGHT %") && !text.contains("INCREMENTS"), "{text}");
}

#[test]
fn chosen_columns_stand_in_their_order() {
    let view = view_of(gil_sweep(), gil_measurements(), SweepState::Succeeded);
    let columns: Columns = "note,strategy,right".parse().expect("known");
    let table = whole(&view, Style { columns, ..NARROW });
    let heading = table.lines().find(|line| line.contains("STRATEGY")).expect("a heading");
    assert_eq!(heading.split_whitespace().collect::<Vec<_>>(), ["NOTE", "STRATEGY", "RIGHT", "%"]);
    assert!(
        markdown(&view, columns).contains("| NOTE   | STRATEGY "),
        "{}",
        markdown(&view, columns)
    );
}

#[test]
fn gil_sweep_as_markdown() {
    let view = view_of(gil_sweep(), gil_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(markdown(&view, Columns::Usual));
}

#[test]
fn lost_updates_are_red_and_broken_promises_inverted() {
    let view = view_of(comparison(), broken_measurements(), SweepState::Succeeded);
    let painted = whole(&view, Style { color: Color::Ansi, ..WIDE });
    let line = |word: &str| painted.lines().find(|line| line.contains(word)).unwrap_or_default();
    assert!(line("lost !").starts_with("\u{1b}[31m"), "{painted}");
    assert!(line("BROKEN").starts_with("\u{1b}[1;97;41m"), "{painted}");
    assert!(!line("kept").contains('\u{1b}'), "{painted}");
    assert!(!whole(&view, WIDE).contains('\u{1b}'));
}
