//! Events onto a board, one after the other, without any I/O.
//!
//! Invariants:
//! 1. Sequence numbers rise by exactly one; anything else is an error, never a guess.
//! 2. Nothing follows the newest `Ended`. An earlier one, after which the sweep was resumed, is
//!    taken back: cells that it left partial are open again.
//! 3. After a cut, the follower asks for what comes after [`SweepLog::last_sequence`], so that each
//!    event is applied once.

use proto::v1::sweep_event::Happening;
use proto::v1::{Ended, Measurement, Sweep, SweepEvent, SweepState};

use crate::follow::sweep_view::{Row, Stage, SweepView};

/// A board and the cursor into the sweep's events.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepLog {
    board: SweepView,
    last_sequence: u64,
    /// Ends before this event are not the last: more was known to come when following began.
    settled_from: u64,
    /// The end that was taken back, while nothing has followed it.
    withheld: Option<Ended>,
    phase: Phase,
}

/// What an event changed; the numbers are positions on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The sweep left the queue.
    Started,
    /// A cell had a turn.
    Turn {
        /// Position of the cell on the board.
        row: usize,
    },
    /// A cell will get no more attempts.
    CellEnded {
        /// Position of the cell on the board.
        row: usize,
    },
    /// The sweep ended, and was resumed later.
    Resumed,
    /// The sweep ended.
    Ended,
}

/// An event that does not belong here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// Events are missing or repeated.
    #[error("event {found} came where event {wanted} belongs")]
    Gap {
        /// The number that had to come.
        wanted: u64,
        /// The number that came.
        found: u64,
    },
    /// The sweep has no such cell.
    #[error("event {sequence} is about cell {cell}, which the sweep does not have")]
    UnknownCell {
        /// The event.
        sequence: u64,
        /// Its cell.
        cell: u32,
    },
    /// The event says nothing that this version knows.
    #[error("event {0} is of a kind that this gilctl does not know")]
    Unknown(u64),
    /// The sweep had ended.
    #[error("event {0} came after the end of the sweep")]
    AfterEnd(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Ended,
}

impl SweepLog {
    /// Follows a sweep whose events up to `after_sequence` are skipped. From the beginning, events
    /// alone say how it stands.
    pub fn new(sweep: Sweep, after_sequence: u64) -> Self {
        let mut follower = Self::resume(SweepView::new(sweep), after_sequence);
        if after_sequence == 0 {
            follower.board.reopen();
        }
        follower
    }

    /// Follows on from a board that is already filled.
    pub fn resume(board: SweepView, after_sequence: u64) -> Self {
        let next = board.next_sequence;
        let settled_from = if board.has_ended() { next.saturating_sub(1) } else { next };
        Self {
            board,
            last_sequence: after_sequence,
            settled_from,
            withheld: None,
            phase: Phase::Open,
        }
    }

    /// What is known so far.
    pub fn board(&self) -> &SweepView {
        &self.board
    }

    /// The last event that was applied.
    pub fn last_sequence(&self) -> u64 {
        self.last_sequence
    }

    /// Applies one event and says what it changed.
    pub fn apply(&mut self, event: SweepEvent) -> Result<Change, FollowError> {
        let sequence = event.sequence;
        if self.phase == Phase::Ended {
            return Err(FollowError::AfterEnd(sequence));
        }
        let wanted = self.last_sequence + 1;
        if sequence != wanted {
            return Err(FollowError::Gap { wanted, found: sequence });
        }
        let change = self.take(sequence, event.happening.ok_or(FollowError::Unknown(sequence))?)?;
        self.last_sequence = sequence;
        self.board.next_sequence = sequence + 1;
        Ok(change)
    }

    /// Takes in that the daemon has nothing more to tell. Its word on how far a sweep is may be
    /// older than its log: then an end that was taken back is the newest after all.
    pub fn settle(&mut self) -> Option<Change> {
        let ended = self.withheld.take()?;
        self.board.end(&ended);
        self.phase = Phase::Ended;
        Some(Change::Ended)
    }

