//! Effect of a request's fields: one row a field says which strategies and which kind of attempt it
//! touches. From the rows follows what is given in vain: for every cell, or for some of them.
//!
//! Nothing here refuses: a lab runs a request with a field that changes nothing, because clients may
//! send such. A command line refuses it.

use strategies::catalog::Name;
use strategies::harness::entry::{Inclusion, Waiting};
use strategies::program::era::RuleKind;
use strategies::program::workload::Lengths;

use crate::plan::spec::{EraSelector, StrategySelector, SweepSpec, distinct};
use crate::plan::subject::CPYTHON;

/// A strategy of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selected {
    /// One of the lab's own.
    Lab(Name),
    /// Real interpreters.
    Python,
}

impl Selected {
    /// The name by which a user asks for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lab(name) => name.entry().name,
            Self::Python => CPYTHON.name,
        }
    }
}

/// What one field of the request touches.
pub struct FieldEffect {
    /// The field as the wire names it.
    pub field: &'static str,
    /// What it is about, as a noun.
    pub about: &'static str,
    /// What to do where it touches nothing.
    pub way_out: &'static str,
    /// Whether it is accepted where it touches nothing: it is a permission, or a parameter that cells
    /// record and compare all the same.
    pub is_noted: bool,
    touches: fn(&SweepSpec, Selected) -> bool,
}

/// A field that is given and does not touch every strategy of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialEffect {
    /// The field as the wire names it.
    pub field: &'static str,
    /// What it is about, as a noun.
    pub about: &'static str,
    /// What to do where it touches nothing.
    pub way_out: &'static str,
    /// Whether it is accepted even if it changes nothing.
    pub is_noted: bool,
    /// The strategies whose cells it touches; none if it changes nothing.
    pub strategies: Vec<&'static str>,
}

const fn every(field: &'static str) -> FieldEffect {
    let about = "every cell";
    FieldEffect { field, about, way_out: "", is_noted: false, touches: |_, _| true }
}

const SWITCHES: &str = "the switch rule of `gil` and `cpython`";
const SWITCHES_WAY_OUT: &str =
    "add gil to --strategy, with an era that has a lock, or leave it out";

/// Every field of the request.
pub const FIELDS: [FieldEffect; 32] = [
    every("strategies"),
    FieldEffect {
        field: "eras",
        about: "the CPython that `gil` models; a real interpreter has the era that it is",
        way_out: "add gil to --strategy, choose an interpreter with --python, or leave it out",
        is_noted: false,
        touches: |_, selected| is_gil(selected),
    },
    FieldEffect {
        field: "switch_interval_ps",
        about: SWITCHES,
        way_out: SWITCHES_WAY_OUT,
        is_noted: false,
        touches: switches,
    },
    FieldEffect {
        field: "switch_ticks",
        about: SWITCHES,
        way_out: SWITCHES_WAY_OUT,
        is_noted: false,
        touches: switches,
    },
    every("workers"),
    every("tasks"),
    every("increments"),
    every("bodies"),
    every("steps"),
    FieldEffect {
        field: "step_cost_ns",
        about: "steps of the lab's own strategies; an interpreter's cost what they cost",
        way_out: "add a strategy of the lab, or leave it out",
        is_noted: true,
        touches: |_, selected| selected != Selected::Python,
    },
    every("io_ns"),
    every("io_calls"),
    FieldEffect {
        field: "io_every",
        about: "requests between bodies",
        way_out: "say with --io what is asked, or leave it out",
        is_noted: false,
        touches: |spec, _| spec.io_ns.iter().any(|&ns| ns > 0) || !spec.io_calls.is_empty(),
    },
    every("cpu_workers"),
    every("io_workers"),
    every("requests"),
    FieldEffect {
        field: "pythons",
        about: "the strategy `cpython`",
        way_out: "add cpython to --strategy, or leave it out",
        is_noted: false,
        touches: |_, selected| selected == Selected::Python,
    },
    every("duration_ns"),
    every("precision_permille"),
    every("attempts"),
    every("seed"),
    every("order"),
    every("pin"),
    FieldEffect {
        field: "allow_starvation",
        about: "locks whose waiters never yield, such as `ticket-spin`",
        way_out: "leave it out",
        is_noted: true,
        touches: |_, selected| {
            let keeps = |name: Name| matches!(name.entry().waiting, Waiting::KeepsCore { .. });
            matches!(selected, Selected::Lab(name) if keeps(name))
        },
    },
    every("labels"),
    FieldEffect {
        field: "task_steps",
        about: "tasks under `gil`, and under others where a step costs something",
        way_out: "give --step-cost, leave --duration and --io-workers out, or leave it out",
        is_noted: true,
        touches: task_steps,
    },
    every("inside_ns"),
    every("outside_ns"),
    FieldEffect {
        field: "lengths",
        about: "work inside and outside the window",
        way_out: "say with --inside or --outside how long it is, or leave it out",
        is_noted: false,
        touches: |spec, _| {
            let has_work = spec.inside_ns.iter().chain(&spec.outside_ns).any(|&ns| ns > 0);
            has_work || spec.lengths.iter().all(|&law| law == Lengths::Fixed)
        },
    },
    every("locks"),
    every("reads_percent"),
    every("arrivals_per_s"),
];

