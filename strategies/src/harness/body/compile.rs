//! Steps turned into what the hot loop can run: work between places where an interpreter looks.
//!
//! A body is three runs of beats around its load and its store. Steps that nothing looks after
//! melt into the work before the next beat, so that zero-cost steps cost nothing at all.

use crate::harness::body::segments::{
    Body, Segment, SegmentRow, SegmentWork, Segments, SideEffects,
};
use crate::machine::{Machine, Work};
use crate::program::step::{Check, ORDINARY, SideEffect, Sites, Step};
use crate::program::workload::{Io, Lengths, REQUEST_STEPS, Service, Workload};

/// Least time between two looks at the abort flag that the chunks of bodies aim at.
const CHUNK_NS: u64 = 1_000_000;
/// Most bodies between two looks at the abort flag.
const CHUNK_BODIES_MAX: u64 = 4096;
/// What a body costs at least, for the size of a chunk.
const BODY_FLOOR_NS: u64 = 1;

/// A task's steps outside its bodies, on one side of them: whole rounds of ordinary code, then a
/// part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordinary {
    /// One round of [`ORDINARY`].
    pub round: SegmentRow,
    /// Whole rounds.
    pub rounds: u32,
    /// What is left of the steps after the whole rounds.
    pub rest: SegmentRow,
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
    /// A task's steps before its bodies.
    pub lead: Ordinary,
    /// A task's steps after its bodies.
    pub tail: Ordinary,
    /// Requests between bodies.
    pub io: Option<Io>,
    /// What requesting workers do, if there are any.
    pub service: Option<Service>,
    /// Steps around each of their requests.
    pub handling: Ordinary,
    /// Bodies between two looks at the abort flag; at least 1.
    pub chunk: u64,
    /// What bodies are drawn from, where they differ.
    pub plan: Option<SamplerPlan>,
    /// Bodies that arrive per second at all workers together, where they arrive by themselves.
    pub arrivals_per_s: Option<u64>,
    /// How long workers increment, where that is not said by tasks or requests.
    pub duration_ns: Option<u64>,
    works: SegmentWork,
    deeds: SideEffects,
    ticks: u32,
    beats: Segments,
}

impl Code {
    /// Turns a workload into beats; `sites` is ignored by strategies that never look.
    pub fn compile<M: Machine>(workload: &Workload, sites: Sites, machine: &M) -> Self {
        let compiler = Compiler { machine, step_ns: workload.step_cost_ns, sites };
        let lead_steps = workload.task_steps / 2;
        let (works, beats) = compiler.body(workload);
        let has_deed = workload.body.steps().any(|step| step.deed() != SideEffect::None);
        Self {
            tasks: workload.tasks,
            increments: workload.increments,
            lead: compiler.ordinary(lead_steps),
            tail: compiler.ordinary(workload.task_steps - lead_steps),
            io: workload.io,
            service: workload.service,
            handling: compiler.ordinary(REQUEST_STEPS),
            chunk: chunk_bodies(workload),
            plan: workload.is_drawn().then(|| compiler.plan(workload)),
            arrivals_per_s: workload.arrivals_per_s,
            duration_ns: workload.duration_ns,
            works,
            deeds: if has_deed { SideEffects::Some } else { SideEffects::None },
            ticks: beats.before.ticks() + beats.window.ticks() + beats.after.ticks(),
            beats,
        }
    }

    /// Workers that make requests and nothing else.
    pub fn requesting_workers(&self) -> usize {
        self.service.map_or(0, |service| service.workers)
    }

    /// The body.
    pub fn body(&self) -> Body<'_> {
        Body { works: self.works, deeds: self.deeds, ticks: self.ticks, beats: &self.beats }
    }
}

/// What bodies are drawn from: lengths in nanoseconds, of which the steps' own do not vary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplerPlan {
    /// How lengths are drawn.
    pub lengths: Lengths,
    /// The window's own steps.
    pub window_ns: u64,
    /// The steps after the store.
    pub after_ns: u64,
    /// Mean of the work inside.
    pub inside_ns: u64,
    /// Mean of the work outside.
    pub outside_ns: u64,
    /// Locks to choose from.
    pub locks: u32,
    /// Share of reads.
    pub reads_percent: u32,
}

