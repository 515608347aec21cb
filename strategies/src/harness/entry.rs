//! What a strategy says of itself: each strategy's file holds one [`Entry`], and the catalogue, the
//! daemon and its listings read nothing else about it.

use crate::model::moves::Move;
use crate::program::step::{Sites, Step};

/// How a strategy makes a body's steps, where an interpreter would look at these sites.
pub type ToMoves = fn(&[Step], Sites) -> Vec<Move>;

/// A strategy's row in every listing, and what the lab must know to judge it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The name by which a user asks for it.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// What it promises, in words.
    pub promise: &'static str,
    /// Whether it keeps every update.
    pub keeps: Guarantee,
    /// Whether something can happen between its load and its store.
    pub inside: WindowSupport,
    /// Whether it has a lock that goes from hand to hand.
    pub lock: SwitchCounting,
    /// What whoever waits does with its core.
    pub waiting: Waiting,
    /// Whether `all` names it.
    pub part: Inclusion,
    /// The strategy a second time, as moves that can be explored.
    pub outline: ToMoves,
    /// Its own parameters; those of the workload apply to all.
    pub parameters: &'static [Parameter],
}

/// When a strategy keeps every update, besides when a worker or a task is alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarantee {
    /// Always.
    EveryUpdate,
    /// Where nobody else may run between load and store.
    UpdatesUnlessOthersComeIn,
    /// Never surely.
    NoUpdateSurely,
}

/// What a strategy's increment may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowSupport {
    /// Whatever the body has.
    Anything,
    /// It is one indivisible step.
    Nothing,
}

/// Whether switches can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchCounting {
    /// It has a lock, and knows who had to wait.
    HandedOver,
    /// It has a lock of others' making, which does not say.
    Foreign,
    /// It has none.
    None,
}

/// What a strategy's waiters do with their cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// They let others run, or there are none: workers may outnumber cores.
    GivesWay,
    /// They keep them until their turn: with more workers than cores, whoever has the turn may
    /// starve.
    KeepsCore {
        /// The name of the strategy that is the same but gives way.
        instead: &'static str,
    },
}

/// What a strategy is in the laboratory for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inclusion {
    /// To be compared.
    Contender,
    /// To be compared where it can be, so it is measured only by name.
    OnRequest,
    /// To be caught: it breaks what it promises, and is measured only by name.
    Control,
}

/// What a parameter of a strategy is called, means and accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The flag without its dashes.
    pub name: &'static str,
    /// The unit of its value; empty for a plain name.
    pub unit: &'static str,
    /// What applies when it is not given.
    pub default: &'static str,
    /// The accepted values.
    pub range: &'static str,
    /// One sentence.
    pub description: &'static str,
}
