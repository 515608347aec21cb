//! State that all workers of an attempt share: the counter, the task queue and the words of the
//! probe.

use std::sync::atomic::Ordering::Relaxed;

use crossbeam_utils::CachePadded;

use crate::machine::semaphore::Semaphore;
use crate::machine::{Machine, Word};

/// The counter, the task queue, the program's own lock and the number of requesting workers, each
/// on its own pair of cache lines, because processors fetch lines in pairs.
pub struct Shared<M: Machine> {
    data: CachePadded<Data<M>>,
    next_task: CachePadded<M::Word>,
    lock: CachePadded<Semaphore<M>>,
    requesting: CachePadded<M::Word>,
    origin_ns: CachePadded<M::Word>,
    started: CachePadded<M::Word>,
}

/// The words that a holder accesses: all on the counter's lines, none on the lock's.
struct Data<M: Machine> {
    counter: M::Word,
    probe_words: ProbeWords<M>,
}

/// Words next to the counter, which only a probed holder accesses.
#[derive(Debug)]
pub struct ProbeWords<M: Machine> {
    /// The greatest ticket that was served so far, plus 1.
    pub(crate) served: M::Word,
    /// Time of a sampled holder's last release, on the machine's clock.
    pub(crate) released_ns: M::Word,
    /// The counter at that release.
    pub(crate) released_at: M::Word,
}

impl<M: Machine> ProbeWords<M> {
    fn new(machine: &M) -> Self {
        let [served, released_ns] = [(); 2].map(|()| machine.word(0));
        Self { served, released_ns, released_at: machine.word(u64::MAX) }
    }
}

impl<M: Machine> Shared<M> {
    /// A counter at 0, a queue with every task in it, a free lock, and `requesting` workers that
    /// have yet to make their requests.
    pub fn new(machine: &M, requesting: usize) -> Self {
        let data = Data { counter: machine.word(0), probe_words: ProbeWords::new(machine) };
        Self {
            data: CachePadded::new(data),
            next_task: CachePadded::new(machine.word(0)),
            lock: CachePadded::new(Semaphore::new(machine)),
            requesting: CachePadded::new(machine.word(requesting as u64)),
            origin_ns: CachePadded::new(machine.word(0)),
            started: CachePadded::new(machine.word(0)),
        }
    }

    /// The counter. Every strategy accesses it relaxed: the same instructions with and without a
    /// lock, and no undefined behaviour without one.
    #[inline]
    pub fn counter(&self) -> &M::Word {
        &self.data.counter
    }

    /// The program's own lock, which a body may hold around its window.
    #[inline]
    pub(crate) fn lock(&self) -> &Semaphore<M> {
        &self.lock
    }

    /// The words in which probed holders leave notes for the next holder.
    #[inline]
    pub(crate) fn probe_words(&self) -> &ProbeWords<M> {
        &self.data.probe_words
    }

    /// The origin of the attempt's time, on the machine's clock; the first call sets it to
    /// `now_ns`.
    pub(crate) fn origin_ns(&self, now_ns: u64) -> u64 {
        let first = self.origin_ns.compare_exchange(0, now_ns.max(1), Relaxed, Relaxed);
        first.map_or_else(|origin| origin, |_| now_ns.max(1))
    }

    /// Counts a worker that has done its first body.
    pub(crate) fn worker_started(&self) {
        self.started.fetch_add(1, Relaxed);
    }

    /// Number of workers that have done their first body.
    pub(crate) fn workers_started(&self) -> u64 {
        self.started.load(Relaxed)
    }

    /// Whether a worker still makes requests. Relaxed: the count carries no data, and seeing its
    /// end late costs one chunk of bodies.
    pub(crate) fn has_requests(&self) -> bool {
        self.requesting.load(Relaxed) > 0
    }

    /// Counts a worker that has made its last request.
    pub(crate) fn end_requests(&self) {
        self.requesting.fetch_sub(1, Relaxed);
    }

    /// Takes the next task off the queue; `false` once all `tasks` are taken.
    pub(crate) fn claim_task(&self, tasks: u64) -> bool {
        self.next_task.fetch_add(1, Relaxed) < tasks
    }
}