    fn take(&mut self, sequence: u64, happening: Happening) -> Result<Change, FollowError> {
        self.withheld = None;
        match happening {
            Happening::Started(started) => {
                self.board.state = SweepState::Running;
                self.board.sweep.machine = started.machine.or(self.board.sweep.machine.take());
                Ok(Change::Started)
            }
            Happening::Turn(mut turn) => {
                let row = self.measure(sequence, turn.cell, &mut turn.measurement)?;
                self.board.rows[row].turn = Some(turn);
                Ok(Change::Turn { row })
            }
            Happening::CellEnded(mut ended) => {
                let row = self.measure(sequence, ended.cell, &mut ended.measurement)?;
                let stage = if ended.complete { Stage::Complete } else { Stage::Partial };
                self.board.rows[row].stage = stage;
                Ok(Change::CellEnded { row })
            }
            Happening::Ended(ended) if sequence < self.settled_from => {
                self.withheld = Some(ended);
                self.board.reopen();
                Ok(Change::Resumed)
            }
            Happening::Ended(ended) => {
                self.board.end(&ended);
                self.phase = Phase::Ended;
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
        let row = self.board.rows.iter().position(is_it);
        let row = row.ok_or(FollowError::UnknownCell { sequence, cell })?;
        if measurement.is_some() {
            self.board.rows[row].measurement = measurement.take();
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use proto::v1::{Cell, CellEnded, Started, Turn, Verdict};

    use super::*;
    use crate::exit::Exit;

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
    fn a_sweep_runs_to_its_end() {
        let mut follower = SweepLog::new(sweep(), 0);
        let started = Happening::Started(Started::default());
        assert_eq!(follower.apply(event(1, started)), Ok(Change::Started));
        let had_turn = Change::Turn { row: 1 };
        assert_eq!(follower.apply(event(2, turn(1, 5))), Ok(had_turn));
        assert_eq!((follower.board().attempts(), follower.last_sequence()), (5, 2));
        let cell = CellEnded { cell: 1, complete: false, measurement: Some(measured(6)) };
        let change = follower.apply(event(3, Happening::CellEnded(cell)));
        assert_eq!(change, Ok(Change::CellEnded { row: 1 }));
        assert_eq!(follower.board().rows[1].stage, Stage::Partial);
        assert_eq!(follower.apply(event(4, ended(SweepState::Cancelled))), Ok(Change::Ended));
        assert_eq!(follower.board().exit(), Exit::PromiseBroken);
        assert_eq!(follower.board().next_sequence, 5);
        let late = follower.apply(event(5, turn(0, 1)));
        assert_eq!(late, Err(FollowError::AfterEnd(5)));
    }

    /// A log of runs that were all interrupted, each with a turn of cell 0 and its partial end.
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
    fn an_end_that_is_not_the_newest_is_taken_back() {
        let stored = Sweep {
            state: SweepState::Interrupted.into(),
            error: "the daemon stopped".into(),
            next_sequence: 9,
            ..sweep()
        };
        let mut follower = SweepLog::new(stored, 0);
        assert_eq!(
            (follower.board().state, follower.board().error.as_str()),
            (SweepState::Queued, "")
        );
        let mut log = interrupted(2).into_iter();
        let changes: Vec<_> = log.by_ref().take(4).map(|it| follower.apply(it)).collect();
        assert_eq!(changes[2..], [Ok(Change::CellEnded { row: 0 }), Ok(Change::Resumed)]);
        assert_eq!(follower.board().rows[0].stage, Stage::Open);
        assert_eq!(follower.board().state, SweepState::Queued);
        let changes: Vec<_> = log.map(|it| follower.apply(it)).collect();
        assert_eq!(changes.last(), Some(&Ok(Change::Ended)));
        assert_eq!(
            follower.board().rows.iter().map(|row| row.stage).collect::<Vec<_>>(),
            [Stage::Partial; 2]
        );
        assert_eq!(
            (follower.board().attempts(), follower.board().state),
            (2, SweepState::Interrupted)
        );
    }

    /// Of a sweep that goes on, whatever is stored is not the last.
    #[test]
    fn a_resumed_sweep_ends_when_it_ends_anew() {
        let queued = Sweep { state: SweepState::Queued.into(), next_sequence: 5, ..sweep() };
        let mut follower = SweepLog::new(queued, 0);
        let changes: Vec<_> = interrupted(1).into_iter().map(|it| follower.apply(it)).collect();
        assert_eq!(changes.last(), Some(&Ok(Change::Resumed)));
        // Nothing more may come, and then that was the end; or it is cancelled before it starts
        // again.
        let mut left = follower.clone();
        assert_eq!((left.settle(), left.settle()), (Some(Change::Ended), None));
        assert_eq!(left.board().state, SweepState::Interrupted);
        assert_eq!(left.board().rows[0].stage, Stage::Partial);
        assert_eq!(follower.apply(event(5, ended(SweepState::Cancelled))), Ok(Change::Ended));
        let late = follower.apply(event(6, turn(0, 1)));
        assert_eq!(late, Err(FollowError::AfterEnd(6)));
    }

    #[test]
    fn gaps_and_repeats_are_errors() {
        let mut follower = SweepLog::new(sweep(), 7);
        assert_eq!(
            follower.apply(event(9, turn(0, 1))),
            Err(FollowError::Gap { wanted: 8, found: 9 })
        );
        assert!(follower.apply(event(8, turn(0, 1))).is_ok());
        assert_eq!(
            follower.apply(event(8, turn(0, 1))),
            Err(FollowError::Gap { wanted: 9, found: 8 })
        );
    }

    #[test]
    fn what_is_unknown_is_refused() {
        let mut follower = SweepLog::new(sweep(), 0);
        let unknown = FollowError::UnknownCell { sequence: 1, cell: 9 };
        assert_eq!(follower.apply(event(1, turn(9, 1))), Err(unknown));
        let empty = SweepEvent { sequence: 1, ..SweepEvent::default() };
        assert_eq!(follower.apply(empty), Err(FollowError::Unknown(1)));
        assert_eq!(follower.last_sequence(), 0);
    }
}
