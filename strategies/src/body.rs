//! Steps turned into what the hot loop can run: work between places where an interpreter looks.
//!
//! A body is three runs of beats around its load and its store. Steps that nothing looks after
//! melt into the work before the next beat, so that zero-cost steps cost nothing at all.

use crate::machine::{Machine, Work};
use crate::step::{Attention, ORDINARY, Sites, Step};
use crate::workload::{Io, Workload};

/// Least time between two looks at the abort flag that the chunks of bodies aim at.
const CHUNK_NS: u64 = 1_000_000;
/// Most bodies between two looks at the abort flag.
const CHUNK_BODIES_MAX: u64 = 4096;
/// What a body costs at least, for the size of a chunk.
const BODY_FLOOR_NS: u64 = 1;

/// Work, and what the interpreter does after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// Work before the look.
    pub work: Work,
    /// The look.
    pub attention: Attention,
}

/// Beats in a row, with their sums for whoever need not look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    beats: Box<[Beat]>,
    /// All work of the run.
    pub work: Work,
    /// Ticking steps of the run.
    pub ticks: u32,
}

impl Run {
    /// The beats, in order.
    #[inline]
    pub fn beats(&self) -> &[Beat] {
        &self.beats
    }

    /// Whether an interpreter may switch within this run.
    pub fn has_site(&self) -> bool {
        self.beats.iter().any(|beat| beat.attention == Attention::Site)
    }

    fn of(beats: Vec<Beat>) -> Self {
        let work = beats.iter().fold(Work::NONE, |sum, beat| sum.plus(beat.work));
        let ticking = beats.iter().filter(|beat| beat.attention != Attention::Silent).count();
        Self { beats: beats.into(), work, ticks: u32::try_from(ticking).unwrap_or(u32::MAX) }
    }
}

/// One increment: what happens before its load, inside its window, and after its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Up to the load.
    pub before: Run,
    /// Between load and store; begins with what the interpreter does after the load.
    pub window: Run,
    /// After the store; begins with what the interpreter does after it.
    pub after: Run,
    /// Ticking steps of the whole body.
    pub ticks: u32,
}

/// A task's steps outside its bodies, on one side of them: whole rounds of ordinary code, then a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordinary {
    /// One round of [`ORDINARY`].
    pub round: Run,
    /// Whole rounds.
    pub rounds: u32,
    /// What is left of the steps after the whole rounds.
    pub rest: Run,
    /// The work of it all.
    pub work: Work,
}

/// A workload made ready for a machine and an era.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Tasks of the attempt.
    pub tasks: u64,
    /// Bodies of a task.
    pub increments: u64,
    /// The body.
    pub body: Body,
    /// A task's steps before its bodies.
    pub lead: Ordinary,
    /// A task's steps after its bodies.
    pub tail: Ordinary,
    /// Blocking calls between bodies.
    pub io: Option<Io>,
    /// Bodies between two looks at the abort flag; at least 1.
    pub chunk: u64,
}

impl Code {
    /// Turns a workload into beats; `sites` is ignored by strategies that never look.
    pub fn compile<M: Machine>(workload: &Workload, sites: Sites, machine: &M) -> Self {
        let compiler = Compiler { step: machine.work_for(workload.step_cost_ns), sites };
        let lead_steps = workload.task_steps / 2;
        Self {
            tasks: workload.tasks,
            increments: workload.increments,
            body: compiler.body(
                workload.body.steps(),
                machine.work_for(workload.inside_ns),
                machine.work_for(workload.outside_ns),
            ),
            lead: compiler.ordinary(lead_steps),
            tail: compiler.ordinary(workload.task_steps - lead_steps),
            io: workload.io,
            chunk: chunk_bodies(workload),
        }
    }
}

/// Bodies that take about [`CHUNK_NS`].
fn chunk_bodies(workload: &Workload) -> u64 {
    let steps = workload.body.steps().len() as u64;
    let body_ns = steps * workload.step_cost_ns + workload.inside_ns + workload.outside_ns;
    (CHUNK_NS / body_ns.max(BODY_FLOOR_NS)).clamp(1, CHUNK_BODIES_MAX)
}

/// The cost of a step and the era's sites.
struct Compiler {
    step: Work,
    sites: Sites,
}

