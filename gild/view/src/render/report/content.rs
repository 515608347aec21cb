//! Content of a report, in whatever form it is written.

use proto::v1::{CompareSweepsResponse, Picture, PictureKind, Sweep};

use crate::follow::sweep_view::SweepView;
use crate::ids;
use crate::render::format::enum_names;
use crate::render::format::grid::{Align, Grid};
use crate::render::history::comparison;
use crate::render::report::illustration::Illustration;
use crate::render::report::measured::{Fact, facts, sweep_command};
use crate::render::sweep::command_line::shell_line;
use crate::render::sweep::table;

/// The pictures of a sweep, in the order of a report.
pub const KINDS: [PictureKind; 8] = [
    PictureKind::Rate,
    PictureKind::Right,
    PictureKind::Heatmap,
    PictureKind::Outcomes,
    PictureKind::Waits,
    PictureKind::Shares,
    PictureKind::Workers,
    PictureKind::Rounds,
];

/// Most rows of a table in a report.
const ROWS_MAX: usize = 1_000;
/// Most combinations without a cell that are listed.
const SKIPPED_MAX: usize = 20;
/// What the intervals of the table are.
const INTERVALS: &str = "Rates are medians over attempts, in brackets with their quartiles; pictures and \
                         ratios have the 95 % interval of the median.";
/// Most strategies that a title names.
const NAMED_MAX: usize = 4;

/// A table, and what must be known to read it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportTable {
    /// At most a thousand rows.
    pub grid: Grid,
    /// What its intervals are, and what is left out, in sentences.
    pub remarks: Vec<String>,
}

/// What a report says of one sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepSection {
    /// Its title.
    pub title: String,
    /// The short id.
    pub short: String,
    /// The verdict, a sentence each.
    pub verdict: Vec<String>,
    /// The usual columns.
    pub table: ReportTable,
    /// The pictures, each kind once.
    pub pictures: Vec<Illustration>,
    /// Notes, and why it failed.
    pub notes: Vec<String>,
    /// How it was measured.
    pub facts: Vec<Fact>,
    /// The command that asks for it again.
    pub command: String,
}

/// What a report says of sweeps side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The sweeps, the first of which is the base.
    pub sweeps: Vec<String>,
    /// The verdict, a sentence each.
    pub verdict: Vec<String>,
    /// The pairs, or what forbids them; absent if there is neither.
    pub table: Option<ReportTable>,
    /// The ratios, if there are any.
    pub picture: Option<Illustration>,
    /// In spite of what they are compared, and what is not known.
    pub notes: Vec<String>,
    /// The command that compares them again.
    pub command: String,
}

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Its title.
    pub title: String,
    /// The comparison, of several sweeps.
    pub compared: Option<Compared>,
    /// A section for each sweep.
    pub sections: Vec<SweepSection>,
}

impl Report {
    /// The report of these sections.
    pub fn new(compared: Option<Compared>, sections: Vec<SweepSection>) -> Self {
        let title = match (&compared, sections.first()) {
            (None, Some(only)) => only.title.clone(),
            _ => format!("Comparison of {} sweeps", sections.len()),
        };
        Self { title, compared, sections }
    }

    /// The command that writes it again into a file with this ending.
    pub fn command(&self, ending: &str) -> String {
        let words = ["gilctl", "report"].into_iter().map(str::to_owned);
        let ids = self.sections.iter().map(|section| section.short.clone());
        shell_line(words.chain(ids).chain(["-o".to_owned(), format!("report.{ending}")]))
    }
}

impl SweepSection {
    /// The section of a sweep with its pictures.
    pub fn new(board: &SweepView, pictures: Vec<Picture>) -> Self {
        let short = ids::short(&board.sweep.name).to_owned();
        let (grid, more) = table::usual(board);
        let mut table = shown(grid, &format!("`gilctl show {short} --output csv`"));
        if board.rows.iter().any(|row| row.figures().is_some()) {
            table.remarks.push(INTERVALS.to_owned());
        }
        if !more.is_empty() {
            let names = more.join(", ");
            table.remarks.push(format!("Further columns ({names}): `gilctl show {short} -v`."));
        }
        let of_picture = |picture| Illustration::new(picture, &[&short]);
        Self {
            title: title(board, &short),
            verdict: table::sentences(board),
            table,
            pictures: pictures.into_iter().map(of_picture).collect(),
            notes: notes(board),
            facts: facts(board),
            command: sweep_command(&board.sweep),
            short,
        }
    }
}

impl Compared {
    /// The comparison with the picture of its ratios.
    pub fn new(answer: &CompareSweepsResponse, picture: Option<Picture>) -> Self {
        let shorts: Vec<&str> = answer.sweeps.iter().map(|it| ids::short(&it.name)).collect();
        let words = ["gilctl", "compare"].iter().chain(&shorts).map(|word| (*word).to_owned());
        let command = shell_line(words);
        let table = comparison::body(answer);
        Self {
            sweeps: answer.sweeps.iter().enumerate().map(role).collect(),
            verdict: answer.verdict.lines().map(str::to_owned).collect(),
            table: table.map(|grid| shown(grid, &format!("`{command}`"))),
            picture: picture.map(|picture| Illustration::new(picture, &shorts)),
            notes: [comparison::above(answer), comparison::below(answer)].concat(),
            command,
        }
    }
}

fn role((place, sweep): (usize, &Sweep)) -> String {
    let role = if place == 0 { "base" } else { "against" };
    let state = enum_names::state(sweep.state()).to_lowercase();
    format!("{role} sweep {}, {state}, seed {}", ids::short(&sweep.name), sweep.seed)
}

/// The table with as many rows as a page has; the command gives all.
fn shown(grid: Grid, command: &str) -> ReportTable {
    let count = grid.rows().len();
    if count <= ROWS_MAX {
        return ReportTable { grid, remarks: Vec::new() };
    }
    let columns = grid.columns().iter().map(|(text, align): &(String, Align)| (text, *align));
    let mut first = Grid::new(columns.map(|(text, align)| (text.clone(), align)));
    for (texts, emphasis) in grid.rows().iter().take(ROWS_MAX) {
        first.push(texts.iter().cloned(), *emphasis);
    }
    let remark = format!("The first {ROWS_MAX} of {count} rows; {command} has all.");
    ReportTable { grid: first, remarks: vec![remark] }
}

fn title(board: &SweepView, short: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for row in &board.rows {
        if !names.contains(&row.cell.strategy.as_str()) {
            names.push(&row.cell.strategy);
        }
    }
    let more = names.len().saturating_sub(NAMED_MAX);
    names.truncate(NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("Sweep {short}: {}{more}", names.join(", "))
}

fn notes(board: &SweepView) -> Vec<String> {
    let mut notes = board.notes.clone();
    let skipped = &board.sweep.skipped;
    let one = |it: &proto::v1::Skipped| format!("left out: {}: {}", it.combination, it.reason);
    notes.extend(skipped.iter().take(SKIPPED_MAX).map(one));
    if let Some(more) = skipped.len().checked_sub(SKIPPED_MAX).filter(|more| *more > 0) {
        notes.push(format!("{more} more combinations were left out of this sweep"));
    }
    notes.extend((!board.error.is_empty()).then(|| format!("error: {}", board.error)));
    notes
}
