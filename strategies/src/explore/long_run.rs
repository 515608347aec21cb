//! The share of updates that an endless run keeps: the reverse chain of [`crate::explore::reverse::chain`]
//! without its ends.
//!
//! Far from both ends only each worker's place in its body matters, not how many bodies it has
//! made. So what a reader of schedules, going backwards, has before it is one of few states, each
//! of which leads to others by the scheduler's chances alone:
//!
//! ```text
//! state:  every worker's place in its body; who is waited for, if anybody; who moves next
//! moves:  by UniformStep any worker; by SwitchQ the worker that moves next with 1 - q, each other with q/(T - 1)
//! kept:   how often the chain grows, per store that is read
//! ```
//! Both schedulers read the same backwards: from any worker to any other is as likely as the way
//! back. How often each state is met in the long run is found without subtracting (Grassmann,
//! Taksar and Heyman 1985), so that no digit is lost however rare switches are, and in fractions as
//! well as in floats. Workers that differ in nothing but their names are the same.
//!
//! Where switches are rare, this tends to what [`crate::model::rare_switch`] says; with none at all it is 1, since
//! then there is one worker alone.

use std::collections::HashMap;

use num_bigint::BigUint;

use crate::explore::reverse::chain::turn;
use crate::model::bounds::{SearchError, within};
use crate::model::moves::{Act, Move};
use crate::model::program::{WORKERS_MAX, Workers};
use crate::model::ratio::lowest;
use crate::model::scheduler::{Scheduler, Shares};

/// Most states in floats: a table of 50 MB.
pub const STATES_MAX: u64 = 2_500;
/// Most states in fractions: they grow with each state that is taken out, to minutes at three times
/// so many.
pub const EXACT_STATES_MAX: u64 = 120;

/// Mode 0 looks; mode t + 1 waits for worker t's load.
const LOOKING: usize = 0;

/// The share of increments that workers keep who make these moves for ever, each whenever the
/// scheduler chooses it.
pub fn kept(body_moves: &[Move], workers: usize, scheduler: Scheduler) -> Result<f64, SearchError> {
    let endless = LongRun::new(body_moves, workers, scheduler)?;
    let [numerator, denominator] = endless.solve::<f64>(STATES_MAX)?;
    Ok(numerator / denominator)
}

/// The same as a fraction in lowest terms.
pub fn kept_exactly(
    body_moves: &[Move],
    workers: usize,
    scheduler: Scheduler,
) -> Result<(BigUint, BigUint), SearchError> {
    let endless = LongRun::new(body_moves, workers, scheduler)?;
    let [numerator, denominator] = endless.solve::<Fraction>(EXACT_STATES_MAX)?;
    let Fraction { over, under } = numerator.over(&denominator);
    Ok((over, under))
}

/// What does not change from state to state.
struct LongRun<'a> {
    body: &'a [Move],
    workers: usize,
    shares: Shares,
    has_next: bool,
    /// Stores of one body.
    stores: usize,
}

/// A worker as a reader going backwards meets it: the moves of its present body that lie before it,
/// whether its load is waited for, and whether it moves next. In this order, as a number.
type ChainPosition = u32;
const WAITED_FOR: ChainPosition = 2;
const NEXT: ChainPosition = 1;

/// All workers in order of size: their names do not matter.
type ChainState = [ChainPosition; WORKERS_MAX];

/// All states that lead to each other.
struct Graph {
    /// From each state: to which, and in how many parts of the whole.
    edges: Vec<Vec<(usize, u64)>>,
    /// From each state: in how many parts of the whole the chain grows.
    growth: Vec<u64>,
}

impl<'a> LongRun<'a> {
    fn new(body: &'a [Move], workers: usize, scheduler: Scheduler) -> Result<Self, SearchError> {
        let refuse = |reason| Err(SearchError::NotApplicable(reason));
        if scheduler == Scheduler::Interleavings {
            return refuse("an endless run has no number of interleavings; take steps by chance");
        }
        if !(1..=WORKERS_MAX).contains(&workers) {
            return refuse("an endless run is of 1 to 8 workers");
        }
        let is_free =
            |made: &Move| matches!(made.act, Act::Local | Act::Load | Act::Store | Act::Add);
        if !body.iter().all(is_free) {
            return refuse(
                "the share of an endless run is known where no lock decides who may move",
            );
        }
        let stores = body.iter().filter(|made| matches!(made.act, Act::Store | Act::Add)).count();
        if stores == 0 {
            return refuse("a body without a store keeps nothing");
        }
        let has_next = scheduler.needs_last();
        Ok(Self { body, workers, shares: scheduler.shares(workers), has_next, stores })
    }

