//! The hot loop on real threads: what each strategy promises, kept or visibly broken.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use strategies::catalog::{Plain, Spec, Visitor};
use strategies::harness::body::compile::Code;
use strategies::harness::counters::WorkerStats;
use strategies::harness::entry::{Guarantee, Inclusion};
use strategies::harness::shared::Shared;
use strategies::harness::strategy::{Strategy, WorkerId};
use strategies::harness::worker::run::{Role, Span};
use strategies::harness::worker::site::LockInstance;
use strategies::harness::worker::worker_loop::{WorkerLoop, WorkerSetup};
use strategies::machine::Aborted;
use strategies::machine::native::NativeMachine;
use strategies::machine::native::abort::Abort;
use strategies::program::bodies::BodyName;
use strategies::program::era::{Era, SwitchInterval, SwitchRule};
use strategies::program::workload::{Io, Request, Service, Workload};

const PLAIN: Workload = Workload { tasks: 2, increments: 50_000, ..Workload::ONE };

/// Locks whose waiters spin to the end.
const KEEP_THEIR_CORES: [Plain; 3] = [Plain::TicketSpin, Plain::McsSpin, Plain::ClhSpin];

/// Increments after which the workers of an attempt are at work: so few that they take no time even
/// where each hand-over takes a time slice.
const AT_WORK: u64 = 20;

/// What an attempt came to, worker by worker.
pub(crate) struct Outcome {
    pub(crate) total: u64,
    workers: Vec<(Result<Span, Aborted>, WorkerStats)>,
}

impl Outcome {
    pub(crate) fn tally(&self) -> WorkerStats {
        let mut sum = WorkerStats::default();
        self.workers.iter().for_each(|(_, tally)| sum.merge(tally));
        sum
    }
}

struct Attempt<'a> {
    machine: &'a NativeMachine,
    spec: Spec,
    workload: Workload,
    workers: usize,
    seed: u64,
    /// Raised once the workers are at work.
    abort_at_work: Option<&'a Abort>,
}

impl Visitor<NativeMachine> for Attempt<'_> {
    type Output = Outcome;

    fn visit<S: Strategy<NativeMachine> + 'static>(self, make: impl Fn() -> S) -> Outcome {
        let Self { machine, spec, workload, workers, seed, abort_at_work } = self;
        let code = Code::compile(&workload, spec.sites(), machine);
        let site = LockInstance {
            shared: Shared::new(machine, code.requesting_workers()),
            strategy: make(),
        };
        let sites = std::slice::from_ref(&site);
        let gate = Barrier::new(workers);
        let workers = thread::scope(|scope| {
            let threads: Vec<_> = (0..workers)
                .map(|index| {
                    let (code, gate) = (&code, &gate);
                    scope.spawn(move || {
                        let setup = WorkerSetup::new(
                            machine,
                            sites,
                            code,
                            WorkerId { index, seed },
                            workers,
                        );
                        let mut worker = WorkerLoop::new(machine, sites, setup);
                        gate.wait();
                        let role = Role::of(index, workers, code);
                        let span = worker.run(code, role);
                        (span, worker.into_output().stats)
                    })
                })
                .collect();
            if let Some(abort) = abort_at_work {
                while site.total() < AT_WORK {
                    thread::yield_now();
                }
                abort.raise();
            }
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        Outcome { total: site.total(), workers }
    }
}

pub(crate) fn attempt(spec: Spec, workload: Workload, workers: usize, seed: u64) -> Outcome {
    let machine = NativeMachine::new(Abort::default());
    let attempt = Attempt { machine: &machine, spec, workload, workers, seed, abort_at_work: None };
    spec.build(&machine, workers, attempt)
}

/// Attempts of which each five have twice as many increments as the five before: on a busy machine
/// workers overlap only in attempts that last for many time slices. The last ones are a thousand times
/// as long as the first.
pub(crate) fn growing_attempts(
    spec: Spec,
    workload: Workload,
    workers: usize,
    seeds: impl Fn(u64) -> u64,
) -> impl Iterator<Item = (Workload, Outcome)> {
    (0..55).map(move |at| {
        let longer = Workload { increments: workload.increments << (at / 5), ..workload };
        (longer, attempt(spec, longer, workers, seeds(at)))
    })
}

/// Whether one of these attempts loses an update.
pub(crate) fn loses_updates(spec: Spec, workload: Workload) -> bool {
    growing_attempts(spec, workload, 2, |at| at)
        .any(|(longer, outcome)| outcome.total < longer.expected())
}

