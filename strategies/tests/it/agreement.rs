//! The two descriptions of each strategy, its code and its moves, say the same.
//!
//! The code runs under loom, which tries all orders of its steps (or those within a bound on
//! preemptions), and on real threads, which try a few. Whatever it comes to must be among the final
//! values that the model reaches, and where loom tries every order, they must be all of them.
//!
//! What loom adds to the model is a part of C11's memory ([`crate::loom_machine`] says which): a load
//! may return an old value. It changes no set, since there is one counter, and a worker never reads back behind its own store.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Arc, Mutex};

use strategies::catalog::{Plain, Spec, Visitor};
use strategies::explore::forward::search;
use strategies::gil::ticks::START_TICKS;
use strategies::harness::body::segments::Body;
use strategies::harness::shared::Shared;
use strategies::harness::strategy::{Strategy, Worker, WorkerId};
use strategies::machine::{Aborted, Machine, Word};
use strategies::model::bounds::Bounds;
use strategies::model::moves::Ownership;
use strategies::model::program::Program;
use strategies::model::scheduler::{Bits, Scheduler};
use strategies::model::state::Reduction;
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::Increment;
use strategies::program::era::Era;
use strategies::program::workload::Workload;

use crate::loom_machine::{LoomMachine, Strength};
use crate::orderings::{Experiment, Explored};
use crate::real_threads::{attempt, interval, ticks};

const UNLOCKED: Spec = Spec::Plain(Plain::Unlocked);
const ATOMIC: Spec = Spec::Plain(Plain::Atomic);
const FAIR_MUTEX: Spec = Spec::Plain(Plain::FairMutex);
const COMBINING: Spec = Spec::Plain(Plain::Combining);
/// One microsecond, in picoseconds: the shortest interval that takes effect.
const US: u64 = 1_000_000;

/// Times that a timed wait times out under loom before it waits for ever.
const TIMEOUTS: u32 = 3;

/// Workers and increments of each.
type Size = (usize, u32);

/// The final values that the model reaches: as many tasks as workers, in a queue, as the code has
/// them.
fn reachable(spec: Spec, body: Increment, (workers, increments): Size, seed: u64) -> BTreeSet<u64> {
    let (moves, access) = spec.moves(body);
    let access = match access {
        Ownership::HolderByTicks { budget, .. } => {
            let start = u32::try_from(seed % START_TICKS).expect("small");
            Ownership::HolderByTicks { budget, start }
        }
        access => access,
    };
    let tasks = u16::try_from(workers).expect("few");
    let program = Program::queued(workers, tasks, increments, [&[], &moves, &[]], access);
    let program = program.expect("within the limits");
    let any = Scheduler::Interleavings;
    let explored = search::explore::<Bits>(&program, any, Reduction::Fused, Bounds::ALL);
    let explored = explored.expect("small");
    assert_eq!(explored.deadlocks, 0, "{program:?}");
    Bits::values(&explored.outcomes).into_iter().map(u64::from).collect()
}

/// What was found and cannot be.
fn impossible(found: &BTreeSet<u64>, reachable: &BTreeSet<u64>) -> Vec<u64> {
    found.difference(reachable).copied().collect()
}

/// Every total that the code comes to under loom, with at most so many preemptions a run.
fn explored(
    preemptions: Option<usize>,
    run: impl Fn() -> u64 + Send + Sync + 'static,
) -> BTreeSet<u64> {
    let found = Arc::new(Mutex::new(BTreeSet::new()));
    let totals = found.clone();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    builder.check(move || {
        let total = run();
        totals.lock().expect("no panic").insert(total);
    });
    let found = found.lock().expect("no panic");
    found.clone()
}

