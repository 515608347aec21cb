//! Everything that can come out of a program, how likely each value is, and a schedule for each:
//! one question, answered by whichever methods apply. Decides nothing about what is asked of whom.

use num_bigint::BigUint;

use crate::explore::forward::{bounded_preemption, search, traces};
use crate::explore::query::Query;
use crate::explore::reverse::chain;
use crate::explore::round_robin;
use crate::explore::witness::Witnesses;
use crate::model::bounds::{BYTES_MAX, Bounds, STATES_MAX, SearchError};
use crate::model::program::Program;
use crate::model::ratio::{as_f64, grouped, log10, lowest};
use crate::model::schedule::Schedule;
use crate::model::scheduler::{Bits, Cell, Scheduler};
use crate::model::state::Reduction;

/// Additions up to which probabilities are whole-number fractions even if not requested: under a
/// second.
const EXACT_UNASKED_MAX: u64 = 50_000_000;
/// Additions up to which whole numbers are counted: some minutes.
pub const EXACT_ADDITIONS_MAX: u64 = 4_000_000_000;
/// Machine states are counted up to so many.
pub const COUNTED_STATES_MAX: u64 = 3_000_000;
/// States up to which classes are counted.
const CLASS_STATES_MAX: u64 = 1_000_000;
/// Most bytes for witnesses.
const WITNESS_BYTES_MAX: u64 = 1 << 29;

/// How likely schedules are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SchedulerChoice {
    /// By chance.
    Random(Scheduler),
    /// Another worker after every `k` moves.
    EveryK {
        /// Moves between two switches.
        k: u32,
        /// Moves before the first; without one, over all from 1 to `k`.
        phase: Option<u32>,
    },
}

/// What is wanted of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryOptions {
    /// How likely schedules are.
    pub choice: SchedulerChoice,
    /// Whether probabilities are wanted as fractions.
    pub exact: bool,
    /// Only this value.
    pub value: Option<u32>,
}

/// One final value.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The counter in the end.
    pub value: u32,
    /// Interleavings that lead to it; not counted under fixed turns.
    pub count: Option<BigUint>,
    /// How likely it is; 0 where no float can hold it.
    pub probability: f64,
    /// Its common logarithm, where it is known.
    pub probability_log10: Option<f64>,
    /// It as a fraction in lowest terms, if wanted.
    pub ratio: Option<(BigUint, BigUint)>,
    /// A schedule that leads to it; absent where it would take too much.
    pub witness: Option<Schedule>,
    /// Its preemptions, if no schedule has fewer.
    pub fewest_preemptions: Option<u32>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// What was explored.
    pub program: Program,
    /// All interleavings; under fixed turns only where they are counted at once.
    pub interleavings: Option<BigUint>,
    /// Machine states; absent beyond [`COUNTED_STATES_MAX`].
    pub states: Option<u64>,
    /// Interleavings that differ in more than the order of independent moves, where counted.
    pub classes: Option<BigUint>,
    /// Deadlocked states: some worker is not done and none can move.
    pub deadlocks: u64,
    /// What can come out, in order; only the wanted value, if one was.
    pub outcomes: Vec<Outcome>,
    /// What there is to say, in one sentence.
    pub verdict: String,
}

/// Receives the phase and its progress from 0 to 1; returning `false` stops the survey.
pub type GoOn<'a> = &'a dyn Fn(&'static str, f64) -> bool;

/// Answers a question whose limits have been checked by [`crate::explore::estimate::estimate`].
pub fn survey(
    question: &Query,
    wanted: &QueryOptions,
    go_on: GoOn<'_>,
) -> Result<Survey, SearchError> {
    let program = question.program().map_err(|error| SearchError::Refused(error.to_string()))?;
    let asking = Analysis { program: &program, go_on };
    let ways = asking.ways(wanted.choice)?;
    let interleavings = Some(ways.iter().sum()).filter(|_| !ways.is_empty());
    let mut outcomes = match wanted.choice {
        SchedulerChoice::Random(scheduler) => asking.chances(scheduler, wanted.exact, &ways)?,
        SchedulerChoice::EveryK { k, phase } => asking.turns(k, phase, wanted.exact)?,
    };
    let reachable: Vec<u32> = outcomes.iter().map(|outcome| outcome.value).collect();
    let wants = |outcome: &Outcome| wanted.value.is_none_or(|value| value == outcome.value);
    outcomes.retain(wants);
    if matches!(wanted.choice, SchedulerChoice::Random(_)) {
        asking.witnesses(&mut outcomes)?;
    }
    let (states, deadlocks) = asking.states()?;
    let classes = asking.classes()?;
    let verdict = verdict(&program, wanted, &reachable, &ways, deadlocks);
    Ok(Survey { program, interleavings, states, classes, deadlocks, outcomes, verdict })
}

struct Analysis<'a> {
    program: &'a Program,
    go_on: GoOn<'a>,
}