pub(crate) fn interval(era: Era, picoseconds: u64) -> Spec {
    let rule = SwitchRule::Interval(SwitchInterval::from_picoseconds(picoseconds));
    Spec::Gil { era, rule }
}

pub(crate) fn ticks(era: Era, budget: u32) -> Spec {
    Spec::Gil { era, rule: SwitchRule::Ticks(budget) }
}

#[track_caller]
fn keeps_all(spec: Spec, workload: Workload, workers: usize) {
    for seed in 0..3 {
        let outcome = attempt(spec, workload, workers, seed);
        assert_eq!(outcome.total, workload.expected(), "{spec:?} with {workers} workers");
        let tally = outcome.tally();
        assert_eq!((tally.tasks, tally.increments), (workload.tasks, workload.expected()));
    }
}

#[test]
fn exact_strategies_keep_every_update() {
    for workers in [1, 2, 4, 8] {
        // As many in all: on a busy machine, each hand-over of a fair lock takes a time slice.
        let tasks = workers as u64;
        let workload = Workload { tasks, increments: 10_000 / tasks, ..PLAIN };
        let exact = Plain::ALL.iter().filter(|plain| {
            let entry = Spec::Plain(**plain).name().entry();
            entry.guarantee == Guarantee::Exact && entry.inclusion == Inclusion::Default
        });
        for &plain in exact {
            keeps_all(Spec::Plain(plain), workload, workers);
        }
    }
}

/// Few increments: on a machine with one core each hand-over takes a time slice.
#[test]
fn locks_whose_waiters_keep_their_cores_keep_every_update() {
    for plain in KEEP_THEIR_CORES {
        let few = Workload { increments: 50, ..PLAIN };
        keeps_all(Spec::Plain(plain), few, 2);
        keeps_all(Spec::Plain(plain), PLAIN, 1);
    }
}

#[test]
fn an_era_without_a_site_in_the_window_keeps_every_update() {
    let workload = Workload { step_cost_ns: 15, ..PLAIN };
    keeps_all(interval(Era::V3_12, 500), workload, 2);
    keeps_all(interval(Era::V3_12, 500), workload, 4);
    keeps_all(ticks(Era::V3_12, 1), PLAIN, 2);
}

#[test]
fn one_worker_keeps_every_update_and_never_switches() {
    for spec in [Spec::Plain(Plain::Unlocked), interval(Era::V3_9, 500), ticks(Era::V2_7, 1)] {
        let outcome = attempt(spec, PLAIN, 1, 0);
        assert_eq!((outcome.total, outcome.tally().switches()), (PLAIN.expected(), 0), "{spec:?}");
    }
}

/// Sites in the window: an update is lost as soon as the workers overlap, else the GIL is no CPython.
#[test]
fn eras_with_a_site_in_the_window_lose_updates() {
    let workload = Workload { increments: 100_000, step_cost_ns: 15, ..PLAIN };
    for spec in [interval(Era::V3_9, 10_000_000), ticks(Era::V2_7, 100)] {
        assert!(loses_updates(spec, workload), "{spec:?} lost nothing");
    }
    let call = Workload { body: BodyName::Call.into(), ..workload };
    assert!(loses_updates(interval(Era::V3_12, 10_000_000), call));
}

/// Where the period divides by the body's ticks, every switch falls on the same step, and the seed
/// says on which: an attempt with hand-overs either loses at them or loses nothing at all, and does
/// so again. How much it loses is up to how long the workers overlap; on a busy machine they hardly
/// do, so after all of the first round longer and longer attempts are made until both kinds have been
/// seen.
#[test]
fn ticks_lock_phase_with_the_body() {
    let (mut losing, mut right) = (0, 0);
    for doublings in 0..10 {
        for seed in 0..10 {
            for budget in [4, 9, 99] {
                let [some, others] = phases_of(budget, seed, 50_000 << doublings);
                (losing, right) = (losing + some, right + others);
                if doublings > 0 && losing > 0 && right > 0 {
                    return;
                }
            }
        }
        if losing > 0 && right > 0 {
            return;
        }
    }
    panic!("{losing} losing, {right} right: not every phase came up");
}

/// How many attempts with hand-overs lost updates, and how many did not; a seed does one or the other.
fn phases_of(budget: u32, seed: u64, increments: u64) -> [usize; 2] {
    let workload = Workload { increments, step_cost_ns: 15, ..PLAIN };
    let tries = [(); 3].map(|()| attempt(ticks(Era::V2_7, budget), workload, 2, seed));
    let handed_over = tries.iter().filter(|outcome| outcome.tally().switches() >= 20);
    let loses: Vec<_> = handed_over.map(|outcome| outcome.total < workload.expected()).collect();
    assert!(loses.iter().all(|&one| one == loses[0]), "{loses:?} at {budget}, seed {seed}");
    let losing = loses.iter().filter(|&&one| one).count();
    [losing, loses.len() - losing]
}

