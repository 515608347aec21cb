//! Fair lock: first come, first served, with tickets, direct hand-over, and one waiter woken at a
//! time.
//!
//! # The problem
//! A barging lock is taken by any running worker, and some wait forever. A fair lock must serve in
//! order of arrival, must wake only the next waiter (no thundering herd), and must let waiters
//! sleep.
//!
//! With more workers than cores, each hand-over needs a switch of threads, because only the next in
//! line may be served. Waking a sleeper costs 23 us across cores, a yield that switches 1.3 us; so
//! waiters yield while the line moves. But a yield puts the thread at the end of its core's queue:
//! if the next in line yields its core while its predecessor runs elsewhere, all others pass
//! through that core before it runs again. So each waiter records in `core_hints` on which core it
//! is, and a waiter that finds no earlier waiter *on its own core* is in front there: the waiters
//! before it do not need this core. It spins instead of yielding. All others yield, and soon the
//! core's queue has the order of the line: one switch per hand-over, made ahead of time on one core
//! while a waiter on another is served. Only when the line stops moving do waiters sleep. (Spinning
//! while the holder runs is due to Ousterhout, 1982, and the adaptive mutex; here the condition
//! covers all earlier waiters.)
//!
//! # State
//! ```text
//! word           bits    meaning                                 changed by
//! arrivals       0..64   the next ticket to hand out             each arriving worker
//! serving        0..48   the ticket that has the lock            the holder, on release
//!                48..64  number of waiters that are parked or    those waiters
//!                        about to park
//! parkers[i]             the waiter with ticket t sleeps here,   that waiter sleeps; the
//!                        t mod parkers = i                       releaser of t - 1 wakes it
//! core_hints[i]  0..12   the core on which the waiter with       that waiter, if cores are
//!                        ticket t, t mod core_hints = i, was     shared
//!                        last seen
//!                12..60  that ticket
//! ```
//!
//! # Invariants
//! 1. A ticket is handed out once, and served once, in order: no waiter is ever bypassed.
//! 2. Between `arrive`/`wait` for ticket t and `release`, `serving` is t.
//! 3. At most `workers` tickets are outstanding and there are at least as many parkers, so no two
//!    waiters share a parker.
//! 4. A waiter sleeps only after it has added itself to the count in `serving` *and* has seen, in
//!    that read-modify-write or under its parker's mutex later, that its ticket is not served.
//!
//! # Orderings
//! Writes of a holder must be visible to the next one: `release` publishes with Release on
//! `serving`, and each way of getting the lock reads `serving` with Acquire and finds its ticket
//! there. Later read-modify-writes of `serving` (parking waiters) continue the release sequence, so
//! the holder's Release is seen through them. `arrivals` carries only the number, and `core_hints`
//! only a hint, which may be stale: Relaxed.
//!
//! No wake-up is lost: parking (count up) and release (ticket up) are read-modify-writes of one
//! word, so one comes first. If parking does, the releaser sees the count and wakes the parker; the
//! waiter holds the parker's mutex from its last load of `serving` until it sleeps, so the wake-up
//! finds it asleep or before another load. If release does, the waiter sees its ticket served and
//! does not sleep.
//!
//! Alternative: a plain store for release would save a read-modify-write, but then a parking waiter
//! and a releaser could miss each other without a sequentially consistent fence on both sides,
//! which costs as much.
//!
//! An aborted waiter leaves its ticket unserved, so the lock is stuck afterwards: an abort ends the
//! whole attempt, and the lock with it.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crossbeam_utils::CachePadded;

use crate::machine::{Aborted, Machine, Monitor, Oversubscription, SpinPolicy, Wake, Word};

const PARKED_SHIFT: u32 = 48;
const PARKED_ONE: u64 = 1 << PARKED_SHIFT;
const TICKET_MASK: u64 = PARKED_ONE - 1;
const CORE_BITS: u32 = 12;
/// Core hint before the first waiter: no ticket reaches that far.
const NO_WAITER: u64 = u64::MAX;

