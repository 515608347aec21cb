//! The thread pool for attempts: fixed OS threads that start together at a gate. Only this file and
//! the native machine touch threads; none of these is ever an executor's.
//!
//! ```text
//! dispatch: a job into each mailbox, unpark -> the gate -> job(index) -> the last one unparks the
//!           dispatcher
//! ```
//! The gate spins: on two cores a gate that parks would let short attempts run one after the other,
//! and even no lock would look right. For the same reason workers that can have a core each are put on
//! cores of their own by default ([`Pin::Auto`]): left alone, the kernel often wakes two of them on one
//! core and moves the second only at its next tick, milliseconds later.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::cores::{self, Pin, Placement};

/// Rounds of busy waiting at the gate between two offers of the core: under a microsecond. Somebody
/// must be let in now and then, for the one who is waited for may be the dispatcher, not yet done
/// with waking the others.
const GATE_SPINS: u32 = 32;

/// How long a worker with a core of its own stays awake for the next attempt. Cores that fall asleep
/// between attempts cost more to wake than a short attempt takes.
const AWAKE: Duration = Duration::from_micros(100);

/// What each worker of a batch does, given its index.
pub type Job = dyn Fn(usize) + Send + Sync;

/// A pool of threads that grows to the greatest number of workers asked for.
#[derive(Debug, Default)]
pub struct Crew {
    hands: Vec<Hand>,
}

/// How a batch ended.
#[derive(Debug, PartialEq, Eq)]
pub enum BatchEnd {
    /// Every worker came back.
    Done,
    /// Every worker came back, one of them by a panic with this message.
    Panicked(String),
    /// The deadline passed first.
    Late,
}

/// One crew thread as the dispatcher sees it.
#[derive(Debug)]
struct Hand {
    thread: Thread,
    mailbox: Arc<Mailbox>,
}

#[derive(Debug, Default)]
struct Mailbox {
    letter: Mutex<Option<Letter>>,
    /// Whether there is a letter, for a look that does not hold up the sender.
    full: AtomicBool,
}

/// What a thread is told to do.
enum Letter {
    Work { batch: Arc<Batch>, index: usize },
    Leave,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Work { .. } => "Work",
            Self::Leave => "Leave",
        })
    }
}

/// A job on its way through the crew.
pub struct Batch {
    job: Box<Job>,
    pin: Pin,
    workers: usize,
    arrived: AtomicUsize,
    returned: AtomicUsize,
    dispatcher: Thread,
    panic: Mutex<Option<String>>,
}

impl Crew {
    /// Starts `job` on `workers` threads, put on cores as `pin` says; the batch is waited for with [`Batch::wait_until`], by
    /// the thread that called this.
    /// Fails if the system has no room for a further thread.
    pub fn dispatch(&mut self, pin: Pin, workers: usize, job: Box<Job>) -> io::Result<Arc<Batch>> {
        while self.hands.len() < workers {
            self.hands.push(Hand::hire(self.hands.len())?);
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
        for (index, hand) in self.hands.iter().take(workers).enumerate() {
            hand.send(Letter::Work { batch: Arc::clone(&batch), index });
        }
        Ok(batch)
    }
}

impl Drop for Crew {
    /// Tells every thread to leave; one that never comes back is not waited for.
    fn drop(&mut self) {
        for hand in &self.hands {
            hand.send(Letter::Leave);
        }
    }
}

impl Hand {
    fn hire(number: usize) -> io::Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let own = Arc::clone(&mailbox);
        let thread = thread::Builder::new()
            .name(format!("crew-{number}"))
            .spawn(move || serve(&own))?
            .thread()
            .clone();
        Ok(Self { thread, mailbox })
    }

