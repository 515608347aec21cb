//! What a worker sees of a lock while it uses it: who had it before, in which order it was given, how
//! long getting it took. Knows no lock; touches none but the words beside the counter.
//!
//! The counter is the best witness there is. A worker that finds it as it left it has the lock again
//! without anybody between; what it grew by while a worker waited is how many were served before it;
//! and if it changes between load and store, two sections overlapped. So the accounts of every body
//! cost a compare, and only one body in 64, at random distances, reads a clock.
//!
//! Order is certain only where a lock says which ticket it served (in its own order of arrival): a
//! ticket below one that was served before is a bypass. For other locks the count of those served
//! during a wait tells: first come, first served can let each other worker in once at most, so more
//! than that is being overtaken. A worker that is taken off its core just before it gets in line is
//! overtaken too, whatever the lock.

use std::sync::atomic::Ordering::Relaxed;

use crate::machine::{Machine, Word};
use crate::seed::Stream;
use crate::strategy::Shared;
use crate::tally::{Tally, Times};

/// One body in so many reads the clock, on average.
pub const SAMPLED_ONE_IN: u32 = 64;

/// How a worker got the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Got {
    /// Its place in the lock's own order of arrival, where the lock knows it.
    pub ticket: Option<u64>,
    /// Whether it had to wait.
    pub waited: bool,
}

/// Words beside the counter, which only the watched holder touches.
#[derive(Debug)]
pub struct Ledger<M: Machine> {
    /// The greatest ticket seen so far, plus 1.
    served: M::Word,
    /// When a sampled holder let go, on the machine's clock.
    released_ns: M::Word,
    /// What the counter was then.
    released_at: M::Word,
}

impl<M: Machine> Ledger<M> {
    pub(crate) fn new(machine: &M) -> Self {
        let [served, released_ns] = [(); 2].map(|()| machine.word(0));
        Self { served, released_ns, released_at: machine.word(u64::MAX) }
    }
}

/// What was seen of a lock; sums over workers and attempts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// Bodies that were watched.
    pub bodies: u64,
    /// How many of them found that somebody else had been in since this worker's last.
    pub owner_switches: u64,
    /// How many of them were served by a ticket.
    pub ticketed: u64,
    /// How many of those came after somebody with a later ticket.
    pub bypassed: u64,
    /// Waits of which the beginning was seen too.
    pub sampled: u64,
    /// How many of those let anybody in.
    pub contested: u64,
    /// How many let more in than there are other workers.
    pub overtaken: u64,
    /// Most that were let in during one of them.
    pub others_most: u64,
    /// Sampled sections in which somebody else stored.
    pub overlapped: u64,
    /// How long getting the lock took, of the sampled.
    pub acquisitions: Times,
    /// From a sampled holder's letting go to a waiter's having the lock.
    pub hand_overs: Times,
}

impl Seen {
    /// A wait that was seen from outside alone.
    pub(crate) fn note(&mut self, waited_ns: u64) {
        self.acquisitions.record(waited_ns);
    }

    /// Adds another's.
    pub fn merge(&mut self, other: &Self) {
        let Self { bodies, owner_switches, ticketed, bypassed, .. } = other;
        self.bodies += bodies;
        self.owner_switches += owner_switches;
        self.ticketed += ticketed;
        self.bypassed += bypassed;
        self.sampled += other.sampled;
        self.contested += other.contested;
        self.overtaken += other.overtaken;
        self.others_most = self.others_most.max(other.others_most);
        self.overlapped += other.overlapped;
        self.acquisitions.merge(&other.acquisitions);
        self.hand_overs.merge(&other.hand_overs);
    }
}

/// When a sampled body began to want the lock, and the counter then.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    at_ns: u64,
    count: u64,
}

/// A worker's eye on one lock.
#[derive(Debug)]
pub struct Watch {
    until_sample: u32,
    distances: Stream,
    /// The counter as this worker left it.
    last: u64,
    /// Most that first come, first served may let in before.
    others: u64,
    /// When the work of the next body arrived, if that was before it began.
    due_ns: Option<u64>,
    /// What it saw.
    pub seen: Seen,
}

