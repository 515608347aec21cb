//! A schedule as it was played in the model, with all that a reader needs beside it. Searches
//! nothing and touches no thread: [`crate::exec::replay`] does.

use strategies::explore::query::{Query, ScheduleString};
use strategies::model::program::Program;
use strategies::model::replay::{Event, ReplayError, Trace, replay};
use strategies::model::schedule::Schedule;

/// A schedule as it was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Every move, and every update that was lost.
    pub trace: Trace,
    /// What the counter would be if nothing had been lost.
    pub expected: u32,
    /// How many workers.
    pub workers: usize,
    /// Who moved when, in runs.
    pub schedule: String,
    /// The same as a script that can be replayed.
    pub script: String,
}

impl Replay {
    /// Plays a schedule of that question's program.
    pub fn of(question: Query, program: &Program, schedule: Schedule) -> Result<Self, ReplayError> {
        let trace = replay(program, &schedule)?;
        let (expected, workers) = (program.expected(), program.workers());
        let shown = schedule.to_string();
        let script = ScheduleString { question, schedule }.write(program);
        Ok(Self { trace, expected, workers, schedule: shown, script })
    }

    /// How many moves were made.
    pub fn moves(&self) -> usize {
        self.trace.events.len()
    }

    /// About how many bytes a playback of so many moves holds at most.
    pub const fn bytes_of(moves: usize) -> usize {
        // Each move may be a run of its own, written twice, and a store that several others lose.
        moves * (size_of::<Event>() + 2 * RUN_LETTERS + size_of::<usize>() * LOST_OFTEN)
    }
}

/// Letters of a short run and the gap before it.
const RUN_LETTERS: usize = 5;
/// In how many open windows a store can fall: those of all other workers.
const LOST_OFTEN: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;
    use strategies::catalog::{Plain, Spec};
    use strategies::program::body_spec::CustomBody;

    #[test]
    fn what_is_played_can_be_read_again() {
        let body = CustomBody::parse("LS").expect("a body").into();
        let question =
            Query { spec: Spec::Plain(Plain::Unlocked), body, workers: 2, increments: 1 };
        let program = question.program().expect("a small one");
        let schedule = Schedule::parse("T0x1 T1x2 T0x1").expect("three runs");
        let played = Replay::of(question, &program, schedule.clone()).expect("a whole one");
        assert_eq!((played.trace.value, played.expected, played.moves()), (1, 2, 4));
        assert_eq!(
            ScheduleString::read(&played.script).map(|(script, _)| script.schedule),
            Ok(schedule)
        );
        let short = Schedule::parse("T0x1").expect("one run");
        assert!(matches!(Replay::of(question, &program, short), Err(ReplayError::TooShort { .. })));
    }
}
