//! A sweep as a table for people, in the making or at its end.

use crate::follow::sweep_view::SweepView;
use crate::render::format::color::{Color, Emphasis};
use crate::render::format::enum_names;
use crate::render::format::grid::{Grid, cut};
use crate::render::format::page::Width;
use crate::render::sweep::columns::{Column, Columns, is_about_requests, mark};
use crate::render::sweep::header;
use crate::render::sweep::load_columns::{Load, is_about_load};

/// Columns that are left out, in this order, where the table would be too wide: requests are read
/// for their times, one strategy for its switches, and several are compared for their fairness.
fn dispensable(board: &SweepView) -> Vec<Column> {
    use Column::{Correct, Jain, Lost, LostIncrements, Overlap, Rounds, Switches};
    let first = board.rows.first().map(|row| &row.cell.strategy);
    if is_about_load(board) {
        let load = [Load::HandOver, Load::Windows, Load::NewOwner, Load::Slowest];
        [Overlap, Rounds].into_iter().chain(load.map(Column::Load)).collect()
    } else if is_about_requests(board) {
        vec![Overlap, Jain, Rounds, Lost, Correct, LostIncrements]
    } else if board.rows.iter().all(|row| Some(&row.cell.strategy) == first) {
        vec![Jain, Lost, Overlap, Rounds, Switches]
    } else {
        vec![Overlap, Switches, Rounds, Jain]
    }
}

/// How a table is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Colour or none.
    pub color: Color,
    /// How wide it may be.
    pub width: Width,
    /// Which columns it has, if there is room.
    pub columns: Columns,
}

/// Header, table, verdict and notes.
pub fn whole(board: &SweepView, style: Style) -> String {
    let mut lines = header::lines(board);
    lines.push(String::new());
    let (grid, omitted) = fitted(board, style);
    lines.extend(grid.lines(style.color));
    lines.push(String::new());
    lines.extend(footer(board, style.color));
    lines.extend(omission(&omitted));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// Header and table as they stand, for a sweep in the making. No line is wider than the terminal:
/// one that wraps would not be redrawn in its place.
pub fn live(board: &SweepView, style: Style) -> String {
    let most = match style.width {
        Width::Most(most) => most,
        Width::Any => usize::MAX,
    };
    let mut lines: Vec<String> = header::lines(board).iter().map(|line| cut(line, most)).collect();
    lines.push(String::new());
    lines.extend(fitted(board, style).0.lines_within(most, style.color));
    lines.join("\n")
}

/// The table and what is said under it, in Markdown.
pub fn markdown(board: &SweepView, columns: Columns) -> String {
    let (grid, _) = fitted(board, Style { color: Color::Plain, width: Width::Any, columns });
    let above = header::lines(board).join("\n\n");
    let below = footer(board, Color::Plain).join("\n\n");
    let table = grid.markdown();
    format!("{above}\n\n{table}\n{below}").trim_end().to_owned() + "\n"
}

fn fitted(board: &SweepView, style: Style) -> (Grid, Vec<Column>) {
    let mut columns = Column::all(board);
    columns.retain(|column| column.applies(board, style.columns));
    let mut omitted = Vec::new();
    let mut grid = set(board, &columns);
    let Width::Most(most) = style.width else {
        return (grid, omitted);
    };
    for column in dispensable(board) {
        if grid.width() <= most {
            break;
        }
        if columns.contains(&column) {
            columns.retain(|kept| *kept != column);
            omitted.push(column);
            grid = set(board, &columns);
        }
    }
    (grid, omitted)
}

fn set(board: &SweepView, columns: &[Column]) -> Grid {
    let mut grid = Grid::new(columns.iter().map(|it| (it.heading(board), it.align())));
    for row in &board.rows {
        let texts = columns.iter().map(|column| column.text(board, row));
        grid.push(texts, mark(row));
    }
    grid
}

fn footer(board: &SweepView, color: Color) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(progress(board));
    lines.extend(Some(board.verdict.clone()).filter(|verdict| !verdict.is_empty()));
    lines.extend(board.notes.iter().map(|note| format!("note: {note}")));
    if !board.error.is_empty() {
        lines.push(color.paint(Emphasis::Broken, &format!("error: {}", board.error)));
    }
    lines
}

/// What is missing, unless all was done.
fn progress(board: &SweepView) -> Option<String> {
    let (done, asked) = (board.attempts(), board.attempts_requested());
    if board.id().is_none() || (board.has_ended() && done == asked) {
        return None;
    }
    let state = enum_names::state(board.state);
    Some(format!("{state}: {done} of {asked} attempts"))
}

fn omission(omitted: &[Column]) -> Option<String> {
    let names: Vec<&str> = omitted.iter().map(|column| column.name()).collect();
    (!names.is_empty()).then(|| format!("(too wide for: {}; -v shows all)", names.join(", ")))
}
