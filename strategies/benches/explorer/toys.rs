//! Toy program, exhausted and sampled by each tool.
//!
//! For loom and shuttle it is as small as possible: the first thread starts the other one, so that
//! the tools order only the accesses, one spawn and one join.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use shuttle::scheduler::{DfsScheduler, RandomScheduler, Scheduler as ShuttleScheduler};
use strategies::catalog::{Plain, Spec};
use strategies::explore::forward::search::{Explored, explore};
use strategies::explore::random::{Sampler, play};
use strategies::harness::rng::SplitMix64;
use strategies::model::bounds::Bounds;
use strategies::model::program::Program;
use strategies::model::scheduler::{Bits, Scheduler};
use strategies::model::state::Reduction;
use strategies::program::body_spec::CustomBody;

use crate::table::{Median, Rounds, Verdicts, ratio_line, seconds, time_line};

/// Threads of the toy program.
const THREADS: usize = 2;
/// Branches per execution that loom must allow; its default limit is for shorter programs.
const BRANCHES_MAX: usize = 1_000_000;
/// Searches of the explorer in one measurement, so that it takes milliseconds.
const SEARCHES: u32 = 2_000;
/// Walks of shuttle, and of the explorer, in one measurement.
const WALKS: [u32; 2] = [1_000, 20_000];
/// Increments of each thread in a walk.
const WALKED: u32 = 100;
/// Increments of each thread for which all states fit the cache.
const CACHED: u32 = 20;

/// Result of an exhaustive search: final values, and the number of executions or states.
pub(crate) type Exhausted = (BTreeSet<u64>, u64);

/// The toy program in the model.
pub(crate) fn program(workers: usize, increments: u32) -> Program {
    let body = CustomBody::parse("LS").expect("a body").into();
    let program = Spec::Plain(Plain::Unlocked).program(body, workers, increments);
    program.expect("within the limits")
}

pub(crate) fn by_search(increments: u32) -> Exhausted {
    let found = search(increments);
    let values = Bits::values(&found.outcomes).into_iter().map(u64::from).collect();
    (values, found.states)
}

fn search(increments: u32) -> Explored<Bits> {
    let toy = program(THREADS, increments);
    let found = explore::<Bits>(&toy, Scheduler::Interleavings, Reduction::None, Bounds::ALL);
    found.expect("within the limits")
}

pub(crate) fn by_loom(increments: u32) -> Exhausted {
    let (note, read) = notes();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = None;
    builder.max_branches = BRANCHES_MAX;
    builder.check(move || {
        // std's reference count, which loom does not see and so does not reorder.
        let counter = Arc::new(loom::sync::atomic::AtomicU64::new(0));
        let shared = counter.clone();
        let add = move |counter: &loom::sync::atomic::AtomicU64| {
            for _ in 0..increments {
                let seen = counter.load(Relaxed);
                counter.store(seen + 1, Relaxed);
            }
        };
        let other = loom::thread::spawn(move || add(&shared));
        add(&counter);
        other.join().expect("no panic");
        note(counter.load(Relaxed));
    });
    read()
}

pub(crate) fn by_shuttle(increments: u32) -> Exhausted {
    run_shuttle(DfsScheduler::new(None, false), increments)
}

fn run_shuttle(scheduler: impl ShuttleScheduler + 'static, increments: u32) -> Exhausted {
    let (note, read) = notes();
    let mut config = shuttle::Config::new();
    config.failure_persistence = shuttle::FailurePersistence::None;
    // It would warn that it treats every ordering as the strongest, which changes nothing here.
    config.silence_warnings = true;
    shuttle::Runner::new(scheduler, config).run(move || {
        let counter = Arc::new(shuttle::sync::atomic::AtomicU64::new(0));
        let shared = counter.clone();
        let add = move |counter: &shuttle::sync::atomic::AtomicU64| {
            for _ in 0..increments {
                let seen = counter.load(Relaxed);
                counter.store(seen + 1, Relaxed);
            }
        };
        let other = shuttle::thread::spawn(move || add(&shared));
        add(&counter);
        other.join().expect("no panic");
        note(counter.load(Relaxed));
    });
    read()
}

