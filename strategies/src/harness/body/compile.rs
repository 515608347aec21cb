//! Compiler from a workload to what the hot loop runs.
//!
//! Steps without a check are added to the work of the next segment, so that zero-cost steps cost
//! nothing.

use crate::harness::body::segments::{
    Body, Segment, SegmentRow, SegmentWork, Segments, SideEffects,
};
use crate::machine::{Machine, Work};
use crate::program::step::{Check, ORDINARY, SideEffect, Sites, Step};
use crate::program::workload::{Io, Lengths, REQUEST_STEPS, Service, Workload};

/// Least time between two checks of the abort flag that the chunks of bodies aim at.
const CHUNK_NS: u64 = 1_000_000;
/// Most bodies between two checks of the abort flag.
const CHUNK_BODIES_MAX: u64 = 4096;
/// Least time of a body that the size of a chunk assumes.
const BODY_FLOOR_NS: u64 = 1;

/// A task's steps on one side of its bodies: whole rounds of ordinary code, then a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordinary {
    /// One round of [`ORDINARY`].
    pub round: SegmentRow,
    /// Number of whole rounds.
    pub rounds: u32,
    /// The steps after the whole rounds.
    pub rest: SegmentRow,
    /// The work of all the steps.
    pub work: Work,
}

/// A workload compiled for a machine and an era.
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
    /// The work of requesting workers, if there are any.
    pub service: Option<Service>,
    /// Steps around each request of a requesting worker.
    pub handling: Ordinary,
    /// Bodies between two checks of the abort flag; at least 1.
    pub chunk: u64,
    /// The distributions from which bodies are drawn, if bodies differ.
    pub plan: Option<SamplerPlan>,
    /// Bodies that arrive per second at all workers together, in an open loop.
    pub arrivals_per_s: Option<u64>,
    /// Time for which workers increment, unless tasks or requests determine it.
    pub duration_ns: Option<u64>,
    work: SegmentWork,
    side_effects: SideEffects,
    ticks: u32,
    segments: Segments,
}

impl Code {
    /// Compiles a workload; strategies without check sites ignore `sites`.
    pub fn compile<M: Machine>(workload: &Workload, sites: Sites, machine: &M) -> Self {
        let compiler = Compiler { machine, step_ns: workload.step_cost_ns, sites };
        let lead_steps = workload.task_steps / 2;
        let (work, segments) = compiler.body(workload);
        let has_side_effect =
            workload.body.steps().any(|step| step.side_effect() != SideEffect::None);
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
            work,
            side_effects: if has_side_effect { SideEffects::Some } else { SideEffects::None },
            ticks: segments.before.ticks() + segments.window.ticks() + segments.after.ticks(),
            segments,
        }
    }

    /// Number of workers that only make requests.
    pub fn requesting_workers(&self) -> usize {
        self.service.map_or(0, |service| service.workers)
    }

    /// The body.
    pub fn body(&self) -> Body<'_> {
        Body {
            work: self.work,
            side_effects: self.side_effects,
            ticks: self.ticks,
            segments: &self.segments,
        }
    }
}

/// Distributions from which bodies are drawn. Lengths are in nanoseconds; the steps' own lengths do
/// not vary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplerPlan {
    /// Distribution of the lengths.
    pub lengths: Lengths,
    /// The window's own steps.
    pub window_ns: u64,
    /// The steps after the store.
    pub after_ns: u64,
    /// Mean of the work inside.
    pub inside_ns: u64,
    /// Mean of the work outside.
    pub outside_ns: u64,
    /// Number of locks to choose from.
    pub locks: u32,
    /// Share of reads, 0 to 100.
    pub reads_percent: u32,
}

/// Number of bodies that take about [`CHUNK_NS`].
fn chunk_bodies(workload: &Workload) -> u64 {
    let steps = workload.body.steps().len() as u64;
    let body_ns = steps * workload.step_cost_ns + workload.inside_ns + workload.outside_ns;
    (CHUNK_NS / body_ns.max(BODY_FLOOR_NS)).clamp(1, CHUNK_BODIES_MAX)
}

/// State of a compilation. It sums nanoseconds and converts the sums, because a machine's shortest
/// work has a floor.
struct Compiler<'m, M> {
    machine: &'m M,
    step_ns: u64,
    sites: Sites,
}

impl<M: Machine> Compiler<'_, M> {
    fn body(&self, workload: &Workload) -> (SegmentWork, Segments) {
        let mut rows = [const { SegmentBuilder::new() }; 3];
        let mut at = 0;
        for step in workload.body.steps() {
            rows[at].pending_ns += self.step_ns;
            match step {
                Step::Load => at = 1,
                Step::Store => {
                    // Inside work lengthens the step that ends the window.
                    rows[at].pending_ns += workload.inside_ns;
                    at = 2;
                }
                _ => {}
            }
            self.end_step(&mut rows[at], step);
        }
        rows[2].pending_ns += workload.outside_ns;
        let [before, window, after] = rows.map(|row| self.finish(row));
        let work = SegmentWork { before: before.0, window: window.0, after: after.0 };
        (work, Segments { before: before.1, window: window.1, after: after.1 })
    }

    /// The lengths of the body's own steps, and the distributions of the rest.
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
            round: self.row(&ORDINARY),
            rounds,
            rest: self.row(&ORDINARY[..rest as usize]),
            work,
        }
    }

    fn row(&self, steps: &[Step]) -> SegmentRow {
        let mut row = SegmentBuilder::new();
        for &step in steps {
            row.pending_ns += self.step_ns;
            self.end_step(&mut row, step);
        }
        self.finish(row).1
    }

    /// Ends a segment if the step has a side effect or the interpreter checks after it.
    fn end_step(&self, row: &mut SegmentBuilder, step: Step) {
        let (side_effect, check) = (step.side_effect(), self.sites.check(step));
        if side_effect != SideEffect::None || check != Check::Silent {
            self.flush(row, side_effect, check);
        }
    }

    fn flush(&self, row: &mut SegmentBuilder, side_effect: SideEffect, check: Check) {
        let work = self.machine.work_for(row.pending_ns);
        row.total_ns += std::mem::take(&mut row.pending_ns);
        row.segments.push(Segment { work, side_effect, check });
    }

    /// Ends the row. Work after the last check becomes a segment without one.
    fn finish(&self, mut row: SegmentBuilder) -> (Work, SegmentRow) {
        if row.pending_ns > 0 {
            self.flush(&mut row, SideEffect::None, Check::Silent);
        }
        (self.machine.work_for(row.total_ns), SegmentRow(row.segments.into()))
    }
}

/// A row of segments under construction.
struct SegmentBuilder {
    segments: Vec<Segment>,
    pending_ns: u64,
    total_ns: u64,
}

impl SegmentBuilder {
    const fn new() -> Self {
        Self { segments: Vec::new(), pending_ns: 0, total_ns: 0 }
    }
}

#[cfg(test)]
#[path = "tests/compile.rs"]
mod tests;
