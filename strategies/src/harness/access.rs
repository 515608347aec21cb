//! Accesses to the counter that several strategies share, and the result of a read.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::body::segments::Body;
use crate::harness::shared::Shared;
use crate::machine::{Aborted, Machine, Word};

/// What a body that only reads saw of the counter in its two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// One value: nobody stored in between.
    Whole,
    /// Two: somebody did.
    Torn,
}

impl Reading {
    /// Of a first and a second look.
    #[inline]
    pub fn of(first: u64, second: u64) -> Self {
        if first == second { Self::Whole } else { Self::Torn }
    }
}

/// The inside of a body that only reads: a load, the window, and a load where the store would be.
#[inline(always)]
pub(crate) fn read_twice<M: Machine>(
    machine: &M,
    shared: &Shared<M>,
    body: Body<'_>,
) -> Result<Reading, Aborted> {
    let seen = shared.counter().load(Relaxed);
    body.window(machine, shared)?;
    Ok(Reading::of(seen, shared.counter().load(Relaxed)))
}

/// A body that only reads, for those whose increment has no inside: one load, between which and
/// itself nobody comes.
#[inline(always)]
pub(crate) fn read_once<M: Machine>(
    machine: &M,
    shared: &Shared<M>,
    body: Body<'_>,
) -> Result<Reading, Aborted> {
    body.before(machine, shared)?;
    body.window(machine, shared)?;
    let seen = shared.counter().load(Relaxed);
    body.after(machine, shared)?;
    Ok(Reading::of(seen, seen))
}

/// One body without a look at anything: for those who have no lock, and those who hold theirs.
#[inline(always)]
pub(crate) fn plain_increment<M: Machine>(
    machine: &M,
    shared: &Shared<M>,
    body: Body<'_>,
) -> Result<(), Aborted> {
    body.before(machine, shared)?;
    let seen = shared.counter().load(Relaxed);
    body.window(machine, shared)?;
    shared.counter().store(seen + 1, Relaxed);
    body.after(machine, shared)
}
