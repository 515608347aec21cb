//! The orderings of the lab's own locks, checked by loom on the code that is timed.
//!
//! Bounds: two or three workers, one or two increments each, at most three preemptions per run.
//! Cost: all of it takes a few seconds. What it means: no run with so many preemptions, and no older
//! value that loom lets a load return, loses an update or leaves a worker asleep (loom reports a
//! deadlock). loom's memory is not C11's: [`crate::loom_machine`] says what it leaves out, so that an
//! ordering which only load buffering would break passes. The counter itself is relaxed, so a lock that fails to publish shows as a lost
//! update.
//!
//! The negative controls run on a machine whose Release is Relaxed. The interval GIL is not among
//! them: it has no Release of its own, all that it publishes goes through its monitor's mutex.

use std::panic::{AssertUnwindSafe, catch_unwind};

use loom::sync::Arc;
use strategies::catalog::{Plain, Spec, Visitor};
use strategies::harness::body::compile::Code;
use strategies::harness::shared::Shared;
use strategies::harness::strategy::{Strategy, WorkerId};
use strategies::harness::worker::run::Role;
use strategies::harness::worker::site::LockInstance;
use strategies::harness::worker::worker_loop::{WorkerLoop, WorkerSetup};
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::Increment;
use strategies::program::era::{Era, SwitchInterval, SwitchRule};
use strategies::program::workload::{Io, Request, Workload};

use crate::loom_machine::{LoomMachine, Strength};

/// Preemptions per explored run; two find most bugs, three still end in seconds.
const PREEMPTIONS: usize = 3;
/// Times that a timed wait times out before it waits for ever.
const TIMEOUTS: u32 = 2;

const FAIR_MUTEX: Spec = Spec::Plain(Plain::FairMutex);
/// One tick a period, and no site in the window: each body is one critical section.
const TICKS: Spec = Spec::Gil { era: Era::V3_12, rule: SwitchRule::Ticks(1) };
const INTERVAL: Spec =
    Spec::Gil { era: Era::V3_12, rule: SwitchRule::Interval(SwitchInterval::from_picoseconds(1)) };

#[derive(Clone, Copy)]
pub(crate) struct Experiment {
    pub(crate) spec: Spec,
    pub(crate) workers: usize,
    pub(crate) increments: u64,
    pub(crate) body: Increment,
    pub(crate) io: Option<Io>,
    pub(crate) seed: u64,
}

impl Experiment {
    /// The smallest there is: two workers, one increment each.
    pub(crate) fn of(spec: Spec) -> Self {
        let body = BodyName::Increment.into();
        Self { spec, workers: 2, increments: 1, body, io: None, seed: 0 }
    }

    fn workload(&self) -> Workload {
        Workload {
            tasks: self.workers as u64,
            increments: self.increments,
            body: self.body,
            io: self.io,
            ..Workload::ONE
        }
    }
}

/// One explored run: all workers, then the total.
pub(crate) struct Explored {
    pub(crate) machine: Arc<LoomMachine>,
    pub(crate) experiment: Experiment,
}

impl Visitor<LoomMachine> for Explored {
    type Output = u64;

    fn visit<S: Strategy<LoomMachine> + 'static>(self, make: impl Fn() -> S) -> u64 {
        let Self { machine, experiment } = self;
        let workload = experiment.workload();
        let code = Code::compile(&workload, experiment.spec.sites(), &*machine);
        let site = LockInstance {
            shared: Shared::new(&*machine, code.requesting_workers()),
            strategy: make(),
        };
        let all = Arc::new((site, code));
        let threads: Vec<_> = (1..experiment.workers)
            .map(|index| {
                let (machine, all) = (machine.clone(), all.clone());
                let seat = WorkerId { index, seed: experiment.seed };
                loom::thread::spawn(move || work(&machine, &all.0, &all.1, seat))
            })
            .collect();
        let seat = WorkerId { index: 0, seed: experiment.seed };
        work(&machine, &all.0, &all.1, seat);
        for thread in threads {
            thread.join().expect("a worker does not panic");
        }
        all.0.total()
    }
}

