//! The real machine: std atomics, POSIX mutexes and condition variables, calibrated busy work.
//!
//! One [`NativeMachine`] serves one attempt; its [`Abort`] is how the outside ends that attempt.
//! Nothing here knows a strategy.

mod abort;
mod calls;
mod monitor;
mod pace;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

pub use abort::Abort;
pub use monitor::{NativeGuard, NativeMonitor};
pub use pace::Pace;

use crate::machine::{Aborted, Call, Machine, Patience, Word, Work};

/// Rounds of busy waiting before a waiter yields, while each worker can have a core: some 5 µs at
/// the 26 ns that a PAUSE takes on Zen 4, a quarter of a futex wake-up across cores.
const SPIN_ROUNDS: u32 = 200;
/// Rounds of `sched_yield` before a waiter parks: a yield that switches takes 1.3 µs, a wake-up
/// across cores 23 µs, so a few dozen are the break-even.
const YIELD_ROUNDS: u32 = 64;
/// Work between two looks at the abort flag: about 0.1 ms, invisible in a measurement.
const WORK_CHUNK: Work = Work(100_000);

/// Real threads at native speed.
#[derive(Debug, Clone)]
pub struct NativeMachine {
    pace: Pace,
    abort: Abort,
    cores: usize,
}

impl NativeMachine {
    /// A machine whose attempt ends when `abort` is raised.
    pub fn new(abort: Abort) -> Self {
        Self { pace: Pace::measured(), abort, cores: cores() }
    }

    /// Long work in chunks, so that an abort is seen within a chunk.
    #[cold]
    fn work_in_chunks(&self, work: Work) {
        let mut left = work.0;
        while left > 0 && !self.aborted() {
            let chunk = left.min(WORK_CHUNK.0);
            pace::burn(chunk);
            left -= chunk;
        }
    }
}

/// Cores that this process may use; read once, since asking costs a system call and file reads.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Nanoseconds since the process first asked.
fn clock_ns() -> u64 {
    static ZERO: OnceLock<Instant> = OnceLock::new();
    let elapsed = ZERO.get_or_init(Instant::now).elapsed();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

impl Machine for NativeMachine {
    type Word = AtomicU64;
    type Monitor<T: Send> = NativeMonitor<T>;

    #[inline]
    fn fence(&self, order: Ordering) {
        std::sync::atomic::fence(order);
    }

    fn word(&self, initial: u64) -> AtomicU64 {
        AtomicU64::new(initial)
    }

    fn monitor<T: Send>(&self, value: T) -> NativeMonitor<T> {
        NativeMonitor::new(value, &self.abort)
    }

    fn work_for(&self, nanoseconds: u64) -> Work {
        self.pace.work_for(nanoseconds)
    }

    #[inline]
    fn work(&self, work: Work) {
        if work == Work::NONE {
            return;
        }
        if work <= WORK_CHUNK {
            pace::burn(work.0);
        } else {
            self.work_in_chunks(work);
        }
    }

    fn call(&self, call: Call) -> Result<(), Aborted> {
        calls::make(call, &self.abort)
    }

    fn patience(&self, workers: usize) -> Patience {
        let spins = if workers <= self.cores { SPIN_ROUNDS } else { 0 };
        Patience { spins, yields: YIELD_ROUNDS }
    }

    #[inline]
    fn spin(&self) {
        std::hint::spin_loop();
    }

    fn yield_now(&self) {
        std::thread::yield_now();
    }

    fn now_ns(&self) -> u64 {
        clock_ns()
    }

    #[inline]
    fn aborted(&self) -> bool {
        self.abort.is_raised()
    }
}

impl Word for AtomicU64 {
    #[inline]
    fn load(&self, order: Ordering) -> u64 {
        self.load(order)
    }

    #[inline]
    fn store(&self, value: u64, order: Ordering) {
        self.store(value, order);
    }

    #[inline]
    fn fetch_add(&self, n: u64, order: Ordering) -> u64 {
        self.fetch_add(n, order)
    }

    #[inline]
    fn fetch_sub(&self, n: u64, order: Ordering) -> u64 {
        self.fetch_sub(n, order)
    }

    #[inline]
    fn swap(&self, value: u64, order: Ordering) -> u64 {
        self.swap(value, order)
    }

    #[inline]
    fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        self.compare_exchange(current, new, success, failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_work_ends_when_aborted() {
        let abort = Abort::default();
        let machine = NativeMachine::new(abort.clone());
        abort.raise();
        machine.work(Work(u64::MAX));
    }

    #[test]
    fn waiters_spin_only_while_everyone_can_have_a_core() {
        let machine = NativeMachine::new(Abort::default());
        assert_eq!(machine.patience(1).spins, SPIN_ROUNDS);
        assert_eq!(machine.patience(1 + cores()).spins, 0);
    }

    /// `Wake` is what a strategy sees of a wait; the monitor's own tests cover each case.
    #[test]
    fn a_monitor_of_an_aborted_machine_never_waits() {
        use crate::machine::{Monitor, Wake};
        let abort = Abort::default();
        let machine = NativeMachine::new(abort.clone());
        let monitor = machine.monitor(7);
        abort.raise();
        let (guard, wake) = monitor.wait(monitor.lock(), None);
        assert_eq!((*guard, wake), (7, Wake::Aborted));
    }
}
