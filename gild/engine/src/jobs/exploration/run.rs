//! One exploration from start to end: a search of the model, whose progress and outcomes are stored
//! as events. Searches nothing itself.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use strategies::explore::query::{Query, ScheduleString};
use strategies::explore::survey::answer::{self, GoOn, QueryOptions, Survey};
use strategies::explore::survey::survey;
use strategies::model::bounds::SearchError;
use strategies::model::schedule::Schedule;

use crate::exec::executor::Executor;
use crate::jobs::event::exploration::{
    ExplorationEnd, ExplorationEvent, ExplorationResult, FinalValue, Witness,
};
use crate::jobs::event::sink::{AppendError, EventSink};
use crate::jobs::exploration::job::{Exploration, ExplorationSpec};
use crate::jobs::job::{Job, JobKind, RunError};
use crate::jobs::replay::Replay;
use crate::jobs::state::{StopReason, Transition};
use crate::limits::{
    FINDINGS_BYTES_MAX, OUTCOME_BYTES_MAX, PROGRESS_EVENTS_MAX, PROGRESS_PAUSE, PROGRESS_STEP,
};

impl JobKind for Exploration {
    fn name(&self) -> &'static str {
        "exploration"
    }

    fn attempts(&self) -> Option<(u64, u64)> {
        None
    }

    fn run(
        &self,
        job: &Job,
        _executor: &mut Executor,
        sink: &dyn EventSink,
    ) -> Result<(), RunError> {
        run(job, self, sink, survey)
    }

    fn end_unstarted(
        &self,
        job: &Job,
        sink: &dyn EventSink,
        reason: StopReason,
    ) -> Result<(), RunError> {
        end(job, sink, SearchEnd::Stopped(reason))
    }

    fn end_panicked(&self, job: &Job, sink: &dyn EventSink) -> Result<(), RunError> {
        let error = "the lab itself panicked while it explored this".into();
        end(job, sink, SearchEnd::Failed(ExplorationResult::default(), error))
    }
}

/// How the search ended.
enum SearchEnd {
    Finished(ExplorationResult),
    Stopped(StopReason),
    Failed(ExplorationResult, String),
}

