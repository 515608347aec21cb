//! Cursor into a log of numbered events, shared by sweeps and explorations.
//!
//! Invariants:
//! 1. Sequence numbers rise by exactly one; any other number is an error.
//! 2. No event follows the end.

/// Position in a log of events and whether the log has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventCursor {
    last_sequence: u64,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Ended,
}

/// An event that does not continue the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// Events are missing or repeated.
    #[error("event {found} came where event {wanted} belongs")]
    Gap {
        /// The expected sequence number.
        wanted: u64,
        /// The sequence number that arrived.
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
    /// The event is of a kind that this version does not know.
    #[error("event {0} is of a kind that this gilctl does not know")]
    Unknown(u64),
    /// The log had ended.
    #[error("event {0} came after the end")]
    AfterEnd(u64),
}

impl EventCursor {
    /// A cursor behind the event `after_sequence`; 0 is the beginning of the log.
    pub fn new(after_sequence: u64) -> Self {
        Self { last_sequence: after_sequence, phase: Phase::Open }
    }

    /// The sequence number of the last accepted event.
    pub fn last_sequence(&self) -> u64 {
        self.last_sequence
    }

    /// Checks that the event `sequence` is the next one, without accepting it.
    ///
    /// # Errors
    ///
    /// [`FollowError::AfterEnd`] behind the end, [`FollowError::Gap`] for any other number.
    pub fn check(&self, sequence: u64) -> Result<(), FollowError> {
        if self.phase == Phase::Ended {
            return Err(FollowError::AfterEnd(sequence));
        }
        let wanted = self.last_sequence.saturating_add(1);
        if sequence != wanted {
            return Err(FollowError::Gap { wanted, found: sequence });
        }
        Ok(())
    }

    /// Accepts the event `sequence`, which [`EventCursor::check`] has passed.
    pub fn advance(&mut self, sequence: u64) {
        self.last_sequence = sequence;
    }

    /// Marks the log as ended: every further event is an error.
    pub fn end(&mut self) {
        self.phase = Phase::Ended;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gap_or_repetition_is_refused() {
        let mut cursor = EventCursor::new(7);
        assert_eq!(cursor.check(9), Err(FollowError::Gap { wanted: 8, found: 9 }));
        assert_eq!(cursor.check(8), Ok(()));
        cursor.advance(8);
        assert_eq!(cursor.check(8), Err(FollowError::Gap { wanted: 9, found: 8 }));
        assert_eq!(cursor.last_sequence(), 8);
    }

    #[test]
    fn event_after_the_end_is_refused() {
        let mut cursor = EventCursor::new(0);
        cursor.end();
        assert_eq!(cursor.check(1), Err(FollowError::AfterEnd(1)));
    }
}
