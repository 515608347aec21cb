//! Witnesses where the reverse chain does not apply: a forward search that tries all ways with
//! fewer preemptions first. Remembers every state, so it is for small programs.

use std::collections::HashSet;

use crate::model::bounds::{Bounds, SearchError};
use crate::model::program::Program;
use crate::model::schedule::Schedule;
use crate::model::state::{Packing, Reduction};

/// Most states that are remembered.
pub const STATES_MAX: u64 = 4_000_000;
/// States between two questions whether to go on.
const BETWEEN_QUESTIONS: usize = 1 << 14;

/// A state, how it was come to, and at what price.
struct SearchNode {
    key: u128,
    parent: usize,
    worker: usize,
}

/// For each final value that can be reached, the fewest preemptions and a schedule with so many.
pub fn witnesses(
    program: &Program,
    bounds: Bounds<'_>,
) -> Result<Vec<(u32, u32, Schedule)>, SearchError> {
    let packing = Packing::new(program, true, Reduction::None)?;
    let mut walk = BoundedSearch { program, packing, nodes: Vec::new(), settled: HashSet::new() };
    let (start, _) = packing.pack::<u128>(program, &program.start());
    let mut found: Vec<(u32, u32, Schedule)> = Vec::new();
    let mut now = vec![SearchNode { key: start, parent: usize::MAX, worker: 0 }];
    for preemptions in 0.. {
        if now.is_empty() {
            break;
        }
        let mut dearer = Vec::new();
        while let Some(node) = now.pop() {
            if !walk.settled.insert(node.key) {
                continue;
            }
            walk.ask(bounds)?;
            let key = node.key;
            walk.nodes.push(node);
            if let Some(value) = walk.leave(key, &mut now, &mut dearer)
                && found.iter().all(|(known, ..)| *known != value)
            {
                found.push((value, preemptions, walk.schedule()));
            }
        }
        now = dearer;
    }
    found.sort_unstable_by_key(|(value, ..)| *value);
    Ok(found)
}

struct BoundedSearch<'a> {
    program: &'a Program,
    packing: Packing,
    nodes: Vec<SearchNode>,
    settled: HashSet<u128>,
}

impl BoundedSearch<'_> {
    fn ask(&self, bounds: Bounds<'_>) -> Result<(), SearchError> {
        let states = self.settled.len();
        let limit = bounds.states.min(STATES_MAX);
        if states as u64 > limit {
            let proved =
                format!("{states} states hold no schedule with fewer preemptions than found");
            let what = "states of the forward search for witnesses";
            return Err(SearchError::TooLarge { what, needed: states as u64, limit, proved });
        }
        let of = self.program.moves();
        if states.is_multiple_of(BETWEEN_QUESTIONS) && !(bounds.go_on)(states as f64 / limit as f64)
        {
            return Err(SearchError::Stopped { moves: 0, of });
        }
        Ok(())
    }

    /// Adds what can come after the newest node; its value, if it is an end.
    fn leave(
        &self,
        key: u128,
        same: &mut Vec<SearchNode>,
        dearer: &mut Vec<SearchNode>,
    ) -> Option<u32> {
        let state = self.packing.unpack(self.program, key);
        let (choices, parent) = (self.program.choices(&state), self.nodes.len() - 1);
        let preempts = |worker| {
            let left = state.last().filter(|&last| last != worker);
            left.is_some_and(|last| self.program.can_move(&state, last))
        };
        for worker in (0..self.program.workers()).filter(|worker| choices >> worker & 1 == 1) {
            let mut after = state;
            self.program.make_move(&mut after, worker);
            let (key, _) = self.packing.pack(self.program, &after);
            let list = if preempts(worker) { &mut *dearer } else { &mut *same };
            list.push(SearchNode { key, parent, worker });
        }
        self.program.is_over(&state).then_some(state.counter)
    }

    /// How the newest node was come to.
    fn schedule(&self) -> Schedule {
        let mut workers = Vec::new();
        let mut at = self.nodes.len() - 1;
        while let Some(parent) = Some(self.nodes[at].parent).filter(|&parent| parent != usize::MAX)
        {
            workers.push(self.nodes[at].worker);
            at = parent;
        }
        workers.into_iter().rev().collect()
    }
}
