//! Diagram of a trace in characters: time runs down, with a column per worker and one for the
//! counter. Where that is too wide, each worker has one character and the descriptions share a
//! column.

use proto::v1::Trace;

use crate::render::explore::trace::instructions::MoveInstructions;
use crate::render::explore::trace::segments::{Role, Segment, SegmentedTrace};
use crate::render::format::color::{Color, Emphasis};
use crate::render::format::page::Width;
use crate::render::format::page::{Extent, Page};
use crate::render::format::wrap::cut;

/// Most rows without `-v`.
pub const ROWS_MAX: usize = 40;
/// The width where no terminal sets one.
const PAGE_COLUMNS: usize = 80;
/// Least width of the descriptions.
const WORDS_LEAST: usize = 8;
const GAP: &str = "  ";
const MOVES: &str = "MOVES";
const COUNTER: &str = "COUNTER";
/// Headings of what stands beside the moves under a GIL.
const BESIDE: [&str; 2] = ["GIL", "INSTRUCTION"];
const START: &str = "start";

/// A text and its emphasis.
type Cell = (String, Emphasis);

/// A row of the diagram.
struct DiagramRow {
    moves: String,
    cells: Vec<Cell>,
    counter: String,
    /// Who holds the GIL, and the instructions; as many as there is room for.
    beside: Vec<String>,
}

/// The lines of the diagram. Under a GIL with its holder and the instructions, where there is room.
pub fn lines(trace: &Trace, page: Page) -> Vec<String> {
    let segmented = SegmentedTrace::new(trace);
    let most = page.width.most();
    let wanted = if page.width == Width::Any { PAGE_COLUMNS } else { most };
    let instructions = MoveInstructions::of(trace);
    let widest = if instructions.is_empty() { 0 } else { BESIDE.len() };
    let of = |layout, beside| TextDiagram::new(&segmented, layout, (&instructions, beside));
    let fits = |layout, most| {
        let all = (0..=widest).rev().map(move |beside| of(layout, beside));
        all.into_iter().find(|diagram| diagram.width() <= most)
    };
    let diagram = fits(Layout::Columns, wanted)
        .or_else(|| fits(Layout::Lanes, most))
        .unwrap_or_else(|| of(Layout::Lanes, 0).narrowed(most));
    diagram.lines(page, most)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Each worker has a column for its descriptions.
    Columns,
    /// Each worker has a lane of one sign; the descriptions share a column.
    Lanes,
}

struct TextDiagram {
    heading: Vec<String>,
    rows: Vec<DiagramRow>,
    widths: Vec<usize>,
    moves_width: usize,
    beside_widths: Vec<usize>,
}

impl TextDiagram {
    /// The diagram with so many of the columns of [`BESIDE`].
    fn new(
        segmented: &SegmentedTrace,
        layout: Layout,
        (instructions, beside): (&MoveInstructions, usize),
    ) -> Self {
        let names = (0..segmented.workers).map(|worker| format!("T{worker}"));
        let heading: Vec<String> = match layout {
            Layout::Columns => names.map(|name| format!("{GAP}{name}")).collect(),
            Layout::Lanes => names.chain(["WHAT".to_owned()]).collect(),
        };
        let row = |(segment, signs): (&Segment, Vec<Option<char>>)| DiagramRow {
            moves: segment.moves(),
            cells: match layout {
                Layout::Columns => columns(segment, &signs),
                Layout::Lanes => lanes(segment, &signs),
            },
            counter: segment.counter.to_string(),
            beside: [format!("T{}", segment.worker), instructions.words(&segment.events)]
                .into_iter()
                .take(beside)
                .collect(),
        };
        let rows: Vec<DiagramRow> =
            segmented.segments.iter().zip(signs(segmented)).map(row).collect();
        let widest = |column: usize| {
            let texts = rows.iter().map(|row| char_count(&row.cells[column].0));
            texts.chain([char_count(&heading[column])]).max().unwrap_or(0)
        };
        let widths = (0..heading.len()).map(widest).collect();
        let moves_width =
            rows.iter().map(|row| row.moves.len()).chain([MOVES.len()]).max().unwrap_or(0);
        let beside_widths = (0..beside).map(|column| {
            let texts = rows.iter().map(|row| char_count(&row.beside[column]));
            texts.chain([BESIDE[column].len()]).max().unwrap_or(0)
        });
        let beside_widths = beside_widths.collect();
        Self { heading, rows, widths, moves_width, beside_widths }
    }

    fn width(&self) -> usize {
        let between = GAP.len() * (self.widths.len() + 1);
        let beside: usize = self.beside_widths.iter().map(|width| GAP.len() + width).sum();
        self.moves_width + self.widths.iter().sum::<usize>() + between + COUNTER.len() + beside
    }

