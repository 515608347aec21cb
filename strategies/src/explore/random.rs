//! Schedules by chance, each rule with hit rates that theory knows. The same seed gives the same
//! schedules on any machine: no float decides.

use crate::harness::rng::SplitMix64;
use crate::model::bounds::SearchError;
use crate::model::program::{Program, State, WORKERS_MAX, Workers};
use crate::model::schedule::Schedule;

/// Greatest depth of a bug that is sought with priorities, and most preemptions.
pub const DEPTH_MAX: u32 = 64;

/// By which rule a schedule is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampler {
    /// At each move all who may make it are equally likely: its distribution is that of
    /// [`crate::model::scheduler::Scheduler::UniformStep`].
    RandomWalk,
    /// All interleavings are equally likely: a worker with more moves left is chosen more often. Only
    /// where anyone may move at any time.
    Interleavings,
    /// Random priorities with `depth - 1` random moves at which the running worker gets the lowest: meets
    /// a bug that takes `depth` orderings at least once in `workers * moves^(depth - 1)`
    /// (Burckhardt, Kothari, Musuvathi and Nagarakatte 2010).
    Priorities {
        /// Orderings that must come together; at least 1.
        depth: u32,
    },
    /// So many preemptions at random moves, and otherwise the running worker goes on.
    Preemptions {
        /// At most so many.
        most: u32,
    },
}

/// Draws a schedule and plays it: the counter in the end. `moved` hears who makes each move.
pub fn play(
    program: &Program,
    sampler: Sampler,
    stream: &mut SplitMix64,
    moved: impl FnMut(usize),
) -> Result<u32, SearchError> {
    match sampler {
        Sampler::RandomWalk if program.is_free() => Ok(free_walk(program, stream, moved)),
        Sampler::RandomWalk => Ok(walk(program, moved, |choices, _| pick(choices, stream))),
        Sampler::Interleavings => {
            if !program.is_free() {
                return Err(SearchError::NotApplicable(
                    "interleavings are drawn where anyone may move at any time; take a random walk",
                ));
            }
            Ok(walk(program, moved, |_, state| by_moves_left(program, state, stream)))
        }
        Sampler::Priorities { depth } => {
            let draw = Priorities::draw(program, depth.clamp(1, DEPTH_MAX), stream);
            Ok(draw.play(program, moved))
        }
        Sampler::Preemptions { most } => {
            let all = program.moves() as u64;
            let points: Vec<u64> = (0..most.min(DEPTH_MAX)).map(|_| stream.below(all)).collect();
            let mut made = 0;
            Ok(walk(program, moved, |choices, state| {
                let is_point = points.contains(&made);
                made += 1;
                let stays = state.last().filter(|last| choices >> last & 1 == 1);
                match stays {
                    Some(last) if !is_point || choices.is_power_of_two() => last,
                    Some(last) => pick(choices & !(1 << last), stream),
                    None => pick(choices, stream),
                }
            }))
        }
    }
}

/// The same, as a schedule and its value.
pub fn schedule(
    program: &Program,
    sampler: Sampler,
    stream: &mut SplitMix64,
) -> Result<(Schedule, u32), SearchError> {
    let mut schedule = Schedule::default();
    let value = play(program, sampler, stream, |worker| schedule.push(worker))?;
    Ok((schedule, value))
}

/// Moves until no worker can.
#[inline]
fn walk(
    program: &Program,
    mut moved: impl FnMut(usize),
    mut choose: impl FnMut(Workers, &State) -> usize,
) -> u32 {
    let mut state = program.start();
    let mut choices = program.choices(&state);
    while choices != 0 {
        let worker = choose(choices, &state);
        program.make_move(&mut state, worker);
        moved(worker);
        choices = program.choices(&state);
    }
    state.counter
}

/// A random walk without waiting: choices only change when a worker is done. While there
/// are two, a drawn number is good for 64 moves.
fn free_walk(program: &Program, stream: &mut SplitMix64, mut moved: impl FnMut(usize)) -> u32 {
    let mut state = program.start();
    let mut choices = program.choices(&state);
    while choices.count_ones() > 2 {
        let worker = pick(choices, stream);
        if program.make_free_move(&mut state, worker) {
            choices &= !(1 << worker);
        }
        moved(worker);
    }
    let pair = [choices.trailing_zeros() as usize, choices.ilog2() as usize];
    let (mut bits, mut left) = (0, 0);
    loop {
        if left == 0 {
            (bits, left) = (stream.draw(), u64::BITS);
        }
        let worker = pair[usize::from(bits & 1 == 1)];
        (bits, left) = (bits >> 1, left - 1);
        let is_done = program.make_free_move(&mut state, worker);
        moved(worker);
        if is_done {
            choices &= !(1 << worker);
            break;
        }
    }
    while choices != 0 {
        let worker = choices.trailing_zeros() as usize;
        if program.make_free_move(&mut state, worker) {
            choices &= !(1 << worker);
        }
        moved(worker);
    }
    state.counter
}

/// One of a set that is not empty.
#[inline]
fn pick(choices: Workers, stream: &mut SplitMix64) -> usize {
    let count = choices.count_ones();
    if count == 1 {
        return choices.trailing_zeros() as usize;
    }
    let mut left = choices;
    for _ in 0..stream.below(u64::from(count)) {
        left &= left - 1;
    }
    left.trailing_zeros() as usize
}

/// Interleavings that begin with a worker are as many as it has moves among all that are left.
fn by_moves_left(program: &Program, state: &State, stream: &mut SplitMix64) -> usize {
    let left = |worker: usize| program.task().len() as u64 - u64::from(state.at[worker]);
    let all: u64 = (0..program.workers()).map(left).sum();
    let mut drawn = stream.below(all);
    for worker in 0..program.workers() {
        match drawn.checked_sub(left(worker)) {
            None => return worker,
            Some(rest) => drawn = rest,
        }
    }
    program.workers() - 1
}

/// What chance decides before a run by priorities; the run itself is then fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priorities {
    /// Workers, the first one first.
    pub order: Vec<usize>,
    /// Moves, from 0, before which the worker that would make them gets the lowest priority of all.
    pub changes: Vec<u64>,
}

impl Priorities {
    /// An order, and one change less than the depth.
    pub fn draw(program: &Program, depth: u32, stream: &mut SplitMix64) -> Self {
        let mut order: Vec<usize> = (0..program.workers()).collect();
        stream.shuffle(&mut order);
        let moves = program.moves() as u64;
        Self { order, changes: (1..depth).map(|_| stream.below(moves)).collect() }
    }

    /// The counter in the end.
    pub fn play(&self, program: &Program, moved: impl FnMut(usize)) -> u32 {
        let mut rank = [0_i64; WORKERS_MAX];
        for (place, &worker) in self.order.iter().enumerate() {
            rank[worker] = -i64::try_from(place).unwrap_or(0);
        }
        let (mut made, mut lowest) = (0, -i64::try_from(WORKERS_MAX).unwrap_or(0));
        walk(program, moved, |choices, _| {
            let first = |rank: &[i64; WORKERS_MAX]| {
                let able = (0..WORKERS_MAX).filter(|worker| choices >> worker & 1 == 1);
                able.max_by_key(|&worker| rank[worker]).unwrap_or(0)
            };
            for _ in self.changes.iter().filter(|&&change| change == made) {
                lowest -= 1;
                rank[first(&rank)] = lowest;
            }
            made += 1;
            first(&rank)
        })
    }
}
