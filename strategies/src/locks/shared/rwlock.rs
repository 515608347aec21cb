//! Phase-fair readers-writer lock: PF-T of Brandenburg and Anderson (2010, "Spin-based
//! reader-writer synchronization for multiprocessor real-time systems"). Waiters stay awake.
//!
//! While both readers and writers want the lock, phases of readers and of one writer alternate: a
//! reader waits for at most one writer; a writer, in order of arrival among writers, waits for one
//! phase of readers at each turn.
//!
//! # State
//! ```text
//! word        meaning                                      changed by
//! arrivals    READER for each reader that arrived, plus    readers; the writer whose turn it is
//!             the bits of the writer that waits or writes  (adds its bits and subtracts them)
//! departures  READER for each reader that left             readers
//! tickets     the next writer's ticket                     writers
//! turn        the ticket of the writer whose turn it is    that writer
//! ```
//! A writer's bits are WRITER and the parity of its ticket (PHASE), so those of consecutive writers
//! differ: a reader that waits for one writer to leave cannot mistake the next for it.
//!
//! # Invariants
//! 1. The bits in `arrivals` are 0 or those of the one writer whose turn it is.
//! 2. While a writer writes, `departures` equals the value, without bits, that `arrivals` had when
//!    the writer added its bits: all readers that arrived before have left, later ones wait.
//! 3. A waiting reader proceeds as soon as the bits that it saw are gone, whatever follows them.
//!
//! # Orderings
//! A writer publishes to readers with Release when it subtracts its bits; a reader acquires
//! `arrivals` where it arrives or waits, and additions to that word in between continue the release
//! sequence. Readers publish that they are done with Release on `departures`, which the writer
//! acquires; writers publish to each other by `turn` in the same way. `tickets`, and adding the
//! bits, carry no data: Relaxed.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crossbeam_utils::CachePadded;

use crate::harness::entry::Entry;
use crate::harness::probe::Acquired;
use crate::locks::exclusive::{Acquisition, Exclusive, Locked};
use crate::locks::spin::spin_wait::{SpinThenYield, SpinWaiter};
use crate::machine::{Aborted, Machine, Word};
use crate::model::moves::fifo_lock;

const PHASE: u64 = 1;
const WRITER: u64 = 2;
const BITS: u64 = WRITER | PHASE;
/// One reader, above the bits: 2^62 of them fit, more than an attempt has bodies.
const READER: u64 = 4;

/// The catalogue entry.
pub const ENTRY: Entry = Entry::exact(
    "rwlock",
    "a phase-fair ticket lock for readers and writers; waiters spin, then yield",
)
.with_promise("exact; writers in order of arrival, readers together")
.with_moves(fifo_lock);

/// The lock.
pub struct PhaseFairLock<M: Machine> {
    // Readers and writers access different words, each on a cache line of its own.
    arrivals: CachePadded<M::Word>,
    departures: CachePadded<M::Word>,
    tickets: CachePadded<M::Word>,
    turn: CachePadded<M::Word>,
    waiter: SpinThenYield,
}

/// The strategy that holds the lock from load to store, and shares it between reads.
pub type RwLock<M> = Locked<PhaseFairLock<M>>;

impl<M: Machine> RwLock<M> {
    /// A free lock for at most `workers` workers.
    pub fn new(machine: &M, workers: usize) -> Self {
        let [arrivals, departures, tickets, turn] =
            [(); 4].map(|()| CachePadded::new(machine.word(0)));
        let waiter = SpinThenYield::for_workers(machine, workers);
        Locked(PhaseFairLock { arrivals, departures, tickets, turn, waiter })
    }
}

impl<M: Machine> Exclusive<M> for PhaseFairLock<M> {
    type WorkerState = ();

    fn worker_state(&self, _index: usize) {}

    /// Acquires the lock as a writer.
    #[inline(always)]
    fn with_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        _state: &mut (),
        section: impl FnOnce(Acquired) -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let own = self.tickets.fetch_add(1, Relaxed);
        let bits = WRITER | (own & PHASE);
        let mut readers = None;
        let mut is_alone = || {
            self.turn.load(Acquire) == own && {
                let before = *readers.get_or_insert_with(|| self.arrivals.fetch_add(bits, Relaxed));
                self.departures.load(Acquire) == before
            }
        };
        if !is_alone() {
            acquisition.wait(|machine| self.waiter.wait(machine, is_alone))?;
        }
        section(acquisition.acquired_by(own))?;
        self.arrivals.fetch_sub(bits, Release);
        self.turn.store(own + 1, Release);
        Ok(())
    }

    /// Acquires the lock as a reader.
    #[inline(always)]
    fn with_read_lock(
        &self,
        acquisition: &mut Acquisition<'_, M>,
        _state: &mut (),
        mut section: impl FnMut() -> Result<(), Aborted>,
    ) -> Result<(), Aborted> {
        let seen = self.arrivals.fetch_add(READER, Acquire) & BITS;
        if seen != 0 {
            let is_over = || self.arrivals.load(Acquire) & BITS != seen;
            acquisition.wait(|machine| self.waiter.wait(machine, is_over))?;
        }
        section()?;
        self.departures.fetch_add(READER, Release);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::counters::WorkerStats;
    use crate::machine::native::NativeMachine;
    use crate::machine::native::abort::Abort;

    /// Runs `test` on a lock of an aborted attempt, in which every wait fails at once.
    fn on_lock(test: impl FnOnce(&RwLock<NativeMachine>, &mut Acquisition<'_, NativeMachine>)) {
        let abort = Abort::default();
        abort.raise();
        let machine = NativeMachine::new(abort);
        let mut stats = WorkerStats::default();
        test(&RwLock::new(&machine, 4), &mut Acquisition::new(&machine, &mut stats));
    }

    #[test]
    fn readers_hold_the_lock_together() {
        on_lock(|Locked(lock), first| {
            let outcome = lock.with_read_lock(first, &mut (), || {
                on_lock(|_, second| {
                    lock.with_read_lock(second, &mut (), || Ok(())).expect("both read");
                });
                Ok(())
            });
            assert_eq!(outcome, Ok(()));
        });
    }

    #[test]
    fn writer_excludes_readers_and_writers() {
        on_lock(|Locked(lock), reader| {
            let outcome = lock.with_read_lock(reader, &mut (), || {
                on_lock(|_, writer| {
                    assert_eq!(lock.with_lock(writer, &mut (), |_| Ok(())), Err(Aborted));
                });
                Ok(())
            });
            assert_eq!(outcome, Ok(()));
        });
        on_lock(|Locked(lock), writer| {
            let outcome = lock.with_lock(writer, &mut (), |_| {
                on_lock(|_, other| {
                    assert_eq!(lock.with_read_lock(other, &mut (), || Ok(())), Err(Aborted));
                    assert_eq!(lock.with_lock(other, &mut (), |_| Ok(())), Err(Aborted));
                });
                Ok(())
            });
            assert_eq!(outcome, Ok(()));
        });
    }

    /// Phases alternate: a reader that arrives after a waiting writer is served after it.
    #[test]
    fn waiting_writer_blocks_later_readers() {
        on_lock(|Locked(lock), reader| {
            let outcome = lock.with_read_lock(reader, &mut (), || {
                on_lock(|_, other| {
                    assert_eq!(lock.with_lock(other, &mut (), |_| Ok(())), Err(Aborted));
                    assert_eq!(lock.with_read_lock(other, &mut (), || Ok(())), Err(Aborted));
                });
                Ok(())
            });
            assert_eq!(outcome, Ok(()));
        });
    }
}
