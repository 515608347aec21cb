//! The machine's own mutex: on real threads a default `pthread_mutex_t`, which sleeps at once when
//! it is taken and promises no order. Its waits cannot be aborted, and end when the holder leaves.

use crate::harness::entry::{Entry, SwitchCounting};
use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::machine::{Aborted, Machine, Monitor};

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact("pthread", "a default pthread mutex")
    .with_promise("exact; no order of service")
    .with_switches(SwitchCounting::Foreign);

/// The lock.
pub struct PthreadMutex<M: Machine>(M::Monitor<()>);

/// The strategy that holds it from load to store.
pub type Pthread<M> = Locked<PthreadMutex<M>>;

impl<M: Machine> Pthread<M> {
    /// A free mutex.
    pub fn new(machine: &M, _workers: usize) -> Self {
        Locked(PthreadMutex(machine.monitor(())))
    }
}

impl<M: Machine> Exclusive<M> for PthreadMutex<M> {
    type WorkerState = ();

    fn seat(&self, _index: usize) {}

    #[inline(always)]
    fn hold(
        &self,
        contest: &mut Acquisition<'_, M>,
        _seat: &mut (),
        inside: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let _guard = self.0.lock();
        inside(contest.got())
    }
}
