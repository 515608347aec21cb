//! Lost increments of measurements that lack them, because an earlier gild stored their events: counted
//! from the attempts of the turns, as a gild of today does when it is asked for the sweep.

use crate::follow::lost_increments::{is_judged_by_increments, wire_lost_increments};
use engine::stats::lost_increments::{IncrementCounts, LostIncrements};
use proto::v1::{Measurement, Turn};

use crate::follow::sweep_view::{Row, SweepView};

/// The turns of each cell whose measurements do not count increments.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UncountedIncrements(Vec<CountedTurns>);

/// The turns of a cell so far.
#[derive(Debug, Clone, PartialEq, Default)]
struct CountedTurns {
    attempts: u32,
    rounds: Vec<IncrementCounts>,
}

impl UncountedIncrements {
    /// No turns yet of so many cells.
    pub(super) fn new(cells: usize) -> Self {
        Self(vec![CountedTurns::default(); cells])
    }

    /// Counts a turn if its measurement does not; turns whose attempts are alike have no increments.
    pub(super) fn add(&mut self, view: &SweepView, turn: &Turn) {
        let counts_them = turn.measurement.as_ref().is_some_and(|it| it.lost_increments.is_some());
        let row = view.rows.iter().position(|row| row.cell.cell == turn.cell);
        let cell = row.and_then(|row| self.0.get_mut(row));
        if let Some(cell) = cell.filter(|_| !counts_them && !turn.increments.is_empty()) {
            let attempts = turn.increments.iter().zip(&turn.finals);
            let counted = attempts.map(|(&done, &total)| IncrementCounts::of(done, total));
            cell.rounds.push(counted.fold(IncrementCounts::default(), IncrementCounts::plus));
            cell.attempts += u32::try_from(turn.increments.len()).unwrap_or(u32::MAX);
        }
    }

    /// Completes a measurement if all its attempts were counted. One that is known from before, as
    /// where events are followed from the middle on, keeps what it had.
    pub(super) fn complete(&self, row: &Row, at: usize, measured: &mut Measurement) {
        let is_counted = measured.lost_increments.is_some() || measured.attempts == 0;
        if is_counted || !is_judged_by_increments(&row.cell) {
            return;
        }
        let cell = self.0.get(at).filter(|cell| cell.attempts == measured.attempts);
        let known = row.measurement.as_ref().filter(|it| it.attempts == measured.attempts);
        measured.lost_increments = cell
            .map(|cell| wire_lost_increments(&LostIncrements::of(&cell.rounds)))
            .or_else(|| known.and_then(|it| it.lost_increments));
    }
}