/// A pair of functions: executions record their final values with the first, the second reads them.
fn notes() -> (impl Fn(u64) + Send + Sync, impl FnOnce() -> Exhausted) {
    let values = Arc::new((Mutex::new(BTreeSet::new()), AtomicU64::new(0)));
    let noted = values.clone();
    let note = move |value| {
        noted.0.lock().expect("no panic").insert(value);
        noted.1.fetch_add(1, Relaxed);
    };
    let read = move || (values.0.lock().expect("no panic").clone(), values.1.load(Relaxed));
    (note, read)
}

/// Exhausts the toy program with each tool; all must find the same values.
pub(crate) fn exhaust(rounds: Rounds, verdicts: &mut Verdicts) {
    for increments in 1..=4 {
        println!("exhausting {THREADS} x {increments}");
        let rounds = if increments == 4 { rounds.few } else { rounds.many };
        let found = [by_search(increments), by_shuttle(increments), by_loom(increments)];
        assert!(found.iter().all(|one| one.0 == found[0].0), "{found:?}");
        let mut times = [const { Vec::new() }; 3];
        for round in 0..rounds {
            let mut tools = [0, 1, 2];
            tools.rotate_left(round % 3);
            for tool in tools {
                times[tool].push(match tool {
                    0 => seconds(SEARCHES, || drop(by_search(increments))),
                    1 => seconds(1, || drop(by_shuttle(increments))),
                    _ => seconds(1, || drop(by_loom(increments))),
                });
            }
        }
        let [search, shuttle, loom] = &times;
        let [states, by_dfs, by_loom] = found.each_ref().map(|one| one.1);
        time_line("search", &format!("{states} states"), search);
        time_line("shuttle dfs", &format!("{by_dfs} executions"), shuttle);
        time_line("loom", &format!("{by_loom} executions"), loom);
        let over_shuttle = ratio_line("over shuttle", shuttle, search);
        let over_loom = ratio_line("over loom", loom, search);
        if increments == 4 {
            verdicts.bar("exhausting 2 x 4, times as fast as shuttle", over_shuttle, 200.0);
            verdicts.bar("exhausting 2 x 4, times as fast as loom", over_loom, 600.0);
        }
    }
}

/// Random walks: at each step all threads that can make one are equally likely.
pub(crate) fn walk(rounds: Rounds, verdicts: &mut Verdicts) {
    println!("random walks through {THREADS} x {WALKED}");
    let toy = program(THREADS, WALKED);
    let mut stream = SplitMix64::of(&[1]);
    let mut by_sampler = || {
        let value = play(&toy, Sampler::RandomWalk, &mut stream, |_| {});
        assert!(value.is_ok_and(|value| value > 1), "two threads leave at least 2");
    };
    let by_shuttle = |seed: u64| {
        let walks = RandomScheduler::new_from_seed(seed, WALKS[0] as usize);
        assert_eq!(run_shuttle(walks, WALKED).1, u64::from(WALKS[0]), "each walk ends");
    };
    let (mut fast, mut slow) = (Vec::new(), Vec::new());
    for round in 0..rounds.many {
        let mut shuttle =
            || slow.push(seconds(1, || by_shuttle(round as u64)) / f64::from(WALKS[0]));
        let mut own = || fast.push(seconds(WALKS[1], &mut by_sampler));
        if round % 2 == 0 {
            shuttle();
            own();
        } else {
            own();
            shuttle();
        }
    }
    let steps = toy.moves() as f64;
    let per_second = |times: &[f64]| {
        let rates = Median::of(times.iter().map(|time| steps / time / 1e6).collect());
        format!("a walk, {:.1} M steps/s of the toy", rates.middle)
    };
    time_line("sampler", &per_second(&fast), &fast);
    time_line("shuttle", &per_second(&slow), &slow);
    let over_shuttle = ratio_line("over shuttle", &slow, &fast);
    verdicts.bar("random walks, times as many steps/s as shuttle", over_shuttle, 9.0);
}

/// States per second of a search without reduction whose states all fit the cache.
pub(crate) fn search_in_cache(rounds: Rounds, verdicts: &mut Verdicts) {
    println!("searching {THREADS} x {CACHED} state by state");
    let mut states = 0;
    let times: Vec<f64> =
        (0..rounds.many).map(|_| seconds(1, || states = search(CACHED).states)).collect();
    let rates = Median::of(times.iter().map(|time| states as f64 / time / 1e6).collect());
    time_line("search", &format!("{states} states"), &times);
    let Median { middle, low, high } = rates;
    println!("  {middle:.1} M states/s  [{low:.1} to {high:.1}]");
    verdicts.bar("M states/s in cache", rates, 10.0);
}
