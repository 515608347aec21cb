//! Request of a sweep: one row a field. The rows are all that the request's type, the check of list
//! lengths, the removal of duplicates, the crossing of plain axes and both conversions of the wire
//! know of the fields; a new axis of the workload is one more row here.

use std::collections::HashSet;
use std::hash::Hash;

use strategies::catalog::Name;
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::CustomBody;
use strategies::program::era::{Era, SwitchInterval, SwitchRule};
use strategies::program::workload::{Lengths, Request};

use crate::plan::oversubscription::Oversubscription;
use crate::sys::affinity::Pin;

/// Hands the fields of a sweep's request to the macro `$then`.
///
/// Rows of `fields` are `name = name on the wire: type`. Rows of `workload` are axes whose values
/// are fields of [`Workload`](strategies::program::workload::Workload); request, workload, wire
/// request and wire cell have the same name for them, and cells are crossed in the order of rows.
#[macro_export]
macro_rules! sweep_fields {
    ($then:ident) => {
        $then! {
            fields {
                /// Strategies; at least one.
                strategies = strategies: Vec<StrategySelector>,
                /// Eras of the GIL; default: each rule's own.
                eras = eras: Vec<EraSelector>,
                /// Switch intervals of the GIL; one axis with `ticks`.
                intervals = switch_interval_ps: Vec<SwitchInterval>,
                /// Tick budgets of the GIL; one axis with `intervals`.
                ticks = switch_ticks: Vec<u32>,
                /// Workers of an attempt.
                workers = workers: Vec<u32>,
                /// Tasks of an attempt.
                tasks = tasks: Vec<u64>,
                /// Increments of a task.
                increments = increments: Vec<u64>,
                /// Named bodies of an increment; one axis with `steps`.
                bodies = bodies: Vec<BodyName>,
                /// Bodies given as step letters.
                steps = steps: Vec<CustomBody>,
                /// Cost of every step, in nanoseconds; the default depends on whether a GIL is among
                /// the strategies.
                step_cost_ns = step_cost_ns: Option<u64>,
                /// Lengths of a sleep, in nanoseconds; 0 for none. One axis with `io_calls`.
                io_ns = io_ns: Vec<u64>,
                /// Requests other than a sleep.
                io_calls = io_calls: Vec<Request>,
                /// Increments between two requests.
                io_every = io_every: Vec<u64>,
                /// Workers that increment while others make requests.
                cpu_workers = cpu_workers: Vec<u32>,
                /// Workers that only make requests; without any, all take tasks.
                io_workers = io_workers: Vec<u32>,
                /// Requests of each worker that only makes requests.
                requests = requests: Option<u64>,
                /// Paths of interpreters; default: all that the lab has.
                pythons = pythons: Vec<String>,
                /// How long workers increment, in nanoseconds, instead of taking tasks.
                duration_ns = duration_ns: Option<u64>,
                /// Relative half-width, in thousandths of the median, at which a cell ends before
                /// all its attempts.
                precision_permille = precision_permille: Option<u32>,
                /// Attempts of each cell.
                attempts = attempts: Option<u32>,
                /// Seed of the order of rounds and of attempts; drawn by the lab if absent.
                seed = seed: Option<u64>,
                /// Order in which cells take turns.
                order = order: Order,
                /// Rule by which workers are put on cores.
                pin = pin: Pin,
                /// Whether cells are measured in which waiting workers may keep every core.
                starvation = allow_starvation: Oversubscription,
                /// Words by which a user finds the sweep; they change nothing that is measured.
                labels = labels: Vec<String>,
            }
            workload {
                /// Steps of a task outside its bodies.
                task_steps: Vec<u32>,
                /// Work between load and store, in nanoseconds.
                inside_ns: Vec<u64>,
                /// Work after each body, in nanoseconds.
                outside_ns: Vec<u64>,
                /// Distribution of the lengths of work inside and outside.
                lengths: Vec<Lengths>,
                /// Locks of an attempt.
                locks: Vec<u32>,
                /// Share of bodies that only read, in percent.
                reads_percent: Vec<u32>,
                /// Bodies that arrive per second; 0 for a closed loop.
                arrivals_per_s: Vec<u64>,
            }
        }
    };
}

