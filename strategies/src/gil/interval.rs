//! Switching by interval, as in `CPython` 3.2 and later: the interval is the time after which a
//! *waiter* requests the lock.
//!
//! # Protocol (`take_gil` and `drop_gil` of `Python/ceval_gil.h`)
//! ```text
//! take(me):
//!   while locked:
//!     s = switch_number
//!     if the wait of max(1 us, interval) timed out, locked, and switch_number is still s:
//!       drop_request = true
//!   locked = true; if last_holder != me: last_holder = me; switch_number += 1; signal `switched`
//!   drop_request = false
//! drop(me):
//!   last_holder = me; locked = false; signal one waiter          (promises it nothing)
//!   if drop_request: wait on `switched` until last_holder != me  (hand-over only if asked)
//! at a check site: if drop_request: drop, take
//! around blocking I/O: drop, the call, take
//! ```
//! **Measuring must not decide who is served.** A waiter that has just requested the lock is about
//! to sleep again when the holder signals. If the holder gets the mutex within a few hundred
//! nanoseconds, that waiter takes the signal, still awake, and not the one that has slept longest:
//! real `CPython`s behave so, which is why a worker that returns from a blocking call often loses
//! to one that computes. A clock reading and a histogram update under the mutex once made it win
//! three times as often here. Only the list of waiters is kept under the mutex; all statistics are
//! computed outside.
//!
//! One waiter is signalled, an arriving worker may barge, the requester is not necessarily served,
//! and the next owner is not the longest waiter. These pathologies are part of what is measured.
//!
//! # State
//! ```text
//! place         field                   changed by
//! `turn`        locked, last_holder,    the worker that holds the monitor's mutex
//!               switch_number,
//!               last_release, waiting
//! `switched`    a copy of last_holder   the taker, under both mutexes; order: turn, then switched
//! drop_request  0 or 1                  set by a waiter, cleared by a taker, under `turn`'s mutex;
//!                                       read by the holder at each site without it
//! ```
//!
//! # Orderings
//! Everything that one holder must see of another goes through `turn`'s mutex. `drop_request` is a
//! hint that carries no data: Relaxed; a holder that reads it late releases at a later site. The
//! stale case that matters is a holder that reads a request after a taker has cleared it: the
//! holder waits on `switched` only until another worker has taken the lock, and that taker has, so
//! the wait ends.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crate::gil::{GilWorker, ReleaseReason, Switching};
use crate::harness::counters::WAIT_RANKS;
use crate::machine::{Aborted, Machine, Monitor, Wake, Word};
use crate::program::era::HandOver;
use crate::program::step::Check;

#[derive(Debug)]
struct LockState {
    locked: bool,
    last_holder: Option<usize>,
    switch_number: u64,
    /// Reason and time of the last release, for the next holder's statistics.
    last_release: Option<(ReleaseReason, u64)>,
    /// The waiters, longest wait first: for statistics only, it decides nothing.
    waiting: Vec<usize>,
}

/// Capacity of the list of waiters from the start.
const WAITING_CAPACITY: usize = 64;

impl LockState {
    /// Removes a worker from the list of waiters; returns how many had waited longer.
    fn stop_waiting(&mut self, me: usize) -> Option<usize> {
        let rank = self.waiting.iter().position(|&waiter| waiter == me)?;
        self.waiting.remove(rank);
        Some(rank)
    }
}

/// The interval rule with its lock.
pub struct Interval<M: Machine> {
    turn: M::Monitor<LockState>,
    switched: M::Monitor<Option<usize>>,
    drop_request: M::Word,
    request_after: Duration,
    hand_over: HandOver,
}

impl<M: Machine> Interval<M> {
    /// A free lock whose waiters request it after this time.
    pub fn new(machine: &M, request_after: Duration, hand_over: HandOver) -> Self {
        let turn = LockState {
            locked: false,
            last_holder: None,
            switch_number: 0,
            last_release: None,
            waiting: Vec::with_capacity(WAITING_CAPACITY),
        };
        Self {
            turn: machine.monitor(turn),
            switched: machine.monitor(None),
            drop_request: machine.word(0),
            request_after,
            hand_over,
        }
    }

