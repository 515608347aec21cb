//! Catalogue entry of a strategy. Each strategy's file holds one [`Entry`]; the catalogue, the
//! daemon and its listings read nothing else about it.

use crate::model::moves::{Move, unordered_lock};
use crate::program::step::{Sites, Step};

/// The moves of a body under a strategy, for an interpreter that checks at these sites.
pub type ToMoves = fn(&[Step], Sites) -> Vec<Move>;

/// A strategy's row in every listing, and the properties by which it is judged.
///
/// ```
/// use strategies::harness::entry::{Entry, Guarantee};
/// use strategies::model::moves::fifo_lock;
///
/// const ENTRY: Entry = Entry::exact("ticket", "a ticket lock")
///     .with_promise("exact; no waiter is bypassed")
///     .with_moves(fifo_lock);
/// assert_eq!((ENTRY.name, ENTRY.guarantee), ("ticket", Guarantee::Exact));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Name that users write.
    pub name: &'static str,
    /// Description in one line.
    pub summary: &'static str,
    /// The promise in words.
    pub promise: &'static str,
    /// When the strategy keeps every update.
    pub guarantee: Guarantee,
    /// Whether a body may have steps between its load and its store.
    pub window: WindowSupport,
    /// Whether switches of the lock's owner are counted.
    pub switches: SwitchCounting,
    /// Whether waiters yield their cores.
    pub waiting: Waiting,
    /// Whether `all` includes the strategy.
    pub inclusion: Inclusion,
    /// The strategy as moves, which the explorer can search.
    pub to_moves: ToMoves,
    /// What the moves stand for.
    pub basis: ModelBasis,
    /// The strategy's own parameters; those of the workload apply to all strategies.
    pub parameters: &'static [Parameter],
}

impl Entry {
    /// An entry with the most common properties: a lock that keeps every update, allows any window,
    /// counts its switches, yields while it waits, is part of `all`, promises no order of service,
    /// is modelled by that promise and has no parameters. The `with_` methods override one property each.
    pub const fn exact(name: &'static str, summary: &'static str) -> Self {
        Self {
            name,
            summary,
            promise: "exact",
            guarantee: Guarantee::Exact,
            window: WindowSupport::Any,
            switches: SwitchCounting::Counted,
            waiting: Waiting::Yields,
            inclusion: Inclusion::Default,
            to_moves: unordered_lock,
            basis: ModelBasis::Lock,
            parameters: &[],
        }
    }

    /// The same with this promise.
    #[must_use]
    pub const fn with_promise(self, promise: &'static str) -> Self {
        Self { promise, ..self }
    }

    /// The same with this guarantee.
    #[must_use]
    pub const fn with_guarantee(self, guarantee: Guarantee) -> Self {
        Self { guarantee, ..self }
    }

    /// The same with this window support.
    #[must_use]
    pub const fn with_window(self, window: WindowSupport) -> Self {
        Self { window, ..self }
    }

    /// The same with this kind of switch counting.
    #[must_use]
    pub const fn with_switches(self, switches: SwitchCounting) -> Self {
        Self { switches, ..self }
    }

    /// The same with this way of waiting.
    #[must_use]
    pub const fn with_waiting(self, waiting: Waiting) -> Self {
        Self { waiting, ..self }
    }

    /// The same with this inclusion in `all`.
    #[must_use]
    pub const fn with_inclusion(self, inclusion: Inclusion) -> Self {
        Self { inclusion, ..self }
    }

    /// The same with these moves of a lock, in place of those of its code.
    #[must_use]
    pub const fn with_moves(self, to_moves: ToMoves) -> Self {
        Self { to_moves, ..self }
    }

    /// The same with these moves, which stand for this.
    #[must_use]
    pub const fn with_model(self, to_moves: ToMoves, basis: ModelBasis) -> Self {
        Self { to_moves, basis, ..self }
    }

    /// The same with these parameters.
    #[must_use]
    pub const fn with_parameters(self, parameters: &'static [Parameter]) -> Self {
        Self { parameters, ..self }
    }
}

/// When a strategy keeps every update. A single worker or a single task never loses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarantee {
    /// Always.
    Exact,
    /// If no other worker can run between load and store, which depends on the check sites.
    DependsOnSites,
    /// Not guaranteed.
    Lossy,
}

/// What a strategy's moves stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelBasis {
    /// The steps of its own code that access the counter.
    Code,
    /// A lock that keeps its promise, in place of the lock's code.
    Lock,
    /// The body's steps under a GIL that keeps its switch rule, in place of the GIL's code.
    SwitchRule,
}

impl ModelBasis {
    /// What is modelled, where that is not the code.
    pub const fn note(self) -> Option<&'static str> {
        match self {
            Self::Code => None,
            Self::Lock => {
                Some("the model of a lock that keeps its promise; the code is not modelled")
            }
            Self::SwitchRule => {
                Some("the model of a GIL that keeps its switch rule; its code is not modelled")
            }
        }
    }

    /// The condition of what follows from the model, to be set after a statement.
    pub const fn condition(self) -> &'static str {
        match self {
            Self::Code => "",
            Self::Lock => " under a lock that keeps its promise",
            Self::SwitchRule => " under a GIL that keeps its switch rule",
        }
    }
}

/// Which steps a body may have between its load and its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowSupport {
    /// Any.
    Any,
    /// None: the increment is one atomic step.
    None,
}

/// Whether switches of the lock's owner are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchCounting {
    /// The strategy has a lock that knows which worker had to wait.
    Counted,
    /// The strategy has a library's lock, which does not report waits.
    Foreign,
    /// The strategy has no lock.
    None,
}

/// Whether a strategy's waiters yield their cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Waiters yield or sleep, or there are none: workers may outnumber cores.
    Yields,
    /// Waiters keep their cores until they are served: with more workers than cores, the worker to
    /// be served next may get no core.
    KeepsCore {
        /// Name of the strategy with the same lock whose waiters yield.
        instead: &'static str,
    },
}

/// When a sweep includes a strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inclusion {
    /// As part of `all`, and by name.
    Default,
    /// By name only, because it cannot run everywhere.
    OnRequest,
    /// By name only, because it breaks its promise, as a negative control should.
    NegativeControl,
}

/// A parameter of a strategy: its name, its meaning and the values that it accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The flag without its dashes.
    pub name: &'static str,
    /// The unit of its value; empty for a plain name.
    pub unit: &'static str,
    /// The value that applies when it is not given.
    pub default: &'static str,
    /// The accepted values.
    pub range: &'static str,
    /// One sentence.
    pub description: &'static str,
}