impl Compiler {
    fn body(&self, steps: &[Step], inside: Work, outside: Work) -> Body {
        let [mut before, mut window, mut after] = [const { Vec::new() }; 3];
        let mut pending = Work::NONE;
        let mut beats = &mut before;
        for &step in steps {
            pending = pending.plus(self.step);
            // Inside work stretches the step that ends the window.
            if step == Step::Store {
                pending = pending.plus(inside);
            }
            if matches!(step, Step::Load | Step::Store) {
                flush(beats, &mut pending);
                beats = if step == Step::Load { &mut window } else { &mut after };
            }
            self.look(beats, &mut pending, step);
        }
        pending = pending.plus(outside);
        flush(&mut after, &mut pending);
        let [before, window, after] = [before, window, after].map(Run::of);
        let ticks = before.ticks + window.ticks + after.ticks;
        Body { before, window, after, ticks }
    }

    fn ordinary(&self, steps: u32) -> Ordinary {
        let length = u32::try_from(ORDINARY.len()).unwrap_or(u32::MAX);
        let (rounds, rest) = (steps / length, steps % length);
        let round = self.run(&ORDINARY);
        let rest = self.run(&ORDINARY[..rest as usize]);
        let work = round.work.times(u64::from(rounds)).plus(rest.work);
        Ordinary { round, rounds, rest, work }
    }

    fn run(&self, steps: &[Step]) -> Run {
        let mut beats = Vec::new();
        let mut pending = Work::NONE;
        for &step in steps {
            pending = pending.plus(self.step);
            self.look(&mut beats, &mut pending, step);
        }
        flush(&mut beats, &mut pending);
        Run::of(beats)
    }

    /// Ends a beat where the interpreter does something after the step.
    fn look(&self, beats: &mut Vec<Beat>, pending: &mut Work, step: Step) {
        let attention = self.sites.attention(step);
        if attention != Attention::Silent {
            beats.push(Beat { work: std::mem::take(pending), attention });
        }
    }
}

/// Work that nothing looks after, at the end of a run.
fn flush(beats: &mut Vec<Beat>, pending: &mut Work) {
    if *pending != Work::NONE {
        beats.push(Beat { work: std::mem::take(pending), attention: Attention::Silent });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::{Abort, NativeMachine};
    use crate::step::BodyName;
    use crate::workload::tests::TINY;

    fn code(workload: Workload, sites: Sites) -> Code {
        Code::compile(&workload, sites, &NativeMachine::new(Abort::default()))
    }

    #[test]
    fn zero_cost_steps_leave_only_the_looks() {
        let body = code(TINY, Sites::AfterMostSteps).body;
        assert_eq!((body.before.work, body.window.work, body.after.work), Default::default());
        assert_eq!((body.before.ticks, body.window.ticks, body.after.ticks), (1, 2, 2));
    }

    #[test]
    fn only_calls_open_the_window_of_3_12() {
        let window = |body| code(Workload { body, ..TINY }, Sites::AtCallsAndJumps).body.window;
        assert!(!window(BodyName::Increment).has_site());
        assert!(window(BodyName::Call).has_site());
    }

    #[test]
    fn every_step_costs_the_same_wherever_it_stands() {
        let body = code(Workload { step_cost_ns: 15, ..TINY }, Sites::AfterMostSteps).body;
        let step = NativeMachine::new(Abort::default()).work_for(15);
        // FOR_ITER, STORE_FAST, LOAD | LOAD_CONST, ADD, STORE | JUMP
        assert_eq!(body.before.work, step.times(3));
        assert_eq!(body.window.work, step.times(3));
        assert_eq!(body.after.work, step);
    }

    #[test]
    fn inside_work_lies_in_the_window_and_outside_work_after_the_body() {
        let body = code(Workload { inside_ns: 100, outside_ns: 300, ..TINY }, Sites::AfterMostSteps);
        let machine = NativeMachine::new(Abort::default());
        assert_eq!(body.body.window.work, machine.work_for(100));
        assert_eq!(body.body.after.work, machine.work_for(300));
    }

    #[test]
    fn task_steps_are_split_around_the_bodies() {
        let code = code(Workload { task_steps: 605, step_cost_ns: 15, ..TINY }, Sites::AfterMostSteps);
        let step = NativeMachine::new(Abort::default()).work_for(15);
        assert_eq!((code.lead.rounds, code.tail.rounds), (30, 30));
        assert_eq!(code.lead.work.plus(code.tail.work), step.times(605));
    }

    #[test]
    fn costly_bodies_are_looked_after_one_by_one() {
        let chunk = |inside_ns| chunk_bodies(&Workload { inside_ns, ..TINY });
        assert_eq!((chunk(0), chunk(10_000), chunk(1_000_000_000)), (4096, 100, 1));
    }
}
