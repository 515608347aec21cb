//! List of the jobs: the rows of `gilctl list`, the selected one marked.

use crate::tui::state::State;
use view::render::format::color::Color;
use view::render::format::document::Document as _;
use view::render::format::page::Width;
use view::render::history::listing::Listing;

/// Stands before the selected job.
pub const MARK: &str = "> ";
/// Stands before the others.
const NO_MARK: &str = "  ";
/// Columns that are left out, in this order, where the list would be too wide.
const DISPENSABLE: [&str; 7] =
    ["IMPORTED FROM", "RUNS", "LABELS", "CELLS", "AGE", "VALUE", "ATTEMPTS"];

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListLine {
    /// Its text with the mark.
    pub text: String,
    /// What it is.
    pub kind: ListKind,
}

/// What a line of the list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// A heading.
    Heading,
    /// A job.
    Job,
    /// The selected job.
    Selected,
}

/// All lines of the list, at most so wide: sweeps, then explorations, each kind with its heading.
pub fn lines(state: &State, columns: usize) -> Vec<ListLine> {
    let known = state.shown();
    let Some(jobs) = &known.jobs else { return Vec::new() };
    let (sort, room) = (state.sort(), columns.saturating_sub(MARK.len()));
    let (sweeps, explorations) = (sort.sweeps(jobs), sort.explorations(jobs));
    let names: Vec<String> = sort.names(jobs);
    let listing = Listing { sweeps, explorations, now_ns: known.now_ns };
    let mut names = names.iter();
    let mut lines = Vec::new();
    for grid in listing.grids() {
        let (grid, _) = grid.spared(Width::Most(room), &DISPENSABLE);
        for (at, text) in grid.lines_within(room, Color::Plain).into_iter().enumerate() {
            let kind = match (at, names.as_slice().first()) {
                (0, _) | (_, None) => ListKind::Heading,
                (_, Some(name)) if state.selected() == Some(name) => ListKind::Selected,
                (_, Some(_)) => ListKind::Job,
            };
            if at > 0 {
                names.next();
            }
            let mark = if kind == ListKind::Selected { MARK } else { NO_MARK };
            lines.push(ListLine { text: format!("{mark}{text}"), kind });
        }
    }
    lines
}

/// The part of the lines that is shown in so many rows: with the selected job, and from the top on as long
/// as it stands there.
pub fn window(lines: &[ListLine], rows: usize) -> &[ListLine] {
    let selected = lines.iter().position(|line| line.kind == ListKind::Selected).unwrap_or(0);
    let first = (selected + 1).saturating_sub(rows);
    &lines[first..lines.len().min(first + rows)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_holds_the_selected_job() {
        let line = |at: usize, selected: usize| ListLine {
            text: at.to_string(),
            kind: if at == selected { ListKind::Selected } else { ListKind::Job },
        };
        let shown = |selected, rows| -> Vec<String> {
            let lines: Vec<ListLine> = (0..6).map(|at| line(at, selected)).collect();
            window(&lines, rows).iter().map(|line| line.text.clone()).collect()
        };
        assert_eq!(shown(0, 3), ["0", "1", "2"]);
        assert_eq!(shown(2, 3), ["0", "1", "2"]);
        assert_eq!(shown(5, 3), ["3", "4", "5"]);
        assert_eq!(shown(5, 9).len(), 6);
        assert_eq!(shown(3, 0), [""; 0]);
    }
}