    fn send(&self, letter: Letter) {
        *lock(&self.mailbox.letter) = Some(letter);
        self.mailbox.full.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// A crew thread's life.
fn serve(mailbox: &Mailbox) {
    let mut placement = Placement::Free;
    loop {
        match mailbox.receive(placement) {
            Letter::Leave => return,
            Letter::Work { batch, index } => {
                let wanted = Placement::of(batch.pin, index, batch.workers, cores::count());
                placement = cores::place(placement, wanted);
                batch.work(index);
            }
        }
    }
}

impl Mailbox {
    /// Waits for a letter: awake for a while where nobody else needs the core, then asleep.
    fn receive(&self, placement: Placement) -> Letter {
        let asleep_from = match placement {
            Placement::Alone(_) => Some(Instant::now() + AWAKE),
            Placement::Shared(_) | Placement::Free => None,
        };
        loop {
            if self.full.swap(false, Ordering::Acquire)
                && let Some(letter) = lock(&self.letter).take()
            {
                return letter;
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

    fn work(&self, index: usize) {
        self.pass_gate();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.job)(index))) {
            lock(&self.panic).get_or_insert(text_of(&*panic));
        }
        if self.returned.fetch_add(1, Ordering::Release) + 1 == self.workers {
            self.dispatcher.unpark();
        }
    }

    /// Waits for the others, awake.
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

/// No section under these mutexes can leave them half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use nix::sched::{CpuSet, sched_getaffinity};
    use nix::unistd::Pid;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    #[test]
    fn every_worker_runs_once_with_its_own_index() {
        let mut crew = Crew::default();
        for workers in [1, 2, 8, 3] {
            let seen: Arc<Vec<AtomicUsize>> =
                Arc::new((0..workers).map(|_| AtomicUsize::new(0)).collect());
            let job = {
                let seen = Arc::clone(&seen);
                move |index: usize| {
                    seen[index].fetch_add(1, Ordering::Relaxed);
                }
            };
            assert_eq!(
                crew.dispatch(Pin::Auto, workers, Box::new(job))
                    .expect("threads")
                    .wait_until(soon()),
                BatchEnd::Done
            );
            assert!(seen.iter().all(|count| count.load(Ordering::Relaxed) == 1));
        }
        assert_eq!(crew.hands.len(), 8, "threads are kept, and no more than needed");
    }

    #[test]
    fn a_panic_is_reported_and_the_crew_lives_on() {
        let mut crew = Crew::default();
        let batch = crew
            .dispatch(Pin::Auto, 2, Box::new(|index| assert_ne!(index, 1, "worker 1 gave up")))
            .expect("threads");
        let BatchEnd::Panicked(message) = batch.wait_until(soon()) else {
            panic!("the panic was not reported");
        };
        assert!(message.contains("worker 1 gave up"), "{message}");
        assert_eq!(
            crew.dispatch(Pin::Auto, 2, Box::new(|_| {})).expect("threads").wait_until(soon()),
            BatchEnd::Done
        );
    }

    #[test]
    fn workers_are_where_each_batch_wants_them() {
        let mut crew = Crew::default();
        for pin in [Pin::Spread, Pin::Pack, Pin::None, Pin::Auto] {
            let seen: Arc<Mutex<Vec<Option<CpuSet>>>> = Arc::new(Mutex::new(vec![None; 3]));
            let job = {
                let seen = Arc::clone(&seen);
                move |index: usize| {
                    lock(&seen)[index] = sched_getaffinity(Pid::from_raw(0)).ok();
                }
            };
            let batch = crew.dispatch(pin, 3, Box::new(job)).expect("threads");
            assert_eq!(batch.wait_until(soon()), BatchEnd::Done);
            for (index, seen) in lock(&seen).iter().enumerate() {
                let mut wanted = CpuSet::new();
                let cores = cores::one_each(pin, 3);
                let own = cores.get(index).map_or(cores::allowed(), std::slice::from_ref);
                for &core in own {
                    wanted.set(core).expect("within the set");
                }
                assert_eq!(*seen, Some(wanted), "{pin:?}, worker {index}");
            }
        }
    }

    #[test]
    fn a_late_batch_can_be_waited_for_again() {
        let mut crew = Crew::default();
        let open = Arc::new(AtomicBool::new(false));
        let waiting = Arc::clone(&open);
        let batch = crew
            .dispatch(
                Pin::Auto,
                1,
                Box::new(move |_| {
                    while !waiting.load(Ordering::Relaxed) {
                        thread::yield_now();
                    }
                }),
            )
            .expect("threads");
        assert_eq!(batch.wait_until(Instant::now()), BatchEnd::Late);
        open.store(true, Ordering::Relaxed);
        assert_eq!(batch.wait_until(soon()), BatchEnd::Done);
    }
}
