//! All that a strategy may ask of the world: shared words, waiting, work, blocking and a clock.
//!
//! A strategy is generic over its [`Machine`], so the very code that is timed on real threads
//! ([`crate::machine::native`]) also runs under a model checker (loom, in this crate's tests), which tries
//! orders of steps and a part of what C11's memory orderings allow. This file never names a thread, a
//! system call or a strategy.

pub mod native;
pub(crate) mod semaphore;

use std::ops::DerefMut;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The attempt was aborted: its measurements must be discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the attempt was aborted")]
pub struct Aborted;

/// An amount of busy work, in the machine's own units; zero is exactly nothing.
///
/// Converted from nanoseconds once, before anything runs ([`Machine::work_for`]), so that the hot
/// loop neither divides nor reads a clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Work(pub u64);

impl Work {
    /// No work at all.
    pub const NONE: Self = Self(0);
}

/// Why a wait on a [`Monitor`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// A notification, or a spurious wake-up: the state must be checked again.
    Woken,
    /// The whole patience passed.
    TimedOut,
    /// The attempt was aborted: leave, touch nothing.
    Aborted,
}

/// How a waiter should spend its time before it parks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpinPolicy {
    /// Whether every worker can have a core.
    pub crowd: Oversubscription,
    /// Rounds of busy waiting: about a quarter of a wake-up, which is worth it only while every
    /// worker can have a core; 0 else.
    pub spins: u32,
    /// Rounds of busy waiting of a waiter that keeps no other thread from the core: about a wake-up.
    pub spins_in_front: u32,
    /// Rounds of yielding the core.
    pub yields: u32,
}

/// Whether workers have to share cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oversubscription {
    /// Each can have its own.
    CoreEach,
    /// There are more workers than cores.
    SharedCores,
}

/// A call into the operating system, around which an interpreter lets its lock go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Blocks for so long.
    Sleep(Duration),
    /// Returns at once: a byte to a device that takes everything.
    Write,
    /// Sends a byte to an echo that is the calling thread's own; returns at once.
    Send,
    /// Blocks until that echo has sent the byte back.
    Receive,
}

/// A 64-bit atomic shared by the workers.
pub trait Word: Send + Sync {
    /// Reads the value.
    fn load(&self, order: Ordering) -> u64;
    /// Replaces the value.
    fn store(&self, value: u64, order: Ordering);
    /// Adds, wrapping, and returns the value before.
    fn fetch_add(&self, n: u64, order: Ordering) -> u64;
    /// Subtracts, wrapping, and returns the value before.
    fn fetch_sub(&self, n: u64, order: Ordering) -> u64;
    /// Replaces the value and returns the one before.
    fn swap(&self, value: u64, order: Ordering) -> u64;
    /// Replaces `current` by `new`; `Err` holds what was found instead. Never fails spuriously.
    fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64>;
}

/// A mutex with one condition variable, as POSIX has it: signals are not queued, wake-ups may be
/// spurious, and no order among waiters is promised.
pub trait Monitor<T>: Send + Sync {
    /// Access to the value while the mutex is held.
    type Guard<'a>: DerefMut<Target = T>
    where
        Self: 'a;

    /// Takes the mutex; sections under it are a few instructions long, so this cannot be aborted.
    fn lock(&self) -> Self::Guard<'_>;

    /// Lets the mutex go, waits, and takes it again. `None` is endless patience.
    fn wait<'a>(
        &'a self,
        guard: Self::Guard<'a>,
        patience: Option<Duration>,
    ) -> (Self::Guard<'a>, Wake);

    /// Wakes one waiter, if there is one; promises nothing about which.
    fn notify_one(&self);
}

/// What a strategy runs on.
pub trait Machine: Send + Sync {
    /// The machine's shared word.
    type Word: Word;
    /// The machine's mutex with condition variable around a `T`.
    type Monitor<T: Send>: Monitor<T>;

    /// Orders what the caller did before it against what it does after, as
    /// `std::sync::atomic::fence`.
    fn fence(&self, order: Ordering);
    /// A new shared word.
    fn word(&self, initial: u64) -> Self::Word;
    /// A new monitor. Waits on it end with [`Wake::Aborted`] once the attempt is aborted.
    fn monitor<T: Send>(&self, value: T) -> Self::Monitor<T>;

    /// The work that takes about `nanoseconds` here.
    fn work_for(&self, nanoseconds: u64) -> Work;
    /// Keeps the core busy. Long work ends early once the attempt is aborted.
    fn work(&self, work: Work);
    /// Calls into the operating system. A call that blocks ends once the attempt is aborted.
    fn call(&self, call: Call) -> Result<(), Aborted>;

    /// How long a waiter among `workers` should stay awake before it parks.
    fn patience(&self, workers: usize) -> SpinPolicy;
    /// The core that the caller runs on just now, as a number below 2^12.
    fn core(&self) -> u64;
    /// One round of busy waiting.
    fn spin(&self);
    /// Offers the core to another thread.
    fn yield_now(&self);

    /// Nanoseconds on a monotonic clock with an arbitrary zero.
    fn now_ns(&self) -> u64;
    /// Whether the attempt was aborted.
    fn aborted(&self) -> bool;
}
