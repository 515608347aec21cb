//! View of a sweep: its cells with their latest measurements, and its end. Renderers read it;
//! events or the answer about a stored sweep fill it.

use proto::v1::{
    Cell, Ended, GetSweepResponse, Measurement, Promise, Sweep, SweepState, Turn, Validity, Verdict,
};

use crate::listed;

/// A sweep as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepView {
    /// The sweep as it was planned; its cells are in [`SweepView::rows`].
    pub sweep: Sweep,
    /// Its cells, in order.
    pub rows: Vec<Row>,
    /// Its state.
    pub state: SweepState,
    /// The verdict in one sentence; empty while there is none.
    pub verdict: String,
    /// Notes on the verdict.
    pub notes: Vec<String>,
    /// Why it failed; empty otherwise.
    pub error: String,
    /// Sequence number that the next event will have.
    pub next_sequence: u64,
}

/// A cell and its measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The combination.
    pub cell: Cell,
    /// Its latest measurement; without meaning before the first attempt.
    pub measurement: Option<Measurement>,
    /// Its newest turn, attempt by attempt, without the measurement.
    pub turn: Option<Turn>,
    /// Its progress.
    pub stage: Stage,
}

/// The progress of a cell.
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
    /// A view without measurements.
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

    /// The view of a stored sweep; absent if the answer contains no sweep.
    pub fn from_answer(answer: GetSweepResponse) -> Option<Self> {
        let GetSweepResponse { sweep, measurements, verdict, notes } = answer;
        let mut view = Self::new(sweep?);
        for (row, measurement) in view.rows.iter_mut().zip(measurements) {
            row.measurement = Some(measurement);
        }
        view.settle();
        view.verdict = verdict;
        view.notes = notes;
        Some(view)
    }

    /// Applies the end of the sweep.
    pub fn end(&mut self, ended: &Ended) {
        self.state = ended.state();
        self.verdict.clone_from(&ended.verdict);
        self.notes.clone_from(&ended.notes);
        self.error.clone_from(&ended.error);
        self.settle();
    }

    /// Takes back the end: the sweep is queued again for its missing attempts.
    pub fn reopen(&mut self) {
        self.state = SweepState::Queued;
        self.verdict.clear();
        self.notes.clear();
        self.error.clear();
        let partial = self.rows.iter_mut().filter(|row| row.stage == Stage::Partial);
        partial.for_each(|row| row.stage = Stage::Open);
    }

    /// Sets the progress of the cells for which no event has set it.
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

    /// Whether it has ended; it can run again only if it is resumed.
    pub fn has_ended(&self) -> bool {
        listed::has_ended(self.state)
    }

    /// Whether it was cancelled or interrupted, so that it can be resumed.
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, SweepState::Cancelled | SweepState::Interrupted)
    }

    /// The sweep's id; absent if it was only planned.
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

    /// Whether the promise was kept.
    pub fn verdict(&self) -> Verdict {
        self.measurement.as_ref().map_or(Verdict::Unspecified, Measurement::verdict)
    }

    /// The validity of the figures.
    pub fn validity(&self) -> Validity {
        self.figures().map_or(Validity::Unspecified, Measurement::validity)
    }

    /// What the strategy promises here.
    pub fn promise(&self) -> Promise {
        self.cell.promise()
    }
}
