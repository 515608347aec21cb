//! The same bodies, written out for one strategy at a time: what a benchmark author would write who
//! needs neither a trait nor a tally nor an abort. The same instructions on the same shared words,
//! and the same waiting primitive.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use strategies::machine::native::NativeMachine;
use strategies::machine::native::monitor::NativeMonitor;
use strategies::machine::{Machine, Monitor};

/// A word on cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Line(AtomicU64);

/// What all workers share.
pub(crate) struct Hand {
    pub(crate) counter: Line,
    arrivals: Line,
    serving: Line,
    gil: Gil,
}

#[repr(align(128))]
struct Gil {
    state: AtomicU64,
    ticker: AtomicU64,
    holder: AtomicU64,
    waiters: NativeMonitor<()>,
}

const TICKS: u64 = 100;
const WAITER: u64 = 1 << 32;
const TICKET: u64 = (1 << 48) - 1;

impl Line {
    pub(crate) fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Hand {
    pub(crate) fn new(machine: &NativeMachine) -> Self {
        let gil = Gil {
            state: AtomicU64::new(1),
            ticker: AtomicU64::new(TICKS),
            holder: AtomicU64::new(u64::MAX),
            waiters: machine.monitor(()),
        };
        Self { counter: Line::default(), arrivals: Line::default(), serving: Line::default(), gil }
    }

    #[inline(never)]
    pub(crate) fn unlocked(&self, bodies: u64) {
        for _ in 0..bodies {
            self.add();
        }
    }

    #[inline(never)]
    pub(crate) fn atomic(&self, bodies: u64) {
        for _ in 0..bodies {
            self.counter.0.fetch_add(1, Relaxed);
        }
    }

    /// A ticket lock that spins; its word leaves room for parked waiters, as the lab's does.
    #[inline(never)]
    pub(crate) fn fair_mutex(&self, bodies: u64) {
        for _ in 0..bodies {
            let ticket = self.arrivals.0.fetch_add(1, Relaxed);
            while self.serving.0.load(Acquire) & TICKET != ticket {
                std::hint::spin_loop();
            }
            self.add();
            self.serving.0.fetch_add(1, Release);
        }
    }

    /// Five ticking steps a body, each counted where it stands, as an interpreter does.
    #[inline(never)]
    pub(crate) fn gil_ticks(&self, me: u64, bodies: u64) {
        self.gil.take(me);
        for _ in 0..bodies {
            self.gil.tick(me);
            let seen = self.counter.0.load(Relaxed);
            self.gil.tick(me);
            self.gil.tick(me);
            self.counter.0.store(seen + 1, Relaxed);
            self.gil.tick(me);
            self.gil.tick(me);
        }
        self.gil.post(me);
    }

    #[inline]
    fn add(&self) {
        let seen = self.counter.0.load(Relaxed);
        self.counter.0.store(seen + 1, Relaxed);
    }
}

impl Gil {
    #[inline]
    fn tick(&self, me: u64) {
        let left = self.ticker.load(Relaxed).wrapping_sub(1);
        self.ticker.store(left, Relaxed);
        if left.cast_signed() < 0 {
            self.ticker.store(TICKS, Relaxed);
            self.post(me);
            self.take(me);
        }
    }

    #[inline]
    fn post(&self, me: u64) {
        self.holder.store(me, Relaxed);
        if self.state.fetch_add(1, Release) >= WAITER {
            drop(self.waiters.lock());
            self.waiters.notify_one();
        }
    }

    #[inline]
    fn take(&self, me: u64) {
        if !self.try_take(1) {
            self.wait();
        }
        std::hint::black_box(self.holder.load(Relaxed) != me);
    }

    #[cold]
    fn wait(&self) {
        self.state.fetch_add(WAITER, Relaxed);
        let mut guard = self.waiters.lock();
        while !self.try_take(1 + WAITER) {
            guard = self.waiters.wait(guard, None).0;
        }
    }

    #[inline]
    fn try_take(&self, amount: u64) -> bool {
        let mut seen = self.state.load(Relaxed);
        while seen & (WAITER - 1) != 0 {
            match self.state.compare_exchange(seen, seen - amount, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(found) => seen = found,
            }
        }
        false
    }
}