/// The given fields that do not touch every strategy of the request, in the order of [`FIELDS`].
pub fn partial_effects(spec: &SweepSpec) -> Vec<PartialEffect> {
    let selected = selected(spec);
    let given: Vec<&str> = spec.given().collect();
    let of = |row: &FieldEffect| {
        let touched = |selected: &&Selected| (row.touches)(spec, **selected);
        let strategies: Vec<_> =
            selected.iter().filter(touched).map(|selected| selected.name()).collect();
        let FieldEffect { field, about, way_out, is_noted, .. } = *row;
        let is_partial = strategies.len() < selected.len() && given.contains(&field);
        let effect = PartialEffect { field, about, way_out, is_noted, strategies };
        is_partial.then_some(effect)
    };
    FIELDS.iter().filter_map(of).collect()
}

/// Every strategy of the request, once.
fn selected(spec: &SweepSpec) -> Vec<Selected> {
    let all = || {
        let among = |name: &Name| name.entry().inclusion == Inclusion::Default;
        Name::all().into_iter().filter(among).map(Selected::Lab).collect()
    };
    let of = |choice: &StrategySelector| match *choice {
        StrategySelector::All => all(),
        StrategySelector::One(name) => vec![Selected::Lab(name)],
        StrategySelector::Python => vec![Selected::Python],
    };
    let selected: Vec<_> = spec.strategies.iter().flat_map(of).collect();
    distinct(&selected)
}

fn is_gil(selected: Selected) -> bool {
    selected == Selected::Lab(Name::Gil)
}

/// An era without a lock has no switch rule.
fn switches(spec: &SweepSpec, selected: Selected) -> bool {
    let has_rule = |era: &EraSelector| match era {
        EraSelector::All => true,
        EraSelector::One(era) => era.facts().rule != RuleKind::Free,
    };
    let has_lock = spec.eras.is_empty() || spec.eras.iter().any(has_rule);
    selected == Selected::Python || is_gil(selected) && has_lock
}

/// Steps without a cost and without a check are no work; without tasks there are none at all.
fn task_steps(spec: &SweepSpec, selected: Selected) -> bool {
    let has_tasks = spec.duration_ns.is_none() && spec.io_workers.is_empty();
    let is_gil_among = spec.strategies.iter().any(|choice| match choice {
        StrategySelector::All | StrategySelector::Python => true,
        StrategySelector::One(name) => *name == Name::Gil,
    });
    // Beside a GIL the default is a cost for all.
    let costs = spec.step_cost_ns.map_or(is_gil_among, |ns| ns > 0);
    has_tasks && selected != Selected::Python && (is_gil(selected) || costs)
}

#[cfg(test)]
#[path = "../tests/effect.rs"]
mod tests;
