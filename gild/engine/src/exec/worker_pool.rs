//! Worker pool for attempts: fixed OS threads that start together at a gate. None of them belongs
//! to an async runtime.
//!
//! ```text
//! dispatch: a task into each command slot, unpark -> the gate -> task(index) -> the last one
//! unparks           the dispatcher
//! ```
//! The gate spins: on two cores a gate that parks would let short attempts run one after the other,
//! and even no lock would look right. For the same reason workers that can have a core each are put
//! on cores of their own by default ([`Pin::Auto`]): left alone, the kernel often wakes two of them
//! on one core and moves the second only at its next tick, milliseconds later.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use nix::unistd::gettid;

use crate::exec::lost_workers::{LostWorker, LostWorkerGuard, LostWorkers};
use crate::exec::pool_task::PoolTask;
#[cfg(any(test, debug_assertions))]
use crate::exec::stall_injection::StallInjection;
use crate::exec::worker_status::{Entry, WorkerPhase, WorkerStatuses};
use crate::limits::{ABORT_GRACE, ATTEMPT_TIME_MAX};
use crate::sys::affinity::{CpuSet, Pin, Placement};
use crate::sys::rusage;

/// Rounds of busy waiting at the gate between two offers of the core: under a microsecond. The
/// core is offered now and then, because the missing thread may be the dispatcher, which still
/// wakes the others.
const GATE_SPINS: u32 = 32;

/// How long a worker with a core of its own stays awake for the next attempt. Cores that fall
/// asleep between attempts cost more to wake than a short attempt takes.
const AWAKE: Duration = Duration::from_micros(100);

/// Progress of a thread in a batch; see [`WorkerPhase`].
const NOT_STARTED: u8 = 0;
const ARRIVED: u8 = 1;
const BACK: u8 = 2;

/// A pool of threads that grows to the greatest number of workers asked for.
#[derive(Debug)]
pub struct WorkerPool {
    threads: Vec<PoolThread>,
    cores: CpuSet,
    degraded: LostWorkers,
    /// The job that it works for, as texts name it.
    work: String,
    /// How long a batch may take.
    pub(crate) limits: Limits,
    #[cfg(any(test, debug_assertions))]
    pub(crate) stall_injection: StallInjection,
}

/// Limits of a batch whose first worker stalls because the environment asks for it: no test has to wait
/// for the usual ones.
#[cfg(any(test, debug_assertions))]
const STALLED: Limits =
    Limits { attempt: Duration::from_secs(2), grace: Duration::from_millis(100) };

/// Time limits of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until the workers are aborted.
    pub attempt: Duration,
    /// From the abort until they are abandoned.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { attempt: ATTEMPT_TIME_MAX, grace: ABORT_GRACE }
    }
}

impl Default for WorkerPool {
    /// On all cores that this process may use; abandoned workers are reported nowhere.
    fn default() -> Self {
        Self::on(CpuSet::default(), LostWorkers::default())
    }
}

/// How a batch ended.
#[derive(Debug, PartialEq, Eq)]
pub enum BatchEnd {
    /// Every worker returned.
    Done,
    /// Every worker returned, one of them by a panic with this message.
    Panicked(String),
    /// The deadline passed first.
    Late,
}

/// A thread of the pool as the dispatcher sees it.
#[derive(Debug)]
struct PoolThread {
    thread: Thread,
    slot: Arc<CommandSlot>,
}

#[derive(Debug, Default)]
struct CommandSlot {
    command: Mutex<Option<Command>>,
    /// Whether there is a command; read without blocking the sender.
    full: AtomicBool,
    /// Progress of the thread with its last command. It costs one store to a cache line of its own
    /// before and after the time of each attempt.
    at: AtomicU8,
    /// The system's number of the thread.
    thread: OnceLock<i32>,
}

/// A command to a thread.
enum Command {
    Work {
        batch: Arc<Batch>,
        index: usize,
    },
    /// With the guard of the thread, if it was abandoned.
    Leave(Option<LostWorkerGuard>),
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Work { .. } => "Work",
            Self::Leave(_) => "Leave",
        })
    }
}

