//! Accesses to the counter that several strategies share, and the result of a read.

use std::sync::atomic::Ordering::Relaxed;

use crate::harness::body::segments::Body;
use crate::harness::shared::Shared;
use crate::machine::{Aborted, Machine, Word};

/// Result of a body that only reads: it loads the counter twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Both loads returned the same value.
    Whole,
    /// The loads returned two values, because another worker stored between them.
    Torn,
}

impl Reading {
    /// The result of these two loads.
    #[inline]
    pub fn of(first: u64, second: u64) -> Self {
        if first == second { Self::Whole } else { Self::Torn }
    }
}

/// The section of a body that only reads: a load, the window, and a load in place of the store.
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

/// A whole body that only reads, for strategies whose increment is one atomic step: a single load,
/// which cannot be torn.
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

/// A whole body without checks, for workers that have no lock or already hold it.
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