    /// Waits, requests, and waits again until the lock is free; returns with `turn`'s mutex held,
    /// and with how many had waited longer.
    #[expect(clippy::type_complexity, reason = "a guard has no shorter name")]
    fn wait_until_free<'a>(
        &'a self,
        me: usize,
        mut turn: <M::Monitor<LockState> as Monitor<LockState>>::Guard<'a>,
    ) -> Result<(<M::Monitor<LockState> as Monitor<LockState>>::Guard<'a>, Option<usize>), Aborted>
    {
        turn.waiting.push(me);
        while turn.locked {
            let seen = turn.switch_number;
            let (again, wake) = self.turn.wait(turn, Some(self.request_after));
            turn = again;
            match wake {
                Wake::Aborted => return Err(Aborted),
                Wake::TimedOut if turn.locked && turn.switch_number == seen => {
                    self.drop_request.store(1, Relaxed);
                }
                Wake::TimedOut | Wake::Woken => {}
            }
        }
        let rank = turn.stop_waiting(me);
        Ok((turn, rank))
    }

    /// Makes the caller the holder; returns reason and time of the release, if another worker held
    /// the lock before.
    fn acquire_free(&self, me: usize, turn: &mut LockState) -> Option<(ReleaseReason, u64)> {
        turn.locked = true;
        let mut last_holder = self.switched.lock();
        let from = match turn.last_holder.replace(me) {
            Some(other) if other == me => None,
            other => {
                turn.switch_number += 1;
                turn.last_release.filter(|_| other.is_some())
            }
        };
        *last_holder = Some(me);
        self.switched.notify_one();
        drop(last_holder);
        self.drop_request.store(0, Relaxed);
        from
    }

    /// Releases the lock; after a request, waits until another worker has it.
    fn release(&self, worker: &mut GilWorker<'_, M>, reason: ReleaseReason) -> Result<(), Aborted> {
        let me = worker.local.index;
        let now_ns = worker.machine.now_ns();
        let mut turn = self.turn.lock();
        turn.last_holder = Some(me);
        turn.locked = false;
        turn.last_release = Some((reason, now_ns));
        self.turn.notify_one();
        drop(turn);
        if reason == ReleaseReason::Forced {
            worker.stats.slices.record(now_ns.saturating_sub(worker.local.since_ns));
        }
        if self.hand_over == HandOver::Never || self.drop_request.load(Relaxed) == 0 {
            return Ok(());
        }
        let mut last_holder = self.switched.lock();
        while *last_holder == Some(me) {
            let (again, wake) = self.switched.wait(last_holder, None);
            last_holder = again;
            if wake == Wake::Aborted {
                return Err(Aborted);
            }
        }
        Ok(())
    }

    #[cold]
    fn switch(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.release(worker, ReleaseReason::Forced)?;
        self.acquire(worker)
    }
}

/// Records an acquisition, which begins a slice. Called without the mutex, because the time spent
/// under it decides which waiter is next.
fn record_acquisition<M: Machine>(
    worker: &mut GilWorker<'_, M>,
    start_ns: u64,
    rank: Option<usize>,
    from: Option<(ReleaseReason, u64)>,
) {
    if rank.is_none() && from.is_none() {
        worker.local.since_ns = start_ns;
        return;
    }
    let now_ns = worker.machine.now_ns();
    worker.local.since_ns = now_ns;
    if let Some(rank) = rank {
        worker.stats.waits.record(now_ns - start_ns);
        worker.stats.wait_ranks[rank.min(WAIT_RANKS - 1)] += 1;
    }
    if let Some((reason, released_ns)) = from {
        reason.count(worker);
        worker.stats.hand_overs.record(now_ns.saturating_sub(released_ns));
    }
}

impl<M: Machine> Switching<M> for Interval<M> {
    fn acquire(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        let me = worker.local.index;
        let start_ns = worker.machine.now_ns();
        let mut turn = self.turn.lock();
        let mut rank = None;
        if turn.locked {
            (turn, rank) = self.wait_until_free(me, turn)?;
        }
        let from = self.acquire_free(me, &mut turn);
        drop(turn);
        record_acquisition(worker, start_ns, rank, from);
        Ok(())
    }

    fn release_voluntarily(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.release(worker, ReleaseReason::Voluntary)
    }

    fn start(&self, _ticks: u64) {}

    /// None: a request may come at any moment, so every site must check for one.
    #[inline]
    fn guaranteed_bodies(&self, _ticks: u32, _bodies: u64) -> u64 {
        0
    }

    #[inline]
    fn check(&self, worker: &mut GilWorker<'_, M>, check: Check) -> Result<(), Aborted> {
        if check == Check::Site && self.drop_request.load(Relaxed) != 0 {
            return self.switch(worker);
        }
        Ok(())
    }
}
