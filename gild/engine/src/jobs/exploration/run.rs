//! One exploration from start to end: a search of the model, whose progress and outcomes are stored
//! as events. Called by the lane's thread; names neither an executor nor the wire, and searches
//! nothing itself.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use strategies::explore::query::{Query, ScheduleString};
use strategies::explore::survey;
use strategies::explore::survey::{GoOn, QueryOptions, Survey, survey};
use strategies::model::bounds::SearchError;
use strategies::model::schedule::Schedule;

use crate::jobs::event::{AppendError, EventSink};
use crate::jobs::exploration::job::{
    Ending, Exploration, ExplorationEvent, ExplorationResult, ExplorationSpec, Outcome, Witness,
};
use crate::jobs::exploration::trace::Replay;
use crate::jobs::state::{StopReason, Transition};
use crate::jobs::sweep::run::RunError;
use crate::limits::{
    FINDINGS_BYTES_MAX, PLAYED_MOVES_MAX, PROGRESS_EVENTS_MAX, PROGRESS_PAUSE, PROGRESS_STEP,
};

/// Where an exploration's events go.
pub type Log = Arc<dyn EventSink<ExplorationEvent>>;

/// Runs a queued exploration to its end.
pub fn explore(exploration: &Exploration, log: &Log) -> Result<(), RunError> {
    run(exploration, log, survey)
}

/// Ends an exploration that never ran.
pub fn end_unstarted(
    exploration: &Exploration,
    log: &Log,
    reason: StopReason,
) -> Result<(), RunError> {
    end(exploration, log, Outcomes::Stopped(reason))
}

/// Ends an exploration whose search panicked: a bug, which must not leave its watchers waiting.
pub fn end_panicked(exploration: &Exploration, log: &Log) -> Result<(), RunError> {
    let error = "the lab itself panicked while it explored this".into();
    end(exploration, log, Outcomes::Failed(ExplorationResult::default(), error))
}

/// How the search ended.
enum Outcomes {
    Finished(ExplorationResult),
    Stopped(StopReason),
    Failed(ExplorationResult, String),
}

