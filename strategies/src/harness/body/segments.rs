//! Segments of a compiled body, and the body that the hot loop passes to a strategy.
//!
//! A body is three rows of segments, divided by its load and its store. A segment is work that ends
//! with a side effect, with a check of the interpreter, or both.

use crate::harness::shared::Shared;
use crate::machine::{Aborted, Call, Machine, Work};
use crate::program::step::{Check, SideEffect};

/// Work, the side effect at its end, and the interpreter's check after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Work up to the end of the segment.
    pub work: Work,
    /// The side effect after the work.
    pub side_effect: SideEffect,
    /// The interpreter's check after the side effect.
    pub check: Check,
}

/// Consecutive segments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SegmentRow(pub(super) Box<[Segment]>);

impl SegmentRow {
    /// The segments, in order.
    #[inline]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Runs all segments without checks. Out of line: the hot loop of a body without side effects
    /// never calls it.
    #[inline(never)]
    fn run_with_side_effects<M: Machine>(
        &self,
        machine: &M,
        shared: &Shared<M>,
    ) -> Result<(), Aborted> {
        for segment in self.segments() {
            machine.work(segment.work);
            match segment.side_effect {
                SideEffect::None => {}
                SideEffect::Write => machine.call(Call::Write)?,
                SideEffect::Acquire => shared.lock().take()?,
                SideEffect::Release => shared.lock().post(),
            }
        }
        Ok(())
    }

    /// Number of segments whose last step ticks.
    pub(super) fn ticks(&self) -> u32 {
        let ticking = self.0.iter().filter(|segment| segment.check != Check::Silent).count();
        u32::try_from(ticking).unwrap_or(u32::MAX)
    }
}

/// A body's work for strategies without check sites, one sum for each side of load and store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SegmentWork {
    /// Before the load.
    pub before: Work,
    /// Between load and store.
    pub window: Work,
    /// After the store.
    pub after: Work,
}

impl SegmentWork {
    /// The work of a body that consists of its load and its store only.
    pub const NONE: Self = Self { before: Work::NONE, window: Work::NONE, after: Work::NONE };
}

/// Whether a body has effects other than work and its access to the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SideEffects {
    /// It consists of work, one load and one store.
    None,
    /// It makes system calls, or takes the program's own lock.
    Some,
}

/// A body's segments for strategies with check sites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segments {
    /// Before the load.
    pub before: SegmentRow,
    /// Between load and store; begins with the check after the load.
    pub window: SegmentRow,
    /// After the store; begins with the check after the store.
    pub after: SegmentRow,
}

/// One increment, as the hot loop passes it to a strategy: by value, so that an empty body compiles
/// to its load and its store.
#[derive(Debug, Clone, Copy)]
pub struct Body<'c> {
    pub(super) work: SegmentWork,
    pub(super) side_effects: SideEffects,
    /// Ticking steps of the whole body.
    pub ticks: u32,
    /// The whole body, segment by segment.
    pub segments: &'c Segments,
}

impl Body<'_> {
    /// Runs the part before the load, without checks.
    #[inline(always)]
    pub fn before<M: Machine>(self, machine: &M, shared: &Shared<M>) -> Result<(), Aborted> {
        self.run(machine, shared, self.work.before, &self.segments.before)
    }

    /// Runs the part between load and store, without checks.
    #[inline(always)]
    pub fn window<M: Machine>(self, machine: &M, shared: &Shared<M>) -> Result<(), Aborted> {
        self.run(machine, shared, self.work.window, &self.segments.window)
    }

    /// Runs the part after the store, without checks.
    #[inline(always)]
    pub fn after<M: Machine>(self, machine: &M, shared: &Shared<M>) -> Result<(), Aborted> {
        self.run(machine, shared, self.work.after, &self.segments.after)
    }

    /// The body with constant work and side effects, if it consists of its load and its store only.
    /// The constants let the compiler drop the branches from the hot loop; a test in each iteration
    /// would triple the time of a bare load and store.
    #[inline]
    pub(crate) fn as_empty(self) -> Option<Self> {
        let is_empty = self.work == SegmentWork::NONE && self.is_plain();
        is_empty.then_some(Self {
            work: SegmentWork::NONE,
            side_effects: SideEffects::None,
            ..self
        })
    }

    /// The same body with other work in its window and after its store.
    #[inline]
    pub(crate) fn with_lengths(self, window: Work, after: Work) -> Self {
        Self { work: SegmentWork { window, after, ..self.work }, ..self }
    }

    /// Whether the body consists of work, one load and one store.
    #[inline]
    pub fn is_plain(self) -> bool {
        self.side_effects == SideEffects::None
    }

    #[inline(always)]
    fn run<M: Machine>(
        self,
        machine: &M,
        shared: &Shared<M>,
        work: Work,
        row: &SegmentRow,
    ) -> Result<(), Aborted> {
        if self.is_plain() {
            machine.work(work);
            return Ok(());
        }
        row.run_with_side_effects(machine, shared)
    }
}
