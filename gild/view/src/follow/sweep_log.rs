//! Event log of a sweep: applies events to a [`SweepView`], without any I/O.
//!
//! Invariants:
//! 1. Events are numbered as [`EventCursor`] demands.
//! 2. Nothing follows the newest `Ended`. An earlier one, after which the sweep was resumed, is
//!    taken back: cells that it left partial are open again.
//! 3. After a lost connection the client asks for the events after [`SweepLog::last_sequence`], so
//!    that each event is applied once.

use proto::v1::sweep_event::Happening;
use proto::v1::{Ended, Measurement, Sweep, SweepEvent, SweepState};

use crate::follow::cursor::{EventCursor, FollowError};
use crate::follow::sweep_view::{Row, Stage, SweepView};
use crate::follow::uncounted_increments::UncountedIncrements;

/// A sweep's view and the cursor into its events.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepLog {
    view: SweepView,
    cursor: EventCursor,
    /// An `Ended` before this event is not the last: later events existed when following began.
    settled_from: u64,
    /// The `Ended` that was taken back, while nothing has followed it.
    withheld: Option<Ended>,
    /// The increments of turns whose measurements do not count them.
    uncounted: UncountedIncrements,
}

/// What an event changed; the numbers are positions in [`SweepView::rows`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The sweep left the queue.
    Started,
    /// A cell had a turn.
    Turn {
        /// Position of the cell's row.
        row: usize,
    },
    /// A cell will get no more attempts.
    CellEnded {
        /// Position of the cell's row.
        row: usize,
    },
    /// The sweep ended, and was resumed later.
    Resumed,
    /// The sweep ended.
    Ended,
}

impl SweepLog {
    /// The log of a sweep after the event `after_sequence`. From the beginning (0) the view is
    /// filled by events alone.
    pub fn new(sweep: Sweep, after_sequence: u64) -> Self {
        let mut log = Self::resume(SweepView::new(sweep), after_sequence);
        if after_sequence == 0 {
            log.view.reopen();
        }
        log
    }

    /// The log of a sweep whose view holds what happened up to `after_sequence`.
    pub fn resume(view: SweepView, after_sequence: u64) -> Self {
        let next = view.next_sequence;
        let settled_from = if view.has_ended() { next.saturating_sub(1) } else { next };
        let uncounted = UncountedIncrements::new(view.rows.len());
        let cursor = EventCursor::new(after_sequence);
        Self { view, cursor, settled_from, withheld: None, uncounted }
    }

    /// The sweep as far as it is known.
    pub fn view(&self) -> &SweepView {
        &self.view
    }

    /// The sequence number of the last event that was applied.
    pub fn last_sequence(&self) -> u64 {
        self.cursor.last_sequence()
    }

    /// Applies one event and returns what it changed.
    ///
    /// # Errors
    ///
    /// Refuses an event that does not continue the log, or that this version does not know.
    pub fn apply(&mut self, event: SweepEvent) -> Result<Change, FollowError> {
        let sequence = event.sequence;
        self.cursor.check(sequence)?;
        let change = self.take(sequence, event.happening.ok_or(FollowError::Unknown(sequence))?)?;
        self.cursor.advance(sequence);
        self.view.next_sequence = sequence.saturating_add(1);
        Ok(change)
    }

    /// Ends the log when the daemon closes the stream. The state it reported may be older than its
    /// log: then an `Ended` that was taken back is the newest after all.
    pub fn settle(&mut self) -> Option<Change> {
        let ended = self.withheld.take()?;
        self.view.end(&ended);
        self.cursor.end();
        Some(Change::Ended)
    }

    fn take(&mut self, sequence: u64, happening: Happening) -> Result<Change, FollowError> {
        self.withheld = None;
        match happening {
            Happening::Started(started) => {
                self.view.state = SweepState::Running;
                self.view.sweep.machine = started.machine.or(self.view.sweep.machine.take());
                Ok(Change::Started)
            }
            Happening::Turn(mut turn) => {
                self.uncounted.add(&self.view, &turn);
                let row = self.measure(sequence, turn.cell, &mut turn.measurement)?;
                self.view.rows[row].turn = Some(turn);
                Ok(Change::Turn { row })
            }
            Happening::CellEnded(mut ended) => {
                let row = self.measure(sequence, ended.cell, &mut ended.measurement)?;
                let stage = if ended.complete { Stage::Complete } else { Stage::Partial };
                self.view.rows[row].stage = stage;
                Ok(Change::CellEnded { row })
            }
            Happening::Ended(ended) if sequence < self.settled_from => {
                self.withheld = Some(ended);
                self.view.reopen();
                Ok(Change::Resumed)
            }
            Happening::Ended(ended) => {
                self.view.end(&ended);
                self.cursor.end();
                Ok(Change::Ended)
            }
        }
    }

