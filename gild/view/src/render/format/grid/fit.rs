//! Fitting of a grid to a width: as it is, with its words wrapped, or as a block per row.

use crate::render::format::color::Color;
use crate::render::format::grid::{Align, Grid};
use crate::render::format::page::Width;
use crate::render::format::wrap::{columns_of, wrapped};

/// Width below which a column of words is not wrapped.
const WORDS_LEAST: usize = 10;
/// Width from which a single word is split rather than kept.
const WORD_MOST: usize = 28;
/// Indentation of what belongs to the first line of a block.
const INDENT: &str = "  ";

impl Grid {
    /// Lines of which none is wider than the page; the heading first, unless each row is a block.
    pub fn fitted(&self, width: Width, color: Color) -> Vec<String> {
        match width {
            Width::Most(most) if self.width() > most => match self.widths_within(most) {
                Some(widths) => self.wrapped(&widths).lines(color),
                None => self.blocks(most, color),
            },
            Width::Most(_) | Width::Any => self.lines(color),
        }
    }

    /// Whether no more than wrapping its words makes it so narrow.
    pub fn fits(&self, most: usize) -> bool {
        self.width() <= most || self.widths_within(most).is_some()
    }

    /// The same without columns that can be spared, in this order of their headings, as far as the width
    /// asks for it; and the headings of those that are gone.
    pub fn spared(self, width: Width, headings: &[&'static str]) -> (Self, Vec<&'static str>) {
        let (spared, gone) = self.clone().spared_anyhow(width, headings);
        // Blocks of lines have room for every column.
        if spared.fits(width.most()) { (spared, gone) } else { (self, Vec::new()) }
    }

    fn spared_anyhow(
        mut self,
        width: Width,
        headings: &[&'static str],
    ) -> (Self, Vec<&'static str>) {
        let mut gone = Vec::new();
        for &heading in headings {
            let place = self.columns().iter().position(|(text, _)| text == heading);
            let Some(place) = place.filter(|_| self.width() > width.most()) else { continue };
            self = self.without(place);
            gone.push(heading);
        }
        (self, gone)
    }

    /// Widths of the columns with which the grid fits, those of words as even as can be; `None` if words
    /// would have too little room.
    fn widths_within(&self, most: usize) -> Option<Vec<usize>> {
        let columns: Vec<(usize, usize)> =
            (0..self.columns().len()).map(|at| self.range(at)).collect();
        let room = most.checked_sub(self.gaps())?;
        let widest = columns.iter().map(|(_, widest)| *widest).max()?;
        let widths = |level: usize| -> Vec<usize> {
            columns.iter().map(|&(least, widest)| widest.min(least.max(level))).collect()
        };
        (WORDS_LEAST..=widest).rev().map(widths).find(|it| it.iter().sum::<usize>() <= room)
    }

    /// The least width of a column and the greatest.
    fn range(&self, at: usize) -> (usize, usize) {
        let (heading, align) = &self.columns()[at];
        let texts = || heading.lines().chain(self.rows().iter().map(|(row, _)| row[at].as_str()));
        let widest = texts().map(columns_of).max().unwrap_or(0);
        let words = texts().flat_map(str::split_whitespace).map(columns_of);
        match align {
            Align::Left => (words.max().unwrap_or(0).min(WORD_MOST), widest),
            Align::Right => (widest, widest),
        }
    }

    /// The same with texts in several lines, each a row.
    fn wrapped(&self, widths: &[usize]) -> Self {
        let heading = |((text, align), most): (&(String, Align), &usize)| {
            let fits = text.lines().all(|line| columns_of(line) <= *most);
            let text = if fits { text.clone() } else { wrapped(text, *most).join("\n") };
            (text, *align)
        };
        let columns = Self::new(self.columns().iter().zip(widths).map(heading));
        let mut grid = if self.is_headless() { columns.headless() } else { columns };
        for (texts, emphasis) in self.rows() {
            let within = |(text, most): (&String, &usize)| {
                let fits = columns_of(text) <= *most;
                if fits { vec![text.clone()] } else { wrapped(text, *most) }
            };
            let cells: Vec<Vec<String>> = texts.iter().zip(widths).map(within).collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(1);
            for line in 0..height.max(1) {
                let part = |cell: &Vec<String>| cell.get(line).cloned().unwrap_or_default();
                grid.push(cells.iter().map(part), *emphasis);
            }
        }
        grid
    }

    /// A block per row: the first column as its title, then a line per column that says something.
    fn blocks(&self, most: usize, color: Color) -> Vec<String> {
        let heading = |(text, _): &(String, Align)| {
            if self.is_headless() { String::new() } else { text.replace('\n', " ") }
        };
        let headings: Vec<String> = self.columns().iter().map(heading).collect();
        let label = headings.iter().skip(1).map(|it| columns_of(it)).max().unwrap_or(0);
        let hanging = INDENT.len() + label + INDENT.len();
        let mut lines = Vec::new();
        for (texts, emphasis) in self.rows() {
            let title = texts.first().map(|text| wrapped(text, most)).unwrap_or_default();
            lines.extend(title.iter().map(|line| color.paint(*emphasis, line)));
            let named = headings.iter().zip(texts).skip(1).filter(|(_, text)| !text.is_empty());
            for (heading, text) in named {
                let room = most.saturating_sub(hanging).max(1);
                for (nth, part) in wrapped(text, room).into_iter().enumerate() {
                    let name = if nth == 0 { heading.as_str() } else { "" };
                    let padding = label - columns_of(name);
                    lines.push(format!("{INDENT}{name}{:padding$}{INDENT}{part}", ""));
                }
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::render::format::color::Emphasis;

    fn grid() -> Grid {
        let mut grid =
            Grid::new([("NAME", Align::Left), ("RATE", Align::Right), ("NOTE", Align::Left)]);
        let row = |name: &str, note: &str| [name.into(), "9.4 M [9.1-9.6]".into(), note.into()];
        grid.push(row("gil", "a note of several words"), Emphasis::None);
        grid.push(row("unlocked", ""), Emphasis::Lost);
        grid
    }

    #[test]
    fn grid_that_fits_stays_as_it_is() {
        let lines = grid().lines(Color::Ansi);
        assert_eq!(grid().fitted(Width::Any, Color::Ansi), lines);
        assert_eq!(grid().fitted(Width::Most(grid().width()), Color::Ansi), lines);
    }

    #[test]
    fn columns_are_spared_in_their_order_as_far_as_needed() {
        let spared = |most| grid().spared(Width::Most(most), &["RATE", "NOTE"]);
        let headings =
            |grid: &Grid| grid.columns().iter().map(|it| it.0.clone()).collect::<String>();
        assert_eq!(spared(80).1, [""; 0]);
        let (grid, gone) = spared(40);
        assert_eq!((headings(&grid).as_str(), gone), ("NAMENOTE", vec!["RATE"]));
        assert_eq!(headings(&spared(20).0), "NAME");
    }

    #[test]
    fn words_are_wrapped_before_rows_become_blocks() {
        let wrapped = [
            "NAME                 RATE  NOTE",
            "gil       9.4 M [9.1-9.6]  a note of",
            "                           several words",
            "unlocked  9.4 M [9.1-9.6]",
        ];
        assert_eq!(grid().fitted(Width::Most(42), Color::Plain), wrapped);
        let blocks = [
            "gil",
            "  RATE  9.4 M [9.1-9.6]",
            "  NOTE  a note of several",
            "        words",
            "unlocked",
            "  RATE  9.4 M [9.1-9.6]",
        ];
        assert_eq!(grid().fitted(Width::Most(25), Color::Plain), blocks);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_page(
            texts in prop::collection::vec(prop::array::uniform3("[a-z 日]{0,40}"), 0..4),
            most in 14_usize..90,
        ) {
            let mut grid = Grid::new([("A", Align::Left), ("B", Align::Right), ("C\nD", Align::Left)]);
            for row in &texts {
                grid.push(row.clone(), Emphasis::None);
            }
            let lines = grid.fitted(Width::Most(most), Color::Plain);
            prop_assert!(lines.iter().all(|line| columns_of(line) <= most), "{lines:#?}");
            let letters = |text: &str| text.matches(|it: char| it.is_lowercase()).count();
            let of_texts: usize = texts.iter().flatten().map(|text| letters(text)).sum();
            prop_assert_eq!(lines.iter().map(|line| letters(line)).sum::<usize>(), of_texts);
        }
    }
}
