//! Switching by ticks, as all of `CPython` 1.5 to 3.1 did: every so many ticking steps the holder
//! lets the lock go and takes it again at once, and others may or may not get in between.
//!
//! ```text
//! ticker = n                                  n = the value of sys.setcheckinterval
//! after a ticking step:  ticker -= 1
//! at a site, ticker < 0: ticker = n; post; take      (period: n + 1 ticking steps)
//! around blocking I/O:   post; the call; take
//! ```
//! The counter is one for all workers, touched only by the holder: Relaxed, published by the lock.
//!
//! **Phase lock.** Where n + 1 is a multiple of the body's ticking steps, each worker is stopped at
//! the same step of its body every time, so an attempt loses about half or nothing at all. Which of
//! the two is decided by the ticks before the loop: each worker of an attempt starts with the same
//! few ticking steps, drawn from the attempt's seed, so that attempts differ and workers do not.
//! Where they do not divide, the phases mix within an attempt.

use std::sync::atomic::Ordering::Relaxed;

use crate::gil::{GilWorker, ReleaseReason, Switching};
use crate::machine::semaphore::Semaphore;
use crate::machine::{Aborted, Machine, Word};
use crate::program::step::Check;

/// Workers start with fewer ticking steps than this: a prime well above any body's ticks, so that
/// every phase comes up.
pub const START_TICKS: u64 = 97;

/// Who let go last and why, in one word: the index times two, plus one if forced.
const FORCED_BIT: u64 = 1;
/// No worker has had the lock yet.
const NOBODY: u64 = u64::MAX;

/// The tick rule with its lock.
pub struct Ticks<M: Machine> {
    lock: Semaphore<M>,
    /// Ticks left before the next switch, as a two's complement number.
    ticker: M::Word,
    parted: M::Word,
    budget: u64,
}

impl<M: Machine> Ticks<M> {
    /// A free lock; `budget` is the value of `sys.setcheckinterval`.
    pub fn new(machine: &M, budget: u32) -> Self {
        let budget = u64::from(budget);
        Self {
            lock: Semaphore::new(machine),
            ticker: machine.word(budget),
            parted: machine.word(NOBODY),
            budget,
        }
    }

    fn post(&self, worker: &GilWorker<'_, M>, parting: ReleaseReason) {
        let forced = if parting == ReleaseReason::Forced { FORCED_BIT } else { 0 };
        self.parted.store(worker.local.index as u64 * 2 + forced, Relaxed);
        self.lock.post();
    }

    #[cold]
    fn check(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.ticker.store(self.budget, Relaxed);
        self.post(worker, ReleaseReason::Forced);
        self.take(worker)
    }

    /// Counts a switch if another had the lock before.
    #[inline]
    fn count_switch(&self, worker: &mut GilWorker<'_, M>) {
        let parted = self.parted.load(Relaxed);
        if parted == NOBODY || parted / 2 == worker.local.index as u64 {
            return;
        }
        let forced = parted & FORCED_BIT == FORCED_BIT;
        let parting = if forced { ReleaseReason::Forced } else { ReleaseReason::Voluntary };
        parting.count(worker);
    }
}

impl<M: Machine> Switching<M> for Ticks<M> {
    #[inline]
    fn take(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        if !self.lock.try_take() {
            let start_ns = worker.machine.now_ns();
            self.lock.wait()?;
            worker.tally.waits.record(worker.machine.now_ns() - start_ns);
        }
        self.count_switch(worker);
        Ok(())
    }

    fn give(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.post(worker, ReleaseReason::Voluntary);
        Ok(())
    }

    fn start(&self, ticks: u64) {
        let left = self.ticker.load(Relaxed);
        self.ticker.store(left.wrapping_sub(ticks % (self.budget + 1)), Relaxed);
    }

    #[inline]
    fn certain(&self, ticks: u32, bodies: u64) -> u64 {
        let left = self.ticker.load(Relaxed);
        // Zero stays zero: the ticker is below zero when a switch is due.
        let fit = u64::try_from(left.cast_signed()).unwrap_or(0).checked_div(u64::from(ticks));
        let certain = fit.unwrap_or(bodies).min(bodies);
        self.ticker.store(left.wrapping_sub(certain * u64::from(ticks)), Relaxed);
        certain
    }

    #[inline]
    fn attend(&self, worker: &mut GilWorker<'_, M>, attention: Check) -> Result<(), Aborted> {
        if attention == Check::Silent {
            return Ok(());
        }
        let left = self.ticker.load(Relaxed).wrapping_sub(1);
        self.ticker.store(left, Relaxed);
        if left.cast_signed() < 0 && attention == Check::Site {
            return self.check(worker);
        }
        Ok(())
    }
}
