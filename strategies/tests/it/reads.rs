//! Bodies that only read, beside others that increment: under loom and on real threads.
//!
//! Bounds under loom: one worker increments and one reads, twice each, at most three preemptions a
//! run, and the part of C11's memory that [`crate::loom_machine`] names. The counter is relaxed, so a lock whose readers do not acquire what writers published shows
//! as a torn read, and one whose readers keep no writer out shows as one too.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use loom::sync::Arc;
use strategies::catalog::{Plain, Spec, Visitor};
use strategies::harness::access::Reading;
use strategies::harness::body::compile::Code;
use strategies::harness::counters::WorkerStats;
use strategies::harness::entry::{Guarantee, Inclusion};
use strategies::harness::shared::Shared;
use strategies::harness::strategy::{Strategy, Worker, WorkerId};
use strategies::machine::Machine;
use strategies::machine::native::NativeMachine;
use strategies::machine::native::abort::Abort;
use strategies::program::era::Era;
use strategies::program::workload::Workload;

use crate::loom_machine::{LoomMachine, Strength};
use crate::real_threads::{interval, ticks};

const BODIES: u64 = 2;
const PREEMPTIONS: usize = 3;
const TIMEOUTS: u32 = 2;

/// What a worker does all the time.
#[derive(Clone, Copy)]
enum Does {
    Increment,
    Read,
}

impl Does {
    fn other(self) -> Self {
        match self {
            Self::Increment => Self::Read,
            Self::Read => Self::Increment,
        }
    }
}

/// So many bodies of one worker; how many of its reads were torn.
fn act<M: Machine, S: Strategy<M>>(
    machine: &M,
    (strategy, code): (&S, &Code),
    shared: &Shared<M>,
    (index, does, bodies): (usize, Does, u64),
) -> u64 {
    let local = strategy.local(WorkerId { index, seed: 0 });
    let mut worker = Worker { machine, local, stats: WorkerStats::default() };
    strategy.enter(&mut worker).expect("no abort is raised");
    let mut torn = 0;
    for _ in 0..bodies {
        let reading = match does {
            Does::Increment => {
                strategy.increment(&mut worker, shared, code.body()).map(|()| Reading::Whole)
            }
            Does::Read => strategy.read(&mut worker, shared, code.body()),
        };
        torn += u64::from(reading.expect("no abort is raised") == Reading::Torn);
    }
    strategy.leave(&mut worker).expect("no abort is raised");
    torn
}

/// One explored run: how many reads were torn, and the total.
struct Explored {
    machine: Arc<LoomMachine>,
    spec: Spec,
    /// What the first worker does; the second one does the other.
    first: Does,
}

impl Visitor<LoomMachine> for Explored {
    type Output = (u64, u64);

    fn visit<S: Strategy<LoomMachine> + 'static>(self, make: impl Fn() -> S) -> (u64, u64) {
        let strategy = make();
        let Self { machine, spec, first } = self;
        let code = Code::compile(&Workload::ONE, spec.sites(), &*machine);
        let shared = Arc::new(Shared::new(&*machine, code.requesting_workers()));
        let all = Arc::new((strategy, code));
        let second = {
            let (machine, shared, all) = (machine.clone(), shared.clone(), all.clone());
            let part = (1, first.other(), BODIES);
            loom::thread::spawn(move || act(&*machine, (&all.0, &all.1), &shared, part))
        };
        let torn = act(&*machine, (&all.0, &all.1), &shared, (0, first, BODIES));
        let torn = torn + second.join().expect("a worker does not panic");
        (torn, all.0.total(&shared))
    }
}

/// With either worker as the first: loom looks back only at the last access before a race, and
/// misses runs where a reader goes first and a writer loads before it stores.
fn explore(spec: Spec, strength: Strength) {
    for first in [Does::Increment, Does::Read] {
        explore_from(first, spec, strength);
    }
}

fn explore_from(first: Does, spec: Spec, strength: Strength) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(PREEMPTIONS);
    builder.check(move || {
        let machine = Arc::new(LoomMachine::new(strength, TIMEOUTS));
        let explored = Explored { machine: machine.clone(), spec, first };
        let (torn, total) = spec.build(&*machine, 2, explored);
        assert_eq!(torn, 0, "a read was torn");
        assert_eq!(total, BODIES, "an update was lost");
    });
}

