//! Sweeps as a client might ask for them, or would hardly: lists near every limit, names that are
//! almost right, fields that contradict each other. Most are small, or nothing would ever be
//! planned.

use engine::limits::CELLS_MAX;
use proto::v1;

use super::chance::Chance;
use super::writing;

const STRATEGIES: [&str; 14] = [
    "gil",
    "unlocked",
    "atomic",
    "fair-mutex",
    "ticket",
    "mcs-spin",
    "combining",
    "rwlock",
    "sharded",
    "cas-loop",
    "broken",
    "cpython",
    "all",
    "gli",
];
const ERAS: [&str; 8] = ["2.7", "3.2", "3.9", "3.10", "3.12", "3.13t", "all", "3.14"];
const BODIES: [&str; 8] =
    ["increment", "call", "io", "locked", "forward-jump", "len", "all", "incremnt"];
const STEPS: [&str; 6] = ["LS", "L.S", "LCS", "A.L.SR", "LISJ", "LAS"];
const CALLS: [&str; 3] = ["echo", "write", "telnet"];
const LAWS: [&str; 4] = ["fixed", "uniform", "exponential", "normal"];
const LABELS: [&str; 5] = ["before", "after the fix", "v1.2+3", " ", "\u{1b}[31m"];
const PYTHONS: [&str; 2] = ["/nowhere/python", "python3"];

/// A request for a sweep.
pub(crate) fn sweep(chance: &mut Chance) -> v1::CreateSweepRequest {
    let spec = (!chance.one_in(500)).then(|| spec(chance));
    let request_id = match chance.below(50) {
        0 => writing::any(chance, 200),
        1..9 => "8c0e9a52-0d2f-7b4e-9d5f-1b6f0a3c2d1e".into(),
        _ => String::new(),
    };
    v1::CreateSweepRequest { spec, request_id, validate_only: chance.one_in(2) }
}

fn spec(chance: &mut Chance) -> v1::SweepSpec {
    let chance = &mut *chance;
    let mut spec = v1::SweepSpec {
        strategies: if chance.one_in(50) { Vec::new() } else { few(chance, &STRATEGIES) },
        attempts: maybe(chance, 3, |chance| near(chance, &[1, 2, 21, 1000, 100_000])),
        seed: maybe(chance, 3, Chance::draw),
        order: chance.pick(&[0, 0, 1, 2, 3, -1]),
        pin: chance.pick(&[0, 0, 0, 1, 2, 3, 4, 5, i32::MIN]),
        allow_starvation: chance.one_in(3),
        precision_permille: maybe(chance, 20, |chance| near(chance, &[1, 20, 500, 501])),
        step_cost_ns: maybe(chance, 6, |chance| near(chance, &[0, 15, 10_000])),
        ..v1::SweepSpec::default()
    };
    if chance.one_in(4) {
        spec.eras = few(chance, &ERAS);
        spec.switch_interval_ps = axis(chance, 3, &[500, 5_000_000_000, 10_000_000_000_000]);
        spec.switch_ticks = axis(chance, 3, &[1, 100, 1_000_000]);
    }
    if chance.one_in(3) {
        spec.bodies = few(chance, &BODIES);
        spec.steps = if chance.one_in(3) { few(chance, &STEPS) } else { Vec::new() };
    }
    match chance.below(5) {
        0 => service(chance, &mut spec),
        1 => timed(chance, &mut spec),
        2 => {
            service(chance, &mut spec);
            timed(chance, &mut spec);
            tasks(chance, &mut spec);
        }
        _ => tasks(chance, &mut spec),
    }
    spec.task_steps = axis(chance, 8, &[0, 600, 1_000_000]);
    spec.inside_ns = axis(chance, 8, &[0, 1, 1000, 1_000_000_000]);
    spec.outside_ns = axis(chance, 8, &[0, 1, 1000, 1_000_000_000]);
    spec.locks = axis(chance, 12, &[1, 2, 4096]);
    spec.lengths = if chance.one_in(8) { few(chance, &LAWS) } else { Vec::new() };
    if chance.one_in(300) {
        crowd(chance, &mut spec);
    }
    spec.labels = if chance.one_in(10) { few(chance, &LABELS) } else { Vec::new() };
    spec.pythons = if chance.one_in(30) { few(chance, &PYTHONS) } else { Vec::new() };
    spec
}