#[test]
fn blocking_calls_are_made_and_counted() {
    for request in [Request::Sleep { duration_ns: 1_000 }, Request::Echo, Request::Write] {
        let io = Some(Io { every: 10, request });
        let workload = Workload { increments: 100, io, ..PLAIN };
        for spec in [Spec::Plain(Plain::Atomic), interval(Era::V3_12, 5_000_000_000)] {
            let outcome = attempt(spec, workload, 2, 0);
            let tally = outcome.tally();
            assert_eq!((outcome.total, tally.requests), (200, 20), "{spec:?}");
            assert_eq!(tally.latencies.count(), 20, "{spec:?}");
        }
    }
}

/// The others go on until the last request is answered, and no longer.
#[test]
fn requests_are_made_beside_workers_that_compute() {
    for request in [Request::Sleep { duration_ns: 10_000 }, Request::Echo, Request::Write] {
        let service = Some(Service { workers: 2, requests: 10, request });
        let workload = Workload { service, step_cost_ns: 15, ..PLAIN };
        for spec in [
            Spec::Plain(Plain::FairMutex),
            interval(Era::V3_12, 100_000_000),
            ticks(Era::V2_7, 100),
        ] {
            let outcome = attempt(spec, workload, 3, 0);
            let tally = outcome.tally();
            assert_eq!((tally.requests, tally.latencies.count()), (20, 20), "{spec:?}");
            let [alone, ..] = &outcome.workers[..] else { panic!("three workers") };
            assert_eq!(alone.1.increments, tally.increments, "only the first computes");
            assert_eq!(outcome.total, tally.increments, "who computes alone loses nothing");
        }
    }
}

/// A slice begins when a worker gets the lock, the first one of all too.
#[test]
fn no_slice_is_longer_than_the_attempt() {
    let workload = Workload { increments: 100_000, step_cost_ns: 15, ..PLAIN };
    for seed in 0..5 {
        let start = std::time::Instant::now();
        let tally = attempt(interval(Era::V3_9, 10_000_000), workload, 2, seed).tally();
        let longest = Duration::from_nanos(tally.slices.max_ns().unwrap_or(0));
        assert!(longest <= start.elapsed(), "a slice of {longest:?}");
    }
}

/// A requested drop is a hand-over: the worker that had to release the lock never takes it next. And the next
/// owner is not always the one that has waited longest, or it would be no condition variable.
#[test]
fn a_requested_drop_hands_over_to_some_waiter() {
    let workload = Workload { tasks: 4, increments: 100_000, step_cost_ns: 15, ..PLAIN };
    let mut switches = 0;
    for (_, outcome) in growing_attempts(interval(Era::V3_9, 10_000_000), workload, 4, |at| at) {
        let tally = outcome.tally();
        assert!(tally.switches() >= tally.slices.count(), "one worker had the next turn too");
        switches += tally.switches();
        if tally.wait_ranks[1..].iter().sum::<u64>() > 0 {
            return;
        }
    }
    panic!("{switches} hand-overs, all first come first served");
}

#[test]
fn an_abort_ends_every_strategy() {
    let endless = Workload { tasks: 2, increments: 1_000_000_000, step_cost_ns: 15, ..PLAIN };
    let specs = [
        Spec::Plain(Plain::Unlocked),
        Spec::Plain(Plain::Atomic),
        Spec::Plain(Plain::FairMutex),
        Spec::Plain(Plain::Combining),
        Spec::Plain(Plain::RwLock),
        Spec::Plain(Plain::SeqLock),
        interval(Era::V3_9, 5_000_000_000),
    ];
    let spinning = KEEP_THEIR_CORES.map(Spec::Plain);
    for spec in specs.into_iter().chain(spinning).chain([ticks(Era::V2_7, 100)]) {
        let abort = Abort::default();
        let machine = NativeMachine::new(abort.clone());
        let abort_at_work = Some(&abort);
        let attempt = Attempt {
            machine: &machine,
            spec,
            workload: endless,
            workers: 2,
            seed: 0,
            abort_at_work,
        };
        let outcome = spec.build(&machine, 2, attempt);
        for (span, _) in outcome.workers {
            assert_eq!(span, Err(Aborted), "{spec:?}");
        }
    }
}
