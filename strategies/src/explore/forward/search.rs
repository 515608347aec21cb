//! The general search: forwards through the states of a program, all ways at once.
//!
//! The states are walked in the order of moves made, so that all ways into a state are known when
//! it is left, and only the layers in reach of the present one are held: two, where each step is
//! one move. Where one worker holds the interpreter, a step is all its moves up to the next place
//! where another may come in.

use std::collections::BTreeMap;

use crate::model::bounds::{Bounds, SearchError};
use crate::model::moves::Act;
use crate::model::program::{Program, State};
use crate::model::scheduler::{Cell, Scheduler, Shares};
use crate::model::state::{Packing, Reduction, StateKey};

/// States between two questions whether to go on.
const BETWEEN_QUESTIONS: u64 = 1 << 12;

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Explored<C> {
    /// One cell for each final value, or 64 values in one; in parts of the scheduler's whole to the
    /// power of the choices made.
    pub outcomes: Vec<C>,
    /// States met.
    pub states: u64,
    /// Steps from state to state.
    pub steps: u64,
    /// Most states held at once.
    pub held: usize,
    /// Deadlocked states: some worker is not done and none can move.
    pub deadlocks: u64,
}

/// Explores everything.
pub fn explore<C: Cell>(
    program: &Program,
    scheduler: Scheduler,
    reduction: Reduction,
    bounds: Bounds<'_>,
) -> Result<Explored<C>, SearchError> {
    let keeps_last = program.needs_last() || scheduler.needs_last();
    let packing = Packing::new(program, keeps_last, reduction)?;
    if packing.is_short() {
        Search::<u64, C>::new(program, scheduler, packing).run(bounds)
    } else {
        Search::<u128, C>::new(program, scheduler, packing).run(bounds)
    }
}

struct Search<'a, K, C> {
    program: &'a Program,
    packing: Packing,
    keeps_last: bool,
    shares: Shares,
    width: usize,
    /// By moves made.
    layers: BTreeMap<usize, Frontier<K, C>>,
    spare: Vec<Frontier<K, C>>,
    found: Explored<C>,
}

impl<'a, K: StateKey, C: Cell> Search<'a, K, C> {
    fn new(program: &'a Program, scheduler: Scheduler, packing: Packing) -> Self {
        let expected = program.expected() as usize;
        // Where values are lowered, a row says by how much; else the state itself has them.
        let most = if packing.reduction == Reduction::None { 0 } else { expected };
        let found = Explored {
            outcomes: vec![C::default(); C::row(expected)],
            states: 0,
            steps: 0,
            held: 0,
            deadlocks: 0,
        };
        Self {
            program,
            packing,
            keeps_last: program.needs_last() || scheduler.needs_last(),
            shares: scheduler.shares(program.workers()),
            width: C::row(most),
            layers: BTreeMap::new(),
            spare: Vec::new(),
            found,
        }
    }

    fn run(mut self, bounds: Bounds<'_>) -> Result<Explored<C>, SearchError> {
        let (key, _) = self.packing.pack(self.program, &self.program.start());
        let mut first = Frontier::new(self.width);
        let slot = first.slot(key);
        C::begin(first.row_mut(slot));
        self.layers.insert(0, first);
        while let Some((moves, mut layer)) = self.layers.pop_first() {
            for slot in 0..layer.keys.len() {
                if self.found.states.is_multiple_of(BETWEEN_QUESTIONS) {
                    self.ask(moves, layer.keys.len(), bounds)?;
                }
                self.found.states += 1;
                self.leave(moves, layer.keys[slot], layer.row(slot));
            }
            let held = layer.keys.len() + self.layers.values().map(Frontier::len).sum::<usize>();
            self.found.held = self.found.held.max(held);
            layer.clear();
            self.spare.push(layer);
        }
        (bounds.go_on)(1.0);
        Ok(self.found)
    }

    /// Whether to go on, at a limit with what is known by then.
    fn ask(&self, moves: usize, here: usize, bounds: Bounds<'_>) -> Result<(), SearchError> {
        let all = self.program.moves();
        if !(bounds.go_on)(moves as f64 / all as f64) {
            return Err(SearchError::Stopped { moves, of: all });
        }
        let held = here + self.layers.values().map(Frontier::len).sum::<usize>();
        let row = self.width * size_of::<C>() + size_of::<K>() + 2 * size_of::<u32>();
        let bytes = (held * row) as u64;
        let proved = || match self.found.deadlocks {
            0 => format!("{moves} of {all} moves were searched"),
            stuck => format!("{stuck} states in which all are stuck were found"),
        };
        let refuse = |what, needed, limit| {
            Err(SearchError::TooLarge { what, needed, limit, proved: proved() })
        };
        if self.found.states > bounds.states {
            return refuse("states of the search", self.found.states, bounds.states);
        }
        if bytes > bounds.bytes {
            return refuse("bytes of the search", bytes, bounds.bytes);
        }
        Ok(())
    }