fn run(
    job: &Job,
    exploration: &Exploration,
    sink: &dyn EventSink,
    search: impl FnOnce(&Query, &QueryOptions, GoOn<'_>) -> Result<Survey, SearchError>,
) -> Result<(), RunError> {
    job.lifecycle().apply(Transition::Start)?;
    sink.append(job.id(), ExplorationEvent::Started(exploration.estimate).into())?;
    let ExplorationSpec { query, options, .. } = &exploration.spec;
    let listener = RefCell::new(ProgressListener::new(job, sink));
    let found = search(query, options, &|part, done| listener.borrow_mut().on_progress(part, done));
    listener.into_inner().appended?;
    let ended = match (found, job.lifecycle().stop_reason()) {
        (Ok(found), _) => store_outcomes(job, &exploration.spec, sink, found)?,
        // Other errors of a search that was stopped are a result of the stop.
        (Err(_), Some(reason)) => SearchEnd::Stopped(reason),
        (Err(error), None) => SearchEnd::Failed(ExplorationResult::default(), error.to_string()),
    };
    end(job, sink, ended)
}

/// Stores what was found, value by value, as long as it is within the limits.
fn store_outcomes(
    job: &Job,
    spec: &ExplorationSpec,
    sink: &dyn EventSink,
    found: Survey,
) -> Result<SearchEnd, AppendError> {
    let Survey {
        program,
        interleavings,
        interleavings_rounded,
        states,
        classes,
        deadlocks,
        outcomes,
        verdict,
    } = found;
    let ExplorationSpec { query, options, .. } = spec;
    let mut result = ExplorationResult {
        interleavings: interleavings.map(|all| all.to_string()).unwrap_or_default(),
        interleavings_rounded: interleavings_rounded.unwrap_or_default(),
        states: states.unwrap_or(0),
        classes: classes.map(|classes| classes.to_string()).unwrap_or_default(),
        deadlocks,
        verdict,
        trace: None,
    };
    let mut bytes = 0;
    for outcome in outcomes {
        let is_requested = options.value == Some(outcome.value);
        let shown = outcome.witness.clone().filter(|_| is_requested);
        let script = |schedule| ScheduleString { question: *query, schedule }.write(&program);
        let value = final_value(outcome, script);
        bytes += value.text_bytes();
        if let Some(error) = beyond_limit(value.text_bytes(), bytes) {
            return Ok(SearchEnd::Failed(result, error));
        }
        sink.append(job.id(), ExplorationEvent::Outcome(value).into())?;
        if let Some(schedule) = shown {
            match Replay::of(*query, &program, schedule) {
                Ok(trace) => result.trace = Some(trace),
                Err(error) => {
                    let error = format!("the witness cannot be played, which is a bug: {error}");
                    return Ok(SearchEnd::Failed(result, error));
                }
            }
        }
    }
    Ok(SearchEnd::Finished(result))
}

/// Why a value with so many bytes of text, after which there are `all`, is not stored.
fn beyond_limit(one: usize, all: usize) -> Option<String> {
    const KEPT: &str = "the values so far are kept";
    if one > OUTCOME_BYTES_MAX {
        return Some(format!(
            "a value takes more than the limit of {OUTCOME_BYTES_MAX} letters; {KEPT}; ask for fewer \
             increments or workers, or without exact fractions"
        ));
    }
    (all > FINDINGS_BYTES_MAX).then(|| {
        format!(
            "what was found takes more than the limit of {FINDINGS_BYTES_MAX} letters; {KEPT}; ask for \
             a single value, or without exact fractions"
        )
    })
}

fn final_value(found: answer::Outcome, script: impl FnOnce(Schedule) -> String) -> FinalValue {
    let answer::Outcome {
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
    FinalValue {
        value,
        count: count.map(|count| count.to_string()).unwrap_or_default(),
        probability,
        probability_log10,
        ratio: ratio.map(text).unwrap_or_default(),
        witness,
    }
}

/// Stores the last event, with the final state.
fn end(job: &Job, sink: &dyn EventSink, ended: SearchEnd) -> Result<(), RunError> {
    let (transition, found, error) = match ended {
        SearchEnd::Finished(found) => (Transition::Finish, found, String::new()),
        SearchEnd::Failed(found, error) => (Transition::Fail, found, error),
        SearchEnd::Stopped(reason) => {
            (reason.transition(), ExplorationResult::default(), String::new())
        }
    };
    job.end(sink, transition, &error, |state, time_ns| {
        let end = ExplorationEnd { state, time_ns, found, error: error.clone() };
        ExplorationEvent::Ended(Box::new(end)).into()
    })
}

/// Stores the progress of a search where it is worth an event, and decides whether it goes on.
struct ProgressListener<'a> {
    job: &'a Job,
    sink: &'a dyn EventSink,
    throttle: Throttle,
    begun: Instant,
    appended: Result<(), AppendError>,
}

impl<'a> ProgressListener<'a> {
    fn new(job: &'a Job, sink: &'a dyn EventSink) -> Self {
        Self { job, sink, throttle: Throttle::default(), begun: Instant::now(), appended: Ok(()) }
    }

    fn on_progress(&mut self, part: &'static str, done: f64) -> bool {
        if self.throttle.lets_through(part, done, self.begun.elapsed()) {
            let event = ExplorationEvent::Progress { part, done };
            self.appended = self.sink.append(self.job.id(), event.into()).map(drop);
        }
        self.appended.is_ok() && self.job.lifecycle().stop_reason().is_none()
    }
}

/// Limits the progress events: one per new part, or noticeable progress a while later; at most
/// [`PROGRESS_EVENTS_MAX`] in all.
#[derive(Debug, Default)]
struct Throttle {
    last: Option<(&'static str, f64, Duration)>,
    events: u32,
}

impl Throttle {
    fn lets_through(&mut self, part: &'static str, done: f64, now: Duration) -> bool {
        let is_new = self.last.is_none_or(|(known, then_done, then)| {
            let is_further = done >= then_done + PROGRESS_STEP && now >= then + PROGRESS_PAUSE;
            part != known || is_further
        });
        if !is_new || self.events == PROGRESS_EVENTS_MAX {
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