    /// The same with descriptions cut to what the width leaves for them.
    fn narrowed(mut self, most: usize) -> Self {
        let excess = self.width().saturating_sub(most);
        if let Some(last) = self.widths.last_mut() {
            *last = last.saturating_sub(excess).max(WORDS_LEAST);
            for text in self.rows.iter_mut().filter_map(|row| row.cells.last_mut()) {
                text.0 = cut(&text.0, *last);
            }
        }
        self
    }

    fn lines(&self, page: Page, most: usize) -> Vec<String> {
        // Even without descriptions, many workers are wider than some terminals.
        let is_cut = self.width() > most;
        let page = if is_cut { Page { color: Color::Plain, ..page } } else { page };
        self.rows_of(page)
            .iter()
            .map(|line| if is_cut { cut(line, most) } else { line.clone() })
            .collect()
    }

    fn rows_of(&self, page: Page) -> Vec<String> {
        let heading = self.heading.iter().map(|text| (text.clone(), Emphasis::None)).collect();
        let heading = DiagramRow {
            moves: MOVES.into(),
            cells: heading,
            counter: COUNTER.into(),
            beside: self.headings_beside(),
        };
        let empty = vec![(String::new(), Emphasis::None); self.widths.len()];
        let start = DiagramRow {
            moves: START.into(),
            cells: empty,
            counter: "0".into(),
            beside: Vec::new(),
        };
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

    fn line(&self, row: &DiagramRow, color: Color) -> String {
        let mut line = format!("{:<width$}", row.moves, width = self.moves_width);
        for ((text, emphasis), width) in row.cells.iter().zip(&self.widths) {
            // Only the text is coloured, not the padding.
            let blank = " ".repeat(width.saturating_sub(char_count(text)));
            let text =
                if text.trim().is_empty() { text.clone() } else { color.paint(*emphasis, text) };
            line = format!("{line}{GAP}{text}{blank}");
        }
        line = format!("{line}{GAP}{:>width$}", row.counter, width = COUNTER.len());
        for (text, width) in row.beside.iter().zip(&self.beside_widths) {
            line = format!("{line}{GAP}{text:<width$}");
        }
        line.trim_end().to_owned()
    }

    fn headings_beside(&self) -> Vec<String> {
        BESIDE.iter().take(self.beside_widths.len()).map(ToString::to_string).collect()
    }
}

/// The cells of a row: a description for the acting worker, a bar for a worker with a stale read.
fn columns(segment: &Segment, signs: &[Option<char>]) -> Vec<Cell> {
    let cell = |(worker, sign): (usize, &Option<char>)| match (worker == segment.worker, sign) {
        (true, sign) => (format!("{} {}", sign.unwrap_or(' '), segment.words()), emphasis(segment)),
        (false, Some(sign)) => (sign.to_string(), Emphasis::Lost),
        (false, None) => (String::new(), Emphasis::None),
    };
    signs.iter().enumerate().map(cell).collect()
}

/// The lanes of a row: a sign per worker, then the description.
fn lanes(segment: &Segment, signs: &[Option<char>]) -> Vec<Cell> {
    let lane = |(worker, sign): (usize, &Option<char>)| match (sign, worker == segment.worker) {
        (Some(sign), _) => (sign.to_string(), Emphasis::Lost),
        (None, true) => ("•".to_owned(), Emphasis::None),
        (None, false) => (String::new(), Emphasis::None),
    };
    let words = (format!("T{} {}", segment.worker, segment.words()), emphasis(segment));
    signs.iter().enumerate().map(lane).chain([words]).collect()
}

fn emphasis(segment: &Segment) -> Emphasis {
    if segment.is_marked() { Emphasis::Lost } else { Emphasis::None }
}

/// For every row and worker, its part of the bracket from a stale read to the late write.
fn signs(segmented: &SegmentedTrace) -> impl Iterator<Item = Vec<Option<char>>> {
    let mut open_until: Vec<Option<usize>> = vec![None; segmented.workers];
    segmented.segments.iter().enumerate().map(move |(at, segment)| {
        let mut signs: Vec<_> = open_until.iter().map(|open| open.map(|_| '│')).collect();
        // A worker outside the diagram has no sign.
        if let Some(open) = open_until.get_mut(segment.worker) {
            match segment.role {
                Role::StaleRead { until, .. } => {
                    *open = Some(until);
                    signs[segment.worker] = Some('┌');
                }
                Role::LateWrite { .. } if *open > Some(at) => signs[segment.worker] = Some('├'),
                Role::LateWrite { .. } => {
                    *open = None;
                    signs[segment.worker] = Some('└');
                }
                Role::Bystander => {}
            }
        }
        signs
    })
}

fn char_count(text: &str) -> usize {
    text.chars().count()
}
