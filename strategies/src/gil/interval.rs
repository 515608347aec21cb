//! Switching by interval, as `CPython` 3.2 and later do: the interval is a *waiter's patience*.
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
//! **Measuring must not decide.** A waiter that has just asked is on its way back to sleep when the
//! holder signals. If the holder has the mutex within a few hundred nanoseconds, the signal is
//! taken by that waiter, still awake, and not by the one that has slept longest: so real `CPython`s
//! are, and that is why a worker that comes back from a blocking call often loses to one that
//! computes. A clock read and a histogram filled under the mutex once made it win three times as
//! often here. Only the list of who waits is kept there; all accounts are made up outside.
//!
//! One waiter is signalled, whoever enters may barge, the requester is not necessarily served, and
//! the next owner is not the longest waiter. Its pathologies are what people come to see.
//!
//! # State and who changes it
//! ```text
//! place          field                   changed by
//! `turn`         locked, last_holder,    whoever holds the monitor's mutex
//!                switch_number, parted
//! `last_holder`  a copy for `switched`   the taker, under both mutexes; order: turn, then it
//! drop_request   0 or 1                  set by a waiter, cleared by a taker, under `turn`'s mutex;
//!                                        read by the holder at each site without it
//! ```
//!
//! # Orderings
//! All that must be seen from holder to holder goes through `turn`'s mutex. `drop_request` is a
//! hint that carries no data: Relaxed; a holder that reads it late leaves at a later site. The
//! stale case that matters is a holder that sees a request that a taker has cleared: it waits on
//! `switched` only while nobody else has taken the lock, which that taker has, so it does not wait
//! in vain.

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
    /// Why and when the last holder let go, for the next one's tally.
    parted: Option<(ReleaseReason, u64)>,
    /// Who waits, the longest waiter first: an account for the tally that decides nothing.
    waiting: Vec<usize>,
}

/// Waiters for whom there is room from the start.
const WAITING_EXPECTED: usize = 64;

impl LockState {
    /// Takes a worker off the list of those who wait; how many came before it.
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
    patience: Duration,
    hand_over: HandOver,
}

impl<M: Machine> Interval<M> {
    /// A free lock whose waiters have that patience.
    pub fn new(machine: &M, patience: Duration, hand_over: HandOver) -> Self {
        let turn = LockState {
            locked: false,
            last_holder: None,
            switch_number: 0,
            parted: None,
            waiting: Vec::with_capacity(WAITING_EXPECTED),
        };
        Self {
            turn: machine.monitor(turn),
            switched: machine.monitor(None),
            drop_request: machine.word(0),
            patience,
            hand_over,
        }
    }

    /// Waits, asks, and waits again until the lock is free; returns with `turn`'s mutex held, and
    /// with how many had waited longer.
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
            let (again, wake) = self.turn.wait(turn, Some(self.patience));
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

    /// Makes the caller the holder; how and when another let go, if it was another.
    fn occupy(&self, me: usize, turn: &mut LockState) -> Option<(ReleaseReason, u64)> {
        turn.locked = true;
        let mut last_holder = self.switched.lock();
        let from = match turn.last_holder.replace(me) {
            Some(other) if other == me => None,
            other => {
                turn.switch_number += 1;
                turn.parted.filter(|_| other.is_some())
            }
        };
        *last_holder = Some(me);
        self.switched.notify_one();
        drop(last_holder);
        self.drop_request.store(0, Relaxed);
        from
    }

    /// Lets the lock go; if somebody asked for it, until somebody else has it.
    fn let_go(&self, worker: &mut GilWorker<'_, M>, parting: ReleaseReason) -> Result<(), Aborted> {
        let me = worker.local.index;
        let now_ns = worker.machine.now_ns();
        let mut turn = self.turn.lock();
        turn.last_holder = Some(me);
        turn.locked = false;
        turn.parted = Some((parting, now_ns));
        self.turn.notify_one();
        drop(turn);
        if parting == ReleaseReason::Forced {
            worker.tally.slices.record(now_ns.saturating_sub(worker.local.since_ns));
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
        self.let_go(worker, ReleaseReason::Forced)?;
        self.take(worker)
    }
}

/// Counts a take, which is where a slice begins. Called with nothing locked, for whatever goes on
/// under the mutex decides who is next.
fn account<M: Machine>(
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
        worker.tally.waits.record(now_ns - start_ns);
        worker.tally.wait_ranks[rank.min(WAIT_RANKS - 1)] += 1;
    }
    if let Some((parting, parted_ns)) = from {
        parting.count(worker);
        worker.tally.hand_overs.record(now_ns.saturating_sub(parted_ns));
    }
}

impl<M: Machine> Switching<M> for Interval<M> {
    fn take(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        let me = worker.local.index;
        let start_ns = worker.machine.now_ns();
        let mut turn = self.turn.lock();
        let mut rank = None;
        if turn.locked {
            (turn, rank) = self.wait_until_free(me, turn)?;
        }
        let from = self.occupy(me, &mut turn);
        drop(turn);
        account(worker, start_ns, rank, from);
        Ok(())
    }

    fn give(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.let_go(worker, ReleaseReason::Voluntary)
    }

    fn start(&self, _ticks: u64) {}

    /// A request may come at any moment, so every site must look.
    #[inline]
    fn certain(&self, _ticks: u32, _bodies: u64) -> u64 {
        0
    }

    #[inline]
    fn attend(&self, worker: &mut GilWorker<'_, M>, attention: Check) -> Result<(), Aborted> {
        if attention == Check::Site && self.drop_request.load(Relaxed) != 0 {
            return self.switch(worker);
        }
        Ok(())
    }
}
