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
//! holder signals. If the holder has the mutex within a few hundred nanoseconds, the signal is taken
//! by that waiter, still awake, and not by the one that has slept longest: so real `CPython`s are, and
//! that is why a worker that comes back from a blocking call often loses to one that computes. A
//! clock read under the mutex here once made it win three times as often. All accounts are kept
//! outside.
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
//! All that must be seen from holder to holder goes through `turn`'s mutex. `drop_request` is a hint
//! that carries no data: Relaxed; a holder that reads it late leaves at a later site. The stale case
//! that matters is a holder that sees a request that a taker has cleared: it waits on `switched`
//! only while nobody else has taken the lock, which that taker has, so it does not wait in vain.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::{GilWorker, NEVER, Parting, Switching};
use crate::era::HandOver;
use crate::machine::{Aborted, Machine, Monitor, Wake, Word};
use crate::step::Attention;
use crate::tally::WAIT_RANKS;

#[derive(Debug)]
struct Turn {
    locked: bool,
    last_holder: Option<usize>,
    switch_number: u64,
    /// Why and when the last holder let go, for the next one's tally.
    parted: Option<(Parting, u64)>,
    /// Who waits, the longest waiter first: an account for the tally that decides nothing.
    waiting: Vec<usize>,
}

impl Turn {
    /// Takes a worker off the account of those who wait, and counts how many came before it.
    fn stop_waiting<M>(&mut self, worker: &mut GilWorker<'_, M>) {
        let me = worker.local.index;
        if let Some(rank) = self.waiting.iter().position(|&waiter| waiter == me) {
            self.waiting.remove(rank);
            worker.tally.wait_ranks[rank.min(WAIT_RANKS - 1)] += 1;
        }
    }
}

/// The interval rule with its lock.
pub struct Interval<M: Machine> {
    turn: M::Monitor<Turn>,
    switched: M::Monitor<Option<usize>>,
    drop_request: M::Word,
    patience: Duration,
    hand_over: HandOver,
}

impl<M: Machine> Interval<M> {
    /// A free lock whose waiters have that patience.
    pub fn new(machine: &M, patience: Duration, hand_over: HandOver) -> Self {
        let turn = Turn {
            locked: false,
            last_holder: None,
            switch_number: 0,
            parted: None,
            waiting: Vec::new(),
        };
        Self {
            turn: machine.monitor(turn),
            switched: machine.monitor(None),
            drop_request: machine.word(0),
            patience,
            hand_over,
        }
    }

    /// Waits, asks, and waits again until the lock is free; returns with `turn`'s mutex held.
    fn wait_until_free<'a>(
        &'a self,
        worker: &mut GilWorker<'_, M>,
        mut turn: <M::Monitor<Turn> as Monitor<Turn>>::Guard<'a>,
    ) -> Result<<M::Monitor<Turn> as Monitor<Turn>>::Guard<'a>, Aborted> {
        turn.waiting.push(worker.local.index);
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
        turn.stop_waiting(worker);
        Ok(turn)
    }

    /// Makes the caller the holder; how and when another let go, if it was another.
    fn occupy(&self, me: usize, turn: &mut Turn) -> Option<(Parting, u64)> {
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
    fn let_go(&self, worker: &mut GilWorker<'_, M>, parting: Parting) -> Result<(), Aborted> {
        let me = worker.local.index;
        let now_ns = worker.machine.now_ns();
        let mut turn = self.turn.lock();
        turn.last_holder = Some(me);
        turn.locked = false;
        turn.parted = Some((parting, now_ns));
        self.turn.notify_one();
        drop(turn);
        if parting == Parting::Forced {
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
        self.let_go(worker, Parting::Forced)?;
        self.take(worker)
    }
}

/// Counts a take. Called with nothing locked, for whatever goes on under the mutex decides who is next.
fn account<M: Machine>(
    worker: &mut GilWorker<'_, M>,
    start_ns: u64,
    has_waited: bool,
    from: Option<(Parting, u64)>,
) {
    let is_first = worker.local.since_ns == NEVER;
    if !has_waited && from.is_none() && !is_first {
        return;
    }
    let now_ns = worker.machine.now_ns();
    if has_waited {
        worker.tally.waits.record(now_ns - start_ns);
    }
    if is_first || from.is_some() {
        worker.local.since_ns = now_ns;
    }
    if let Some((parting, parted_ns)) = from {
        parting.count(worker);
        worker.tally.hand_overs.record(now_ns.saturating_sub(parted_ns));
    }
}

impl<M: Machine> Switching<M> for Interval<M> {
    fn take(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        let start_ns = worker.machine.now_ns();
        let mut turn = self.turn.lock();
        let has_waited = turn.locked;
        if has_waited {
            turn = self.wait_until_free(worker, turn)?;
        }
        let from = self.occupy(worker.local.index, &mut turn);
        drop(turn);
        account(worker, start_ns, has_waited, from);
        Ok(())
    }

    fn give(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.let_go(worker, Parting::Voluntary)
    }

    fn start(&self, _ticks: u64) {}

    /// A request may come at any moment, so every site must look.
    #[inline]
    fn certain(&self, _ticks: u32, _bodies: u64) -> u64 {
        0
    }

    #[inline]
    fn attend(&self, worker: &mut GilWorker<'_, M>, attention: Attention) -> Result<(), Aborted> {
        if attention == Attention::Site && self.drop_request.load(Relaxed) != 0 {
            return self.switch(worker);
        }
        Ok(())
    }
}
