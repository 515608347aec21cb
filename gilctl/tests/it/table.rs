//! The table of a sweep, at its end and on the way there.

use gilctl::follow::sweep_log::SweepLog;
use gilctl::follow::sweep_view::{Stage, SweepView};
use gilctl::render::format::color::Color;
use gilctl::render::format::page::Width;
use gilctl::render::sweep::columns::Columns;
use gilctl::render::sweep::table::{Style, live, markdown, whole};
use proto::v1::{Measurement, Sweep, SweepState, Validity, Verdict};

use crate::fixture::{
    broken_measurements, chapter, chapter_measurements, comparison, ended, events, measured,
};

const NARROW: Style =
    Style { color: Color::Plain, width: Width::Most(120), columns: Columns::Usual };
const WIDE: Style = Style { color: Color::Plain, width: Width::Any, columns: Columns::Every };

/// A sweep that was followed to such an end.
pub(crate) fn board(sweep: Sweep, measurements: Vec<Measurement>, state: SweepState) -> SweepView {
    let complete = state == SweepState::Succeeded;
    let mut follower = SweepLog::new(sweep, 0);
    for event in events(measurements, complete, ended(state)) {
        follower.apply(event).expect("in order");
    }
    follower.view().clone()
}

/// The first cell has had 40 attempts, all others none.
fn partial(state: SweepState) -> SweepView {
    let some = Measurement { attempts: 40, correct: 36, correct_fraction: 0.9, ..measured(90) };
    let none = Measurement { verdict: Verdict::Invalid.into(), ..Measurement::default() };
    let mut measurements = vec![none; 6];
    measurements[0] = some;
    board(chapter(), measurements, state)
}

#[test]
fn the_chapter() {
    let board = board(chapter(), chapter_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(whole(&board, NARROW));
}

#[test]
fn the_chapter_with_every_column() {
    let board = board(chapter(), chapter_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(whole(&board, WIDE));
}

#[test]
fn a_broken_promise() {
    let board = board(comparison(), broken_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(whole(&board, WIDE));
}

#[test]
fn a_cancelled_sweep() {
    insta::assert_snapshot!(whole(&partial(SweepState::Cancelled), NARROW));
}

#[test]
fn a_sweep_in_the_making() {
    let mut board = partial(SweepState::Running);
    board.verdict.clear();
    board.notes.clear();
    board.rows.iter_mut().for_each(|row| row.stage = Stage::Open);
    insta::assert_snapshot!(live(&board, NARROW));
}

#[test]
fn what_is_redrawn_never_wraps() {
    let painted = Style { width: Width::Most(60), ..NARROW };
    let text = live(&partial(SweepState::Running), painted);
    assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    assert!(text.lines().any(|line| line.ends_with('…')), "{text}");
}

#[test]
fn a_failed_sweep() {
    let mut board = partial(SweepState::Failed);
    board.error = "an attempt did not end within 10 s".into();
    assert!(whole(&board, NARROW).contains("error: an attempt did not end within 10 s\n"));
}

#[test]
fn a_doubt_stands_beside_the_verdict() {
    let doubt = |validity: Validity| Measurement { validity: validity.into(), ..measured(100) };
    let mut measurements = chapter_measurements();
    measurements[0] = doubt(Validity::Noisy);
    measurements[1] = doubt(Validity::Sequential);
    let text = whole(&board(chapter(), measurements, SweepState::Succeeded), NARROW);
    let row = |at: usize| text.lines().filter(|line| line.starts_with("gil ")).nth(at);
    assert!(row(0).is_some_and(|row| row.ends_with("kept (noisy)")), "{text}");
    assert!(row(1).is_some_and(|row| row.ends_with("kept (sequential)")), "{text}");
}

#[test]
fn a_plan() {
    let plan = Sweep { name: String::new(), ..comparison() };
    insta::assert_snapshot!(whole(&SweepView::new(plan), NARROW));
}

#[test]
fn markdown_is_the_same_table() {
    let board = board(chapter(), chapter_measurements(), SweepState::Succeeded);
    insta::assert_snapshot!(markdown(&board, Columns::Usual));
}

#[test]
fn losses_are_red_and_broken_promises_loud() {
    let board = board(comparison(), broken_measurements(), SweepState::Succeeded);
    let painted = whole(&board, Style { color: Color::Ansi, ..WIDE });
    let line = |word: &str| painted.lines().find(|line| line.contains(word)).unwrap_or_default();
    assert!(line("lost !").starts_with("\u{1b}[31m"), "{painted}");
    assert!(line("BROKEN").starts_with("\u{1b}[1;97;41m"), "{painted}");
    assert!(!line("kept").contains('\u{1b}'), "{painted}");
    assert!(!whole(&board, WIDE).contains('\u{1b}'));
}