    /// The share as a numerator and a denominator.
    fn solve<W: NonNegative>(&self, states_max: u64) -> Result<[W; 2], SearchError> {
        let graph = self.graph(states_max)?.for_ever();
        let often = graph.often::<W>();
        let [mut growth, mut all] = [W::of(0), W::of(0)];
        for (often, &parts) in often.iter().zip(&graph.growth) {
            growth.increase(&often.times(&W::of(parts)));
            all.increase(often);
        }
        // A store is met once in so many moves as there are to each of a body's.
        let moves = W::of(self.body.len() as u64);
        let stores = W::of(self.stores as u64 * self.shares.whole());
        Ok([growth.times(&moves), all.times(&stores)])
    }

    /// The states that a reader can meet that begins where every worker has just ended a body.
    fn graph(&self, states_max: u64) -> Result<Graph, SearchError> {
        let mut start = [0; WORKERS_MAX];
        start[self.workers - 1] = if self.has_next { NEXT } else { 0 };
        let mut known = HashMap::from([(start, 0)]);
        let mut states = vec![start];
        let mut graph = Graph { edges: Vec::new(), growth: Vec::new() };
        while let Some(&state) = states.get(graph.edges.len()) {
            let (mut edges, mut growth) = (Vec::new(), 0);
            for worker in 0..self.workers {
                let share = self.share(&state, worker);
                if share == 0 {
                    continue;
                }
                let (before, met) = self.back(&state, worker);
                let at = *known.entry(before).or_insert_with(|| {
                    states.push(before);
                    states.len() - 1
                });
                within("states of an endless run", states.len() as u64, states_max)?;
                edges.push((at, share));
                growth += share * met as u64;
            }
            graph.edges.push(edges);
            graph.growth.push(growth);
        }
        Ok(graph)
    }

    /// The share with which this worker moves before what the state has seen.
    fn share(&self, state: &ChainState, worker: usize) -> u64 {
        let all = Workers::MAX >> (WORKERS_MAX - self.workers);
        let next = (0..self.workers).find(|&next| state[next] & NEXT != 0);
        self.shares.of(all, next, worker)
    }

    /// The state before the worker's move, and by how much the chain grows.
    fn back(&self, state: &ChainState, worker: usize) -> (ChainState, usize) {
        let mut before = *state;
        let waited_for = (0..self.workers).find(|&other| state[other] & WAITED_FOR != 0);
        let mode = waited_for.map_or(LOOKING, |waited_for| waited_for + 1);
        let length = u32::try_from(self.body.len()).unwrap_or(u32::MAX);
        let at = (state[worker] >> 2).checked_sub(1).unwrap_or(length - 1);
        let (mode, met) = turn(self.body[at as usize].act, mode, worker);
        for (other, place) in before[..self.workers].iter_mut().enumerate() {
            let at = if other == worker { at } else { *place >> 2 };
            let waited_for = if mode == other + 1 { WAITED_FOR } else { 0 };
            let next = if self.has_next && other == worker { NEXT } else { 0 };
            *place = at << 2 | waited_for | next;
        }
        before[..self.workers].sort_unstable();
        (before, met)
    }
}

impl Graph {
    /// Those states among which a reader stays for ever, once it is there.
    fn for_ever(self) -> Self {
        let count = self.edges.len();
        let (mut ahead, mut back) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for (from, edges) in self.edges.iter().enumerate() {
            for &(to, _) in edges {
                ahead[from].push(to);
                back[to].push(from);
            }
        }
        let (mut from, mut members) = (0, reach(&ahead, 0));
        // Where there is no way back from, a reader has left the first state for good.
        loop {
            let behind = reach(&back, from);
            let Some(left) = (0..count).find(|&at| members[at] && !behind[at]) else { break };
            (from, members) = (left, reach(&ahead, left));
        }
        let place = |at: usize| members[..at].iter().filter(|&&is_member| is_member).count();
        let mut kept = Self { edges: Vec::new(), growth: Vec::new() };
        for at in (0..count).filter(|&at| members[at]) {
            kept.edges.push(self.edges[at].iter().map(|&(to, share)| (place(to), share)).collect());
            kept.growth.push(self.growth[at]);
        }
        kept
    }