#[track_caller]
fn is_caught(spec: Spec, strength: Strength) {
    let explored = catch_unwind(AssertUnwindSafe(|| explore(spec, strength)));
    let panic = explored.expect_err("some read must be torn");
    let text = panic.downcast_ref::<String>().map_or("", String::as_str);
    assert!(text.contains("a read was torn"), "{spec:?} failed for another reason: {text}");
}

const READERS_APART: [Plain; 2] = [Plain::RwLock, Plain::SeqLock];
/// Readers take the same way as writers.
const ALIKE: [Plain; 6] =
    [Plain::FairMutex, Plain::Ticket, Plain::Mcs, Plain::Clh, Plain::Combining, Plain::Spin];

#[test]
fn readers_apart_tear_no_read() {
    for plain in READERS_APART {
        explore(Spec::Plain(plain), Strength::AsWritten);
    }
}

#[test]
fn readers_in_line_tear_no_read() {
    for plain in ALIKE {
        explore(Spec::Plain(plain), Strength::AsWritten);
    }
}

/// Era 3.12 has no check site between load and store.
#[test]
fn a_gil_without_a_site_in_the_window_tears_no_read() {
    explore(interval(Era::V3_12, 1), Strength::AsWritten);
    explore(ticks(Era::V3_12, 1), Strength::AsWritten);
}

/// Without Release a combiner may also never find a request, and loom has no end before it tears a
/// read; that it loses updates is held beside the other locks'.
#[test]
fn weakened_orderings_tear_reads() {
    let ends = |plain: &Plain| *plain != Plain::Combining;
    for plain in READERS_APART.into_iter().chain(ALIKE).filter(ends) {
        is_caught(Spec::Plain(plain), Strength::WithoutRelease);
    }
}

/// A sequence lock without its fences keeps every update, and is found out by its readers all the
/// same.
#[test]
fn a_sequence_lock_without_fences_tears_reads() {
    is_caught(Spec::Plain(Plain::SeqLock), Strength::WithoutFences);
}

#[test]
fn no_lock_tears_reads() {
    is_caught(Spec::Plain(Plain::Unlocked), Strength::AsWritten);
    is_caught(ticks(Era::V2_7, 2), Strength::AsWritten);
}

/// Half of the workers read, half increment; how many reads were torn, and the total.
struct Attempt<'a> {
    machine: &'a NativeMachine,
    spec: Spec,
    workers: usize,
    workload: Workload,
}

impl Visitor<NativeMachine> for Attempt<'_> {
    type Output = (u64, u64);

    fn visit<S: Strategy<NativeMachine> + 'static>(self, make: impl Fn() -> S) -> (u64, u64) {
        let strategy = make();
        let Self { machine, spec, workers, workload } = self;
        let code = Code::compile(&workload, spec.sites(), machine);
        let shared = Shared::new(machine, code.requesting_workers());
        let torn = thread::scope(|scope| {
            let threads: Vec<_> = (0..workers)
                .map(|index| {
                    let does = if index % 2 == 0 { Does::Increment } else { Does::Read };
                    let (all, shared) = ((&strategy, &code), &shared);
                    let part = (index, does, workload.increments);
                    scope.spawn(move || act(machine, all, shared, part))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        (torn, strategy.total(&shared))
    }
}

#[test]
fn exact_strategies_tear_no_read_on_real_threads() {
    for workers in [2, 4] {
        for &plain in Plain::ALL {
            let spec = Spec::Plain(plain);
            let entry = spec.name().entry();
            if entry.guarantee != Guarantee::Exact || entry.inclusion != Inclusion::Default {
                continue;
            }
            let workload = Workload { increments: 2_000, inside_ns: 100, ..Workload::ONE };
            // An indivisible increment has no inside.
            let workload =
                spec.check(&workload).map_or(Workload { inside_ns: 0, ..workload }, |()| workload);
            let machine = NativeMachine::new(Abort::default());
            let attempt = Attempt { machine: &machine, spec, workers, workload };
            let outcome = spec.build(&machine, workers, attempt);
            let expected = workload.increments * workers as u64 / 2;
            assert_eq!(outcome, (0, expected), "{plain:?} with {workers} workers");
        }
    }
}
