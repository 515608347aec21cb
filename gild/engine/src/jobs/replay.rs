//! A schedule as it was replayed in the model, with the facts that a reader needs beside it. For
//! replays on threads see [`crate::exec::replay`].

use strategies::explore::query::{Query, ScheduleString};
use strategies::harness::entry::ModelBasis;
use strategies::model::long_program::LongProgram;
use strategies::model::replay::{Event, ReplayError, Trace, replay_long};
use strategies::model::schedule::Schedule;
use strategies::program::bodies::{BodyName, Instruction};
use strategies::program::body_spec::Increment;
use strategies::program::era::SwitchRule;

use crate::limits::PLAYED_MOVES_MAX;

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
    /// The same as a script that can be replayed again.
    pub script: String,
    /// What the moves stand for.
    pub basis: ModelBasis,
    /// Under a GIL the instructions of an increment, a move each; empty where no listing is known.
    pub instructions: Vec<String>,
}

impl Replay {
    /// Replays a schedule of that query's program; beyond [`PLAYED_MOVES_MAX`] moves with repeated
    /// increments as one.
    pub fn of(
        query: Query,
        program: &LongProgram,
        schedule: Schedule,
    ) -> Result<Self, ReplayError> {
        let trace = replay_long(program, &schedule, PLAYED_MOVES_MAX)?;
        let (expected, workers) = (program.expected(), program.workers());
        let basis = query.spec.basis();
        let shown = schedule.to_string();
        let instructions = instructions(query, &trace);
        let script = ScheduleString { question: query, schedule }.write(program);
        Ok(Self { trace, expected, workers, schedule: shown, script, basis, instructions })
    }

    /// How many moves were made.
    pub fn moves(&self) -> usize {
        self.trace.events.iter().map(|event| event.times as usize).sum()
    }

    /// About how many bytes a replay of `moves` moves holds at most.
    pub const fn bytes_of(moves: usize) -> usize {
        // Each move may be a run of its own, written twice, and a store that several others lose.
        moves * (size_of::<Event>() + 2 * RUN_BYTES + size_of::<usize>() * OPEN_WINDOWS)
    }
}

/// The listing of the body with the names of the era, if each instruction is a move. A body that is spelled
/// has that of the only named one with its steps.
fn instructions(query: Query, trace: &Trace) -> Vec<String> {
    let (Some(era), Some(SwitchRule::Ticks(_) | SwitchRule::Interval(_))) =
        (query.spec.era(), query.spec.rule())
    else {
        return Vec::new();
    };
    let body = match query.body {
        Increment::Named(name) => Some(name),
        Increment::Custom(_) => {
            let has_steps = |name: &BodyName| Increment::from(*name).steps().eq(query.body.steps());
            let mut same = BodyName::ALL.into_iter().filter(has_steps);
            same.next().filter(|_| same.next().is_none())
        }
    };
    let listing = body.map_or(&[][..], BodyName::listing);
    let is_first = |event: &&Event| event.worker == 0 && event.increment == 0;
    if trace.events.iter().filter(is_first).count() != listing.len() {
        return Vec::new();
    }
    let line = |line: &Instruction| {
        let Instruction { step: _, opcode, opcode_from_3_11, argument } = *line;
        let opcode = if era.renames_instructions() { opcode_from_3_11 } else { opcode };
        format!("{opcode} {argument}").trim_end().to_owned()
    };
    listing.iter().map(line).collect()
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
    use strategies::program::era::{Era, SwitchInterval};
    use strategies::program::step::Step;

    /// A million increments each, most of them repeated: a page of events, and a script to type.
    #[test]
    fn long_replay_is_short_and_can_be_read_again() {
        let body = CustomBody::parse("LS").expect("a body").into();
        let increments = 1_000_000;
        let query = Query { spec: Spec::Plain(Plain::Unlocked), body, workers: 2, increments };
        let program = query.long_program().expect("within the limits");
        let runs = "T0x1 T1x1999998 T0x1 T1x1 T0x1999998 T1x1";
        let schedule = Schedule::parse(runs).expect("six runs");
        let replay = Replay::of(query, &program, schedule.clone()).expect("a whole one");
        assert_eq!((replay.trace.value, replay.moves()), (2, 4_000_000));
        assert!(replay.trace.events.len() < 20, "{:?}", replay.trace.events);
        let (script, again) = ScheduleString::read(&replay.script).expect("it can be typed");
        assert_eq!((script.schedule, again), (schedule, program));
        let turns: Schedule = (0..4_000_000).map(|at| at / 100 % 2).collect();
        let error = Replay::of(query, &query.long_program().expect("it is"), turns);
        assert!(matches!(error, Err(ReplayError::TooManyEvents { .. })), "{error:?}");
    }

    #[test]
    fn moves_under_a_gil_are_the_instructions_of_its_era() {
        let of = |spec: Spec, body: Increment| {
            let query = Query { spec, body, workers: 1, increments: 1 };
            let program = query.long_program().expect("a small one");
            let moves = body.steps().len();
            let schedule = Schedule::parse(&format!("T0x{moves}")).expect("one run");
            Replay::of(query, &program, schedule).expect("a whole one").instructions
        };
        let rule = SwitchRule::Interval(SwitchInterval::from_picoseconds(5_000_000_000));
        let gil = |era| Spec::Gil { era, rule };
        let call = Increment::Named(BodyName::Call);
        let (old, new) = (of(gil(Era::V3_9), call), of(gil(Era::V3_12), call));
        assert_eq!((old[2].as_str(), old[4].as_str()), ("LOAD_GLOBAL num", "CALL_FUNCTION one()"));
        assert_eq!((new[4].as_str(), new[8].as_str()), ("CALL, RESUME one()", "STORE_GLOBAL num"));
        let letters: String = call.steps().map(Step::letter).collect();
        let spelled = CustomBody::parse(&letters).expect("a body").into();
        assert_eq!(of(gil(Era::V3_9), spelled), old, "a script has only the letters");
        let own = CustomBody::parse("LS").expect("a body").into();
        assert_eq!(of(gil(Era::V3_9), own), Vec::<String>::new());
        assert_eq!(of(Spec::Plain(Plain::Unlocked), own), Vec::<String>::new());
    }

    #[test]
    fn replayed_schedule_can_be_read_again() {
        let body = CustomBody::parse("LS").expect("a body").into();
        let query = Query { spec: Spec::Plain(Plain::Unlocked), body, workers: 2, increments: 1 };
        let program = query.long_program().expect("a small one");
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