impl Analysis<'_> {
    /// What one part may cost.
    fn part<T>(
        &self,
        name: &'static str,
        (states, bytes): (u64, u64),
        search: impl FnOnce(Bounds<'_>) -> Result<T, SearchError>,
    ) -> Result<T, SearchError> {
        let go_on = |done: f64| (self.go_on)(name, done);
        search(Bounds { states, bytes, go_on: &go_on })
    }

    /// All interleavings by final value; none under fixed turns, where counting them would be
    /// expensive.
    fn ways(&self, choice: SchedulerChoice) -> Result<Vec<BigUint>, SearchError> {
        let any = Scheduler::Interleavings;
        match choice {
            SchedulerChoice::EveryK { .. } if !self.is_cheap(any) => Ok(Vec::new()),
            SchedulerChoice::EveryK { .. } | SchedulerChoice::Random(_) => {
                self.all("counting interleavings", any)
            }
        }
    }

    /// Whether counting in whole numbers is known to be a matter of a second.
    fn is_cheap(&self, scheduler: Scheduler) -> bool {
        let cost = chain::cost::<BigUint>(self.program, scheduler);
        cost.is_ok_and(|cost| cost.additions <= EXACT_UNASKED_MAX)
    }

    fn all<C: Cell>(
        &self,
        name: &'static str,
        scheduler: Scheduler,
    ) -> Result<Vec<C>, SearchError> {
        self.part(name, (STATES_MAX, BYTES_MAX), |bounds| {
            if self.program.is_positional() {
                return chain::outcomes(self.program, scheduler, bounds);
            }
            let explored = search::explore(self.program, scheduler, Reduction::Merged, bounds);
            explored.map(|explored| explored.outcomes)
        })
    }

    fn chances(
        &self,
        scheduler: Scheduler,
        exact: bool,
        ways: &[BigUint],
    ) -> Result<Vec<Outcome>, SearchError> {
        let name = "probabilities";
        let mut outcomes = if scheduler == Scheduler::Interleavings {
            in_parts(ways, exact)
        } else if exact || self.is_cheap(scheduler) {
            let chances = self.all::<BigUint>(name, scheduler)?;
            let mut outcomes = in_parts(&chances, exact);
            // Some schedules may have no chance at all, as with a probability of 0 or 1.
            outcomes.retain(|outcome| chances[outcome.value as usize].bits() > 0);
            outcomes
        } else {
            in_floats(&self.all::<f64>(name, scheduler)?)
        };
        // A value that no float can hold is still possible.
        let has_way = |outcome: &Outcome| ways[outcome.value as usize].bits() > 0;
        outcomes.retain(has_way);
        for outcome in &mut outcomes {
            outcome.count = Some(ways[outcome.value as usize].clone());
        }
        Ok(outcomes)
    }

    /// Each phase is a way, all equally likely.
    fn turns(&self, k: u32, phase: Option<u32>, exact: bool) -> Result<Vec<Outcome>, SearchError> {
        let phases = phase.map_or(1..=k, |phase| phase..=phase);
        let mut ways = vec![BigUint::default(); self.program.expected() as usize + 1];
        let mut firsts = vec![None; ways.len()];
        for phase in phases {
            let done = f64::from(phase - 1) / f64::from(k);
            if !(self.go_on)("playing all phases", done) {
                return Err(SearchError::Stopped { moves: 0, of: self.program.moves() });
            }
            let value = round_robin::value(self.program, k, phase) as usize;
            ways[value] += 1_u32;
            firsts[value].get_or_insert(phase);
        }
        let mut outcomes = in_parts(&ways, exact);
        outcomes.retain(|outcome| firsts[outcome.value as usize].is_some());
        for outcome in &mut outcomes {
            let first = firsts[outcome.value as usize].unwrap_or(1);
            let schedule = round_robin::schedule(self.program, k, first);
            outcome.witness = Some(schedule);
        }
        Ok(outcomes)
    }

    fn witnesses(&self, outcomes: &mut [Outcome]) -> Result<(), SearchError> {
        let name = "looking for witnesses";
        let found = self.part(name, (STATES_MAX, WITNESS_BYTES_MAX), |bounds| {
            if self.program.is_positional() {
                let witnesses = Witnesses::prepare(self.program, bounds)?;
                let of = |outcome: &Outcome| witnesses.fewest(outcome.value);
                return Ok(outcomes.iter().map(of).collect());
            }
            let all = bounded_preemption::witnesses(self.program, bounds)?;
            let of = |outcome: &Outcome| {
                let found = all.iter().find(|(value, ..)| *value == outcome.value)?;
                Some((found.1, found.2.clone()))
            };
            Ok::<Vec<_>, _>(outcomes.iter().map(of).collect())
        });
        let found = optional(found)?.unwrap_or_else(|| vec![None; outcomes.len()]);
        for (outcome, found) in outcomes.iter_mut().zip(found) {
            (outcome.fewest_preemptions, outcome.witness) = found.unzip();
        }
        Ok(())
    }

    fn states(&self) -> Result<(Option<u64>, u64), SearchError> {
        let counted = self.part("counting states", (COUNTED_STATES_MAX, BYTES_MAX), |bounds| {
            let any = Scheduler::Interleavings;
            search::explore::<Bits>(self.program, any, Reduction::None, bounds)
        });
        let counted = optional(counted)?;
        Ok((counted.as_ref().map(|it| it.states), counted.map_or(0, |it| it.deadlocks)))
    }

    fn classes(&self) -> Result<Option<BigUint>, SearchError> {
        let limits = (CLASS_STATES_MAX, BYTES_MAX);
        optional(
            self.part("counting classes", limits, |bounds| traces::count(self.program, bounds)),
        )
    }
}

