//! State that all workers of an attempt share: the counter, the task queue and the words of the
//! probe.

use std::sync::atomic::Ordering::Relaxed;

use crossbeam_utils::CachePadded;

use crate::machine::semaphore::Semaphore;
use crate::machine::{Machine, Word};

/// Words beside the counter, which only the watched holder touches.
#[derive(Debug)]
pub struct ProbeWords<M: Machine> {
    /// The greatest ticket seen so far, plus 1.
    pub(crate) served: M::Word,
    /// When a sampled holder let go, on the machine's clock.
    pub(crate) released_ns: M::Word,
    /// What the counter was then.
    pub(crate) released_at: M::Word,
}

impl<M: Machine> ProbeWords<M> {
    pub(crate) fn new(machine: &M) -> Self {
        let [served, released_ns] = [(); 2].map(|()| machine.word(0));
        Self { served, released_ns, released_at: machine.word(u64::MAX) }
    }
}

/// What all workers of an attempt share: the counter, the queue, the program's own lock and how
/// many still make requests, each on cache lines of its own (two each, since processors fetch lines
/// in pairs).
pub struct Shared<M: Machine> {
    data: CachePadded<Data<M>>,
    next_task: CachePadded<M::Word>,
    lock: CachePadded<Semaphore<M>>,
    requesting: CachePadded<M::Word>,
    origin_ns: CachePadded<M::Word>,
    begun: CachePadded<M::Word>,
}

/// What a holder touches: all of it on the counter's line, none of it on the lock's.
struct Data<M: Machine> {
    counter: M::Word,
    ledger: ProbeWords<M>,
}

impl<M: Machine> Shared<M> {
    /// A counter at 0, a queue with every task in it, a free lock, and all the requests still to
    /// make.
    pub fn new(machine: &M, requesting: usize) -> Self {
        Self {
            data: CachePadded::new(Data {
                counter: machine.word(0),
                ledger: ProbeWords::new(machine),
            }),
            next_task: CachePadded::new(machine.word(0)),
            lock: CachePadded::new(Semaphore::new(machine)),
            requesting: CachePadded::new(machine.word(requesting as u64)),
            origin_ns: CachePadded::new(machine.word(0)),
            begun: CachePadded::new(machine.word(0)),
        }
    }

    /// The counter. Every strategy reads and writes it relaxed: the same instructions with and
    /// without a lock, and no undefined behaviour where there is none.
    #[inline]
    pub fn counter(&self) -> &M::Word {
        &self.data.counter
    }

    /// The program's own lock, which a body may take around its window.
    #[inline]
    pub(crate) fn lock(&self) -> &Semaphore<M> {
        &self.lock
    }

    /// What watching holders note beside the counter.
    #[inline]
    pub(crate) fn ledger(&self) -> &ProbeWords<M> {
        &self.data.ledger
    }

    /// When the time started, which is now if nobody has said so yet; on the machine's clock.
    pub(crate) fn origin_ns(&self, now_ns: u64) -> u64 {
        let first = self.origin_ns.compare_exchange(0, now_ns.max(1), Relaxed, Relaxed);
        first.map_or_else(|origin| origin, |_| now_ns.max(1))
    }

    /// One more worker has done something.
    pub(crate) fn begin(&self) {
        self.begun.fetch_add(1, Relaxed);
    }

    /// How many have.
    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Relaxed)
    }

    /// Whether somebody still makes requests. Relaxed: the count carries no data, and seeing the
    /// end late costs one chunk.
    pub(crate) fn has_requests(&self) -> bool {
        self.requesting.load(Relaxed) > 0
    }

    /// One of those who make requests is done.
    pub(crate) fn end_requests(&self) {
        self.requesting.fetch_sub(1, Relaxed);
    }

    /// Takes the next task off the queue; `false` once all `tasks` are taken.
    pub(crate) fn claim(&self, tasks: u64) -> bool {
        self.next_task.fetch_add(1, Relaxed) < tasks
    }
}
