//! Table of a sweep, at its end and while it fills.

use gilctl::follow::sweep_view::{Stage, SweepView};
use gilctl::render::format::color::Color;
use gilctl::render::format::page::Width;
use gilctl::render::sweep::columns::Columns;
use gilctl::render::sweep::table::{Style, live, markdown, whole};
use proto::v1::{Measurement, Sweep, SweepState, Validity, Verdict};

use crate::support::pages::{NARROW, WIDE};
use crate::support::sweeps::{
    broken_measurements, comparison, gil_measurements, gil_sweep, measured, view_of,
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
