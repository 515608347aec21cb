//! Increments per second through the lab's hot loop against the same body written out by hand.

use std::sync::Mutex;

use strategies::catalog::{Plain, Spec, Visitor};
use strategies::harness::body::compile::Code;
use strategies::harness::entry::SwitchCounting;
use strategies::harness::shared::Shared;
use strategies::harness::strategy::{Strategy, WorkerId};
use strategies::harness::worker::run::Role;
use strategies::harness::worker::site::LockInstance;
use strategies::harness::worker::worker_loop::{WorkerLoop, WorkerSetup};
use strategies::machine::native::NativeMachine;
use strategies::machine::native::abort::Abort;
use strategies::program::era::{Era, SwitchRule};
use strategies::program::workload::Workload;

use crate::harness::by_hand::Hand as ByHand;
use crate::harness::{ROUNDS, report};
use crate::pinned;

/// Bodies of one worker in a round: some 10 to 100 ms.
const BODIES: u64 = 10_000_000;
/// Fewer where two workers hand a lock over all the time.
const HAND_OVER_BODIES: u64 = 2_000_000;

const GIL: Spec = Spec::Gil { era: Era::V2_7, rule: SwitchRule::Ticks(100) };

pub(crate) fn run() {
    for (name, spec) in [
        ("unlocked", Spec::Plain(Plain::Unlocked)),
        ("atomic", Spec::Plain(Plain::Atomic)),
        ("fair-mutex", Spec::Plain(Plain::FairMutex)),
        ("gil 2.7 at 100 ticks", GIL),
    ] {
        for workers in [1, 2] {
            compare(name, spec, workers);
        }
    }
}

fn compare(name: &str, spec: Spec, workers: usize) {
    let has_lock = spec.name().entry().switches == SwitchCounting::Counted;
    let bodies = if workers > 1 && has_lock { HAND_OVER_BODIES } else { BODIES };
    let ratios = (0..ROUNDS).map(|round| {
        // The second run finds warmer caches, or a core that another has just heated.
        if round % 2 == 0 {
            let lab = lab_ns(spec, workers, bodies);
            hand_ns(spec, workers, bodies) / lab
        } else {
            let hand = hand_ns(spec, workers, bodies);
            hand / lab_ns(spec, workers, bodies)
        }
    });
    let name = format!("lab / by hand: {name}, {workers} pinned");
    report(&name, ratios.collect(), "of 0.95 wanted");
}

fn hand_ns(spec: Spec, workers: usize, bodies: u64) -> f64 {
    let hand = ByHand::new(&NativeMachine::new(Abort::default()));
    let ns = pinned::run(workers, |index| match spec {
        Spec::Plain(Plain::Unlocked) => hand.unlocked(bodies),
        Spec::Plain(Plain::Atomic) => hand.atomic(bodies),
        Spec::Plain(Plain::FairMutex) => hand.fair_mutex(bodies),
        Spec::Plain(_) => unreachable!("it is not among the rows"),
        Spec::Gil { .. } => hand.gil_ticks(index as u64, bodies),
    });
    assert!(hand.counter.value() > 0, "the bodies ran");
    ns
}

fn lab_ns(spec: Spec, workers: usize, bodies: u64) -> f64 {
    let machine = NativeMachine::new(Abort::default());
    spec.build(&machine, workers, Lab { machine: &machine, spec, workers, bodies })
}

struct Lab<'a> {
    machine: &'a NativeMachine,
    spec: Spec,
    workers: usize,
    bodies: u64,
}

impl Visitor<NativeMachine> for Lab<'_> {
    type Output = f64;

    fn visit<S: Strategy<NativeMachine> + 'static>(self, make: impl Fn() -> S) -> f64 {
        let Self { machine, spec, workers, bodies } = self;
        let workload = Workload { tasks: workers as u64, increments: bodies, ..Workload::ONE };
        let code = Code::compile(&workload, spec.sites(), machine);
        let site = LockInstance {
            shared: Shared::new(machine, code.requesting_workers()),
            strategy: make(),
        };
        let sites = std::slice::from_ref(&site);
        let seats: Vec<_> = (0..workers)
            .map(|index| {
                let setup =
                    WorkerSetup::new(machine, sites, &code, WorkerId { index, seed: 0 }, workers);
                Mutex::new(Some(WorkerLoop::new(machine, sites, setup)))
            })
            .collect();
        let ns = pinned::run(workers, |index| {
            let hand = seats[index].lock().expect("no panic").take();
            let mut hand = hand.expect("each seat is taken once");
            hand.run(&code, Role::Tasks).expect("no abort is raised");
        });
        assert!(site.total() > 0, "the bodies ran");
        ns
    }
}
