//! What stdout carries of a sweep, and when: NDJSON as things happen, all else at the end.

use std::io::{self, Write};

use crate::board::Board;
use crate::flags::Output;
use crate::follow::Change;
use crate::render::csv;
use crate::render::json::{self, Turns};
use crate::render::table::{self, Style};

/// Writes a sweep in one format.
#[derive(Debug)]
pub struct Printer<W> {
    out: W,
    output: Output,
    turns: Turns,
    style: Style,
}

impl<W: Write> Printer<W> {
    /// A printer onto `out`.
    pub fn new(out: W, output: Output, turns: Turns, style: Style) -> Self {
        Self { out, output, turns, style }
    }

    /// What was written.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// The sweep is known, and nothing has happened yet.
    pub fn open(&mut self, board: &Board) -> io::Result<()> {
        match self.output {
            Output::Ndjson => self.lines(json::opening(board)),
            Output::Table | Output::Json | Output::Csv | Output::Markdown => Ok(()),
        }
    }

    /// An event arrived.
    pub fn change(&mut self, board: &Board, change: Change) -> io::Result<()> {
        match self.output {
            Output::Ndjson => self.lines(json::on_change(board, change, self.turns)),
            Output::Table | Output::Json | Output::Csv | Output::Markdown => Ok(()),
        }
    }

    /// Nothing more will arrive.
    pub fn close(&mut self, board: &Board) -> io::Result<()> {
        match self.output {
            Output::Ndjson => Ok(()),
            Output::Table | Output::Json | Output::Csv | Output::Markdown => self.whole(board),
        }
    }

    /// A sweep as it stands, all at once.
    pub fn whole(&mut self, board: &Board) -> io::Result<()> {
        let text = match self.output {
            Output::Ndjson => return self.lines(json::all(board)),
            Output::Table => table::whole(board, self.style),
            Output::Json => json::document(board) + "\n",
            Output::Csv => csv::cells(board),
            Output::Markdown => table::markdown(board, self.style.columns),
        };
        self.text(&text)
    }

    /// A text of its own.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    fn lines(&mut self, lines: impl IntoIterator<Item = String>) -> io::Result<()> {
        for line in lines {
            writeln!(self.out, "{line}")?;
        }
        self.out.flush()
    }
}