impl Watch {
    /// An eye of worker `index` among `workers`; the seed fixes which bodies are sampled.
    pub fn new(seed: u64, index: usize, workers: usize) -> Self {
        let distances = Stream::of(&[seed, index as u64]);
        Self {
            until_sample: 1,
            distances,
            last: u64::MAX,
            others: workers.saturating_sub(1) as u64,
            due_ns: None,
            seen: Seen::default(),
        }
    }

    /// Samples the next body, counting its wait from `due_ns`.
    pub fn sample_from(&mut self, due_ns: u64) {
        self.until_sample = 1;
        self.due_ns = Some(due_ns);
    }

    /// What it saw, into the worker's tally.
    pub fn into_tally(self, tally: &mut Tally) {
        tally.seen.merge(&self.seen);
    }

    /// Before the lock is asked for.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call in each body would be seen in its time")]
    pub fn arrive<M: Machine>(&mut self, machine: &M, shared: &Shared<M>) -> Option<Arrival> {
        self.until_sample -= 1;
        if self.until_sample > 0 { None } else { Some(self.sample(machine, shared)) }
    }

    /// With the lock, after the load of `count`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call in each body would be seen in its time")]
    pub fn enter<M: Machine>(
        &mut self,
        machine: &M,
        shared: &Shared<M>,
        count: u64,
        got: Got,
        arrival: Option<Arrival>,
    ) {
        let is_switch = count != self.last;
        self.seen.bodies += 1;
        self.seen.owner_switches += u64::from(is_switch);
        if let Some(ticket) = got.ticket {
            let served = &shared.ledger().served;
            self.seen.ticketed += 1;
            self.seen.bypassed += u64::from(ticket < served.load(Relaxed));
            served.store(ticket + 1, Relaxed);
        }
        if is_switch && got.waited && shared.ledger().released_at.load(Relaxed) == count {
            let released_ns = shared.ledger().released_ns.load(Relaxed);
            self.seen.hand_overs.record(machine.now_ns().saturating_sub(released_ns));
        }
        if let Some(arrival) = arrival {
            self.served(machine, count, arrival);
        }
    }

    /// With the lock, before the store of `count + 1`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call in each body would be seen in its time")]
    pub fn leave<M: Machine>(
        &mut self,
        machine: &M,
        shared: &Shared<M>,
        count: u64,
        arrival: Option<Arrival>,
    ) {
        self.last = count + 1;
        if arrival.is_some() {
            self.seen.overlapped += u64::from(shared.counter().load(Relaxed) != count);
            shared.ledger().released_ns.store(machine.now_ns(), Relaxed);
            shared.ledger().released_at.store(count + 1, Relaxed);
        }
    }

    /// After a body that may have been done by another worker, who alone knows when it got the lock: the
    /// wait is until it was done and its owner has a core again. Who went before cannot be said: others may
    /// come and be served while the owner of a body long done has no core.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call in each body would be seen in its time")]
    pub fn done<M: Machine>(&mut self, machine: &M, arrival: Option<Arrival>) {
        if let Some(Arrival { at_ns, .. }) = arrival {
            self.seen.note(machine.now_ns().saturating_sub(at_ns));
        }
    }

    #[cold]
    fn sample<M: Machine>(&mut self, machine: &M, shared: &Shared<M>) -> Arrival {
        let most = u64::from(2 * SAMPLED_ONE_IN - 1);
        // Below 128, so it fits.
        self.until_sample = 1 + u32::try_from(self.distances.below(most)).unwrap_or(0);
        let count = shared.counter().load(Relaxed);
        Arrival { at_ns: self.due_ns.take().unwrap_or_else(|| machine.now_ns()), count }
    }

