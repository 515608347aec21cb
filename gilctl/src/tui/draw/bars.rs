//! Bars of the screen: the title, the lab in a few phrases, the line between panes, and the status line.

use crate::ids::{Kind, short};
use crate::tui::draw::look::Look;
use crate::tui::state::{Pane, State};
use view::render::format::document::Document as _;
use view::render::format::grid::Grid;
use view::render::format::page::Width;
use view::render::format::wrap::{SEPARATOR, cut, phrases};
use view::render::lab::status::Status;

/// Rows of `gilctl status` that say what runs and what waits.
const OF_LAB: [&str; 4] = ["running", "queue", "lanes", "trust"];
/// Keys that the status line names, the most needed first.
const KEYS_OF_JOBS: [&str; 6] = ["q quit", "? help", "Enter open", "p pause", "c cancel", "s sort"];
/// The same while a job fills the screen.
const KEYS_OF_JOB: [&str; 4] = ["q back", "? help", "p pause", "c cancel"];

/// How the help is left.
const HELP_ENDS: &str = "any key goes back";

/// The first line: which command, in which order, of which lab.
pub fn title(state: &State, look: &Look) -> String {
    let what = match (state.pane(), state.selected()) {
        (Pane::Job, Some(name)) => format!("gilctl{SEPARATOR}{}", named(name)),
        (Pane::Jobs | Pane::Job, _) => {
            format!("gilctl top{SEPARATOR}jobs {}", state.sort().in_words())
        }
    };
    [what, look.location.clone()].join(SEPARATOR)
}

/// The lab as `gilctl status` describes it, in lines of phrases.
pub fn lab(state: &State, columns: usize) -> Vec<String> {
    let known = state.shown();
    let Some(lab) = known.lab.clone() else { return Vec::new() };
    let grids = Status { lab, now_ns: known.now_ns }.grids();
    let rows = || grids.iter().flat_map(Grid::rows).map(|(texts, _)| texts);
    let phrase = |name: &str| {
        let row = rows().find(|texts| texts.first().is_some_and(|it| it == name));
        row.map(|texts| texts.join(" "))
    };
    let said: Vec<String> = OF_LAB.into_iter().filter_map(phrase).collect();
    phrases(&said, Width::Most(columns))
}

/// The line above the selected job.
pub fn rule(state: &State, columns: usize) -> String {
    let name = state.selected().map(named).unwrap_or_default();
    let line = format!("── {name} ");
    let left = columns.saturating_sub(line.chars().count());
    line + &"─".repeat(left)
}

/// The last line: a question, or what is to be known, or the keys.
pub fn status(state: &State, columns: usize) -> String {
    if let Some(name) = state.asked() {
        return cut(&format!("cancel {}? y/n", named(name)), columns);
    }
    if state.shows_help() {
        return HELP_ENDS.to_owned();
    }
    let paused = state.waiting().map(|waiting| match waiting {
        1 => "paused, 1 event waits".to_owned(),
        several => format!("paused, {several} events wait"),
    });
    let lost = state.lost().map(|cause| format!("connection lost, trying again: {cause}"));
    let message = state.message().map(str::to_owned);
    let said: Vec<String> = [lost, paused, message].into_iter().flatten().collect();
    if said.is_empty() { keys(state, columns) } else { cut(&said.join(SEPARATOR), columns) }
}

/// The keys that fit.
fn keys(state: &State, columns: usize) -> String {
    let keys: &[&str] = match state.pane() {
        Pane::Jobs => &KEYS_OF_JOBS,
        Pane::Job => &KEYS_OF_JOB,
    };
    phrases(keys, Width::Most(columns)).into_iter().next().unwrap_or_default()
}

fn named(name: &str) -> String {
    format!("{} {}", Kind::of(name).noun(), short(name))
}