/// The totals of a strategy of the catalogue, and those of its moves.
fn both(experiment: Experiment, preemptions: Option<usize>) -> [BTreeSet<u64>; 2] {
    let Experiment { spec, body, workers, increments, seed, .. } = experiment;
    let found = explored(preemptions, move || {
        let machine = loom::sync::Arc::new(LoomMachine::new(Strength::AsWritten, TIMEOUTS));
        let run = Explored { machine: machine.clone(), experiment };
        spec.build(&*machine, workers, run)
    });
    let increments = u32::try_from(increments).expect("few");
    [found, reachable(spec, body, (workers, increments), seed)]
}

/// Where preemptions are bounded too, loom is known to meet all that the model reaches: it tries
/// the same runs each time.
#[track_caller]
fn agrees(experiment: Experiment, preemptions: Option<usize>) {
    let [found, reachable] = both(experiment, preemptions);
    let Experiment { spec, body, workers, increments, seed, .. } = experiment;
    assert_eq!(found, reachable, "{spec:?}, {body}, {workers} x {increments}, seed {seed}");
}

fn of((workers, increments): (usize, u64), spec: Spec, body: BodyName) -> Experiment {
    Experiment { workers, increments, body: body.into(), ..Experiment::of(spec) }
}

#[test]
fn without_a_lock_loom_and_model_agree() {
    for spec in [UNLOCKED, ATOMIC] {
        agrees(of((2, 1), spec, BodyName::Increment), None);
        agrees(of((2, 2), spec, BodyName::Increment), None);
        agrees(of((3, 1), spec, BodyName::Increment), Some(3));
    }
}

#[test]
fn under_the_fair_mutex_loom_and_model_agree() {
    agrees(of((2, 1), FAIR_MUTEX, BodyName::Increment), None);
    agrees(of((2, 2), FAIR_MUTEX, BodyName::Increment), Some(3));
    agrees(of((3, 1), FAIR_MUTEX, BodyName::Increment), Some(2));
}

#[test]
fn under_locks_of_readers_and_writers_loom_and_model_agree() {
    for plain in [Plain::RwLock, Plain::SeqLock] {
        agrees(of((2, 2), Spec::Plain(plain), BodyName::Increment), Some(3));
        agrees(of((2, 1), Spec::Plain(plain), BodyName::Locked), Some(3));
    }
}

#[test]
fn under_a_combiner_loom_and_model_agree() {
    agrees(of((2, 1), COMBINING, BodyName::Increment), None);
    agrees(of((2, 2), COMBINING, BodyName::Increment), Some(3));
    agrees(of((2, 1), COMBINING, BodyName::Locked), Some(3));
}

/// In each phase, because a worker that starts with other ticks is stopped elsewhere.
#[test]
fn under_ticks_loom_and_model_agree() {
    for budget in 1..=4 {
        for seed in 0..=budget.into() {
            let spec = ticks(Era::V2_7, budget);
            agrees(Experiment { seed, ..of((2, 1), spec, BodyName::Increment) }, Some(2));
        }
    }
    for budget in [2, 3] {
        agrees(of((2, 2), ticks(Era::V2_7, budget), BodyName::Increment), Some(2));
    }
}

#[test]
fn under_an_interval_loom_and_model_agree() {
    let of = |size, era, body| of(size, interval(era, US), body);
    agrees(of((2, 1), Era::V3_9, BodyName::Increment), Some(2));
    agrees(of((2, 1), Era::V3_9, BodyName::Locked), Some(2));
    for body in [BodyName::Increment, BodyName::Call, BodyName::Io, BodyName::Locked] {
        agrees(of((2, 1), Era::V3_12, body), Some(2));
    }
    agrees(of((2, 2), Era::V3_12, BodyName::Increment), Some(2));
    agrees(of((2, 2), Era::V3_12, BodyName::Call), Some(3));
}

/// Two preemptions a run do not make all the switches that it takes to meet every value, and with
/// three loom is at it for long; but nothing it meets may be new.
#[test]
fn within_fewer_preemptions_loom_meets_nothing_new() {
    let experiment = of((2, 2), interval(Era::V3_9, US), BodyName::Increment);
    let [found, reachable] = both(experiment, Some(2));
    assert_eq!(impossible(&found, &reachable), Vec::<u64>::new());
    assert!(found.len() > 1, "{found:?}: no update was lost");
}