/// What would be too much is left out; a stop is a stop.
fn optional<T>(found: Result<T, SearchError>) -> Result<Option<T>, SearchError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(SearchError::TooLarge { .. } | SearchError::NotApplicable(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn blank(value: usize) -> Outcome {
    Outcome {
        value: u32::try_from(value).unwrap_or(u32::MAX),
        count: None,
        probability: 0.0,
        probability_log10: None,
        ratio: None,
        witness: None,
        fewest_preemptions: None,
    }
}

fn in_parts(ways: &[BigUint], exact: bool) -> Vec<Outcome> {
    let all: BigUint = ways.iter().sum();
    let outcome = |(value, ways): (usize, &BigUint)| Outcome {
        probability: as_f64(ways, &all),
        probability_log10: log10(ways, &all),
        ratio: exact.then(|| lowest(ways, &all)),
        ..blank(value)
    };
    ways.iter().enumerate().map(outcome).collect()
}

fn in_floats(chances: &[f64]) -> Vec<Outcome> {
    let outcome = |(value, &probability): (usize, &f64)| Outcome {
        probability,
        probability_log10: (probability > 0.0).then(|| probability.log10()),
        ..blank(value)
    };
    chances.iter().enumerate().map(outcome).collect()
}

fn verdict(
    program: &Program,
    wanted: &QueryOptions,
    reachable: &[u32],
    ways: &[BigUint],
    deadlocks: u64,
) -> String {
    let all = grouped(&ways.iter().sum());
    let expected = program.expected();
    if deadlocks > 0 {
        return format!(
            "{deadlocks} states are dead ends: some worker is not done and none can move"
        );
    }
    let asked = wanted.value.or(reachable.first().copied()).unwrap_or(expected);
    let can = ranges(reachable);
    let ways_there = ways.get(asked as usize).filter(|ways| ways.bits() > 0);
    match (wanted.choice, reachable.contains(&asked), ways_there) {
        (SchedulerChoice::EveryK { k, phase }, true, _) => {
            let phases =
                phase.map_or_else(|| format!("over {k} phases"), |it| format!("in phase {it}"));
            format!("with a switch every {k} moves, {phases}, what comes out is {can}")
        }
        (SchedulerChoice::EveryK { k, .. }, false, _) => {
            format!("{asked} never comes out with a switch every {k} moves: what does is {can}")
        }
        (SchedulerChoice::Random(scheduler), false, Some(_)) => {
            let name = scheduler.name();
            format!(
                "{asked} has no chance under {name}: what has is {can}; other schedules reach it"
            )
        }
        (SchedulerChoice::Random(_), false, None) => {
            format!("{asked} is impossible: what can come out is {can}")
        }
        (SchedulerChoice::Random(_), true, _) if reachable == [expected] => {
            format!("no update can be lost: all {all} interleavings end at {expected}")
        }
        (SchedulerChoice::Random(_), true, ways) => {
            let count = ways.map(grouped).unwrap_or_default();
            format!("{asked} is possible: {count} of {all} interleavings")
        }
    }
}

/// Values in runs: `2 to 20`, or `10, 20`.
pub fn ranges(values: &[u32]) -> String {
    let runs = values.chunk_by(|a, b| a + 1 == *b);
    let run = |run: &[u32]| match run {
        [first, .., last] => format!("{first} to {last}"),
        [one] => one.to_string(),
        [] => String::new(),
    };
    runs.map(run).collect::<Vec<_>>().join(", ")
}
