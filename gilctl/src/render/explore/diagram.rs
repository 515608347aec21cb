//! A trace as a picture of characters: time runs down, a column a worker and one for the counter.
//! Where that is too wide, workers are lanes of one character, and the words stand beside them.

use proto::v1::Trace;

use crate::render::explore::segments::{Part, Play, Segment};
use crate::render::format::color::{Color, Emphasis};
use crate::render::format::page::Width;
use crate::render::format::page::{Extent, Page};

/// Most rows that a person is shown unasked.
pub const ROWS_MAX: usize = 40;
/// Where nobody says how wide a line may be.
const PAGE_COLUMNS: usize = 80;
const GAP: &str = "  ";
const MOVES: &str = "MOVES";
const COUNTER: &str = "COUNTER";
const START: &str = "start";

/// A text and whether it belongs to a loss.
type Cell = (String, Emphasis);

/// A row of the picture; the last cell is the counter.
struct Row {
    moves: String,
    cells: Vec<Cell>,
    counter: String,
}

/// The lines of the picture.
pub fn lines(trace: &Trace, page: Page) -> Vec<String> {
    let play = Play::new(trace);
    let most = match page.width {
        Width::Most(most) => most,
        Width::Any => PAGE_COLUMNS,
    };
    let columns = Picture::new(&play, Layout::Columns);
    let picture =
        if columns.width() <= most { columns } else { Picture::new(&play, Layout::Lanes) };
    picture.lines(page)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Each worker has a column for its words.
    Columns,
    /// Each worker has a lane for its signs; the words have a column of their own.
    Lanes,
}

struct Picture {
    heading: Vec<String>,
    rows: Vec<Row>,
    widths: Vec<usize>,
    moves_width: usize,
}

impl Picture {
    fn new(play: &Play, layout: Layout) -> Self {
        let names = (0..play.workers).map(|worker| format!("T{worker}"));
        let heading: Vec<String> = match layout {
            Layout::Columns => names.map(|name| format!("{GAP}{name}")).collect(),
            Layout::Lanes => names.chain(["WHAT".to_owned()]).collect(),
        };
        let row = |(scene, signs): (&Segment, Vec<Option<char>>)| Row {
            moves: scene.moves(),
            cells: match layout {
                Layout::Columns => columns(scene, &signs),
                Layout::Lanes => lanes(scene, &signs),
            },
            counter: scene.counter.to_string(),
        };
        let rows: Vec<Row> = play.scenes.iter().zip(signs(play)).map(row).collect();
        let widest = |column: usize| {
            let texts = rows.iter().map(|row| letters(&row.cells[column].0));
            texts.chain([letters(&heading[column])]).max().unwrap_or(0)
        };
        let widths = (0..heading.len()).map(widest).collect();
        let moves_width =
            rows.iter().map(|row| row.moves.len()).chain([MOVES.len()]).max().unwrap_or(0);
        Self { heading, rows, widths, moves_width }
    }

    fn width(&self) -> usize {
        let between = GAP.len() * (self.widths.len() + 1);
        self.moves_width + self.widths.iter().sum::<usize>() + between + COUNTER.len()
    }

    fn lines(&self, page: Page) -> Vec<String> {
        let heading = self.heading.iter().map(|text| (text.clone(), Emphasis::None)).collect();
        let heading = Row { moves: MOVES.into(), cells: heading, counter: COUNTER.into() };
        let nobody = vec![(String::new(), Emphasis::None); self.widths.len()];
        let start = Row { moves: START.into(), cells: nobody, counter: "0".into() };
        let mut lines =
            vec![page.color.paint(Emphasis::Heading, &self.line(&heading, Color::Plain))];
        lines.push(self.line(&start, page.color));
        let hidden = match page.extent {
            Extent::Screenful => self.rows.len().saturating_sub(ROWS_MAX),
            Extent::Everything => 0,
        };
        let shown = self.rows.len() - hidden;
        let (above, below) = (shown.div_ceil(2), shown / 2);
        let line = |row| self.line(row, page.color);
        lines.extend(self.rows[..above].iter().map(line));
        if hidden > 0 {
            lines.push(format!("…      ({hidden} more of {} rows; -v shows all)", self.rows.len()));
        }
        lines.extend(self.rows[self.rows.len() - below..].iter().map(line));
        lines
    }

    fn line(&self, row: &Row, color: Color) -> String {
        let mut line = format!("{:<width$}", row.moves, width = self.moves_width);
        for ((text, mark), width) in row.cells.iter().zip(&self.widths) {
            // Painted alone: the padding stays plain, and so does an empty cell.
            let blank = " ".repeat(width.saturating_sub(letters(text)));
            let text = if text.trim().is_empty() { text.clone() } else { color.paint(*mark, text) };
            line = format!("{line}{GAP}{text}{blank}");
        }
        format!("{line}{GAP}{:>width$}", row.counter, width = COUNTER.len())
    }
}

/// Every worker's cell of a row: words for whoever acts, a bar for whoever holds a stale read.
fn columns(scene: &Segment, signs: &[Option<char>]) -> Vec<Cell> {
    let cell = |(worker, sign): (usize, &Option<char>)| match (worker == scene.worker, sign) {
        (true, sign) => (format!("{} {}", sign.unwrap_or(' '), scene.words()), mark(scene)),
        (false, Some(sign)) => (sign.to_string(), Emphasis::Lost),
        (false, None) => (String::new(), Emphasis::None),
    };
    signs.iter().enumerate().map(cell).collect()
}

/// Every worker's sign in a row, and what is done.
fn lanes(scene: &Segment, signs: &[Option<char>]) -> Vec<Cell> {
    let lane = |(worker, sign): (usize, &Option<char>)| match (sign, worker == scene.worker) {
        (Some(sign), _) => (sign.to_string(), Emphasis::Lost),
        (None, true) => ("•".to_owned(), Emphasis::None),
        (None, false) => (String::new(), Emphasis::None),
    };
    let words = (format!("T{} {}", scene.worker, scene.words()), mark(scene));
    signs.iter().enumerate().map(lane).chain([words]).collect()
}

fn mark(scene: &Segment) -> Emphasis {
    if scene.is_marked() { Emphasis::Lost } else { Emphasis::None }
}

/// For every row and worker the part of a bracket from a stale read to the write that goes back to
/// it.
fn signs(play: &Play) -> impl Iterator<Item = Vec<Option<char>>> {
    let mut open_until: Vec<Option<usize>> = vec![None; play.workers];
    play.scenes.iter().enumerate().map(move |(at, scene)| {
        let mut signs: Vec<_> = open_until.iter().map(|open| open.map(|_| '│')).collect();
        // A worker beyond the columns, if there could be one, has no sign.
        if let Some(open) = open_until.get_mut(scene.worker) {
            match scene.part {
                Part::StaleRead { until, .. } => {
                    *open = Some(until);
                    signs[scene.worker] = Some('┌');
                }
                Part::LateWrite { .. } if *open > Some(at) => signs[scene.worker] = Some('├'),
                Part::LateWrite { .. } => {
                    *open = None;
                    signs[scene.worker] = Some('└');
                }
                Part::Bystander => {}
            }
        }
        signs
    })
}

fn letters(text: &str) -> usize {
    text.chars().count()
}
