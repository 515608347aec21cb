//! Printer of a sweep: NDJSON as events arrive, every other format at the end.

use std::io::{self, Write};

use crate::follow::sweep_log::Change;
use crate::follow::sweep_view::{Stage, SweepView};
use crate::render::format::page::Width;
use crate::render::sweep::json;
use crate::render::sweep::json::Turns;
use crate::render::sweep::record;
use crate::render::sweep::table;
use crate::render::sweep::table::Style;
use crate::request::output::Output;

/// Writes a sweep in one format.
#[derive(Debug)]
pub struct Printer<W> {
    out: W,
    output: Output,
    turns: Turns,
    style: Style,
    cells: Vec<CellLine>,
}

/// Whether the NDJSON line of a cell has been printed. Each cell has one, printed when the cell is
/// complete or the sweep ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellLine {
    /// Not yet.
    Pending,
    /// Never: the cell ended before the first requested event.
    Earlier,
    /// Yes.
    Printed,
}

impl<W: Write> Printer<W> {
    /// A printer onto `out`.
    pub fn new(out: W, output: Output, turns: Turns, style: Style) -> Self {
        Self { out, output, turns, style, cells: Vec::new() }
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// The writer, e.g. to take what was written to memory.
    pub fn out(&mut self) -> &mut W {
        &mut self.out
    }

    /// Sets the width of tables.
    pub fn resize(&mut self, width: Width) {
        self.style.width = width;
    }

    /// Called before the first event.
    pub fn open(&mut self, view: &SweepView) -> io::Result<()> {
        let line = |stage| match stage {
            Stage::Open => CellLine::Pending,
            Stage::Complete | Stage::Partial => CellLine::Earlier,
        };
        self.cells = view.rows.iter().map(|row| line(row.stage)).collect();
        match self.output {
            Output::Ndjson => self.lines(json::opening(view)),
            Output::Table | Output::Json | Output::Csv | Output::Markdown => Ok(()),
        }
    }

    /// Called after each event.
    pub fn change(&mut self, view: &SweepView, change: Change) -> io::Result<()> {
        match self.output {
            Output::Ndjson => self.lines_of(view, change),
            Output::Table | Output::Json | Output::Csv | Output::Markdown => Ok(()),
        }
    }

    /// A partial cell stays pending until the end, because the sweep may be resumed.
    fn lines_of(&mut self, view: &SweepView, change: Change) -> io::Result<()> {
        let mut lines = Vec::new();
        match change {
            Change::CellEnded { row } => match (view.rows[row].stage, self.cells[row]) {
                (Stage::Complete, CellLine::Printed) => return Ok(()),
                (Stage::Complete, CellLine::Pending | CellLine::Earlier) => {
                    self.cells[row] = CellLine::Printed;
                }
                (Stage::Open | Stage::Partial, _) => {
                    self.cells[row] = CellLine::Pending;
                    return Ok(());
                }
            },
            Change::Ended => lines.extend(self.pending(view)),
            Change::Resumed => self.reopen(view),
            Change::Started | Change::Turn { .. } => {}
        }
        lines.extend(json::on_change(view, change, self.turns));
        self.lines(lines)
    }

    fn pending(&self, view: &SweepView) -> Vec<String> {
        let all = view.rows.iter().zip(&self.cells);
        let pending = all.filter(|(_, line)| **line == CellLine::Pending);
        pending.map(|(row, _)| json::cell(view, row)).collect()
    }

    fn reopen(&mut self, view: &SweepView) {
        for (row, line) in view.rows.iter().zip(&mut self.cells) {
            if row.stage == Stage::Open {
                *line = CellLine::Pending;
            }
        }
    }

    /// Called after the last event.
    pub fn close(&mut self, view: &SweepView) -> io::Result<()> {
        match self.output {
            Output::Ndjson => Ok(()),
            Output::Table | Output::Json | Output::Csv | Output::Markdown => self.whole(view),
        }
    }

    /// Prints a stored sweep.
    pub fn whole(&mut self, view: &SweepView) -> io::Result<()> {
        let text = match self.output {
            Output::Ndjson => return self.lines(json::all(view)),
            Output::Table => table::whole(view, self.style),
            Output::Json => json::document(view) + "\n",
            Output::Csv => record::csv(view),
            Output::Markdown => table::markdown(view, self.style.columns),
        };
        self.text(&text)
    }

    /// Writes a text and flushes.
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