/// Order in which cells take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Rounds in which each cell has a turn, shuffled anew from the seed.
    #[default]
    Interleaved,
    /// Cell after cell.
    Blocked,
}

/// Strategies that one name selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StrategySelector {
    /// Every strategy of the catalogue; real interpreters are not in it.
    All,
    /// That one.
    One(Name),
    /// Real interpreters.
    Python,
}

/// Eras that one name selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EraSelector {
    /// One of each generation, each with rules of its own kind.
    All,
    /// That one, with every rule that is named.
    One(Era),
}

macro_rules! declare {
    (
        fields { $($(#[$doc:meta])* $field:ident = $wire:ident: $type:ty,)* }
        workload { $($(#[$axis_doc:meta])* $axis:ident: $axis_type:ty,)* }
    ) => {
        /// Request of a sweep, in the lab's own types; an empty list stands for the axis' default.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct SweepSpec {
            $($(#[$doc])* pub $field: $type,)*
            $($(#[$axis_doc])* pub $axis: $axis_type,)*
        }

        impl SweepSpec {
            /// Name on the wire and length of every list.
            pub(crate) fn lists(&self) -> impl Iterator<Item = (&'static str, usize)> {
                let fields = [
                    $((stringify!($wire), self.$field.length()),)*
                    $((stringify!($axis), self.$axis.length()),)*
                ];
                fields.into_iter().filter_map(|(field, length)| Some((field, length?)))
            }

            /// Names on the wire of the fields that say something else than their default.
            pub(crate) fn given(&self) -> impl Iterator<Item = &'static str> {
                let fields = [
                    $((stringify!($wire), self.$field.is_given()),)*
                    $((stringify!($axis), self.$axis.is_given()),)*
                ];
                fields.into_iter().filter_map(|(field, is_given)| is_given.then_some(field))
            }

            /// The same request with each value of each list once, so that what is named often
            /// does not multiply.
            pub(crate) fn without_duplicates(&self) -> Self {
                Self {
                    $($field: self.$field.without_duplicates(),)*
                    $($axis: self.$axis.without_duplicates(),)*
                }
            }
        }
    };
}

sweep_fields!(declare);

impl SweepSpec {
    /// Switch rules that are named, intervals first.
    pub(crate) fn rules(&self) -> Vec<SwitchRule> {
        let intervals = self.intervals.iter().map(|&interval| SwitchRule::Interval(interval));
        intervals.chain(self.ticks.iter().map(|&ticks| SwitchRule::Ticks(ticks))).collect()
    }
}

/// A field of the request: a list of values, or one value.
trait Field: Clone {
    /// Number of values, if it is a list.
    fn length(&self) -> Option<usize> {
        None
    }

    /// Whether it says something else than the default.
    fn is_given(&self) -> bool;

    /// The same field with each value once.
    fn without_duplicates(&self) -> Self {
        self.clone()
    }
}

impl<T: Clone + Eq + Hash> Field for Vec<T> {
    fn length(&self) -> Option<usize> {
        Some(self.len())
    }

    fn is_given(&self) -> bool {
        !self.is_empty()
    }

    fn without_duplicates(&self) -> Self {
        distinct(self)
    }
}

impl<T: Copy> Field for Option<T> {
    fn is_given(&self) -> bool {
        self.is_some()
    }
}

macro_rules! choices {
    ($($type:ty),*) => {
        $(impl Field for $type {
            fn is_given(&self) -> bool {
                *self != Self::default()
            }
        })*
    };
}

choices!(Order, Pin, Oversubscription);

/// Each value once, in the order of its first mention.
pub fn distinct<T: Clone + Eq + Hash>(values: &[T]) -> Vec<T> {
    let mut seen = HashSet::new();
    values.iter().filter(|value| seen.insert(*value)).cloned().collect()
}