fn work<S: Strategy<LoomMachine>>(
    machine: &LoomMachine,
    site: &LockInstance<LoomMachine, S>,
    code: &Code,
    seat: WorkerId,
) {
    let sites = std::slice::from_ref(site);
    let setup = WorkerSetup::new(machine, sites, code, seat, 1);
    WorkerLoop::new(machine, sites, setup).run(code, Role::Tasks).expect("no abort is raised");
}

fn explore(experiment: Experiment, strength: Strength) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(PREEMPTIONS);
    builder.check(move || {
        let machine = Arc::new(LoomMachine::new(strength, TIMEOUTS));
        let explored = Explored { machine: machine.clone(), experiment };
        let total = experiment.spec.build(&*machine, experiment.workers, explored);
        assert_eq!(total, experiment.workload().expected(), "an update was lost");
    });
}

fn keeps_every_update(spec: Spec, workers: usize, increments: u64) {
    let experiment = Experiment { workers, increments, ..Experiment::of(spec) };
    explore(experiment, Strength::AsWritten);
}

/// The negative control: the same exploration must fail on a machine without Release.
fn is_caught_without_release(spec: Spec) {
    let experiment = Experiment::of(spec);
    let explored = catch_unwind(AssertUnwindSafe(|| explore(experiment, Strength::WithoutRelease)));
    let panic = explored.expect_err("a lock without Release must lose an update");
    let text = panic.downcast_ref::<String>().map_or("", String::as_str);
    assert!(text.contains("an update was lost"), "failed for another reason: {text}");
}

#[test]
fn the_fair_lock_keeps_every_update_of_two() {
    keeps_every_update(FAIR_MUTEX, 2, 2);
}

#[test]
fn the_fair_lock_keeps_every_update_of_three() {
    keeps_every_update(FAIR_MUTEX, 3, 1);
}

/// Locks whose waiters stay awake: all of their hand-overs are loads and stores of words.
const AWAKE: [Plain; 10] = [
    Plain::Spin,
    Plain::Ticket,
    Plain::Mcs,
    Plain::Clh,
    Plain::TicketSpin,
    Plain::McsSpin,
    Plain::ClhSpin,
    Plain::Combining,
    Plain::RwLock,
    Plain::SeqLock,
];

#[test]
fn locks_that_stay_awake_keep_every_update() {
    for plain in AWAKE {
        keeps_every_update(Spec::Plain(plain), 2, 2);
    }
}

#[test]
fn locks_that_stay_awake_are_caught_without_release() {
    for plain in AWAKE {
        is_caught_without_release(Spec::Plain(plain));
    }
}

/// Nodes change hands with each request: with three each, every worker has had every node.
#[test]
fn a_combiner_keeps_every_update_of_longer_runs() {
    keeps_every_update(Spec::Plain(Plain::Combining), 2, 3);
}

#[test]
fn the_compare_exchange_loop_and_the_shards_keep_every_update() {
    for plain in [Plain::CasLoop, Plain::Sharded] {
        keeps_every_update(Spec::Plain(plain), 2, 2);
    }
}

#[test]
fn the_tick_gil_keeps_every_update_of_two() {
    keeps_every_update(TICKS, 2, 2);
}

#[test]
fn the_interval_gil_keeps_every_update_of_two() {
    keeps_every_update(INTERVAL, 2, 2);
}

#[test]
fn the_interval_gil_keeps_every_update_around_io() {
    let io = Some(Io { every: 1, request: Request::Sleep { duration_ns: 1 } });
    let experiment = Experiment { io, ..Experiment::of(INTERVAL) };
    explore(experiment, Strength::AsWritten);
}

#[test]
fn a_fair_lock_without_release_is_caught() {
    is_caught_without_release(FAIR_MUTEX);
}

#[test]
fn a_tick_gil_without_release_is_caught() {
    is_caught_without_release(TICKS);
}

/// The lab's own negative control: no lock is found to lose within the same bounds.
#[test]
fn no_lock_is_caught() {
    let experiment = Experiment::of(Spec::Plain(Plain::Unlocked));
    let explored = catch_unwind(AssertUnwindSafe(|| explore(experiment, Strength::AsWritten)));
    assert!(explored.is_err(), "unlocked must lose an update");
}