/// Several lists at once, each as long as a list may be: what multiplies before it is counted.
fn crowd(chance: &mut Chance, spec: &mut v1::SweepSpec) {
    let values = |chance: &mut Chance, most: u64| -> Vec<u64> {
        let (apart, first) = (chance.one_in(3), chance.below(3) as u64);
        (0..CELLS_MAX as u64).map(|at| first + if apart { at } else { at % most }).collect()
    };
    let small = |chance: &mut Chance, most: u64| -> Vec<u32> {
        values(chance, most).into_iter().filter_map(|value| u32::try_from(value).ok()).collect()
    };
    let names = |of: &[&str]| -> Vec<String> {
        (0..CELLS_MAX).map(|at| of[at % of.len()].to_owned()).collect()
    };
    for _ in 0..2 + chance.below(3) {
        match chance.below(10) {
            0 | 1 => spec.strategies = names(&["gil", "all", "gil"]),
            2 => spec.eras = names(chance.pick(&[&["all"][..], &["all", "3.9", "2.7"]])),
            3 => spec.switch_interval_ps = values(chance, 64),
            4 => spec.switch_ticks = small(chance, 64),
            5 => spec.io_workers = small(chance, 64),
            6 => spec.cpu_workers = small(chance, 64),
            7 => spec.steps = names(&["LS", "L.S", "L..S", "LCS"]),
            8 => spec.inside_ns = values(chance, 32),
            _ => spec.tasks = values(chance, 32),
        }
    }
}

fn tasks(chance: &mut Chance, spec: &mut v1::SweepSpec) {
    spec.workers = axis(chance, 2, &[1, 2, 8, 64]);
    spec.tasks = axis(chance, 3, &[1, 100, 1_000_000]);
    spec.increments = axis(chance, 3, &[1, 10, 10_000, 1_000_000_000]);
    if chance.one_in(5) {
        requests(chance, spec);
        spec.io_every = axis(chance, 2, &[1, 10, 1_000_000_000]);
    }
}

fn service(chance: &mut Chance, spec: &mut v1::SweepSpec) {
    spec.io_workers = axis(chance, 1, &[1, 2, 63]);
    spec.cpu_workers = axis(chance, 2, &[0, 1, 2, 63]);
    spec.requests = maybe(chance, 3, |chance| near(chance, &[1, 10, 1_000_000]));
    requests(chance, spec);
}

fn timed(chance: &mut Chance, spec: &mut v1::SweepSpec) {
    spec.workers = axis(chance, 2, &[1, 2, 8, 64]);
    spec.duration_ns = Some(near(chance, &[10_000_000, 1_000_000_000, 8_000_000_000]));
    spec.reads_percent = axis(chance, 5, &[0, 95, 99]);
    spec.arrivals_per_s = axis(chance, 5, &[0, 1000, 10_000_000]);
}

fn requests(chance: &mut Chance, spec: &mut v1::SweepSpec) {
    spec.io_ns = axis(chance, 2, &[1, 1_000_000, 1_000_000_000]);
    spec.io_calls = if chance.one_in(3) { few(chance, &CALLS) } else { Vec::new() };
}

/// Something once in so many times.
fn maybe<T>(chance: &mut Chance, times: usize, make: impl FnOnce(&mut Chance) -> T) -> Option<T> {
    chance.one_in(times).then(|| make(chance))
}

/// A usual number, seldom one at any limit. What does not fit the field becomes its greatest.
fn near<T: TryFrom<u64> + Bounded>(chance: &mut Chance, usual: &[u64]) -> T {
    let number = if chance.one_in(20) { chance.number() } else { chance.pick(usual) };
    T::try_from(number).unwrap_or(T::GREATEST)
}

/// A list once in so many times: of usual numbers, each perhaps several times, or of consecutive
/// ones, which are all different.
fn axis<T: TryFrom<u64> + Bounded>(chance: &mut Chance, times: usize, usual: &[u64]) -> Vec<T> {
    if !chance.one_in(times) {
        return Vec::new();
    }
    let length = chance.length();
    if chance.one_in(3) {
        let first = chance.pick(usual);
        let one = |at: usize| T::try_from(first.wrapping_add(at as u64)).unwrap_or(T::GREATEST);
        return (0..length).map(one).collect();
    }
    (0..length).map(|_| near(chance, usual)).collect()
}

/// A few names, mostly those that there are.
fn few(chance: &mut Chance, of: &[&str]) -> Vec<String> {
    let (good, length) = (&of[..of.len() - 1], chance.length());
    let name = |chance: &mut Chance| match chance.below(300) {
        0 => writing::any(chance, 100),
        1 => chance.pick(of).to_uppercase(),
        2 => of[of.len() - 1].to_owned(),
        _ => chance.pick(good).to_owned(),
    };
    let mut names: Vec<String> = (0..length).map(|_| name(chance)).collect();
    if chance.one_in(2000) {
        names.push(writing::long(chance));
    }
    names
}

/// A type of a field's numbers.
pub(crate) trait Bounded {
    /// The greatest of it.
    const GREATEST: Self;
}

impl Bounded for u32 {
    const GREATEST: Self = Self::MAX;
}

impl Bounded for u64 {
    const GREATEST: Self = Self::MAX;
}
