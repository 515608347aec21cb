//! Switching by ticks, as in `CPython` 1.5 to 3.1: after a fixed number of ticking steps the holder
//! releases the lock and acquires it again at once; another worker may or may not get it between.
//!
//! ```text
//! ticker = n                                  n = the value of sys.setcheckinterval
//! after a ticking step:  ticker -= 1
//! at a site, ticker < 0: ticker = n; post; take      (period: n + 1 ticking steps)
//! around blocking I/O:   post; the call; take
//! ```
//! All workers share the ticker, and only the holder accesses it: Relaxed, published by the lock.
//!
//! **Phase lock.** If n + 1 is a multiple of the body's ticking steps, each worker is stopped at the
//! same step of its body every time, so an attempt loses about half of its updates or none. The
//! ticks before the loop decide which: each worker of an attempt starts with the same few ticking
//! steps, drawn from the attempt's seed, so that attempts differ and workers do not. If n + 1 is
//! not a multiple, the phases mix within an attempt.

use std::sync::atomic::Ordering::Relaxed;

use crate::gil::{GilWorker, ReleaseReason, Switching};
use crate::machine::semaphore::Semaphore;
use crate::machine::{Aborted, Machine, Word};
use crate::program::step::Check;

/// Workers start with fewer ticking steps than this: a prime well above any body's ticks, so that
/// every phase occurs.
pub const START_TICKS: u64 = 97;

/// Bit of `last_release` for a forced release; the bits above it are the releaser's index.
const FORCED_BIT: u64 = 1;
/// Value of `last_release` before the first release.
const NO_RELEASE: u64 = u64::MAX;

/// The tick rule with its lock.
pub struct Ticks<M: Machine> {
    lock: Semaphore<M>,
    /// Ticks left before the next switch, as a two's complement number.
    ticker: M::Word,
    /// The worker that released the lock last, and why.
    last_release: M::Word,
    budget: u64,
}

impl<M: Machine> Ticks<M> {
    /// A free lock; `budget` is the value of `sys.setcheckinterval`.
    pub fn new(machine: &M, budget: u32) -> Self {
        let budget = u64::from(budget);
        Self {
            lock: Semaphore::new(machine),
            ticker: machine.word(budget),
            last_release: machine.word(NO_RELEASE),
            budget,
        }
    }

    fn post(&self, worker: &GilWorker<'_, M>, reason: ReleaseReason) {
        let forced = if reason == ReleaseReason::Forced { FORCED_BIT } else { 0 };
        self.last_release.store(worker.local.index as u64 * 2 + forced, Relaxed);
        self.lock.post();
    }

    #[cold]
    fn switch(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.ticker.store(self.budget, Relaxed);
        self.post(worker, ReleaseReason::Forced);
        self.acquire(worker)
    }

    /// Counts a switch if another worker held the lock before.
    #[inline]
    fn count_switch(&self, worker: &mut GilWorker<'_, M>) {
        let release = self.last_release.load(Relaxed);
        if release == NO_RELEASE || release / 2 == worker.local.index as u64 {
            return;
        }
        let forced = release & FORCED_BIT == FORCED_BIT;
        let reason = if forced { ReleaseReason::Forced } else { ReleaseReason::Voluntary };
        reason.count(worker);
    }
}

impl<M: Machine> Switching<M> for Ticks<M> {
    #[inline]
    fn acquire(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        if !self.lock.try_take() {
            let start_ns = worker.machine.now_ns();
            self.lock.wait()?;
            worker.stats.waits.record(worker.machine.now_ns() - start_ns);
        }
        self.count_switch(worker);
        Ok(())
    }

    fn release_voluntarily(&self, worker: &mut GilWorker<'_, M>) -> Result<(), Aborted> {
        self.post(worker, ReleaseReason::Voluntary);
        Ok(())
    }

    fn start(&self, ticks: u64) {
        let left = self.ticker.load(Relaxed);
        self.ticker.store(left.wrapping_sub(ticks % (self.budget + 1)), Relaxed);
    }

    #[inline]
    fn guaranteed_bodies(&self, ticks: u32, bodies: u64) -> u64 {
        let left = self.ticker.load(Relaxed);
        // Zero stays zero: the ticker is below zero when a switch is due.
        let fit = u64::try_from(left.cast_signed()).unwrap_or(0).checked_div(u64::from(ticks));
        let guaranteed = fit.unwrap_or(bodies).min(bodies);
        self.ticker.store(left.wrapping_sub(guaranteed * u64::from(ticks)), Relaxed);
        guaranteed
    }

    #[inline]
    fn check(&self, worker: &mut GilWorker<'_, M>, check: Check) -> Result<(), Aborted> {
        if check == Check::Silent {
            return Ok(());
        }
        let left = self.ticker.load(Relaxed).wrapping_sub(1);
        self.ticker.store(left, Relaxed);
        if left.cast_signed() < 0 && check == Check::Site {
            return self.switch(worker);
        }
        Ok(())
    }
}