/// A task that the pool runs on some of its threads.
pub struct Batch {
    job: Box<PoolTask>,
    pin: Pin,
    workers: usize,
    arrived: AtomicUsize,
    returned: AtomicUsize,
    dispatcher: Thread,
    panic: Mutex<Option<String>>,
}

impl WorkerPool {
    /// A pool on these cores; abandoned workers are added to `degraded`.
    pub fn on(cores: CpuSet, degraded: LostWorkers) -> Self {
        Self {
            threads: Vec::new(),
            cores,
            degraded,
            work: "an attempt".into(),
            limits: Limits::default(),
            #[cfg(any(test, debug_assertions))]
            stall_injection: StallInjection::of_environment(),
        }
    }

    /// The limits of a batch that begins now.
    pub(crate) fn limits_now(&self) -> Limits {
        #[cfg(any(test, debug_assertions))]
        if self.stall_injection.is_asked_for() {
            return STALLED;
        }
        self.limits
    }

    /// Sets the job of the next batches, e.g. `sweep 0abc`; named in reports of abandoned workers.
    pub fn set_label(&mut self, work: String) {
        self.work = work;
    }

    /// The cores that its threads may run on.
    pub fn cores(&self) -> &CpuSet {
        &self.cores
    }

    /// Whether an abandoned worker, of this pool or of others with the same list, has not returned.
    pub fn is_degraded(&self) -> bool {
        self.degraded.is_degraded()
    }

    /// Processor time of its threads, to a tick each; `None` if the system does not report it.
    pub fn used(&self) -> Option<Duration> {
        let threads = self.threads.iter().filter_map(|thread| thread.slot.thread.get().copied());
        threads.map(rusage::of_thread).sum()
    }

    /// Starts `job` on `workers` threads, placed on cores by `pin`. The calling thread waits for
    /// the batch with [`Batch::wait_until`]. Fails if the system has no further thread.
    pub fn dispatch(
        &mut self,
        pin: Pin,
        workers: usize,
        job: Box<PoolTask>,
    ) -> io::Result<Arc<Batch>> {
        #[cfg(any(test, debug_assertions))]
        let job = self.stall_injection.hold(job);
        while self.threads.len() < workers {
            self.threads.push(PoolThread::spawn(self.threads.len(), self.cores.clone())?);
        }
        let batch = Arc::new(Batch {
            job,
            pin,
            workers,
            arrived: AtomicUsize::new(0),
            returned: AtomicUsize::new(0),
            dispatcher: thread::current(),
            panic: Mutex::new(None),
        });
        for (index, thread) in self.threads.iter().take(workers).enumerate() {
            // No batch runs at this time; sending the command publishes the store.
            thread.slot.at.store(NOT_STARTED, Ordering::Relaxed);
            thread.send(Command::Work { batch: Arc::clone(&batch), index });
        }
        Ok(batch)
    }

    /// The status of each worker of the last batch, which began `after` ago.
    pub fn statuses(&self, batch: &Batch, after: Duration) -> WorkerStatuses {
        let is_open = batch.arrived.load(Ordering::Acquire) >= batch.workers;
        let entry = |(index, thread): (usize, &PoolThread)| {
            let placement = self.cores.placement(batch.pin, index, batch.workers);
            let at = match thread.slot.at.load(Ordering::Relaxed) {
                NOT_STARTED => WorkerPhase::NotStarted,
                BACK => WorkerPhase::Back,
                _ if is_open => WorkerPhase::Work,
                _ => WorkerPhase::Gate,
            };
            let thread = thread.slot.thread.get().copied();
            Entry { thread, core: self.cores.number(placement), at }
        };
        let workers = self.threads.iter().take(batch.workers).enumerate().map(entry).collect();
        WorkerStatuses { workers, after }
    }

