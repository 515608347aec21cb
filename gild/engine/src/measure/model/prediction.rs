//! The model's prediction for a cell: the reachable values, their probabilities, and the share that
//! a long run loses. Pure.

use strategies::catalog::Spec;
use strategies::explore::reachable::{Reach, Tightness, Values, of_cell, program};
use strategies::explore::reverse::tasks;
use strategies::model::bounds::{BYTES_MAX, Bounds};
use strategies::model::moves::Ownership;
use strategies::model::rare_switch::lost_share;
use strategies::model::scheduler::Scheduler;
use strategies::program::workload::Workload;

use crate::measure::model::rare_switch::{LawApplicability, law_applicability};
use crate::plan::cell::Cell;
use crate::plan::subject::Subject;

/// Most states of one cell's search: a tenth of a second.
const STATES_MAX: u64 = 100_000;
/// Most cells of a sweep for which anything is searched: together some seconds at worst.
const PREDICTED_CELLS_MAX: usize = 100;
/// Below this probability a value is rare.
const RARE_BELOW: f64 = 1e-6;
/// Fewest hand-overs of an attempt for the law of long runs to apply.
pub const LAW_SWITCHES_LEAST: f64 = 20.0;

/// Grade of an observed value by the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Reachable.
    Reachable,
    /// Reachable, but very improbable.
    Rare,
    /// No schedule leads to the value.
    Impossible,
}

/// The model's prediction for a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    values: Values,
    /// The set in words: `2 to 20`.
    pub reachable: String,
    /// Whether each of them is known to be reachable.
    pub tightness: Tightness,
    /// Probability of each value if at each step all runnable workers are equally likely. Not where
    /// one worker holds the interpreter: no real interpreter switches at every other site, so such
    /// a probability says nothing about it.
    chances: Option<Vec<f64>>,
    expected: u64,
}

impl Prediction {
    fn new(reach: Reach, chances: Option<Vec<f64>>, expected: u64) -> Self {
        let Reach { values, tightness } = reach;
        let reachable = in_words(&values);
        Self { values, reachable, tightness, chances, expected }
    }

    /// The probability of a value, if it was computed.
    pub fn chance(&self, value: u64) -> Option<f64> {
        let chances = self.chances.as_ref()?;
        Some(usize::try_from(value).ok().and_then(|at| chances.get(at)).copied().unwrap_or(0.0))
    }

    /// The grade of a value.
    pub fn grade(&self, value: u64) -> Grade {
        match self.chance(value) {
            _ if !self.values.contains(value) => Grade::Impossible,
            // Workers that hardly met reach the expected value, however improbable it is.
            Some(chance) if chance < RARE_BELOW && value != self.expected => Grade::Rare,
            Some(_) | None => Grade::Reachable,
        }
    }
}

/// Longest list of values and ranges, in characters: it is shown in a column.
const WORDS_MAX: usize = 60;

/// `2 to 20`, or `5, 10`; where that would be too long, the ends and the number of values.
fn in_words(values: &Values) -> String {
    let all = values.to_string();
    match values {
        Values::These(values) if all.len() > WORDS_MAX => match values.as_slice() {
            [first, .., last] => format!("{} values from {first} to {last}", values.len()),
            _ => all,
        },
        Values::These(_) | Values::All(_) => all,
    }
}

/// The prediction for each cell; `None` where no model applies, or `go_on` returned false. What is
/// searched, probabilities and the values of a tick budget, is limited by size.
pub fn predictions(cells: &[Cell], go_on: &dyn Fn() -> bool) -> Vec<Option<Prediction>> {
    let mut known: Vec<(Key, Option<Prediction>)> = Vec::new();
    let of = |cell: &Cell| {
        let key = Key::of(cell)?;
        if let Some((_, found)) = known.iter().find(|(other, _)| *other == key) {
            return found.clone();
        }
        if known.len() == PREDICTED_CELLS_MAX {
            return predict(key, 0, go_on);
        }
        let found = predict(key, STATES_MAX, go_on);
        known.push((key, found.clone()));
        found
    };
    cells.iter().map(of).collect()
}

/// The properties of a cell that the model distinguishes: neither costs nor spin policies.
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

/// Searches at most so many states; without any, values come from closed forms alone.
fn predict(
    Key { spec, workload, workers }: Key,
    states: u64,
    go_on: &dyn Fn() -> bool,
) -> Option<Prediction> {
    let go_on = |_| go_on();
    let bounds = Bounds { states, bytes: BYTES_MAX, go_on: &go_on };
    let reach = of_cell(spec, &workload, workers, bounds).ok()?;
    let chances = (states > 0).then(|| chances(spec, &workload, workers, bounds)).flatten();
    Some(Prediction::new(reach, chances, workload.expected()))
}