/// Bodies that take about [`CHUNK_NS`].
fn chunk_bodies(workload: &Workload) -> u64 {
    let steps = workload.body.steps().len() as u64;
    let body_ns = steps * workload.step_cost_ns + workload.inside_ns + workload.outside_ns;
    (CHUNK_NS / body_ns.max(BODY_FLOOR_NS)).clamp(1, CHUNK_BODIES_MAX)
}

/// What the compiler needs to know besides the steps. It adds up nanoseconds and converts sums,
/// since a machine's shortest work has a floor.
struct Compiler<'m, M> {
    machine: &'m M,
    step_ns: u64,
    sites: Sites,
}

impl<M: Machine> Compiler<'_, M> {
    fn body(&self, workload: &Workload) -> (SegmentWork, Segments) {
        let mut stretches = [const { SegmentBuilder::new() }; 3];
        let mut at = 0;
        for step in workload.body.steps() {
            stretches[at].pending_ns += self.step_ns;
            match step {
                Step::Load => at = 1,
                Step::Store => {
                    // Inside work stretches the step that ends the window.
                    stretches[at].pending_ns += workload.inside_ns;
                    at = 2;
                }
                _ => {}
            }
            self.look(&mut stretches[at], step);
        }
        stretches[2].pending_ns += workload.outside_ns;
        let [before, window, after] = stretches.map(|stretch| self.finish(stretch));
        let works = SegmentWork { before: before.0, window: window.0, after: after.0 };
        (works, Segments { before: before.1, window: window.1, after: after.1 })
    }

    /// The lengths of the body's own steps, beside what is drawn.
    fn plan(&self, workload: &Workload) -> SamplerPlan {
        let mut steps_ns = [0; 3];
        let mut at = 0;
        for step in workload.body.steps() {
            steps_ns[at] += self.step_ns;
            match step {
                Step::Load => at = 1,
                Step::Store => at = 2,
                _ => {}
            }
        }
        SamplerPlan {
            lengths: workload.lengths,
            window_ns: steps_ns[1],
            after_ns: steps_ns[2],
            inside_ns: workload.inside_ns,
            outside_ns: workload.outside_ns,
            locks: workload.locks,
            reads_percent: workload.reads_percent,
        }
    }

    fn ordinary(&self, steps: u32) -> Ordinary {
        let length = u32::try_from(ORDINARY.len()).unwrap_or(u32::MAX);
        let (rounds, rest) = (steps / length, steps % length);
        let work = self.machine.work_for(self.step_ns * u64::from(steps));
        Ordinary {
            round: self.run(&ORDINARY),
            rounds,
            rest: self.run(&ORDINARY[..rest as usize]),
            work,
        }
    }

    fn run(&self, steps: &[Step]) -> SegmentRow {
        let mut stretch = SegmentBuilder::new();
        for &step in steps {
            stretch.pending_ns += self.step_ns;
            self.look(&mut stretch, step);
        }
        self.finish(stretch).1
    }

    /// Ends a beat where the step does more than work, or the interpreter does something after it.
    fn look(&self, stretch: &mut SegmentBuilder, step: Step) {
        let (deed, attention) = (step.deed(), self.sites.attention(step));
        if deed != SideEffect::None || attention != Check::Silent {
            self.flush(stretch, deed, attention);
        }
    }

    fn flush(&self, stretch: &mut SegmentBuilder, deed: SideEffect, attention: Check) {
        let work = self.machine.work_for(stretch.pending_ns);
        stretch.total_ns += std::mem::take(&mut stretch.pending_ns);
        stretch.beats.push(Segment { work, deed, attention });
    }

    /// Work that nothing looks after ends a run as a silent beat.
    fn finish(&self, mut stretch: SegmentBuilder) -> (Work, SegmentRow) {
        if stretch.pending_ns > 0 {
            self.flush(&mut stretch, SideEffect::None, Check::Silent);
        }
        (self.machine.work_for(stretch.total_ns), SegmentRow(stretch.beats.into()))
    }
}

/// A run in the making.
struct SegmentBuilder {
    beats: Vec<Segment>,
    pending_ns: u64,
    total_ns: u64,
}

impl SegmentBuilder {
    const fn new() -> Self {
        Self { beats: Vec::new(), pending_ns: 0, total_ns: 0 }
    }
}

#[cfg(test)]
#[path = "compile_tests.rs"]
mod tests;
