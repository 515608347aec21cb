//! Diagrams of schedules: on a terminal and as SVG.

use crate::support::explorations::{play, race, witnessed};
use proto::v1::{ReplayScheduleResponse, Trace};
use view::follow::exploration_log::ExplorationView;
use view::render::explore::replay::{Agreement, agreement};
use view::render::explore::{diagram, narrative, svg};
use view::render::format::color::Color;
use view::render::format::document::Document as _;
use view::render::format::page::{Extent, Page, Width};

use crate::support::pages::NARROW_PAGE;

fn witness(page: Page) -> String {
    ExplorationView::new(witnessed()).table(page)
}

#[track_caller]
fn fits(text: &str) {
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

/// Three workers, two of which go back to a read that the third overtook.
fn three() -> Trace {
    play("L.S", &[(0, 2), (1, 1), (2, 6), (0, 1), (1, 2), (0, 3), (1, 3)])
}

#[test]
fn witness_fits_80_columns() {
    let text = witness(NARROW_PAGE);
    let (picture, _) = text.split_once("gilctl replay").expect("a command");
    fits(picture);
    insta::assert_snapshot!(text);
}

#[test]
fn witness_in_colour() {
    let text = witness(Page { color: Color::Ansi, ..NARROW_PAGE });
    insta::assert_snapshot!(text.replace('\u{1b}', "ESC"));
}

#[test]
fn witness_as_markdown() {
    insta::assert_snapshot!(ExplorationView::new(witnessed()).markdown());
}

#[test]
fn third_worker_switches_to_lanes() {
    let lines = diagram::lines(&three(), NARROW_PAGE).join("\n");
    fits(&lines);
    insta::assert_snapshot!(lines);
    let columns = Page { width: Width::Most(120), ..NARROW_PAGE };
    let heading = diagram::lines(&three(), columns).remove(0);
    assert_eq!(heading.split_whitespace().collect::<Vec<&str>>().len(), 5, "{heading}");
}

#[test]
fn several_losing_workers_are_named() {
    insta::assert_snapshot!(narrative::losses(&three(), Extent::Everything).join("\n"));
}

#[test]
fn lock_steps_are_shown_only_where_interrupted() {
    let trace = play("QELSD", &[(0, 10), (1, 1), (0, 1), (1, 4)]);
    let text = diagram::lines(&trace, NARROW_PAGE).join("\n");
    assert!(text.contains("2 increments, 0 -> 2") && text.contains("gets in line"), "{text}");
    assert!(text.contains("is first in line"), "{text}");
}

#[test]
fn long_diagram_shows_both_ends() {
    let runs: Vec<(u32, usize)> = (0..100).map(|at| (at % 2, 1)).collect();
    let trace = play("LS", &runs);
    let lines = diagram::lines(&trace, NARROW_PAGE);
    assert_eq!(lines.len(), 2 + diagram::ROWS_MAX + 1);
    assert!(lines.iter().any(|line| line.contains("(60 more of 100 rows; -v shows all)")));
    let all = diagram::lines(&trace, Page { extent: Extent::Everything, ..NARROW_PAGE });
    assert_eq!(all.len(), 2 + 100);
    let sentences = narrative::losses(&trace, Extent::Screenful);
    assert_eq!(sentences.last().map(String::as_str), Some("(17 more of 25 losses; -v names all)"));
}

#[test]
fn inconsistent_trace_is_still_drawn() {
    let mut trace = race();
    trace.losses[0].load = 4_000_000_000;
    trace.losses[1].lost = vec![4_000_000_000];
    trace.events[3].worker = 4_000_000_000;
    trace.events[4].letter.clear();
    assert!(diagram::lines(&trace, NARROW_PAGE).len() > 5);
    assert!(svg::diagram("", &trace).ends_with("</svg>\n"));
    assert!(!diagram::lines(&Trace::default(), NARROW_PAGE).is_empty());
    assert!(svg::diagram("", &Trace::default()).ends_with("</svg>\n"));
}

#[test]
fn race_as_svg() {
    let title = "unlocked, 2 workers, 10 increments each, steps LS";
    let drawing = svg::diagram(title, &race());
    assert_eq!(drawing, svg::diagram(title, &race()), "the same bytes");
    insta::assert_snapshot!(drawing);
}

#[test]
fn long_svg_names_the_number_of_hidden_rows() {
    let runs: Vec<(u32, usize)> = (0..1000).map(|at| (at % 2, 1)).collect();
    let drawing = svg::diagram("long", &play("LS", &runs));
    assert!(drawing.contains("… 800 more rows are not drawn …"));
    let dots = drawing.matches("<circle").count();
    assert!(dots <= 2 * svg::ROWS_MAX + 1, "{dots}");
}

fn replayed(value_on_threads: u32) -> ReplayScheduleResponse {
    ReplayScheduleResponse { trace: Some(race()), value_on_threads }
}

#[test]
fn replay_ends_with_both_values() {
    let text = replayed(2).table(NARROW_PAGE);
    assert!(text.starts_with("replay · unlocked 2x10 LS\n\nMOVES "), "{text}");
    assert!(text.ends_with("\n2 in the model, 2 on real threads\n"), "{text}");
    assert_eq!(agreement(&replayed(2)), Agreement::Equal);
    assert_eq!(agreement(&replayed(20)), Agreement::Different);
    let loud = replayed(20).table(Page { color: Color::Ansi, ..NARROW_PAGE });
    assert!(loud.contains("\u{1b}[1;97;41m2 in the model, 20 on real threads"), "{loud}");
    let document = replayed(2).markdown();
    assert!(document.contains("```text\nMOVES") && document.contains("```sh\ngilctl replay gild1"));
}

/// The holder and the instructions take room that is left, the instructions being the first to go.
#[test]
fn instructions_and_holder_stand_beside_the_moves_where_there_is_room() {
    let named = ["LOAD_GLOBAL num", "STORE_GLOBAL num"].map(str::to_owned).into();
    let trace = Trace { instructions: named, ..play("LS", &[(0, 1), (1, 2), (0, 1)]) };
    let at = |most| diagram::lines(&trace, Page { width: Width::Most(most), ..NARROW_PAGE });
    let heading = |most: usize| {
        let lines = at(most);
        assert!(lines.iter().all(|line| line.chars().count() <= most), "{lines:?}");
        lines[0].clone()
    };
    assert!(heading(100).ends_with("COUNTER  GIL  INSTRUCTION"), "{}", heading(100));
    let lines = at(100);
    assert!(lines[2].ends_with("T0   LOAD_GLOBAL num"), "{lines:?}");
    assert!(lines[3].ends_with("T1   LOAD_GLOBAL, STORE_GLOBAL"), "{lines:?}");
    let whole = at(100).iter().map(|line| line.chars().count()).max().expect("lines");
    assert!(heading(whole - 1).ends_with("COUNTER  GIL"), "{}", heading(whole - 1));
    assert!(heading(40).ends_with("COUNTER"), "{}", heading(40));
    let drawing = svg::diagram("gil", &trace);
    for text in [">GIL<", ">instruction<", ">LOAD_GLOBAL num<", ">T1<"] {
        assert!(drawing.contains(text), "{text}");
    }
}
