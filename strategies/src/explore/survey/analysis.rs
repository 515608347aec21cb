//! Searches that answer a question about a program, whichever apply. Decides nothing about which are
//! worth it.

use num_bigint::BigUint;

use crate::explore::closed_form::Race;
use crate::explore::forward::{bounded_preemption, search, traces};
use crate::explore::reverse::chain;
use crate::explore::round_robin;
use crate::explore::survey::answer::{GoOn, Outcome, QueryOptions, SchedulerChoice, Survey};
use crate::explore::survey::verdict;
use crate::explore::witness::Witnesses;
use crate::harness::entry::ModelBasis;
use crate::model::bounds::{BYTES_MAX, Bounds, STATES_MAX, SearchError};
use crate::model::long_program::LongProgram;
use crate::model::program::Program;
use crate::model::ratio::{as_f64, log10, lowest};
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
/// States that are counted, of machines and classes, where only one value is wanted: some ten
/// milliseconds.
const ASIDE_STATES_MAX: u64 = 30_000;
/// Most bytes for witnesses.
const WITNESS_BYTES_MAX: u64 = 1 << 29;

/// Answers a question about a program that the searches can hold.
pub fn search_all(
    program: &Program,
    basis: ModelBasis,
    wanted: &QueryOptions,
    go_on: GoOn<'_>,
) -> Result<Survey, SearchError> {
    let long = LongProgram::of(program).map_err(|error| SearchError::Refused(error.to_string()))?;
    let asking = Analysis { program, race: Race::of(&long), value: wanted.value, go_on };
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
    let verdict =
        verdict::of_search(program.expected(), basis, wanted, &reachable, &ways, deadlocks);
    Ok(Survey {
        program: long,
        interleavings,
        interleavings_rounded: None,
        states,
        classes,
        deadlocks,
        outcomes,
        verdict,
    })
}

struct Analysis<'a> {
    program: &'a Program,
    /// The same, by closed form.
    race: Race,
    /// The only value that is wanted.
    value: Option<u32>,
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
        let (found, too_much) = match found {
            Ok(found) => (found, None),
            Err(error) if is_too_much(&error) => (vec![None; outcomes.len()], Some(error)),
            Err(error) => return Err(error),
        };
        for (outcome, found) in outcomes.iter_mut().zip(found) {
            (outcome.fewest_preemptions, outcome.witness) = found.unzip();
            outcome.witness = outcome.witness.take().or_else(|| self.race.schedule(outcome.value));
            // The one value that was wanted has a schedule, or the limit is named that hides it.
            if let (Some(_), None, Some(error)) = (self.value, &outcome.witness, &too_much) {
                return Err(error.clone());
            }
        }
        Ok(())
    }

    /// The limit of what is beside the point where one value is wanted.
    fn aside(&self, limit: u64) -> u64 {
        if self.value.is_some() { ASIDE_STATES_MAX } else { limit }
    }

    fn states(&self) -> Result<(Option<u64>, u64), SearchError> {
        let limits = (self.aside(COUNTED_STATES_MAX), BYTES_MAX);
        let counted = self.part("counting states", limits, |bounds| {
            let any = Scheduler::Interleavings;
            search::explore::<Bits>(self.program, any, Reduction::None, bounds)
        });
        let counted = optional(counted)?;
        Ok((counted.as_ref().map(|it| it.states), counted.map_or(0, |it| it.deadlocks)))
    }

    fn classes(&self) -> Result<Option<BigUint>, SearchError> {
        let limits = (self.aside(CLASS_STATES_MAX), BYTES_MAX);
        optional(
            self.part("counting classes", limits, |bounds| traces::count(self.program, bounds)),
        )
    }
}

/// What would be too much is left out; a stop is a stop.
fn optional<T>(found: Result<T, SearchError>) -> Result<Option<T>, SearchError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_too_much(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_too_much(error: &SearchError) -> bool {
    matches!(error, SearchError::TooLarge { .. } | SearchError::NotApplicable(_))
}

fn in_parts(ways: &[BigUint], exact: bool) -> Vec<Outcome> {
    let all: BigUint = ways.iter().sum();
    let outcome = |(value, ways): (usize, &BigUint)| Outcome {
        probability: as_f64(ways, &all),
        probability_log10: log10(ways, &all),
        ratio: exact.then(|| lowest(ways, &all)),
        ..Outcome::of(narrow(value))
    };
    ways.iter().enumerate().map(outcome).collect()
}

fn in_floats(chances: &[f64]) -> Vec<Outcome> {
    let outcome = |(value, &probability): (usize, &f64)| Outcome {
        probability,
        probability_log10: (probability > 0.0).then(|| probability.log10()),
        ..Outcome::of(narrow(value))
    };
    chances.iter().enumerate().map(outcome).collect()
}

fn narrow(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
