//! Screens at three sizes, and what they have in common with `show`, `plot` and `list`.

use gilctl::tui::event::{Event, Link};
use gilctl::tui::job_log::JobLog;
use gilctl::tui::keys::Key;
use gilctl::tui::state::State;
use proto::v1::SweepState;
use ratatui::style::Modifier;
use view::render::format::color::Color;
use view::render::format::page::Width;
use view::render::picture::text::lines;
use view::render::picture::text::page::{Charset, TextPage};
use view::render::sweep::table;

use super::{
    LARGE, SMALL, USUAL, jobs, listed, look, opened, press, running, shown, terminal, top,
};
use crate::support::explorations::found;
use crate::support::pictures::rates;

#[test]
fn jobs_on_a_small_screen() {
    insta::assert_snapshot!(terminal(&top(), &look(), SMALL).backend());
}

#[test]
fn jobs_on_a_usual_screen() {
    insta::assert_snapshot!(terminal(&top(), &look(), USUAL).backend());
}

#[test]
fn jobs_on_a_large_screen() {
    insta::assert_snapshot!(terminal(&top(), &look(), LARGE).backend());
}

fn job() -> State {
    let mut state = top();
    press(&mut state, &[Key::Open]);
    state
}

#[test]
fn job_on_a_small_screen() {
    insta::assert_snapshot!(terminal(&job(), &look(), SMALL).backend());
}

#[test]
fn job_on_a_usual_screen() {
    insta::assert_snapshot!(terminal(&job(), &look(), USUAL).backend());
}

#[test]
fn job_on_a_large_screen() {
    insta::assert_snapshot!(terminal(&job(), &look(), LARGE).backend());
}

#[test]
fn help_on_a_small_and_a_usual_screen() {
    let mut state = top();
    press(&mut state, &[Key::Help]);
    let [small, usual] = [SMALL, USUAL].map(|size| shown(&state, &look(), size).join("\n"));
    insta::assert_snapshot!(format!("{small}\n\n{usual}"));
}

#[test]
fn exploration_is_shown_as_show_prints_it() {
    let found = found();
    let mut state = State::of_job(&found.name);
    state.apply(listed(jobs()));
    state.apply(Event::Opened(Box::new(JobLog::of_exploration(found))));
    insta::assert_snapshot!(terminal(&state, &look(), USUAL).backend());
}

/// The lines that `gilctl show` and `gilctl plot` print on a terminal of so many columns.
fn printed(state: &State, columns: usize) -> (Vec<String>, Vec<String>) {
    let Some(JobLog::Sweep(log)) = state.job() else { panic!("a sweep is followed") };
    let table = table::whole(log.view(), look().style(columns));
    let page = TextPage { width: columns, charset: Charset::Unicode, color: Color::Plain };
    (table.lines().map(str::to_owned).collect(), lines(&rates(), page))
}

#[test]
fn job_has_every_line_of_show_and_of_plot() {
    let (table, picture) = printed(&job(), 80);
    let screen = shown(&job(), &look(), (80, 120));
    let wanted: Vec<String> = [&table[..], &[String::new()], &picture].concat();
    assert_eq!(screen[1..=wanted.len()], wanted);
    let wide = shown(&job(), &look(), LARGE);
    let (table, picture) = printed(&job(), 99);
    let beside = wide.iter().skip(1).zip(table.iter().zip(&picture));
    for (line, (left, right)) in beside {
        assert_eq!(line, format!("{left:<101}{right}").trim_end());
    }
}

#[test]
fn list_has_every_row_of_list() {
    use view::render::format::document::Document as _;
    use view::render::history::listing::Listing;
    let known = jobs();
    let listing = Listing {
        sweeps: known.sweeps.jobs,
        explorations: known.explorations.jobs,
        now_ns: super::NOW_NS,
    };
    let rows = listing.grids().into_iter().flat_map(|it| it.fitted(Width::Any, Color::Plain));
    let screen = shown(&top(), &look(), LARGE);
    for row in rows.collect::<Vec<_>>() {
        let found = screen.iter().any(|line| line.get(2..) == Some(row.as_str()));
        assert!(found, "{row} is missing in {screen:#?}");
    }
}

