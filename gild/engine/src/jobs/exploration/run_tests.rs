//! The events and the end of one exploration, for each way its search can end.

use std::sync::Arc;

use super::*;
use crate::exec::lost_workers::LostWorkers;
use crate::jobs::event::recorder::EventRecorder;
use crate::jobs::owner::Owner;
use crate::jobs::state::State;
use crate::python::registry::Interpreters;
use crate::sys::affinity::CpuSet;
use strategies::catalog::{Plain, Spec};
use strategies::explore::estimate::estimate;
use strategies::explore::survey::answer::SchedulerChoice;
use strategies::model::scheduler::Scheduler;
use strategies::program::body_spec::CustomBody;

/// The race of `unlocked`.
pub(crate) fn race(workers: usize, increments: u32) -> ExplorationSpec {
    let body = CustomBody::parse("LS").expect("a body").into();
    let query = Query { spec: Spec::Plain(Plain::Unlocked), body, workers, increments };
    let choice = SchedulerChoice::Random(Scheduler::Interleavings);
    ExplorationSpec::new(query, QueryOptions { choice, exact: false, value: None }, None)
        .expect("a program")
}

/// An exploration of that.
pub(crate) fn exploration(spec: ExplorationSpec) -> Exploration {
    let estimate = estimate(&spec.query, &spec.options).expect("within the limits");
    Exploration { spec, estimate }
}

/// An exploration in the queue.
pub(crate) fn queued(id: &str, spec: ExplorationSpec) -> Arc<Job> {
    Job::new(id.into(), Owner::Local, Arc::new(exploration(spec)))
}

/// An exploration in the queue, and what it stores.
struct Fixture {
    job: Arc<Job>,
    exploration: Arc<Exploration>,
    sink: EventRecorder,
}

impl Fixture {
    fn new(spec: ExplorationSpec) -> Self {
        let exploration = Arc::new(exploration(spec));
        let job = Job::new("a".into(), Owner::Local, exploration.clone());
        Self { job, exploration, sink: EventRecorder::default() }
    }

    fn run(&self) {
        let mut executor =
            Executor::on(CpuSet::default(), LostWorkers::default(), Interpreters::default());
        self.job.run(&mut executor, &self.sink).expect("it runs");
    }

    fn run_with(
        &self,
        search: impl FnOnce(&Query, &QueryOptions, GoOn<'_>) -> Result<Survey, SearchError>,
    ) -> Result<(), RunError> {
        run(&self.job, &self.exploration, &self.sink, search)
    }

    fn events(&self) -> Vec<ExplorationEvent> {
        self.sink.exploration_events("a")
    }

    fn end(&self) -> ExplorationEnd {
        match self.events().pop() {
            Some(ExplorationEvent::Ended(end)) => *end,
            other => panic!("{other:?} is not the end"),
        }
    }

    fn outcomes(&self) -> Vec<FinalValue> {
        let outcome = |event| match event {
            ExplorationEvent::Outcome(outcome) => Some(outcome),
            _ => None,
        };
        self.events().into_iter().filter_map(outcome).collect()
    }
}

#[test]
fn finished_search_stores_an_event_per_value() {
    let mut spec = race(2, 10);
    spec.options.exact = true;
    let fixture = Fixture::new(spec);
    fixture.run();
    assert!(matches!(fixture.events()[0], ExplorationEvent::Started(_)));
    let outcomes = fixture.outcomes();
    assert_eq!(
        outcomes.iter().map(|it| it.value).collect::<Vec<_>>(),
        (2..=20).collect::<Vec<_>>()
    );
    let least = &outcomes[0];
    assert_eq!((&*least.count, &*least.ratio.0), ("8", "2"));
    let witness = least.witness.as_ref().expect("it is small");
    let (script, program) = ScheduleString::read(&witness.script).expect("a script");
    let played = Replay::of(script.question, &program, script.schedule).expect("a whole one");
    let found = (played.trace.value, Some(played.trace.preemptions));
    assert_eq!(found, (2, witness.fewest_preemptions));
    let ExplorationEnd { state, found, error, time_ns } = fixture.end();
    assert_eq!((state, &*error), (State::Succeeded, ""));
    assert_eq!(found.interleavings, "137846528820");
    assert!(found.states > 0 && found.trace.is_none());
    assert_eq!(fixture.job.lifecycle().end_time_ns(), time_ns);
}

#[test]
fn requested_value_has_a_trace() {
    let mut spec = race(2, 3);
    spec.options.value = Some(2);
    let fixture = Fixture::new(spec.clone());
    fixture.run();
    assert_eq!(fixture.end().found.trace.expect("a witness").trace.value, 2);
    assert_eq!(fixture.outcomes().len(), 1);
    spec.options.value = Some(1);
    let fixture = Fixture::new(spec);
    fixture.run();
    let ExplorationEnd { state, found, .. } = fixture.end();
    assert!(state == State::Succeeded && fixture.outcomes().is_empty() && found.trace.is_none());
    assert!(found.verdict.starts_with("1 is impossible: "), "{}", found.verdict);
}

#[test]
fn stopped_search_ends_by_its_stop_reason() {
    let reasons = [
        (StopReason::Cancelled, Transition::Cancel, State::Cancelled),
        (StopReason::Interrupted, Transition::Start, State::Interrupted),
    ];
    for (reason, transition, state) in reasons {
        let fixture = Fixture::new(race(2, 10));
        let job = Arc::clone(&fixture.job);
        let search = move |_: &Query, _: &QueryOptions, go_on: GoOn<'_>| {
            assert!(go_on("searching", 0.0));
            if transition == Transition::Cancel {
                job.lifecycle().apply(transition).expect("it runs");
            }
            job.lifecycle().stop(reason);
            assert!(!go_on("searching", 0.1), "it hears of it");
            Err(SearchError::Stopped { moves: 1, of: 40 })
        };
        fixture.run_with(search).expect("the log is there");
        assert_eq!(fixture.end().state, state);
    }
}

