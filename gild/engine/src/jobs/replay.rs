//! A schedule as it was replayed in the model, with the facts that a reader needs beside it. For
//! replays on threads see [`crate::exec::replay`].

use strategies::explore::query::{Query, ScheduleString};
use strategies::model::program::Program;
use strategies::model::replay::{Event, ReplayError, Trace, replay};
use strategies::model::schedule::Schedule;

/// A schedule that was replayed in the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Every move, and every update that was lost.
    pub trace: Trace,
    /// The final value of the counter without lost updates.
    pub expected: u32,
    /// How many workers.
    pub workers: usize,
    /// The schedule, as runs of moves of one worker each.
    pub schedule: String,
    /// The same as a script that can be rereplay.
    pub script: String,
}

impl Replay {
    /// Replays a schedule of that query's program.
    pub fn of(query: Query, program: &Program, schedule: Schedule) -> Result<Self, ReplayError> {
        let trace = replay(program, &schedule)?;
        let (expected, workers) = (program.expected(), program.workers());
        let shown = schedule.to_string();
        let script = ScheduleString { question: query, schedule }.write(program);
        Ok(Self { trace, expected, workers, schedule: shown, script })
    }

    /// How many moves were made.
    pub fn moves(&self) -> usize {
        self.trace.events.len()
    }

    /// About how many bytes a replay of `moves` moves holds at most.
    pub const fn bytes_of(moves: usize) -> usize {
        // Each move may be a run of its own, written twice, and a store that several others lose.
        moves * (size_of::<Event>() + 2 * RUN_BYTES + size_of::<usize>() * OPEN_WINDOWS)
    }
}

/// Bytes of a short run and the gap before it.
const RUN_BYTES: usize = 5;
/// In how many open windows a store can fall: those of all other workers.
const OPEN_WINDOWS: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;
    use strategies::catalog::{Plain, Spec};
    use strategies::program::body_spec::CustomBody;

    #[test]
    fn replayed_schedule_can_be_read_again() {
        let body = CustomBody::parse("LS").expect("a body").into();
        let query = Query { spec: Spec::Plain(Plain::Unlocked), body, workers: 2, increments: 1 };
        let program = query.program().expect("a small one");
        let schedule = Schedule::parse("T0x1 T1x2 T0x1").expect("three runs");
        let replay = Replay::of(query, &program, schedule.clone()).expect("a whole one");
        assert_eq!((replay.trace.value, replay.expected, replay.moves()), (1, 2, 4));
        assert_eq!(
            ScheduleString::read(&replay.script).map(|(script, _)| script.schedule),
            Ok(schedule)
        );
        let short = Schedule::parse("T0x1").expect("one run");
        assert!(matches!(Replay::of(query, &program, short), Err(ReplayError::TooShort { .. })));
    }
}