/// Result of joining the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Arrival {
    /// The lock was free and is now held with this ticket.
    Served(u64),
    /// Another worker comes first: call [`FairLock::wait`] with this ticket.
    Queued(u64),
}

/// A first come, first served lock; the module describes it.
pub struct FairLock<M: Machine> {
    // Arrivals and releases must not disturb each other's cache line.
    arrivals: CachePadded<M::Word>,
    serving: CachePadded<M::Word>,
    parkers: Box<[M::Monitor<()>]>,
    core_hints: Box<[M::Word]>,
    patience: SpinPolicy,
}

impl<M: Machine> FairLock<M> {
    /// A free lock for at most `workers` workers at a time.
    pub fn new(machine: &M, workers: usize) -> Self {
        Self {
            arrivals: CachePadded::new(machine.word(0)),
            serving: CachePadded::new(machine.word(0)),
            parkers: (0..workers.max(1)).map(|_| machine.monitor(())).collect(),
            core_hints: (0..workers.max(1)).map(|_| machine.word(NO_WAITER)).collect(),
            patience: machine.patience(workers),
        }
    }

    /// Joins the line. The caller has the lock if the result is [`Arrival::Served`].
    #[inline]
    pub fn arrive(&self) -> Arrival {
        let ticket = self.arrivals.fetch_add(1, Relaxed) & TICKET_MASK;
        if self.is_served(ticket) { Arrival::Served(ticket) } else { Arrival::Queued(ticket) }
    }

    /// Waits until `ticket` is served: spins or yields while the line moves, then sleeps.
    pub fn wait(&self, machine: &M, ticket: u64) -> Result<(), Aborted> {
        let (mut line, mut yields_left) = (ticket, self.patience.yields);
        while yields_left > 0 {
            if machine.aborted() {
                return Err(Aborted);
            }
            if self.may_spin(machine, ticket) && self.spin(machine, ticket) {
                return Ok(());
            }
            machine.yield_now();
            let serving = self.serving();
            if serving == ticket {
                return Ok(());
            }
            yields_left = if serving == line { yields_left - 1 } else { self.patience.yields };
            line = serving;
        }
        self.park(ticket)
    }

    /// Whether no waiter before this ticket needs the core of this one.
    fn may_spin(&self, machine: &M, ticket: u64) -> bool {
        if self.patience.crowd == Oversubscription::CoreEach {
            return true;
        }
        let core = machine.core();
        self.core_hint(ticket).store((ticket << CORE_BITS) | core, Relaxed);
        let is_here =
            |before: u64| self.core_hint(before).load(Relaxed) == (before << CORE_BITS) | core;
        !(self.serving()..ticket).any(is_here)
    }

    /// Spins for a while; whether the ticket was served meanwhile.
    fn spin(&self, machine: &M, ticket: u64) -> bool {
        let rounds = match self.patience.crowd {
            Oversubscription::CoreEach => self.patience.spins,
            Oversubscription::SharedCores => self.patience.spins_in_front,
        };
        (0..rounds).any(|_| {
            let is_served = self.is_served(ticket);
            if !is_served {
                machine.spin();
            }
            is_served
        })
    }

    /// Hands the lock to the next in line. The caller holds it.
    #[inline]
    pub fn release(&self) {
        let before = self.serving.fetch_add(1, Release);
        if before >= PARKED_ONE {
            self.wake((before + 1) & TICKET_MASK);
        }
    }

    #[inline]
    fn is_served(&self, ticket: u64) -> bool {
        self.serving() == ticket
    }

    #[inline]
    fn serving(&self) -> u64 {
        self.serving.load(Acquire) & TICKET_MASK
    }

    fn core_hint(&self, ticket: u64) -> &M::Word {
        let hints = self.core_hints.len() as u64;
        // The remainder is below a length, so it fits.
        &self.core_hints[usize::try_from(ticket % hints).unwrap_or(0)]
    }

