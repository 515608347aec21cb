//! What is known of a sweep: its cells, each with its latest measurement, and how it ended. Every
//! renderer reads a board; it is filled by events or by one answer about a stored sweep.

use proto::v1::{
    Cell, Ended, GetSweepResponse, Measurement, Promise, Sweep, SweepState, Turn, Validity, Verdict,
};

use crate::exit::Exit;

/// A sweep as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepView {
    /// The sweep as it was planned; its cells are in [`SweepView::rows`].
    pub sweep: Sweep,
    /// Its cells, in order.
    pub rows: Vec<Row>,
    /// Where it is in its life.
    pub state: SweepState,
    /// The verdict in one sentence; empty while there is none.
    pub verdict: String,
    /// Remarks that come with the verdict.
    pub notes: Vec<String>,
    /// Why it failed; empty otherwise.
    pub error: String,
    /// Sequence number that the next event will have.
    pub next_sequence: u64,
}

/// A cell and what was measured of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The combination.
    pub cell: Cell,
    /// The latest that was said of it; its figures mean nothing before the first attempt.
    pub measurement: Option<Measurement>,
    /// Its newest turn, attempt by attempt, without the measurement.
    pub turn: Option<Turn>,
    /// How far it is.
    pub stage: Stage,
}

/// How far a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// More attempts may come.
    Open,
    /// All attempts were done.
    Complete,
    /// The sweep ended before all were done; the rest may come if it is resumed.
    Partial,
}

impl SweepView {
    /// A board without measurements.
    pub fn new(mut sweep: Sweep) -> Self {
        let cells = std::mem::take(&mut sweep.cells);
        let row = |cell| Row { cell, measurement: None, turn: None, stage: Stage::Open };
        Self {
            state: sweep.state(),
            error: sweep.error.clone(),
            next_sequence: sweep.next_sequence,
            rows: cells.into_iter().map(row).collect(),
            verdict: String::new(),
            notes: Vec::new(),
            sweep,
        }
    }

    /// The board of a stored sweep; an answer without a sweep has none.
    pub fn from_answer(answer: GetSweepResponse) -> Option<Self> {
        let GetSweepResponse { sweep, measurements, verdict, notes } = answer;
        let mut board = Self::new(sweep?);
        for (row, measurement) in board.rows.iter_mut().zip(measurements) {
            row.measurement = Some(measurement);
        }
        board.settle();
        board.verdict = verdict;
        board.notes = notes;
        Some(board)
    }

    /// Takes over how the sweep ended.
    pub fn end(&mut self, ended: &Ended) {
        self.state = ended.state();
        self.verdict.clone_from(&ended.verdict);
        self.notes.clone_from(&ended.notes);
        self.error.clone_from(&ended.error);
        self.settle();
    }

    /// Takes back how it ended: it waits again, for what is missing of its cells.
    pub fn reopen(&mut self) {
        self.state = SweepState::Queued;
        self.verdict.clear();
        self.notes.clear();
        self.error.clear();
        let partial = self.rows.iter_mut().filter(|row| row.stage == Stage::Partial);
        partial.for_each(|row| row.stage = Stage::Open);
    }

    /// Says how far each cell is of which no event has said it.
    fn settle(&mut self) {
        let (has_ended, all_done) = (self.has_ended(), self.state == SweepState::Succeeded);
        for row in self.rows.iter_mut().filter(|row| row.stage == Stage::Open) {
            let is_done = row.attempts() == row.cell.attempts_requested && row.attempts() > 0;
            row.stage = match (is_done || all_done, has_ended) {
                (true, _) => Stage::Complete,
                (false, true) => Stage::Partial,
                (false, false) => Stage::Open,
            };
        }
    }

    /// Whether it has ended; then more happens only if it is resumed.
    pub fn has_ended(&self) -> bool {
        use SweepState::{Cancelled, Failed, Interrupted, Succeeded};
        matches!(self.state, Succeeded | Failed | Cancelled | Interrupted)
    }

    /// Whether it was stopped before its time, so that the rest of it can be asked for.
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, SweepState::Cancelled | SweepState::Interrupted)
    }

    /// The sweep's id, or nothing if it was only planned.
    pub fn id(&self) -> Option<&str> {
        Some(crate::ids::id(&self.sweep.name)).filter(|id| !id.is_empty())
    }

    /// Attempts done so far, all cells together.
    pub fn attempts(&self) -> u64 {
        self.rows.iter().map(|row| u64::from(row.attempts())).sum()
    }

    /// Attempts asked for, all cells together.
    pub fn attempts_requested(&self) -> u64 {
        self.rows.iter().map(|row| u64::from(row.cell.attempts_requested)).sum()
    }

    /// How this sweep ends gilctl.
    pub fn exit(&self) -> Exit {
        Exit::from_outcome(self.state, self.rows.iter().map(Row::verdict))
    }
}

impl Row {
    /// Its statistics; absent before its first attempt.
    pub fn figures(&self) -> Option<&Measurement> {
        self.measurement.as_ref().filter(|measurement| measurement.attempts > 0)
    }

    /// Attempts so far.
    pub fn attempts(&self) -> u32 {
        self.measurement.as_ref().map_or(0, |measurement| measurement.attempts)
    }

    /// What became of the promise.
    pub fn verdict(&self) -> Verdict {
        self.measurement.as_ref().map_or(Verdict::Unspecified, Measurement::verdict)
    }

    /// Whether the figures mean what they seem to.
    pub fn validity(&self) -> Validity {
        self.figures().map_or(Validity::Unspecified, Measurement::validity)
    }

    /// What the strategy promises here.
    pub fn promise(&self) -> Promise {
        self.cell.promise()
    }
}