#[test]
fn screen_below_the_least_size_says_which_it_needs() {
    for (size, line) in [
        ((39, 10), "needs 40x8, has 39x10"),
        ((80, 7), "needs 40x8, has 80x7"),
        ((12, 1), "needs 40x8,"),
        ((1, 1), "n"),
    ] {
        let screen = shown(&top(), &look(), size);
        assert_eq!(screen[0], line.trim_end());
        assert!(screen[1..].iter().all(String::is_empty), "{screen:?}");
    }
}

#[test]
fn status_line_says_what_is_to_be_known() {
    let last = |state: &State, columns| {
        shown(state, &look(), (columns, 24)).last().expect("a line").clone()
    };
    let mut state = top();
    assert_eq!(last(&state, 40), "q quit · ? help · Enter open · p pause");
    press(&mut state, &[Key::Cancel]);
    assert_eq!(last(&state, 40), "cancel sweep 4abcde? y/n");
    press(&mut state, &[Key::No, Key::Pause]);
    assert_eq!(last(&state, 80), "paused, 0 events wait");
    let cause = "the daemon closed it".to_owned();
    state.apply(Event::Lost { link: Link::Stream, cause });
    assert_eq!(
        last(&state, 80),
        "connection lost, trying again: the daemon closed it · paused, 0 events wait"
    );
    state.apply(Event::Reached(Link::Stream));
    press(&mut state, &[Key::Pause]);
    let answer = Ok(SweepState::Cancelling);
    state.apply(Event::Cancelled { name: running().name, answer });
    assert!(last(&state, 80).ends_with("is CANCELLING"), "{}", last(&state, 80));
}

#[test]
fn ascii_screen_has_ascii_signs_of_the_same_width() {
    let ascii = gilctl::tui::draw::look::Look { charset: Charset::Ascii, ..look() };
    let screen = shown(&top(), &ascii, USUAL).join("\n");
    assert!(screen.is_ascii(), "{screen}");
    insta::assert_snapshot!(screen);
}

#[test]
fn screen_without_colour_has_no_style_and_one_with_it_marks_the_selected_row() {
    let plain = terminal(&top(), &look(), USUAL);
    let cells = &plain.backend().buffer().content;
    assert!(cells.iter().all(|cell| cell.modifier.is_empty()));
    let colored = gilctl::tui::draw::look::Look { color: Color::Ansi, ..look() };
    let colored = terminal(&top(), &colored, USUAL);
    let buffer = colored.backend().buffer();
    let row = (0..24).find(|row| buffer[(0, *row)].symbol() == ">").expect("a marked row");
    assert!(buffer[(2, row)].modifier.contains(Modifier::REVERSED));
    assert_eq!(shown(&top(), &look(), USUAL), {
        let text = colored.backend().to_string();
        text.lines().map(|it| it.trim_matches('"').trim_end().to_owned()).collect::<Vec<_>>()
    });
}

/// Names of owners come from certificates and tokens of others.
#[test]
fn text_that_a_terminal_would_obey_is_spelled_out() {
    let mut jobs = jobs();
    "eve\u{1b}[2J\u{7}\u{202e}".clone_into(&mut jobs.sweeps.jobs[0].owner);
    let mut state = State::of_jobs();
    state.apply(listed(jobs));
    state.apply(opened());
    let screen = shown(&state, &look(), LARGE).join("\n");
    assert!(screen.contains(r"eve\u{1b}[2J\u{7}\u{202e}"), "{screen}");
    assert!(!screen.chars().any(|it| it.is_control() && it != '\n'), "{screen:?}");
}