    fn leave(&mut self, moves: usize, key: K, row: &[C]) {
        let state = self.packing.unpack(self.program, key);
        let choices = self.program.choices(&state);
        if choices == 0 {
            return self.end(&state, row);
        }
        for worker in 0..self.program.workers() {
            if choices & 1 << worker == 0 {
                continue;
            }
            let share = self.shares.of(choices, state.last(), worker);
            if share == 0 {
                continue;
            }
            let mut next = state;
            let made = self.step(&mut next, worker);
            if !self.keeps_last {
                next.set_last(None);
            }
            let (key, shift) = self.packing.pack(self.program, &next);
            let (width, pool) = (self.width, &mut self.spare);
            let layer = self
                .layers
                .entry(moves + made)
                .or_insert_with(|| pool.pop().unwrap_or_else(|| Frontier::new(width)));
            let slot = layer.slot(key);
            C::add(layer.row_mut(slot), row, shift, share, self.shares.whole());
            self.found.steps += 1;
        }
    }

    fn end(&mut self, state: &State, row: &[C]) {
        if self.program.is_over(state) {
            let shift = state.counter as usize;
            C::add(&mut self.found.outcomes, row, shift, 1, 1);
        } else {
            self.found.deadlocks += 1;
        }
    }

    /// The worker's moves up to where another choice matters; how many they are.
    fn step(&self, state: &mut State, worker: usize) -> usize {
        let mut made = 1;
        self.program.make_move(state, worker);
        // Whole numbers have a share of each move, also of one that is no choice.
        let counts_all = C::COUNTS_SHARES && self.shares.whole() > 1;
        while !counts_all && self.goes_on(state, worker) {
            self.program.make_move(state, worker);
            made += 1;
        }
        made
    }

    fn goes_on(&self, state: &State, worker: usize) -> bool {
        if !self.program.may_leave(state, worker) {
            return true;
        }
        let is_fused = self.packing.reduction == Reduction::Fused;
        let at = usize::from(state.at[worker]);
        // The first move of a task takes it off the queue, which is not the worker's own affair.
        let is_inside = at > 0 && at < self.program.task().len();
        is_fused
            && is_inside
            && self.program.task()[at].act == Act::Local
            && !self.program.needs_last()
    }
}

/// States with the same number of moves made, each with its row.
struct Frontier<K, C> {
    /// Slots plus one, by hash; 0 is free.
    index: Vec<u32>,
    keys: Vec<K>,
    cells: Vec<C>,
    width: usize,
}

/// Slots of a new layer's index; a power of two.
const INDEX_LEAST: usize = 64;

impl<K: StateKey, C: Cell> Frontier<K, C> {
    fn new(width: usize) -> Self {
        Self { index: vec![0; INDEX_LEAST], keys: Vec::new(), cells: Vec::new(), width }
    }

    fn len(&self) -> usize {
        self.keys.len()
    }

    fn clear(&mut self) {
        self.index.fill(0);
        self.keys.clear();
        self.cells.clear();
    }

    fn row(&self, slot: usize) -> &[C] {
        &self.cells[slot * self.width..][..self.width]
    }

    fn row_mut(&mut self, slot: usize) -> &mut [C] {
        &mut self.cells[slot * self.width..][..self.width]
    }

    /// The slot of a state, new or known.
    #[inline]
    fn slot(&mut self, key: K) -> usize {
        if self.keys.len() * 2 >= self.index.len() {
            self.grow();
        }
        let mask = self.index.len() - 1;
        let mut place = key.hash() & mask;
        loop {
            match self.index[place] as usize {
                0 => break,
                slot if self.keys[slot - 1] == key => return slot - 1,
                _ => place = (place + 1) & mask,
            }
        }
        self.keys.push(key);
        self.cells.resize(self.keys.len() * self.width, C::default());
        self.index[place] = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        self.keys.len() - 1
    }

    #[cold]
    fn grow(&mut self) {
        let mask = self.index.len() * 2 - 1;
        self.index.clear();
        self.index.resize(mask + 1, 0);
        for (slot, &key) in self.keys.iter().enumerate() {
            let mut place = key.hash() & mask;
            while self.index[place] != 0 {
                place = (place + 1) & mask;
            }
            self.index[place] = u32::try_from(slot + 1).unwrap_or(u32::MAX);
        }
    }
}