    /// How often each state is met, in parts of the first one's. States are taken out one by one,
    /// each way through one becoming a way past it; then they are put back.
    fn often<W: NonNegative>(&self) -> Vec<W> {
        let count = self.edges.len();
        let mut ways = vec![vec![W::of(0); count]; count];
        for (ways, edges) in ways.iter_mut().zip(&self.edges) {
            for &(to, share) in edges {
                ways[to].increase(&W::of(share));
            }
        }
        for out in (1..count).rev() {
            let (rest, last) = ways.split_at_mut(out);
            let through = &last[0][..out];
            let mut leaves = W::of(0);
            for way in through {
                leaves.increase(way);
            }
            for row in rest {
                if row[out].is_zero() {
                    continue;
                }
                row[out] = row[out].over(&leaves);
                let (past, into) = row.split_at_mut(out);
                W::increase_all(past, through, &into[0]);
            }
        }
        let mut often: Vec<W> = Vec::with_capacity(count);
        often.push(W::of(1));
        for state in 1..count {
            let mut sum = W::of(0);
            for (often, ways) in often.iter().zip(&ways) {
                sum.increase(&often.times(&ways[state]));
            }
            often.push(sum);
        }
        often
    }
}

/// What can be come to along these ways.
fn reach(ways: &[Vec<usize>], from: usize) -> Vec<bool> {
    let mut met = vec![false; ways.len()];
    let mut open = vec![from];
    met[from] = true;
    while let Some(at) = open.pop() {
        for &to in &ways[at] {
            if !std::mem::replace(&mut met[to], true) {
                open.push(to);
            }
        }
    }
    met
}

/// A number that is never below 0.
trait NonNegative: Clone {
    fn of(share: u64) -> Self;
    fn is_zero(&self) -> bool;
    fn increase(&mut self, other: &Self);
    fn times(&self, other: &Self) -> Self;
    fn over(&self, other: &Self) -> Self;

    fn increase_all(to: &mut [Self], from: &[Self], factor: &Self) {
        for (to, from) in to.iter_mut().zip(from) {
            if !from.is_zero() {
                to.increase(&from.times(factor));
            }
        }
    }
}

impl NonNegative for f64 {
    fn of(share: u64) -> Self {
        share as Self
    }

    fn is_zero(&self) -> bool {
        *self == 0.0
    }

    fn increase(&mut self, other: &Self) {
        *self += other;
    }

    fn times(&self, other: &Self) -> Self {
        self * other
    }

    fn over(&self, other: &Self) -> Self {
        self / other
    }

    fn increase_all(to: &mut [Self], from: &[Self], factor: &Self) {
        for (to, from) in to.iter_mut().zip(from) {
            *to += from * factor;
        }
    }
}

/// In lowest terms.
#[derive(Clone)]
struct Fraction {
    over: BigUint,
    under: BigUint,
}

impl Fraction {
    fn new(over: &BigUint, under: &BigUint) -> Self {
        let (over, under) = lowest(over, under);
        Self { over, under }
    }
}

impl NonNegative for Fraction {
    fn of(share: u64) -> Self {
        Self { over: share.into(), under: 1_u32.into() }
    }

    fn is_zero(&self) -> bool {
        self.over.bits() == 0
    }

    fn increase(&mut self, other: &Self) {
        let over = &self.over * &other.under + &other.over * &self.under;
        *self = Self::new(&over, &(&self.under * &other.under));
    }

    fn times(&self, other: &Self) -> Self {
        Self::new(&(&self.over * &other.over), &(&self.under * &other.under))
    }

    fn over(&self, other: &Self) -> Self {
        Self::new(&(&self.over * &other.under), &(&self.under * &other.over))
    }
}
