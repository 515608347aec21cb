//! What stdout carries of a sweep, and when: NDJSON as things happen, all else at the end.

use std::io::{self, Write};

use crate::cli::Output;
use crate::follow::sweep_log::Change;
use crate::follow::sweep_view::{Stage, SweepView};
use crate::render::sweep::json;
use crate::render::sweep::json::Turns;
use crate::render::sweep::record;
use crate::render::sweep::table;
use crate::render::sweep::table::Style;

/// Writes a sweep in one format.
#[derive(Debug)]
pub struct Printer<W> {
    out: W,
    output: Output,
    turns: Turns,
    style: Style,
    cells: Vec<CellLine>,
}

/// Whether a cell's line stands on stdout; each cell has one, once nothing more can come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellLine {
    /// It has to come yet.
    Owed,
    /// What it would say lies before the first event that was asked for.
    Earlier,
    /// It has been printed.
    Printed,
}

impl<W: Write> Printer<W> {
    /// A printer onto `out`.
    pub fn new(out: W, output: Output, turns: Turns, style: Style) -> Self {
        Self { out, output, turns, style, cells: Vec::new() }
    }

    /// What was written.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// The sweep is known, and nothing has happened yet.
    pub fn open(&mut self, board: &SweepView) -> io::Result<()> {
        let line = |stage| match stage {
            Stage::Open => CellLine::Owed,
            Stage::Complete | Stage::Partial => CellLine::Earlier,
        };
        self.cells = board.rows.iter().map(|row| line(row.stage)).collect();
        match self.output {
            Output::Ndjson => self.lines(json::opening(board)),
            Output::Table | Output::Json | Output::Csv | Output::Markdown => Ok(()),
        }
    }

    /// An event arrived.
    pub fn change(&mut self, board: &SweepView, change: Change) -> io::Result<()> {
        match self.output {
            Output::Ndjson => self.lines_of(board, change),
            Output::Table | Output::Json | Output::Csv | Output::Markdown => Ok(()),
        }
    }

    /// A partial cell waits for the end: the sweep may have been resumed.
    fn lines_of(&mut self, board: &SweepView, change: Change) -> io::Result<()> {
        let mut lines = Vec::new();
        match change {
            Change::CellEnded { row } => match (board.rows[row].stage, self.cells[row]) {
                (Stage::Complete, CellLine::Printed) => return Ok(()),
                (Stage::Complete, CellLine::Owed | CellLine::Earlier) => {
                    self.cells[row] = CellLine::Printed;
                }
                (Stage::Open | Stage::Partial, _) => {
                    self.cells[row] = CellLine::Owed;
                    return Ok(());
                }
            },
            Change::Ended => lines.extend(self.owed(board)),
            Change::Resumed => self.reopen(board),
            Change::Started | Change::Turn { .. } => {}
        }
        lines.extend(json::on_change(board, change, self.turns));
        self.lines(lines)
    }

    fn owed(&self, board: &SweepView) -> Vec<String> {
        let all = board.rows.iter().zip(&self.cells);
        let owed = all.filter(|(_, line)| **line == CellLine::Owed);
        owed.map(|(row, _)| json::cell(board, row)).collect()
    }

    fn reopen(&mut self, board: &SweepView) {
        for (row, line) in board.rows.iter().zip(&mut self.cells) {
            if row.stage == Stage::Open {
                *line = CellLine::Owed;
            }
        }
    }

    /// Nothing more will arrive.
    pub fn close(&mut self, board: &SweepView) -> io::Result<()> {
        match self.output {
            Output::Ndjson => Ok(()),
            Output::Table | Output::Json | Output::Csv | Output::Markdown => self.whole(board),
        }
    }

    /// A sweep as it stands, all at once.
    pub fn whole(&mut self, board: &SweepView) -> io::Result<()> {
        let text = match self.output {
            Output::Ndjson => return self.lines(json::all(board)),
            Output::Table => table::whole(board, self.style),
            Output::Json => json::document(board) + "\n",
            Output::Csv => record::csv(board),
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