#[test]
fn failed_search_stores_its_error() {
    let fixture = Fixture::new(race(2, 10));
    let error = SearchError::NotApplicable("nothing here can be searched");
    fixture.run_with(|_, _, _| Err(error)).expect("the log is there");
    let ExplorationEnd { state, error, .. } = fixture.end();
    let said = "nothing here can be searched; ask for another strategy or scheduler";
    assert_eq!((state, &*error), (State::Failed, said));
    assert_eq!(fixture.job.lifecycle().error(), error);
}

/// Runs an exploration of `increments` whose values from the second on have so many letters of text.
#[track_caller]
fn fails_with_letters(increments: u32, letters: usize, kept: usize, said: &str) {
    let fixture = Fixture::new(race(2, increments));
    let found =
        survey(&fixture.exploration.spec.query, &fixture.exploration.spec.options, &|_, _| true);
    let mut found = found.expect("small");
    let digits = u32::try_from(letters).expect("small");
    let long = num_bigint::BigUint::from(10_u32).pow(digits);
    found.outcomes.iter_mut().skip(1).for_each(|outcome| outcome.count = Some(long.clone()));
    fixture.run_with(|_, _, _| Ok(found)).expect("the log is there");
    let ExplorationEnd { state, found, error, .. } = fixture.end();
    assert_eq!((state, fixture.outcomes().len()), (State::Failed, kept));
    assert!(error.contains(said), "{error}");
    assert!(!found.interleavings.is_empty(), "what is known is kept");
}

#[test]
fn value_or_result_beyond_its_limit_fails_and_keeps_earlier_values() {
    fails_with_letters(1, OUTCOME_BYTES_MAX, 1, "a value takes more than the limit");
    // Two of these are within the limit of a result, three are not.
    fails_with_letters(3, OUTCOME_BYTES_MAX / 4 * 3, 3, "ask for a single value");
}

#[test]
fn progress_events_are_throttled() {
    let mut throttle = Throttle::default();
    let ms = Duration::from_millis;
    let mut passes = |part, done, at| throttle.lets_through(part, done, ms(at));
    assert!(passes("one", 0.0, 0));
    assert!(!passes("one", 0.5, 199), "too soon");
    assert!(!passes("one", 0.019, 1000), "not far enough");
    assert!(passes("one", 0.02, 1000));
    assert!(passes("two", 0.0, 1000), "a new part");
    assert!(!passes("two", 0.5, 1100));
    let mut many = Throttle::default();
    let parts = ["one", "two"].into_iter().cycle().take(10 * PROGRESS_EVENTS_MAX as usize);
    let count = parts.filter(|part| many.lets_through(part, 0.0, ms(0))).count();
    assert_eq!(count, PROGRESS_EVENTS_MAX as usize, "there is an end to it");
}

#[test]
fn closed_log_ends_the_search() {
    let fixture = Fixture::new(race(2, 10));
    let ended = fixture.run_with(|_, _, go_on| {
        fixture.sink.close();
        assert!(!go_on("searching", 0.0));
        Err(SearchError::Stopped { moves: 0, of: 40 })
    });
    assert!(matches!(ended, Err(RunError::Append(_))));
}
