//! Grid of texts, laid out for a terminal or for Markdown.

mod fit;

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Row, Table, TableStyle};

use crate::render::format::color::{Color, Emphasis};
use crate::render::format::enum_names::one_line;
use crate::render::format::wrap::{columns_of, cut};

/// Spaces between two columns.
const GAP: u16 = 2;

/// The alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// For words.
    Left,
    /// For numbers.
    Right,
}

/// Rows of texts under a heading; a heading may have several lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    columns: Vec<(String, Align)>,
    rows: Vec<(Vec<String>, Emphasis)>,
    is_headless: bool,
}

impl Grid {
    /// A grid of these columns.
    pub fn new<T: Into<String>>(columns: impl IntoIterator<Item = (T, Align)>) -> Self {
        let columns = columns.into_iter().map(|(text, align)| (text.into(), align)).collect();
        Self { columns, rows: Vec::new(), is_headless: false }
    }

    /// The same, of which the heading is not shown on a terminal.
    #[must_use]
    pub fn headless(self) -> Self {
        Self { is_headless: true, ..self }
    }

    /// Adds a row with one text per column. Line breaks in the texts are replaced.
    pub fn push(&mut self, texts: impl IntoIterator<Item = String>, emphasis: Emphasis) {
        self.rows.push((texts.into_iter().map(|text| one_line(&text)).collect(), emphasis));
    }

    /// Headings with the alignments, from left to right.
    pub fn columns(&self) -> &[(String, Align)] {
        &self.columns
    }

    /// Texts of the rows, each with its emphasis.
    pub fn rows(&self) -> &[(Vec<String>, Emphasis)] {
        &self.rows
    }

    /// The same without the column at this place.
    #[must_use]
    pub fn without(mut self, place: usize) -> Self {
        self.columns.remove(place);
        self.rows.iter_mut().for_each(|(texts, _)| drop(texts.remove(place)));
        self
    }

    /// The same with one more column at the end, with a text for each row.
    #[must_use]
    pub fn with_column(
        mut self,
        heading: &str,
        align: Align,
        texts: impl Iterator<Item = String>,
    ) -> Self {
        self.columns.push((heading.to_owned(), align));
        self.rows.iter_mut().zip(texts).for_each(|((row, _), text)| row.push(text));
        self
    }

    /// Spaces between two columns.
    pub fn gap(&self) -> usize {
        usize::from(GAP)
    }

    /// Whether the heading is not shown.
    pub fn is_headless(&self) -> bool {
        self.is_headless
    }

    /// Spaces between the columns, in all.
    pub fn gaps(&self) -> usize {
        usize::from(GAP) * self.columns.len().saturating_sub(1)
    }

    /// Lines for a terminal, the heading first.
    pub fn lines(&self, color: Color) -> Vec<String> {
        self.lines_within(usize::MAX, color)
    }

    /// The lines, each cut to so many characters.
    pub fn lines_within(&self, most: usize, color: Color) -> Vec<String> {
        let heading = self.heading_lines();
        let mut table = set(NOTHING);
        table.set_header(self.row(self.columns.iter().map(|(text, _)| text.clone())));
        self.rows.iter().for_each(|(texts, _)| {
            table.add_row(self.row(texts.iter().cloned()));
        });
        pad(&mut table, (0, GAP));
        let emphases = self.rows.iter().map(|(_, emphasis)| *emphasis);
        let emphases = std::iter::repeat_n(Emphasis::Heading, heading).chain(emphases);
        let paint = |(line, emphasis): (String, Emphasis)| {
            color.paint(emphasis, &cut(line.trim_end(), most))
        };
        let hidden = if self.is_headless { heading } else { 0 };
        table.lines().zip(emphases).map(paint).skip(hidden).collect()
    }

    /// The grid in Markdown.
    pub fn markdown(&self) -> String {
        let mut table = set(ASCII_MARKDOWN);
        let heading = self.columns.iter().map(|(text, _)| escaped(&text.replace('\n', " ")));
        table.set_header(self.row(heading));
        for (texts, _) in &self.rows {
            table.add_row(self.row(texts.iter().map(|text| escaped(text))));
        }
        pad(&mut table, (1, 1));
        table.lines().map(|line| line + "\n").collect()
    }

    /// Width of a line that every column fills.
    pub fn width(&self) -> usize {
        let widest = |at: usize| {
            let texts = self.rows.iter().map(|(texts, _)| texts[at].as_str());
            let texts = self.columns[at].0.lines().chain(texts);
            texts.map(columns_of).max().unwrap_or(0)
        };
        self.gaps() + (0..self.columns.len()).map(widest).sum::<usize>()
    }

    fn heading_lines(&self) -> usize {
        self.columns.iter().map(|(text, _)| text.lines().count()).max().unwrap_or(1).max(1)
    }

    fn row(&self, texts: impl Iterator<Item = String>) -> Row {
        let aligned = |(text, (_, align)): (String, &(String, Align))| {
            Cell::new(text).set_alignment(match align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            })
        };
        Row::from(texts.zip(&self.columns).map(aligned).collect::<Vec<Cell>>())
    }
}

/// The text as Markdown that a reader shows as the text itself.
fn escaped(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    let (mut last, mut letters) = (' ', text.chars().peekable());
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        let is_markup = match letter {
            '\\' | '`' | '*' | '~' | '|' => true,
            '_' => !(last.is_alphanumeric() && next.is_alphanumeric()),
            '<' => next.is_alphabetic() || matches!(next, '/' | '!' | '?'),
            '&' => next.is_alphanumeric() || next == '#',
            ']' => matches!(next, '(' | '['),
            _ => false,
        };
        if is_markup {
            markdown.push('\\');
        }
        markdown.push(letter);
        last = letter;
    }
    markdown
}

fn set(style: TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
    table
}

fn pad(table: &mut Table, padding: (u16, u16)) {
    for column in table.column_iter_mut() {
        column.set_padding(padding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let mut grid = Grid::new([("NAME", Align::Left), ("SEEN\nOF 100", Align::Right)]);
        grid.push(["a|b".into(), "87".into()], Emphasis::Lost);
        grid
    }

    #[test]
    fn terminal_lines_are_aligned() {
        assert_eq!(grid().lines(Color::Plain), ["NAME    SEEN", "      OF 100", "a|b       87"]);
        assert!(grid().lines(Color::Ansi)[2].starts_with("\u{1b}[31ma|b"));
        assert_eq!(grid().width(), 12);
        let cut = grid().lines_within(11, Color::Ansi);
        assert_eq!(cut[2], "\u{1b}[31ma|b       …\u{1b}[0m");
        assert_eq!(cut[1], "\u{1b}[1m      OF 1…\u{1b}[0m");
    }

    #[test]
    fn line_breaks_in_a_row_are_replaced() {
        let mut grid = Grid::new([("SOURCE", Align::Left)]);
        grid.push(["t = num\nnum = t + 1".into()], Emphasis::None);
        grid.push(["num += 1".into()], Emphasis::None);
        let wanted = ["SOURCE", "t = num ⏎ num = t + 1", "num += 1"];
        assert_eq!(grid.lines(Color::Plain), wanted);
    }

    #[test]
    fn markdown_heading_is_one_line() {
        let wanted = "| NAME | SEEN OF 100 |\n|------|-------------|\n| a\\|b |          87 |\n";
        assert_eq!(grid().markdown(), wanted);
    }
}