    #[cold]
    fn park(&self, ticket: u64) -> Result<(), Aborted> {
        let seen = self.serving.fetch_add(PARKED_ONE, Acquire);
        let slept = if seen & TICKET_MASK == ticket { Ok(()) } else { self.sleep(ticket) };
        self.serving.fetch_sub(PARKED_ONE, Relaxed);
        slept
    }

    fn sleep(&self, ticket: u64) -> Result<(), Aborted> {
        let parker = self.parker(ticket);
        let mut guard = parker.lock();
        while !self.is_served(ticket) {
            let (again, wake) = parker.wait(guard, None);
            guard = again;
            if wake == Wake::Aborted {
                return Err(Aborted);
            }
        }
        Ok(())
    }

    /// Passes through the parker's mutex: a waiter that loaded `serving` under it is asleep by
    /// then.
    #[cold]
    fn wake(&self, ticket: u64) {
        let parker = self.parker(ticket);
        drop(parker.lock());
        parker.notify_one();
    }

    fn parker(&self, ticket: u64) -> &M::Monitor<()> {
        let parkers = self.parkers.len() as u64;
        // The remainder is below a length, so it fits.
        &self.parkers[usize::try_from(ticket % parkers).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::native::NativeMachine;
    use crate::machine::native::abort::Abort;
    use std::cell::UnsafeCell;
    use std::thread;

    #[test]
    fn free_lock_is_served_at_once() {
        let machine = NativeMachine::new(Abort::default());
        let lock = FairLock::new(&machine, 1);
        for ticket in 0..3 {
            assert_eq!(lock.arrive(), Arrival::Served(ticket));
            lock.release();
        }
    }

    #[test]
    fn second_arrival_waits_for_the_first() {
        let machine = NativeMachine::new(Abort::default());
        let lock = FairLock::new(&machine, 2);
        assert_eq!(lock.arrive(), Arrival::Served(0));
        assert_eq!(lock.arrive(), Arrival::Queued(1));
        lock.release();
        assert_eq!(lock.wait(&machine, 1), Ok(()));
    }

    #[test]
    fn parked_waiter_leaves_when_aborted() {
        let abort = Abort::default();
        let machine = NativeMachine::new(abort.clone());
        let lock = FairLock::new(&machine, 2);
        assert_eq!(lock.arrive(), Arrival::Served(0));
        thread::scope(|scope| {
            let waiter = scope.spawn(|| match lock.arrive() {
                Arrival::Served(_) => Ok(()),
                Arrival::Queued(ticket) => lock.wait(&machine, ticket),
            });
            // Once it has counted itself as parked, it is asleep or about to be.
            while lock.serving.load(Relaxed) < PARKED_ONE {
                thread::yield_now();
            }
            abort.raise();
            assert_eq!(waiter.join().expect("does not panic"), Err(Aborted));
        });
    }

    /// More workers than cores, so that all three ways of waiting are used.
    #[test]
    fn served_tickets_are_consecutive() {
        struct Served(UnsafeCell<Vec<u64>>);
        #[allow(unsafe_code, reason = "the lock under test is what protects the vector")]
        // SAFETY: pushed to only while the lock is held, read after all workers have joined.
        unsafe impl Sync for Served {}

        let machine = NativeMachine::new(Abort::default());
        let lock = FairLock::new(&machine, 8);
        let served = Served(UnsafeCell::new(Vec::new()));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let served = &served;
                    for _ in 0..200 {
                        if let Arrival::Queued(ticket) = lock.arrive() {
                            lock.wait(&machine, ticket).expect("no abort is raised");
                        }
                        let now = lock.serving.load(Relaxed) & TICKET_MASK;
                        #[allow(unsafe_code, reason = "as above")]
                        // SAFETY: the lock is held.
                        unsafe { &mut *served.0.get() }.push(now);
                        lock.release();
                    }
                });
            }
        });
        assert_eq!(served.0.into_inner(), (0..1600).collect::<Vec<_>>());
    }
}
