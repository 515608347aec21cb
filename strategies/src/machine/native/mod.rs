//! The real machine: std atomics, POSIX mutexes and condition variables, calibrated busy work.
//!
//! One [`NativeMachine`] serves one attempt; its [`Abort`] is how the outside ends that attempt.
//! Nothing here knows a strategy.

pub mod abort;
pub mod busy_work;
mod cpu;
pub mod memory;
pub mod monitor;
mod syscalls;
mod waiters;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::machine::native::abort::Abort;
use crate::machine::native::busy_work::BusyWork;
use crate::machine::native::monitor::NativeMonitor;
use quanta::Clock;

use crate::machine::{Aborted, Call, Machine, Oversubscription, SpinPolicy, Word, Work};

/// How long a waiter spins before it yields, in nanoseconds, while each worker can have a core: a
/// quarter of a futex wake-up across cores.
const SPIN_NS: u64 = 5_000;
/// How long one spins who is first in line on its core: about such a wake-up.
const SPIN_IN_FRONT_NS: u64 = 26_000;
/// Rounds of `sched_yield` before a waiter parks: a yield that switches takes 1.3 µs, a wake-up
/// across cores 23 µs, so a few dozen are the break-even.
const YIELD_ROUNDS: u32 = 64;
/// Timestamps of a sample of their cost.
const TIMESTAMPS: u32 = 1000;
/// Work between two looks at the abort flag: about 0.1 ms, invisible in a measurement.
const WORK_CHUNK: Work = Work(100_000);

/// Real threads at native speed.
#[derive(Debug, Clone)]
pub struct NativeMachine {
    pace: BusyWork,
    abort: Abort,
    cores: usize,
    clock: &'static Clock,
}

impl NativeMachine {
    /// A machine whose attempt ends when `abort` is raised.
    pub fn new(abort: Abort) -> Self {
        Self { pace: BusyWork::measured(), abort, cores: cpu::allowed(), clock: clock() }
    }

    /// The same for workers that are kept on so many of the cores, at least 1.
    #[must_use]
    pub fn among(self, cores: usize) -> Self {
        Self { cores: self.cores.min(cores), ..self }
    }

    /// Long work in chunks, so that an abort is seen within a chunk.
    #[cold]
    fn work_in_chunks(&self, work: Work) {
        let mut left = work.0;
        while left > 0 && !self.aborted() {
            let chunk = left.min(WORK_CHUNK.0);
            busy_work::burn(chunk);
            left -= chunk;
        }
    }
}

/// The processor's own counter where it is steady, calibrated once, else the system's clock: 10 ns
/// against 25.
fn clock() -> &'static Clock {
    static CLOCK: OnceLock<Clock> = OnceLock::new();
    CLOCK.get_or_init(Clock::new)
}

/// What one timestamp costs here, in nanoseconds: measured once, the fastest of some samples.
pub fn timestamp_ns() -> f64 {
    static COST: OnceLock<f64> = OnceLock::new();
    *COST.get_or_init(|| {
        let machine = NativeMachine::new(Abort::default());
        let sample = |_| {
            let start_ns = machine.now_ns();
            for _ in 0..TIMESTAMPS {
                std::hint::black_box(machine.now_ns());
            }
            (machine.now_ns() - start_ns) as f64 / f64::from(TIMESTAMPS)
        };
        (0..20).map(sample).fold(f64::INFINITY, f64::min)
    })
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
            busy_work::burn(work.0);
        } else {
            self.work_in_chunks(work);
        }
    }

    fn call(&self, call: Call) -> Result<(), Aborted> {
        syscalls::make(call, &self.abort)
    }

    fn patience(&self, workers: usize) -> SpinPolicy {
        let crowd = if workers <= self.cores {
            Oversubscription::CoreEach
        } else {
            Oversubscription::SharedCores
        };
        let spins = match crowd {
            Oversubscription::CoreEach => self.pace.spins_for(SPIN_NS),
            Oversubscription::SharedCores => 0,
        };
        let spins_in_front = self.pace.spins_for(SPIN_IN_FRONT_NS);
        SpinPolicy { crowd, spins, spins_in_front, yields: YIELD_ROUNDS }
    }

    #[inline]
    fn core(&self) -> u64 {
        cpu::current()
    }

    #[inline]
    fn spin(&self) {
        std::hint::spin_loop();
    }

    fn yield_now(&self) {
        std::thread::yield_now();
    }

    #[inline]
    fn now_ns(&self) -> u64 {
        let clock = self.clock;
        clock.delta_as_nanos(0, clock.raw())
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
        assert!(machine.patience(1).spins > 0);
        assert_eq!(machine.patience(1 + cpu::allowed()).spins, 0);
        assert_eq!(machine.among(1).patience(2).spins, 0, "whatever else there is");
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