fn chances(
    spec: Spec,
    workload: &Workload,
    workers: usize,
    bounds: Bounds<'_>,
) -> Option<Vec<f64>> {
    let access = spec.moves(workload.body).1;
    if access != Ownership::Anyone {
        return None;
    }
    let program = program(spec, workload, workers, access).ok()?;
    tasks::outcomes::<f64>(&program, Scheduler::UniformStep, bounds).ok()
}

/// The share lost in a long run by the rare-switch law, given the hand-overs per attempt.
pub fn lost_by_law(cell: &Cell, switches_per_attempt: Option<f64>) -> Option<f64> {
    let has_many = switches_per_attempt.is_some_and(|switches| switches >= LAW_SWITCHES_LEAST);
    match law_applicability(cell)? {
        LawApplicability::Share(share) if has_many => {
            Some(lost_share(share, cell.workload.incrementing(cell.workers)))
        }
        LawApplicability::Share(_) | LawApplicability::Silent(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Grade::{Impossible, Rare, Reachable};
    use super::*;
    use strategies::catalog::Plain;
    use strategies::explore::query::gil;
    use strategies::program::era::{Era, SwitchRule};

    fn cell(spec: Spec, tasks: u64, increments: u64) -> Cell {
        let workload = Workload { tasks, increments, ..Workload::ONE };
        Cell { subject: Subject::Lab(spec), workload, workers: 2, attempts: 1 }
    }

    #[test]
    fn values_are_graded_by_reachability_and_probability() {
        let race = cell(Spec::Plain(Plain::Unlocked), 2, 20);
        let found = predictions(&[race], &|| true).remove(0).expect("it is modelled");
        assert_eq!((found.reachable.as_str(), found.tightness), ("2 to 40", Tightness::Exact));
        let grades = [0, 1, 2, 20, 39, 40, 41].map(|value| found.grade(value));
        assert_eq!(grades, [Impossible, Impossible, Rare, Reachable, Rare, Reachable, Impossible]);
    }

    /// A scheduler that switches at every other site is none that an interpreter has.
    #[test]
    fn chances_are_of_workers_that_no_interpreter_holds_back() {
        let chance = |spec| {
            let found = predictions(&[cell(spec, 2, 5)], &|| true).remove(0);
            found.expect("it is modelled").chance(10)
        };
        assert!(chance(Spec::Plain(Plain::Unlocked)).is_some_and(|chance| chance < 1.0));
        assert!(chance(Spec::Plain(Plain::Spin)).is_some_and(|all| (all - 1.0).abs() < 1e-9));
        for era in Era::ALL {
            let free = gil(era, None).rule() == Some(SwitchRule::Free);
            assert_eq!(chance(gil(era, None)).is_some(), free, "{era}");
        }
        assert_eq!(chance(gil(Era::V2_7, Some(100))), None);
    }

    #[test]
    fn cells_equal_to_the_model_are_explored_once() {
        let fair = cell(Spec::Plain(Plain::FairMutex), 2, 5);
        let slow = Cell { workload: Workload { step_cost_ns: 15, ..fair.workload }, ..fair };
        assert_eq!(Key::of(&fair), Key::of(&slow));
        let found = predictions(&[fair, slow], &|| true);
        assert_eq!(found[0], found[1]);
        assert_eq!(found[0].as_ref().expect("it is modelled").reachable, "10");
    }

    #[test]
    fn long_list_of_values_is_summarised() {
        assert_eq!(in_words(&Values::These(vec![2, 3, 4, 9])), "2 to 4, 9");
        let odd: Vec<u32> = (0..100).map(|n| 2 * n + 1).collect();
        assert_eq!(in_words(&Values::These(odd)), "100 values from 1 to 199");
    }

    /// Whatever the size, and however many cells a sweep has.
    #[test]
    fn every_modelled_cell_has_its_reachable_values() {
        let unlocked = Spec::Plain(Plain::Unlocked);
        let sizes = [1, 2, 10, 101, 511, 100_000, 1_000_000_000];
        let large: Vec<Cell> =
            sizes.into_iter().flat_map(|n| [2, 10].map(|tasks| cell(unlocked, tasks, n))).collect();
        let many = (0..PREDICTED_CELLS_MAX as u64).map(|n| cell(unlocked, 2, 3 + n));
        let cells: Vec<Cell> = many.chain(large).collect();
        for (cell, found) in cells.iter().zip(predictions(&cells, &|| true)) {
            let Workload { tasks, increments, .. } = cell.workload;
            let found = found.expect("it is modelled");
            let wanted = format!("{} to {}", increments.min(2), tasks * increments);
            assert_eq!((found.reachable, found.tightness), (wanted, Tightness::Exact));
            assert!(!found.values.contains(tasks * increments + 1));
        }
        let io = strategies::program::workload::Io {
            every: 1,
            request: strategies::program::workload::Request::Echo,
        };
        let asking = cell(unlocked, 2, 10);
        let asking = Cell { workload: Workload { io: Some(io), ..asking.workload }, ..asking };
        assert_eq!(predictions(&[asking], &|| true), [None]);
    }
}