/// Says of itself that it keeps every update, as [`FAIR_MUTEX`] does, but looks and takes in two
/// steps.
struct LetsTwoIn<M: Machine> {
    taken: M::Word,
}

impl<M: Machine> Strategy<M> for LetsTwoIn<M> {
    type Local = ();

    fn local(&self, _seat: WorkerId) {}

    fn increment(
        &self,
        worker: &mut Worker<'_, M, ()>,
        shared: &Shared<M>,
        body: Body<'_>,
    ) -> Result<(), Aborted> {
        body.before(worker.machine, shared)?;
        while self.taken.load(Acquire) != 0 {
            worker.machine.spin();
        }
        self.taken.store(1, Relaxed);
        let seen = shared.counter().load(Relaxed);
        body.window(worker.machine, shared)?;
        shared.counter().store(seen + 1, Relaxed);
        self.taken.store(0, Release);
        body.after(worker.machine, shared)
    }
}

/// The negative control: code that is not what its moves say is found out.
#[test]
fn a_lock_that_lets_two_in_is_found_out() {
    let experiment = Experiment::of(FAIR_MUTEX);
    let found = explored(Some(2), move || {
        let machine = loom::sync::Arc::new(LoomMachine::new(Strength::AsWritten, TIMEOUTS));
        let broken = || LetsTwoIn { taken: machine.word(0) };
        Explored { machine: machine.clone(), experiment }.visit(broken)
    });
    let reachable = reachable(FAIR_MUTEX, experiment.body, (2, 1), 0);
    assert_eq!(impossible(&found, &reachable), [1], "{found:?} of {reachable:?}");
}

/// So many attempts on real threads, none of which may come to what the model does not reach.
fn never_impossible(spec: Spec, body: BodyName, size: Size, seed: u64, attempts: usize) {
    let (workers, increments) = size;
    let reachable = reachable(spec, body.into(), size, seed);
    for at in 0..attempts {
        // Steps of any length: at native speed the first worker is mostly done before the second
        // starts.
        let step_cost_ns = [0, 20, 200, 1000][at % 4];
        let workload = Workload {
            tasks: workers as u64,
            increments: increments.into(),
            body: body.into(),
            step_cost_ns,
            ..Workload::ONE
        };
        let found = BTreeSet::from([attempt(spec, workload, workers, seed).total]);
        let new = impossible(&found, &reachable);
        assert!(
            new.is_empty(),
            "{new:?} of {spec:?}, {body}, {workers} x {increments}, seed {seed}"
        );
    }
}

const SIZES: [Size; 6] = [(2, 1), (2, 3), (2, 10), (3, 1), (3, 3), (3, 10)];

#[test]
fn no_real_thread_does_what_is_impossible() {
    let increment = BodyName::Increment;
    for size in SIZES {
        for spec in [UNLOCKED, ATOMIC, FAIR_MUTEX, COMBINING, interval(Era::V3_9, US)] {
            never_impossible(spec, increment, size, 0, 40);
        }
        for body in [increment, BodyName::Call] {
            never_impossible(interval(Era::V3_12, US), body, size, 0, 40);
        }
    }
}

/// With three workers one may come when all tasks are taken: its start takes ticks from the others'
/// budget, which the model, whose workers start with their first task, does not know. So theirs is
/// a whole period, which changes nothing.
#[test]
fn no_real_thread_under_ticks_does_what_is_impossible() {
    for size in SIZES {
        for budget in 1..=10 {
            for round in 0..3 {
                let seed = if size.0 == 2 { round } else { round * u64::from(budget + 1) };
                never_impossible(ticks(Era::V2_7, budget), BodyName::Increment, size, seed, 4);
            }
        }
    }
}
