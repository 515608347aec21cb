//! Segments of a compiled body, and the body that the hot loop passes to a strategy.
//!
//! A body is three rows of segments around its load and its store. A segment is work that ends
//! where something else happens: a side effect, or a check of the interpreter.

use crate::harness::shared::Shared;
use crate::machine::{Aborted, Call, Machine, Work};
use crate::program::step::{Check, SideEffect};

/// Work, what is done besides, and what the interpreter does after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Work up to the look.
    pub work: Work,
    /// What is done after the work and before the look.
    pub deed: SideEffect,
    /// The look.
    pub attention: Check,
}

/// Beats in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SegmentRow(pub(super) Box<[Segment]>);

impl SegmentRow {
    /// The beats, in order.
    #[inline]
    pub fn beats(&self) -> &[Segment] {
        &self.0
    }

    /// All of it without looks. Out of line: the hot loop of a plain body has no use for it.
    #[inline(never)]
    fn with_deeds<M: Machine>(&self, machine: &M, shared: &Shared<M>) -> Result<(), Aborted> {
        for beat in self.beats() {
            machine.work(beat.work);
            match beat.deed {
                SideEffect::None => {}
                SideEffect::Write => machine.call(Call::Write)?,
                SideEffect::Acquire => shared.lock().take()?,
                SideEffect::Release => shared.lock().post(),
            }
        }
        Ok(())
    }

    /// How many steps of this run tick.
    pub(super) fn ticks(&self) -> u32 {
        let ticking = self.0.iter().filter(|beat| beat.attention != Check::Silent).count();
        u32::try_from(ticking).unwrap_or(u32::MAX)
    }
}

/// A body's work for whoever need not look: before the load, inside the window, after the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SegmentWork {
    /// Up to the load.
    pub before: Work,
    /// Between load and store.
    pub window: Work,
    /// After the store.
    pub after: Work,
}

impl SegmentWork {
    /// A body that is nothing but its load and its store.
    pub const NONE: Self = Self { before: Work::NONE, window: Work::NONE, after: Work::NONE };
}

/// Whether a body reaches beyond the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SideEffects {
    /// All it does is work, one load and one store.
    None,
    /// It calls the system, or takes a lock of its own.
    Some,
}

/// A body's beats for whoever must look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segments {
    /// Up to the load.
    pub before: SegmentRow,
    /// Between load and store; begins with what the interpreter does after the load.
    pub window: SegmentRow,
    /// After the store; begins with what the interpreter does after it.
    pub after: SegmentRow,
}

/// One increment, as the hot loop hands it to a strategy: by value, so that a weightless body
/// compiles to no more than its load and its store.
#[derive(Debug, Clone, Copy)]
pub struct Body<'c> {
    pub(super) works: SegmentWork,
    pub(super) deeds: SideEffects,
    /// Ticking steps of the whole body.
    pub ticks: u32,
    /// All of it, look by look.
    pub beats: &'c Segments,
}

impl Body<'_> {
    /// Does what lies before the load, without looks.
    #[inline(always)]
    pub fn before<M: Machine>(self, machine: &M, shared: &Shared<M>) -> Result<(), Aborted> {
        self.part(machine, shared, self.works.before, &self.beats.before)
    }

    /// Does what lies between load and store, without looks.
    #[inline(always)]
    pub fn window<M: Machine>(self, machine: &M, shared: &Shared<M>) -> Result<(), Aborted> {
        self.part(machine, shared, self.works.window, &self.beats.window)
    }

    /// Does what lies after the store, without looks.
    #[inline(always)]
    pub fn after<M: Machine>(self, machine: &M, shared: &Shared<M>) -> Result<(), Aborted> {
        self.part(machine, shared, self.works.after, &self.beats.after)
    }

    /// The body as a constant, if it is nothing but its load and its store. Said so, it leaves the
    /// hot loop; looked at in each turn, it would triple the time of a bare load and store.
    #[inline]
    pub(crate) fn as_weightless(self) -> Option<Self> {
        let is_weightless = self.works == SegmentWork::NONE && self.is_plain();
        is_weightless.then_some(Self { works: SegmentWork::NONE, deeds: SideEffects::None, ..self })
    }

    /// The same with other work in its window and after its store.
    #[inline]
    pub(crate) fn with_lengths(self, window: Work, after: Work) -> Self {
        Self { works: SegmentWork { window, after, ..self.works }, ..self }
    }

    /// Whether all it does is work, one load and one store.
    #[inline]
    pub fn is_plain(self) -> bool {
        self.deeds == SideEffects::None
    }

    #[inline(always)]
    fn part<M: Machine>(
        self,
        machine: &M,
        shared: &Shared<M>,
        work: Work,
        run: &SegmentRow,
    ) -> Result<(), Aborted> {
        if self.is_plain() {
            machine.work(work);
            return Ok(());
        }
        run.with_deeds(machine, shared)
    }
}
