//! Moves: an increment as the scheduler sees it, in steps between which other workers can move. Each
//! strategy states its moves next to its code.

use crate::program::step::{Check, Sites, Step};

/// What a move does to what workers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Nothing: work on the worker's own data.
    Local,
    /// Reads the counter.
    Load,
    /// Writes one more than was read.
    Store,
    /// Reads and writes in one.
    Add,
    /// Takes the program's own lock; cannot be done while another has it.
    Acquire,
    /// Lets it go.
    Release,
    /// Gets in line.
    Arrive,
    /// Goes on as the first in line; cannot be done before.
    Enter,
    /// Leaves the line.
    Leave,
}

/// What a move does to the counter and to what its worker has read, without a branch: all bits are
/// set or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Effect {
    pub(crate) loads: u32,
    pub(crate) stores: u32,
    pub(crate) adds: u32,
}

impl Effect {
    pub(crate) const fn of(act: Act) -> Self {
        match act {
            Act::Load => Self { loads: u32::MAX, stores: 0, adds: 0 },
            Act::Store => Self { loads: 0, stores: u32::MAX, adds: 0 },
            Act::Add => Self { loads: 0, stores: 0, adds: 1 },
            _ => Self { loads: 0, stores: 0, adds: 0 },
        }
    }
}

/// Whether the interpreter is let go right after a move, where one worker at a time holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Releases {
    /// It is kept, unless a look at a check site says otherwise.
    Closed,
    /// It is let go: before a system call, and after one.
    Open,
}

/// One step of a worker, as its strategy does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Move {
    /// What it does.
    pub act: Act,
    /// What the interpreter does after it; without meaning where anyone may move at any time.
    pub attention: Check,
    /// Whether the interpreter is let go after it.
    pub gap: Releases,
}

impl Move {
    /// A move that no interpreter looks after.
    pub const fn plain(act: Act) -> Self {
        Self { act, attention: Check::Silent, gap: Releases::Closed }
    }

    /// A body's step as it stands, looked after by no interpreter.
    pub const fn of(step: Step) -> Self {
        Self::plain(match step {
            Step::Load => Act::Load,
            Step::Store => Act::Store,
            Step::Acquire => Act::Acquire,
            Step::Release => Act::Release,
            Step::Local
            | Step::Quiet
            | Step::Call
            | Step::CallReturn
            | Step::JumpForward
            | Step::JumpBackward
            | Step::Write => Act::Local,
        })
    }

    /// Whether the interpreter can be let go after it, where one worker at a time holds it.
    pub const fn lets_go(self) -> bool {
        matches!(self.attention, Check::Site) || matches!(self.gap, Releases::Open)
    }

    /// The letter of a listing that comes nearest to it; `X` adds, `Q` gets in line, `E` goes on as
    /// the first in line, `D` leaves it.
    pub const fn letter(self) -> char {
        match self.act {
            Act::Local => '.',
            Act::Load => 'L',
            Act::Store => 'S',
            Act::Add => 'X',
            Act::Acquire => 'A',
            Act::Release => 'R',
            Act::Arrive => 'Q',
            Act::Enter => 'E',
            Act::Leave => 'D',
        }
    }
}

/// Who may make the next move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ownership {
    /// Anyone whose move can be done.
    Anyone,
    /// The worker that moved last, up to a check site or an open gap.
    Holder,
    /// The worker that moved last, up to the first check site after so many ticks, or an open gap.
    HolderByTicks {
        /// The value of `sys.setcheckinterval`; the period is one more.
        budget: u32,
        /// Ticks that each worker's start takes from the budget.
        start: u32,
    },
}

/// A body under a lock that promises no order: acquired before the load, released after the store.
pub fn unordered_lock(body: &[Step], _sites: Sites) -> Vec<Move> {
    let made = |&step: &Step| match Move::of(step) {
        load @ Move { act: Act::Load, .. } => vec![Move::plain(Act::Acquire), load],
        store @ Move { act: Act::Store, .. } => vec![store, Move::plain(Act::Release)],
        // The program's own lock around it changes nothing: a worker that waits for it holds none.
        Move { act: Act::Acquire | Act::Release, .. } => vec![Move::plain(Act::Local)],
        other => vec![other],
    };
    body.iter().flat_map(made).collect()
}

/// A body under a first come, first served lock: in line before the load, out of it after the
/// store; the line is served in order of arrival.
pub fn fifo_lock(body: &[Step], _sites: Sites) -> Vec<Move> {
    let made = |&step: &Step| match Move::of(step) {
        load @ Move { act: Act::Load, .. } => {
            vec![Move::plain(Act::Arrive), Move::plain(Act::Enter), load]
        }
        store @ Move { act: Act::Store, .. } => vec![store, Move::plain(Act::Leave)],
        other => vec![other],
    };
    body.iter().flat_map(made).collect()
}

/// A body whose load and store are one atomic step, at the place of the store; the steps between
/// them come before it.
pub fn atomic_increment(body: &[Step], _sites: Sites) -> Vec<Move> {
    let made = |&step: &Step| match step {
        Step::Load => None,
        Step::Store => Some(Move::plain(Act::Add)),
        other => Some(Move::of(other)),
    };
    body.iter().filter_map(made).collect()
}
