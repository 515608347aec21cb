//! The end of a sweep: the last event with its verdict and notes, and the state that goes with it.

use crate::exec::attempt::AttemptError;
use crate::jobs::event::sink::{AppendError, EventSink};
use crate::jobs::event::sweep::SweepEvent;
use crate::jobs::job::{Job, RunError};
use crate::jobs::state::{StopReason, Transition};
use crate::jobs::sweep::job::Sweep;
use crate::limits::NOTES_BYTES_MAX;
use crate::measure::accumulator::CellAccumulator;
use crate::plan::sweep_plan::Plan;
use crate::report::notes::notes;
use crate::report::verdict;

/// How the turns of a sweep ended.
pub(crate) enum TurnsEnd {
    /// All are done.
    Finished,
    /// A stop came first.
    Stopped(StopReason),
    /// An attempt failed.
    Failed(AttemptError),
}

/// What the last event says of the whole sweep.
pub(crate) struct Summary {
    pub(crate) verdict: String,
    pub(crate) notes: Vec<String>,
}

impl Summary {
    /// The summary of what was measured of each cell.
    pub(crate) fn of(plan: &Plan, cells: &[CellAccumulator]) -> Self {
        let measurements: Vec<_> = cells.iter().map(CellAccumulator::measurement).collect();
        let rates: Vec<_> = cells.iter().map(CellAccumulator::rates).collect();
        let verdict = verdict::verdict(plan, &measurements, &rates);
        Self { verdict, notes: limited(notes(plan, &measurements)) }
    }
}

/// The first notes, as many as fit an event; where some do not, the last says how many.
fn limited(mut notes: Vec<String>) -> Vec<String> {
    let mut bytes = 0;
    let fits = |note: &&String| {
        bytes += note.len();
        bytes <= NOTES_BYTES_MAX
    };
    let (kept, all) = (notes.iter().take_while(fits).count(), notes.len());
    if kept < all {
        notes.truncate(kept);
        notes.push(format!("{} more notes are left out; sweep fewer cells at once.", all - kept));
    }
    notes
}

/// Ends a sweep.
pub(crate) fn end(
    job: &Job,
    sink: &dyn EventSink,
    turns: TurnsEnd,
    Summary { verdict, notes }: Summary,
) -> Result<(), RunError> {
    let (transition, error) = match turns {
        TurnsEnd::Finished => (Transition::Finish, String::new()),
        TurnsEnd::Failed(error) => (Transition::Fail, error.to_string()),
        TurnsEnd::Stopped(reason) => (reason.transition(), String::new()),
    };
    job.end(sink, transition, &error, |state, _| {
        SweepEvent::Ended { state, verdict, notes, error: error.clone() }.into()
    })
}

/// Ends a sweep whose earlier run was not read to its end, because of a stop or a read error: its
/// stored attempts stay as they are, and it can be resumed.
pub(crate) fn end_unread(
    job: &Job,
    sweep: &Sweep,
    sink: &dyn EventSink,
    reason: StopReason,
    problem: Option<&AppendError>,
) -> Result<(), RunError> {
    let (done, all) = (sweep.attempts_done(), sweep.plan.attempts());
    let why =
        problem.map_or(String::new(), |problem| format!(", but not readable now ({problem})"));
    let verdict = format!(
        "Ended before it went on: {done} of {all} attempts are stored{why}; `gilctl resume` runs \
         the others."
    );
    end(job, sink, TurnsEnd::Stopped(reason), Summary { verdict, notes: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_beyond_an_event_are_counted() {
        let note = "x".repeat(1 << 10);
        let fitting = NOTES_BYTES_MAX >> 10;
        assert_eq!(limited(vec![note.clone(); fitting]), vec![note.clone(); fitting]);
        let said = limited(vec![note; fitting + 7]);
        assert_eq!(said.len(), fitting + 1);
        assert!(said[fitting].starts_with("7 more notes are left out"), "{}", said[fitting]);
    }
}