fn run(
    exploration: &Exploration,
    log: &Log,
    search: impl FnOnce(&Query, &QueryOptions, GoOn<'_>) -> Result<Survey, SearchError>,
) -> Result<(), RunError> {
    exploration.apply(Transition::Start)?;
    log.append(&exploration.id, ExplorationEvent::Started(exploration.estimate))?;
    let ExplorationSpec { question, wanted, .. } = &exploration.asked;
    let listener = RefCell::new(Listener::new(exploration, log));
    let found = search(question, wanted, &|part, done| listener.borrow_mut().hear(part, done));
    listener.into_inner().trouble?;
    let ended = match (found, exploration.stop_reason()) {
        (Ok(found), _) => tell(exploration, log, found)?,
        // Whatever else went wrong while it was stopped, it was stopped.
        (Err(_), Some(reason)) => Outcomes::Stopped(reason),
        (Err(error), None) => Outcomes::Failed(ExplorationResult::default(), error.to_string()),
    };
    end(exploration, log, ended)
}

/// Stores what was found, value by value, as long as all of it fits a message.
fn tell(exploration: &Exploration, log: &Log, found: Survey) -> Result<Outcomes, AppendError> {
    let Survey { program, interleavings, states, classes, deadlocks, outcomes, verdict } = found;
    let ExplorationSpec { question, wanted, .. } = &exploration.asked;
    let mut findings = ExplorationResult {
        interleavings: interleavings.map(|all| all.to_string()).unwrap_or_default(),
        states: states.unwrap_or(0),
        classes: classes.map(|classes| classes.to_string()).unwrap_or_default(),
        deadlocks,
        verdict,
        trace: None,
    };
    let mut letters = 0;
    for outcome in outcomes {
        let is_asked = wanted.value == Some(outcome.value);
        let shown = outcome.witness.clone().filter(|_| is_asked);
        let script = |schedule| ScheduleString { question: *question, schedule }.write(&program);
        let told = outcome_of(outcome, script);
        letters += told.letters();
        if letters > FINDINGS_BYTES_MAX {
            let error = format!(
                "what was found takes more than the limit of {FINDINGS_BYTES_MAX} letters; the \
                 values so far are kept; ask for a single value, or without exact fractions"
            );
            return Ok(Outcomes::Failed(findings, error));
        }
        log.append(&exploration.id, ExplorationEvent::Outcome(told))?;
        if let Some(schedule) = shown.filter(|_| program.moves() <= PLAYED_MOVES_MAX) {
            match Replay::of(*question, &program, schedule) {
                Ok(trace) => findings.trace = Some(trace),
                Err(error) => {
                    let error = format!("the witness cannot be played, which is a bug: {error}");
                    return Ok(Outcomes::Failed(findings, error));
                }
            }
        }
    }
    Ok(Outcomes::Finished(findings))
}

fn outcome_of(found: survey::Outcome, script: impl FnOnce(Schedule) -> String) -> Outcome {
    let survey::Outcome {
        value,
        count,
        probability,
        probability_log10,
        ratio,
        witness,
        fewest_preemptions,
    } = found;
    let witness = witness.map(|schedule| Witness {
        fewest_preemptions,
        schedule: schedule.to_string(),
        script: script(schedule),
    });
    let text =
        |(numerator, denominator): (_, _)| (format!("{numerator}"), format!("{denominator}"));
    Outcome {
        value,
        count: count.map(|count| count.to_string()).unwrap_or_default(),
        probability,
        probability_log10,
        ratio: ratio.map(text).unwrap_or_default(),
        witness,
    }
}

/// The last event, and the state that goes with it.
fn end(exploration: &Exploration, log: &Log, ended: Outcomes) -> Result<(), RunError> {
    let (transition, found, error) = match ended {
        Outcomes::Finished(found) => (Transition::Finish, found, String::new()),
        Outcomes::Failed(found, error) => (Transition::Fail, found, error),
        Outcomes::Stopped(StopReason::Cancelled) => {
            (Transition::End, ExplorationResult::default(), String::new())
        }
        Outcomes::Stopped(StopReason::Interrupted) => {
            (Transition::Interrupt, ExplorationResult::default(), String::new())
        }
    };
    exploration.end(transition, &error, |state, time_ns| {
        let ending = Ending { state, time_ns, found, error: error.clone() };
        log.append(&exploration.id, ExplorationEvent::Ended(Box::new(ending)))?;
        Ok(())
    })
}

/// Hears how far a search is, stores what is worth an event, and says whether to go on.
struct Listener<'a> {
    exploration: &'a Exploration,
    log: &'a Log,
    throttle: Throttle,
    begun: Instant,
    trouble: Result<(), AppendError>,
}

impl<'a> Listener<'a> {
    fn new(exploration: &'a Exploration, log: &'a Log) -> Self {
        let (throttle, begun) = (Throttle::default(), Instant::now());
        Self { exploration, log, throttle, begun, trouble: Ok(()) }
    }

    fn hear(&mut self, part: &'static str, done: f64) -> bool {
        if self.throttle.lets_through(part, done, self.begun.elapsed()) {
            let happening = ExplorationEvent::Progress { part, done };
            self.trouble = self.log.append(&self.exploration.id, happening).map(drop);
        }
        self.trouble.is_ok() && self.exploration.stop_reason().is_none()
    }
}

/// Which news of a search are worth an event: a new part, or one that is noticeably further a while
/// later; and only so many.
#[derive(Debug, Default)]
struct Throttle {
    last: Option<(&'static str, f64, Duration)>,
    events: u32,
}

impl Throttle {
    fn lets_through(&mut self, part: &'static str, done: f64, now: Duration) -> bool {
        let is_news = self.last.is_none_or(|(known, then_done, then)| {
            let is_further = done >= then_done + PROGRESS_STEP && now >= then + PROGRESS_PAUSE;
            part != known || is_further
        });
        if !is_news || self.events == PROGRESS_EVENTS_MAX {
            return false;
        }
        self.last = Some((part, done, now));
        self.events += 1;
        true
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
pub(crate) mod tests;