    fn measure(
        &mut self,
        sequence: u64,
        cell: u32,
        measurement: &mut Option<Measurement>,
    ) -> Result<usize, FollowError> {
        let is_it = |row: &Row| row.cell.cell == cell;
        let row = self.view.rows.iter().position(is_it);
        let row = row.ok_or(FollowError::UnknownCell { sequence, cell })?;
        if let Some(mut measured) = measurement.take() {
            self.uncounted.complete(&self.view.rows[row], row, &mut measured);
            self.view.rows[row].measurement = Some(measured);
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use proto::v1::{Cell, CellEnded, Started, Turn, Verdict};

    use super::*;

    fn sweep() -> Sweep {
        let cell = |cell| Cell { cell, attempts_requested: 10, ..Cell::default() };
        Sweep { name: "sweeps/abc".into(), cells: vec![cell(0), cell(1)], ..Sweep::default() }
    }

    fn event(sequence: u64, happening: Happening) -> SweepEvent {
        SweepEvent { sequence, time_ns: 0, happening: Some(happening) }
    }

    fn measured(attempts: u32) -> Measurement {
        Measurement { attempts, verdict: Verdict::Broken.into(), ..Measurement::default() }
    }

    fn turn(cell: u32, attempts: u32) -> Happening {
        Happening::Turn(Turn { cell, measurement: Some(measured(attempts)), ..Turn::default() })
    }

    fn ended(state: SweepState) -> Happening {
        Happening::Ended(Ended { state: state.into(), ..Ended::default() })
    }

    #[test]
    fn events_up_to_the_end_fill_the_view() {
        let mut log = SweepLog::new(sweep(), 0);
        let started = Happening::Started(Started::default());
        assert_eq!(log.apply(event(1, started)), Ok(Change::Started));
        let had_turn = Change::Turn { row: 1 };
        assert_eq!(log.apply(event(2, turn(1, 5))), Ok(had_turn));
        assert_eq!((log.view().attempts(), log.last_sequence()), (5, 2));
        let cell = CellEnded { cell: 1, complete: false, measurement: Some(measured(6)) };
        let change = log.apply(event(3, Happening::CellEnded(cell)));
        assert_eq!(change, Ok(Change::CellEnded { row: 1 }));
        assert_eq!(log.view().rows[1].stage, Stage::Partial);
        assert_eq!(log.apply(event(4, ended(SweepState::Cancelled))), Ok(Change::Ended));
        assert_eq!(log.view().next_sequence, 5);
        let late = log.apply(event(5, turn(0, 1)));
        assert_eq!(late, Err(FollowError::AfterEnd(5)));
    }

    /// A log of interrupted runs, each with a turn of cell 0 and its partial end.
    fn interrupted(runs: u32) -> Vec<SweepEvent> {
        let run = |attempts| {
            let cell =
                CellEnded { cell: 0, complete: false, measurement: Some(measured(attempts)) };
            let started = Happening::Started(Started::default());
            let end = ended(SweepState::Interrupted);
            [started, turn(0, attempts), Happening::CellEnded(cell), end]
        };
        (1..).zip((1..=runs).flat_map(run)).map(|(at, it)| event(at, it)).collect()
    }

    #[test]
    fn end_before_the_newest_is_taken_back() {
        let stored = Sweep {
            state: SweepState::Interrupted.into(),
            error: "the daemon stopped".into(),
            next_sequence: 9,
            ..sweep()
        };
        let mut log = SweepLog::new(stored, 0);
        assert_eq!((log.view().state, log.view().error.as_str()), (SweepState::Queued, ""));
        let mut events = interrupted(2).into_iter();
        let changes: Vec<_> = events.by_ref().take(4).map(|it| log.apply(it)).collect();
        assert_eq!(changes[2..], [Ok(Change::CellEnded { row: 0 }), Ok(Change::Resumed)]);
        assert_eq!(log.view().rows[0].stage, Stage::Open);
        assert_eq!(log.view().state, SweepState::Queued);
        let changes: Vec<_> = events.map(|it| log.apply(it)).collect();
        assert_eq!(changes.last(), Some(&Ok(Change::Ended)));
        assert_eq!(
            log.view().rows.iter().map(|row| row.stage).collect::<Vec<_>>(),
            [Stage::Partial; 2]
        );
        assert_eq!((log.view().attempts(), log.view().state), (2, SweepState::Interrupted));
    }

    #[test]
    fn resumed_sweep_ends_only_with_a_new_end() {
        let queued = Sweep { state: SweepState::Queued.into(), next_sequence: 5, ..sweep() };
        let mut log = SweepLog::new(queued, 0);
        let changes: Vec<_> = interrupted(1).into_iter().map(|it| log.apply(it)).collect();
        assert_eq!(changes.last(), Some(&Ok(Change::Resumed)));
        // Either no event follows and that was the end, or the sweep is cancelled before it runs
        // again.
        let mut left = log.clone();
        assert_eq!((left.settle(), left.settle()), (Some(Change::Ended), None));
        assert_eq!(left.view().state, SweepState::Interrupted);
        assert_eq!(left.view().rows[0].stage, Stage::Partial);
        assert_eq!(log.apply(event(5, ended(SweepState::Cancelled))), Ok(Change::Ended));
        let late = log.apply(event(6, turn(0, 1)));
        assert_eq!(late, Err(FollowError::AfterEnd(6)));
    }

    #[test]
    fn gap_or_repetition_is_refused() {
        let mut log = SweepLog::new(sweep(), 7);
        assert_eq!(log.apply(event(9, turn(0, 1))), Err(FollowError::Gap { wanted: 8, found: 9 }));
        assert!(log.apply(event(8, turn(0, 1))).is_ok());
        assert_eq!(log.apply(event(8, turn(0, 1))), Err(FollowError::Gap { wanted: 9, found: 8 }));
    }

    #[test]
    fn unknown_cell_or_event_is_refused() {
        let mut log = SweepLog::new(sweep(), 0);
        let unknown = FollowError::UnknownCell { sequence: 1, cell: 9 };
        assert_eq!(log.apply(event(1, turn(9, 1))), Err(unknown));
        let empty = SweepEvent { sequence: 1, ..SweepEvent::default() };
        assert_eq!(log.apply(empty), Err(FollowError::Unknown(1)));
        assert_eq!(log.last_sequence(), 0);
    }
}
