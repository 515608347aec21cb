//! Mutex of the machine: on real threads a default `pthread_mutex_t`, which sleeps at once if it is
//! taken and promises no order. Its waits cannot be aborted; they end when the holder leaves.

use crate::harness::entry::{Entry, SwitchCounting};
use crate::locks::exclusive::{Acquisition, Locked};
use crate::locks::foreign::adapter::{Foreign, ForeignMutex};
use crate::machine::{Aborted, Machine, Monitor};

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("pthread", "a default pthread mutex")
    .with_promise("exact; no order of service")
    .with_switches(SwitchCounting::Foreign);

/// The machine's mutex.
pub struct PthreadMutex<M: Machine>(M::Monitor<()>);

/// The strategy that holds the mutex from load to store.
pub type Pthread<M> = Locked<Foreign<PthreadMutex<M>>>;

impl<M: Machine> ForeignMutex<M> for PthreadMutex<M> {
    type Guard<'a>
        = <M::Monitor<()> as Monitor<()>>::Guard<'a>
    where
        Self: 'a;

    fn new(machine: &M) -> Self {
        Self(machine.monitor(()))
    }

    /// Never tries the mutex first: the machine has no operation for that.
    #[inline(always)]
    fn acquire(&self, _acquisition: &mut Acquisition<'_, M>) -> Result<Self::Guard<'_>, Aborted> {
        Ok(self.0.lock())
    }
}
