//! A sweep as a table for people, in the making or at its end.

use proto::v1::SweepState;

use crate::follow::sweep_view::{Row, SweepView};
use crate::render::format::color::{Color, Emphasis};
use crate::render::format::enum_names;
use crate::render::format::grid::Grid;
use crate::render::format::page::Width;
use crate::render::format::wrap::{cut, sentence};
use crate::render::sweep::columns::load::Load;
use crate::render::sweep::columns::{Column, Columns, is_about_requests, mark};
use crate::render::sweep::header;

/// Columns that are left out, in this order, where the table would be too wide; the others answer
/// the sweep's question.
fn dispensable(board: &SweepView) -> Vec<Column> {
    use Column::{Grade, Jain, Law, Overlap, Possible, Requests, Rounds, Seen, Switches};
    let load = [Load::HandOver, Load::Cpu, Load::Windows, Load::NewOwner, Load::Slowest];
    let load = load.into_iter().chain([Load::Bypassed, Load::TornReads, Load::Waits]);
    let mut all: Vec<Column> = load.map(Column::Load).collect();
    all.extend([Overlap, Rounds, Grade, Possible, Seen, Law, Switches]);
    if is_about_requests(board) {
        all.extend([Jain, Requests]);
    }
    all
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

/// The verdict, the header, the table and the notes.
pub fn whole(board: &SweepView, style: Style) -> String {
    let mut lines = verdict(board, style);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.extend(header::fitted(&header::lines(board), style.width));
    lines.push(String::new());
    let (grid, omitted) = fitted(board, style);
    lines.extend(grid.fitted(style.width, style.color));
    lines.push(String::new());
    lines.extend(footer(board, style));
    lines.extend(omission(&omitted).iter().flat_map(|line| sentence(line, style.width)));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// Header and table as they stand, for a sweep in the making. No line is wider than the terminal:
/// one that wraps would not be redrawn in its place.
pub fn live(board: &SweepView, style: Style) -> String {
    let most = style.width.most();
    let mut lines: Vec<String> = header::lines(board).iter().map(|line| cut(line, most)).collect();
    lines.push(String::new());
    lines.extend(fitted(board, style).0.lines_within(most, style.color));
    lines.join("\n")
}

/// The columns that answer the sweep's question, and the names of those that say more.
pub fn usual(board: &SweepView) -> (Grid, Vec<&'static str>) {
    let mut columns = Column::all(board);
    columns.retain(|column| column.applies(board, Columns::Usual));
    let dispensable = dispensable(board);
    let more = columns.iter().filter(|column| dispensable.contains(column));
    let more = more.map(|column| column.name()).collect();
    columns.retain(|column| !dispensable.contains(column));
    (set(board, &columns), more)
}

/// The same in Markdown.
pub fn markdown(board: &SweepView, columns: Columns) -> String {
    let style = Style { color: Color::Plain, width: Width::Any, columns };
    let (grid, _) = fitted(board, style);
    let mut parts = verdict(board, style);
    parts.extend(header::lines(board));
    parts.push(grid.markdown().trim_end().to_owned());
    parts.extend(footer(board, style));
    parts.join("\n\n") + "\n"
}

fn fitted(board: &SweepView, style: Style) -> (Grid, Vec<Column>) {
    let mut columns = match style.columns {
        Columns::Chosen(chosen) => chosen.to_vec(),
        Columns::Usual | Columns::Every => Column::all(board),
    };
    let is_chosen = matches!(style.columns, Columns::Chosen(_));
    columns.retain(|column| is_chosen || column.applies(board, style.columns));
    let (mut omitted, all) = (Vec::new(), columns.clone());
    let mut grid = set(board, &columns);
    let (Width::Most(most), Columns::Usual) = (style.width, style.columns) else {
        return (grid, omitted);
    };
    for column in dispensable(board) {
        if grid.width() <= most {
            return (grid, omitted);
        }
        if let Some(at) = columns.iter().position(|it| *it == column) {
            columns.remove(at);
            omitted.push(column);
            grid = grid.without(at);
        }
    }
    let at = columns.iter().position(|it| *it == Column::LostIncrements);
    if let Some(at) = at.filter(|_| !grid.fits(most)) {
        columns[at] = Column::LostShare;
        grid = set(board, &columns);
    }
    let grid = without_fairness(board, &columns, most, &mut omitted).unwrap_or(grid);
    // A block of lines per row has room for all.
    if grid.fits(most) { (grid, omitted) } else { (set(board, &all), Vec::new()) }
}

/// A table without the column of fairness, if that alone keeps it from being one.
fn without_fairness(
    board: &SweepView,
    columns: &[Column],
    most: usize,
    omitted: &mut Vec<Column>,
) -> Option<Grid> {
    let others: Vec<Column> = columns.iter().copied().filter(|it| *it != Column::Jain).collect();
    let narrower = set(board, &others);
    let is_needed = !set(board, columns).fits(most) && narrower.fits(most);
    is_needed.then(|| {
        omitted.push(Column::Jain);
        narrower
    })
}

fn set(board: &SweepView, columns: &[Column]) -> Grid {
    let mut grid = Grid::new(columns.iter().map(|it| (it.heading(board), it.align())));
    for row in &board.rows {
        let texts = columns.iter().map(|column| column.text(board, row));
        grid.push(texts, mark(row));
    }
    grid
}

/// The daemon's verdict, a sentence each; of a sweep without one what is done so far.
pub fn sentences(board: &SweepView) -> Vec<String> {
    board.verdict.lines().map(str::to_owned).chain(progress(board)).collect()
}

fn verdict(board: &SweepView, style: Style) -> Vec<String> {
    sentences(board).iter().flat_map(|it| sentence(it, style.width)).collect()
}

fn footer(board: &SweepView, style: Style) -> Vec<String> {
    let notes = board.notes.iter().map(|note| format!("note: {note}"));
    let mut lines: Vec<String> = notes.flat_map(|it| sentence(&it, style.width)).collect();
    if !board.error.is_empty() {
        let error = sentence(&format!("error: {}", board.error), style.width);
        lines.extend(error.iter().map(|line| style.color.paint(Emphasis::Broken, line)));
    }
    lines
}

/// What is missing, unless all was done.
fn progress(board: &SweepView) -> Option<String> {
    let (done, asked) = (board.attempts(), board.attempts_requested());
    if board.id().is_none() || (board.has_ended() && done == asked) {
        return None;
    }
    let precision = board.sweep.spec.as_ref().and_then(|spec| spec.precision_permille);
    if board.state == SweepState::Succeeded {
        // A note says which cells ended early by themselves.
        precision?;
        let is_early = |row: &&Row| row.attempts() < row.cell.attempts_requested;
        let (early, all) = (board.rows.iter().filter(is_early).count(), board.rows.len());
        let done = format!("{done} of {asked} attempts");
        return Some(if early == all {
            format!("Every rate was as precise as asked for after {done}.")
        } else {
            format!(
                "{early} of {all} rates were as precise as asked for before their last attempt; {done} ran."
            )
        });
    }
    let state = enum_names::state(board.state);
    Some(format!("{state}: {done} of {asked} attempts"))
}

fn omission(omitted: &[Column]) -> Option<String> {
    let names: Vec<&str> = omitted.iter().map(|column| column.name()).collect();
    (!names.is_empty()).then(|| format!("(too wide for: {}; -v shows all)", names.join(", ")))
}