    /// Abandons the workers of the last batch that have not returned according to `statuses`. All
    /// threads leave, the lost ones as soon as they return; the next batch gets new ones.
    pub fn abandon(&mut self, batch: &Batch, statuses: &WorkerStatuses) {
        // Release workers that still spin at the gate: the missing worker will never arrive.
        batch.arrived.fetch_max(batch.workers, Ordering::AcqRel);
        let mut entries = statuses.workers.iter();
        for thread in self.threads.drain(..) {
            let lost = entries.next().filter(|entry| entry.at != WorkerPhase::Back).map(|entry| {
                LostWorker {
                    work: self.work.clone(),
                    thread: entry.thread,
                    core: entry.core,
                    since: Instant::now(),
                }
            });
            thread.send(Command::Leave(lost.map(|lost| self.degraded.add(lost))));
        }
    }
}

impl Drop for WorkerPool {
    /// Commands every thread to leave, without waiting for one that does not return.
    fn drop(&mut self) {
        for thread in &self.threads {
            thread.send(Command::Leave(None));
        }
    }
}

impl PoolThread {
    fn spawn(number: usize, cores: CpuSet) -> io::Result<Self> {
        let slot = Arc::new(CommandSlot::default());
        let thread_slot = Arc::clone(&slot);
        let thread = thread::Builder::new()
            .name(format!("pool-{number}"))
            .spawn(move || serve(&thread_slot, &cores))?
            .thread()
            .clone();
        Ok(Self { thread, slot })
    }

    fn send(&self, command: Command) {
        *lock(&self.slot.command) = Some(command);
        self.slot.full.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// The main loop of a pool thread.
fn serve(slot: &CommandSlot, cores: &CpuSet) {
    slot.thread.get_or_init(|| gettid().as_raw());
    cores.confine();
    let mut placement = Placement::Free;
    loop {
        match slot.receive(placement) {
            Command::Leave(guard) => return drop(guard),
            Command::Work { batch, index } => {
                slot.at.store(ARRIVED, Ordering::Relaxed);
                let wanted = cores.placement(batch.pin, index, batch.workers);
                placement = cores.place(placement, wanted);
                batch.work(index, &slot.at);
            }
        }
    }
}

impl CommandSlot {
    /// Waits for a command: spins for a while if the worker has a core of its own, then parks.
    fn receive(&self, placement: Placement) -> Command {
        let asleep_from = match placement {
            Placement::Alone(_) => Some(Instant::now() + AWAKE),
            Placement::Shared(_) | Placement::Free => None,
        };
        loop {
            if self.full.swap(false, Ordering::Acquire)
                && let Some(command) = lock(&self.command).take()
            {
                return command;
            }
            if asleep_from.is_some_and(|asleep_from| Instant::now() < asleep_from) {
                std::hint::spin_loop();
                thread::yield_now();
            } else {
                thread::park();
            }
        }
    }
}

impl Batch {
    /// Waits until every worker is back, or until the deadline; may be called again after `Late`.
    pub fn wait_until(&self, deadline: Instant) -> BatchEnd {
        // Acquire pairs with the workers' Release: what they wrote is visible once all are back.
        while self.returned.load(Ordering::Acquire) < self.workers {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return BatchEnd::Late;
            }
            thread::park_timeout(left);
        }
        lock(&self.panic).take().map_or(BatchEnd::Done, BatchEnd::Panicked)
    }

    fn work(&self, index: usize, at: &AtomicU8) {
        self.pass_gate();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.job)(index))) {
            lock(&self.panic).get_or_insert(text_of(&*panic));
        }
        at.store(BACK, Ordering::Relaxed);
        if self.returned.fetch_add(1, Ordering::Release) + 1 == self.workers {
            self.dispatcher.unpark();
        }
    }

    /// Spins until all workers have arrived.
    fn pass_gate(&self) {
        self.arrived.fetch_add(1, Ordering::AcqRel);
        while self.arrived.load(Ordering::Acquire) < self.workers {
            for _ in 0..GATE_SPINS {
                if self.arrived.load(Ordering::Acquire) >= self.workers {
                    return;
                }
                std::hint::spin_loop();
            }
            thread::yield_now();
        }
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("workers", &self.workers).finish_non_exhaustive()
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
        .to_owned()
}

/// A panic cannot leave the data under these mutexes inconsistent. They stay `std` mutexes, because
/// they are part of the path between two attempts that is measured.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "tests/worker_pool.rs"]
mod tests;
