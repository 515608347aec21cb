//! One exploration without a lane: what its log says, whatever its search does.

use super::*;
use crate::jobs::event::memory::Memory;
use crate::jobs::exploration::job::ExplorationSpec;
use crate::jobs::owner::Owner;
use crate::jobs::state::State;
use strategies::catalog::{Plain, Spec};
use strategies::explore::estimate::estimate;
use strategies::explore::survey::SchedulerChoice;
use strategies::model::scheduler::Scheduler;
use strategies::program::body_spec::CustomBody;

/// The race of `unlocked`.
pub(crate) fn race(workers: usize, increments: u32) -> ExplorationSpec {
    let body = CustomBody::parse("LS").expect("a body").into();
    let question = Query { spec: Spec::Plain(Plain::Unlocked), body, workers, increments };
    let choice = SchedulerChoice::Random(Scheduler::Interleavings);
    ExplorationSpec::new(question, QueryOptions { choice, exact: false, value: None }, None)
        .expect("a program")
}

/// An exploration in the queue.
pub(crate) fn queued(id: &str, asked: ExplorationSpec) -> Arc<Exploration> {
    let estimate = estimate(&asked.question, &asked.wanted).expect("within the limits");
    Exploration::new(id.into(), Owner::Local, asked, estimate)
}

struct Bench {
    one: Arc<Exploration>,
    told: Arc<Memory<ExplorationEvent>>,
    log: Log,
}

impl Bench {
    fn new(asked: ExplorationSpec) -> Self {
        let (one, told) = (queued("a", asked), Arc::new(Memory::default()));
        let log: Log = Arc::clone(&told) as Log;
        Self { one, told, log }
    }

    fn happenings(&self) -> Vec<ExplorationEvent> {
        self.told.told()
    }

    fn ending(&self) -> Ending {
        match self.happenings().pop() {
            Some(ExplorationEvent::Ended(ending)) => *ending,
            other => panic!("{other:?} is not the end"),
        }
    }

    fn outcomes(&self) -> Vec<Outcome> {
        let outcome = |happening| match happening {
            ExplorationEvent::Outcome(outcome) => Some(outcome),
            _ => None,
        };
        self.happenings().into_iter().filter_map(outcome).collect()
    }
}

#[test]
fn what_is_found_is_told_value_by_value() {
    let mut asked = race(2, 10);
    asked.wanted.exact = true;
    let bench = Bench::new(asked);
    explore(&bench.one, &bench.log).expect("it runs");
    assert!(matches!(bench.happenings()[0], ExplorationEvent::Started(_)));
    let outcomes = bench.outcomes();
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
    let Ending { state, found, error, time_ns } = bench.ending();
    assert_eq!((state, &*error), (State::Succeeded, ""));
    assert_eq!(found.interleavings, "137846528820");
    assert!(found.states > 0 && found.trace.is_none());
    assert_eq!(bench.one.progress().end_time_ns, time_ns);
}

#[test]
fn a_wanted_value_comes_with_its_trace() {
    let mut asked = race(2, 3);
    asked.wanted.value = Some(2);
    let bench = Bench::new(asked.clone());
    explore(&bench.one, &bench.log).expect("it runs");
    assert_eq!(bench.ending().found.trace.expect("a witness").trace.value, 2);
    assert_eq!(bench.outcomes().len(), 1);
    asked.wanted.value = Some(1);
    let bench = Bench::new(asked);
    explore(&bench.one, &bench.log).expect("it runs");
    let Ending { state, found, .. } = bench.ending();
    assert!(state == State::Succeeded && bench.outcomes().is_empty() && found.trace.is_none());
    assert!(found.verdict.starts_with("1 is impossible: "), "{}", found.verdict);
}

#[test]
fn a_search_that_is_stopped_ends_as_it_was_told_to() {
    let reasons = [
        (StopReason::Cancelled, Transition::Cancel, State::Cancelled),
        (StopReason::Interrupted, Transition::Start, State::Interrupted),
    ];
    for (reason, transition, state) in reasons {
        let bench = Bench::new(race(2, 10));
        let one = Arc::clone(&bench.one);
        let search = move |_: &Query, _: &QueryOptions, go_on: GoOn<'_>| {
            assert!(go_on("searching", 0.0));
            if transition == Transition::Cancel {
                one.apply(transition).expect("it runs");
            }
            one.stop(reason);
            assert!(!go_on("searching", 0.1), "it hears of it");
            Err(SearchError::Stopped { moves: 1, of: 40 })
        };
        run(&bench.one, &bench.log, search).expect("the log is there");
        assert_eq!(bench.ending().state, state);
    }
}

#[test]
fn a_search_that_fails_says_why() {
    let bench = Bench::new(race(2, 10));
    let error = SearchError::NotApplicable("nothing here can be searched");
    run(&bench.one, &bench.log, |_, _, _| Err(error)).expect("the log is there");
    let Ending { state, error, .. } = bench.ending();
    assert_eq!((state, &*error), (State::Failed, "nothing here can be searched"));
    assert_eq!(bench.one.progress().error, error);
}

#[test]
fn more_than_fits_a_message_is_a_failure_that_keeps_the_rest() {
    let bench = Bench::new(race(2, 1));
    let found = survey(&bench.one.asked.question, &bench.one.asked.wanted, &|_, _| true);
    let mut found = found.expect("small");
    found.outcomes[1].count = Some(num_bigint::BigUint::from(1_u32) << (FINDINGS_BYTES_MAX * 4));
    run(&bench.one, &bench.log, |_, _, _| Ok(found)).expect("the log is there");
    let Ending { state, found, error, .. } = bench.ending();
    assert_eq!((state, bench.outcomes().len()), (State::Failed, 1));
    assert!(error.contains("ask for a single value"), "{error}");
    assert_eq!(found.interleavings, "6", "what is known is kept");
}

#[test]
fn news_are_throttled() {
    let mut throttle = Throttle::default();
    let ms = Duration::from_millis;
    let mut hears = |part, done, at| throttle.lets_through(part, done, ms(at));
    assert!(hears("one", 0.0, 0));
    assert!(!hears("one", 0.5, 199), "too soon");
    assert!(!hears("one", 0.019, 1000), "not far enough");
    assert!(hears("one", 0.02, 1000));
    assert!(hears("two", 0.0, 1000), "a new part");
    assert!(!hears("two", 0.5, 1100));
    let mut many = Throttle::default();
    let parts = ["one", "two"].into_iter().cycle().take(10 * PROGRESS_EVENTS_MAX as usize);
    let told = parts.filter(|part| many.lets_through(part, 0.0, ms(0))).count();
    assert_eq!(told, PROGRESS_EVENTS_MAX as usize, "there is an end to it");
}

#[test]
fn a_log_that_is_gone_ends_the_search() {
    let bench = Bench::new(race(2, 10));
    let ended = run(&bench.one, &bench.log, |_, _, go_on| {
        bench.told.close();
        assert!(!go_on("searching", 0.0));
        Err(SearchError::Stopped { moves: 0, of: 40 })
    });
    assert!(matches!(ended, Err(RunError::Append(_))));
}