    #[cold]
    fn served<M: Machine>(&mut self, machine: &M, count: u64, arrival: Arrival) {
        let Seen { sampled, contested, overtaken, others_most, acquisitions, .. } = &mut self.seen;
        let before = count.saturating_sub(arrival.count);
        *sampled += 1;
        *contested += u64::from(before > 0);
        *overtaken += u64::from(before > self.others);
        *others_most = before.max(*others_most);
        acquisitions.record(machine.now_ns().saturating_sub(arrival.at_ns));
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::body::Code;
    use crate::native::{Abort, NativeMachine};
    use crate::step::Sites;
    use crate::workload::Workload;

    fn place() -> (NativeMachine, Shared<NativeMachine>) {
        let machine = NativeMachine::new(Abort::default());
        let code = Code::compile(&Workload::ONE, Sites::Nowhere, &machine);
        let shared = Shared::new(&machine, &code);
        (machine, shared)
    }

    /// One body of a worker that got the lock like this, with `between` done by others inside.
    fn body(
        watch: &mut Watch,
        ticket: Option<u64>,
        waited: bool,
        served_before: u64,
        between: u64,
    ) {
        let place = PLACE.with(Rc::clone);
        let (machine, shared) = (&place.0, &place.1);
        let arrival = watch.arrive(machine, shared);
        shared.counter().fetch_add(served_before, Relaxed);
        let count = shared.counter().load(Relaxed);
        watch.enter(machine, shared, count, Got { ticket, waited }, arrival);
        shared.counter().fetch_add(between, Relaxed);
        watch.leave(machine, shared, count, arrival);
        shared.counter().store(count + 1, Relaxed);
    }

    thread_local! {
        static PLACE: Rc<(NativeMachine, Shared<NativeMachine>)> = Rc::new(place());
    }

    #[test]
    fn a_worker_alone_never_switches() {
        let mut watch = Watch::new(1, 0, 1);
        (0..1000).for_each(|ticket| body(&mut watch, Some(ticket), false, 0, 0));
        let Seen { bodies, owner_switches, ticketed, bypassed, overtaken, .. } = watch.seen;
        assert_eq!((bodies, ticketed, bypassed, overtaken), (1000, 1000, 0, 0));
        assert_eq!(owner_switches, 1, "the first finds it as somebody else left it");
    }

    #[test]
    fn one_in_64_is_sampled_at_random_distances() {
        let mut watch = Watch::new(7, 0, 2);
        (0..64_000).for_each(|_| body(&mut watch, None, false, 0, 0));
        assert!((900..1100).contains(&watch.seen.sampled), "{}", watch.seen.sampled);
        assert_eq!(watch.seen.acquisitions.count(), watch.seen.sampled);
    }

    #[test]
    fn a_ticket_below_one_served_before_is_a_bypass() {
        let mut watch = Watch::new(1, 0, 3);
        for ticket in [0, 1, 3, 2, 4] {
            body(&mut watch, Some(ticket), true, 1, 0);
        }
        assert_eq!((watch.seen.ticketed, watch.seen.bypassed), (5, 1));
    }

    #[test]
    fn more_than_the_other_workers_before_one_is_overtaking() {
        let mut watch = Watch::new(1, 0, 3);
        watch.sample_from(0);
        body(&mut watch, None, true, 2, 0);
        assert_eq!((watch.seen.overtaken, watch.seen.others_most, watch.seen.contested), (0, 2, 1));
        watch.sample_from(0);
        body(&mut watch, None, true, 3, 0);
        assert_eq!((watch.seen.sampled, watch.seen.overtaken, watch.seen.others_most), (2, 1, 3));
    }

    #[test]
    fn a_store_inside_a_sampled_section_is_an_overlap() {
        let mut watch = Watch::new(1, 0, 2);
        watch.sample_from(0);
        body(&mut watch, None, false, 0, 1);
        assert_eq!(watch.seen.overlapped, 1);
    }

    #[test]
    fn a_wait_counts_from_when_its_work_arrived() {
        let mut watch = Watch::new(1, 0, 2);
        let now = PLACE.with(|place| place.0.now_ns());
        let ago = 5_000_000;
        watch.sample_from(now.saturating_sub(ago));
        body(&mut watch, None, false, 0, 0);
        let waited = watch.seen.acquisitions.max_ns().expect("sampled");
        assert!(waited >= now.min(ago), "{waited}");
    }

    #[test]
    fn a_hand_over_is_from_a_sampled_release_to_the_next_waiter() {
        let (mut one, mut other) = (Watch::new(1, 0, 2), Watch::new(1, 1, 2));
        one.sample_from(0);
        body(&mut one, None, false, 0, 0);
        body(&mut other, None, true, 0, 0);
        assert_eq!((one.seen.hand_overs.count(), other.seen.hand_overs.count()), (0, 1));
        body(&mut other, None, true, 0, 0);
        assert_eq!(other.seen.hand_overs.count(), 1, "it had it already");
    }
}
