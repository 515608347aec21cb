//! What the model says of a cell, beside which its figures are put: what can come out, how likely it is
//! by chance, and how much a long run loses. Pure; measures nothing.

use std::collections::BTreeSet;

use strategies::catalog::Spec;
use strategies::law::{lost_share, window_share};
use strategies::model::bounds::{BYTES_MAX, Bounds};
use strategies::model::reach::{Reach, Tightness, of_cell, program};
use strategies::model::scheduler::Scheduler;
use strategies::model::survey::ranges;
use strategies::model::{outline::Access, queue};
use strategies::workload::Workload;

use crate::plan::Cell;
use crate::subject::Subject;

/// Most states of one cell's search: a tenth of a second.
const STATES_MAX: u64 = 100_000;
/// Most cells of a sweep with a prediction of their own: together some seconds at worst.
const PREDICTED_CELLS_MAX: usize = 100;
/// Below this probability a value is rare.
const RARE_BELOW: f64 = 1e-6;
/// Hand-overs of an attempt from which the law of long runs says something.
pub const LAW_SWITCHES_LEAST: f64 = 20.0;

/// How a value stands to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// It can be reached.
    Reachable,
    /// It can, but by chance alone hardly ever.
    Rare,
    /// No schedule leads to it.
    Impossible,
}

/// What the model says of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    values: BTreeSet<u32>,
    /// The set in words: `2 to 20`.
    pub reachable: String,
    /// Whether each of them can really be reached.
    pub tightness: Tightness,
    /// How likely each value is if at each step all who may move are equally likely. Not where one
    /// worker holds the interpreter: nothing real switches at every other site.
    chances: Option<Vec<f64>>,
    expected: u64,
}

impl Prediction {
    fn new(reach: Reach, chances: Option<Vec<f64>>, expected: u64) -> Self {
        let Reach { values, tightness } = reach;
        let reachable = ranges(&values);
        Self { values: values.into_iter().collect(), reachable, tightness, chances, expected }
    }

    /// How likely a value is by chance, if that was computed.
    pub fn chance(&self, value: u64) -> Option<f64> {
        let chances = self.chances.as_ref()?;
        Some(usize::try_from(value).ok().and_then(|at| chances.get(at)).copied().unwrap_or(0.0))
    }

    /// How a value stands to it.
    pub fn grade(&self, value: u64) -> Grade {
        let is_known = u32::try_from(value).is_ok_and(|value| self.values.contains(&value));
        match self.chance(value) {
            _ if !is_known => Grade::Impossible,
            // Whoever hardly meets another is right however unlikely that is by chance.
            Some(chance) if chance < RARE_BELOW && value != self.expected => Grade::Rare,
            Some(_) | None => Grade::Reachable,
        }
    }
}

/// What the model says of each cell; `None` where it does not apply, or would take too long.
pub fn predictions(cells: &[Cell]) -> Vec<Option<Prediction>> {
    let mut known: Vec<(Key, Option<Prediction>)> = Vec::new();
    let of = |cell: &Cell| {
        let key = Key::of(cell)?;
        if let Some((_, found)) = known.iter().find(|(other, _)| *other == key) {
            return found.clone();
        }
        if known.len() == PREDICTED_CELLS_MAX {
            return None;
        }
        let found = predict(key);
        known.push((key, found.clone()));
        found
    };
    cells.iter().map(of).collect()
}

/// All that the model sees of a cell: neither costs nor a waiter's patience.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Key {
    spec: Spec,
    workload: Workload,
    workers: usize,
}

impl Key {
    fn of(cell: &Cell) -> Option<Self> {
        let spec = match cell.subject {
            Subject::Lab(spec) => spec.without_patience(),
            Subject::Python(_) => return None,
        };
        let workload = Workload { step_cost_ns: 0, inside_ns: 0, outside_ns: 0, ..cell.workload };
        Some(Self { spec, workload, workers: cell.workers })
    }
}

fn predict(Key { spec, workload, workers }: Key) -> Option<Prediction> {
    let bounds = Bounds { states: STATES_MAX, bytes: BYTES_MAX, go_on: &|_| true };
    let reach = of_cell(spec, &workload, workers, bounds).ok()?;
    let chances = chances(spec, &workload, workers, bounds);
    Some(Prediction::new(reach, chances, workload.expected()))
}

fn chances(
    spec: Spec,
    workload: &Workload,
    workers: usize,
    bounds: Bounds<'_>,
) -> Option<Vec<f64>> {
    let access = spec.moves(workload.body).1;
    if access != Access::Anyone {
        return None;
    }
    let program = program(spec, workload, workers, access).ok()?;
    queue::outcomes::<f64>(&program, Scheduler::UniformStep, bounds).ok()
}

/// The share lost in a long run with so many hand-overs an attempt, by the rare-switch law.
pub fn lost_by_law(cell: &Cell, switches_per_attempt: Option<f64>) -> Option<f64> {
    let has_many = switches_per_attempt.is_some_and(|switches| switches >= LAW_SWITCHES_LEAST);
    let Subject::Lab(spec @ Spec::Gil { era, .. }) = cell.subject else { return None };
    let workers = cell.workload.incrementing(cell.workers);
    let applies = has_many
        && workers > 1
        && cell.workload.service.is_none()
        && !spec.keeps_step(&cell.workload);
    applies
        .then(|| lost_share(window_share(era, cell.workload.body) * share_of_bodies(cell), workers))
}

/// The share of a task's steps that lie in its bodies.
fn share_of_bodies(cell: &Cell) -> f64 {
    let Workload { increments, body, task_steps, .. } = cell.workload;
    let inside = increments as f64 * body.steps().len() as f64;
    inside / (inside + f64::from(task_steps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use strategies::catalog::Plain;

    fn cell(spec: Spec, tasks: u64, increments: u64) -> Cell {
        let workload = Workload { tasks, increments, ..Workload::ONE };
        Cell { subject: Subject::Lab(spec), workload, workers: 2, attempts: 1 }
    }

    #[test]
    fn values_are_graded() {
        let race = cell(Spec::Plain(Plain::Unlocked), 2, 20);
        let found = predictions(&[race]).remove(0).expect("it is modelled");
        assert_eq!((found.reachable.as_str(), found.tightness), ("2 to 40", Tightness::Exact));
        let grades = [0, 1, 2, 20, 39, 40, 41].map(|value| found.grade(value));
        use Grade::{Impossible, Rare, Reachable};
        assert_eq!(grades, [Impossible, Impossible, Rare, Reachable, Rare, Reachable, Impossible]);
    }

    #[test]
    fn cells_that_differ_in_nothing_the_model_sees_are_explored_once() {
        let fair = cell(Spec::Plain(Plain::FairMutex), 2, 5);
        let slow = Cell { workload: Workload { step_cost_ns: 15, ..fair.workload }, ..fair };
        assert_eq!(Key::of(&fair), Key::of(&slow));
        let found = predictions(&[fair, slow]);
        assert_eq!(found[0], found[1]);
        assert_eq!(found[0].as_ref().expect("it is modelled").reachable, "10");
    }

    #[test]
    fn what_is_too_large_has_no_prediction() {
        let large = cell(Spec::Plain(Plain::Unlocked), 100, 1_000_000);
        assert_eq!(predictions(&[large]), [None]);
    }
}
