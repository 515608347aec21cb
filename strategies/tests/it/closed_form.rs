//! Closed forms against the searches: the same values wherever both can run, and a schedule for each
//! of them that the model plays to that value, far beyond what can be searched too.

use std::collections::HashSet;

use num_bigint::BigUint;
use proptest::prelude::*;

use strategies::catalog::{Name, Plain, Spec};
use strategies::explore::closed_form::{Openings, Race};
use strategies::explore::estimate::{CLOSED_FORM, estimate};
use strategies::explore::forward::search;
use strategies::explore::query::{Query, gil};
use strategies::explore::reachable::reachable;
use strategies::explore::reverse::{chain, tasks};
use strategies::explore::survey::answer::{QueryOptions, SchedulerChoice};
use strategies::explore::survey::survey;
use strategies::model::bounds::Bounds;
use strategies::model::long_program::{INCREMENTS_MAX, LongProgram};
use strategies::model::moves::{Act, Move, Ownership};
use strategies::model::program::Program;
use strategies::model::replay::{replay, replay_long};
use strategies::model::scheduler::{Bits, Scheduler};
use strategies::model::state::Reduction;
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::{CustomBody, Increment};
use strategies::program::era::Era;
use strategies::program::step::Check;

/// Events of a schedule that is played: far fewer than a million increments have moves.
const EVENTS_MAX: usize = 1000;

type Body = (Vec<Move>, Ownership);

/// Every strategy, each generation of the interpreter with its lock let go at any site.
fn specs() -> Vec<Spec> {
    let plain = |name: Name| match name {
        Name::Plain(plain) => Some(Spec::Plain(plain)),
        Name::Gil => None,
    };
    let generations = Era::GENERATIONS.map(|era| gil(era, None));
    Name::all().into_iter().filter_map(plain).chain(generations).collect()
}

/// All bodies with at most one step before the load, between load and store, and after the store;
/// with a lock around both, and without; and the listings.
fn increments() -> Vec<Increment> {
    let steps = ["", ".", ",", "C", "N", "F", "J", "I"];
    let mut all: Vec<Increment> = BodyName::ALL.map(Increment::from).to_vec();
    for before in steps {
        for between in steps {
            for after in steps {
                for [takes, lets_go] in [["", ""], ["A", "R"]] {
                    let letters = format!("{before}{takes}L{between}S{lets_go}{after}");
                    all.push(CustomBody::parse(&letters).expect("a body").into());
                }
            }
        }
    }
    all
}

/// The different rows of moves among them.
fn bodies() -> Vec<Body> {
    let (mut known, mut all) = (HashSet::new(), Vec::new());
    for spec in specs() {
        for increment in increments() {
            let body = spec.moves(increment);
            if known.insert(body.clone()) {
                all.push(body);
            }
        }
    }
    all
}

/// Bodies of each kind of opening, with the window at their ends or not.
fn few_bodies() -> Vec<Body> {
    let unlocked = Spec::Plain(Plain::Unlocked);
    let [ticks, interval, calls] = [Era::V2_7, Era::V3_9, Era::V3_12].map(|era| gil(era, None));
    let of = |(spec, letters): (Spec, &str)| {
        spec.moves(CustomBody::parse(letters).expect("a body").into())
    };
    let named = [(interval, BodyName::Increment), (calls, BodyName::Call), (calls, BodyName::Io)];
    let by_hand = [
        (unlocked, "LS"),
        (unlocked, ".L.S"),
        (interval, "LS"),
        (ticks, ",L,S."),
        (calls, "LCS"),
        (calls, "CLCS"),
        (calls, ".L.CS.J"),
        (calls, "LIS"),
        (calls, "LS"),
        (unlocked, "ALSR"),
        (Spec::Plain(Plain::FairMutex), "L.S"),
    ];
    let named = named.map(|(spec, name)| spec.moves(name.into()));
    by_hand.map(of).into_iter().chain(named).collect()
}

fn race(body: &Body, workers: usize, increments: u32) -> LongProgram {
    LongProgram::new(workers, increments, &body.0, body.1).expect("within the limits")
}

fn values(race: &Race) -> Vec<u32> {
    race.values().expect("no tick budget").collect()
}

/// All bodies of one load and one store, all eras.
#[test]
fn values_are_those_of_the_searches() {
    let bodies = bodies();
    assert!(bodies.len() > 400, "{}", bodies.len());
    for body in &bodies {
        for (workers, increments) in [(1, 2), (2, 1), (2, 2), (2, 3), (2, 4), (3, 1), (3, 2)] {
            let race = race(body, workers, increments);
            let program = race.searched().expect("small");
            let found = reachable(&program, Bounds::ALL).expect("small");
            assert_eq!(values(&Race::of(&race)), found, "{workers} x {increments} {body:?}");
        }
    }
    for body in few_bodies() {
        for (workers, increments) in [(2, 1), (2, 2), (2, 3), (3, 2)] {
            let race = race(&body, workers, increments);
            let program = race.searched().expect("small");
            let any = Scheduler::Interleavings;
            let found = search::explore::<Bits>(&program, any, Reduction::None, Bounds::ALL);
            let found = Bits::values(&found.expect("small").outcomes);
            assert_eq!(values(&Race::of(&race)), found, "{workers} x {increments} {body:?}");
        }
    }
}

/// The tasks of a measured cell, with ordinary steps before and after the bodies, or without.
#[test]
fn values_of_a_queue_are_those_of_the_searches() {
    let site = [Move { attention: Check::Site, ..Move::plain(Act::Local) }];
    for body in bodies() {
        let is_held = body.1 != Ownership::Anyone;
        let openings = Openings::of(&body.0, body.1);
        for (workers, tasks, increments) in [
            (1, 2, 2),
            (2, 1, 2),
            (2, 2, 1),
            (2, 2, 2),
            (2, 3, 1),
            (2, 3, 2),
            (2, 2, 3),
            (3, 3, 1),
            (3, 3, 2),
        ] {
            let wanted: Vec<u32> =
                openings.values(workers, tasks.into(), increments.into()).map(narrow).collect();
            for around in [&[][..], &site[..]] {
                if !around.is_empty() && !is_held {
                    continue;
                }
                let workers = workers.min(usize::from(tasks));
                let parts = [around, &body.0, around];
                let program = Program::queued(workers, tasks, increments, parts, body.1);
                let program = program.expect("small");
                let found = reachable(&program, Bounds::ALL).expect("small");
                assert_eq!(found, wanted, "{workers} {tasks} {increments} {body:?} {around:?}");
            }
        }
    }
    // Reading backwards is one way, the search is the other.
    for body in few_bodies() {
        let program = Program::queued(2, 3, 2, [&[], &body.0, &[]], body.1).expect("small");
        let any = Scheduler::Interleavings;
        let found = search::explore::<Bits>(&program, any, Reduction::Merged, Bounds::ALL);
        let found = Bits::values(&found.expect("small").outcomes);
        let wanted = Openings::of(&body.0, body.1).values(2, 3, 2);
        assert_eq!(found, wanted.map(narrow).collect::<Vec<_>>(), "{body:?}");
        if let Ok(read) = tasks::outcomes::<Bits>(&program, any, Bounds::ALL) {
            assert_eq!(Bits::values(&read), found, "{body:?}");
        }
    }
}

fn narrow(value: u64) -> u32 {
    u32::try_from(value).expect("small")
}

/// Up to eight increments each: every value has a schedule that leads to it, no other has one.
#[test]
fn every_value_has_a_schedule() {
    for body in few_bodies() {
        for workers in 1..=8 {
            for increments in 1..=8 {
                let long = race(&body, workers, increments);
                let (program, race) = (long.searched().expect("small"), Race::of(&long));
                for value in 0..=long.expected() + 1 {
                    let found = race.schedule(value);
                    let is_reachable = race.bound().contains(&value);
                    assert_eq!(found.is_some(), is_reachable, "{workers} x {increments}: {value}");
                    let Some(schedule) = found else { continue };
                    let played = replay(&program, &schedule).map(|trace| trace.value);
                    assert_eq!(played, Ok(value), "{workers} x {increments} {schedule} {body:?}");
                }
                if workers == 2 || (workers == 3 && increments <= 4) {
                    let found = reachable(&program, Bounds::ALL).expect("small");
                    assert_eq!(values(&race), found, "{workers} x {increments} {body:?}");
                }
            }
        }
    }
}

/// With a tick budget the ends of a task are as ever: nothing lost is always possible, and nothing
/// beyond what any switch could do.
#[test]
fn a_tick_budget_leaves_the_bounds() {
    for (budget, letters) in [(1, "LS"), (3, ".,L,.SJ"), (4, ".,L,.SJ"), (2, "LIS")] {
        let body = CustomBody::parse(letters).expect("a body").into();
        let (moves, access) = gil(Era::V2_7, Some(budget)).moves(body);
        let long = race(&(moves, access), 2, 3);
        let (program, race) = (long.searched().expect("small"), Race::of(&long));
        assert_eq!(race.values(), None);
        let found = reachable(&program, Bounds::ALL).expect("small");
        assert!(found.iter().all(|value| race.bound().contains(value)), "{letters}");
        assert_eq!(found.last(), Some(&6));
        let sequential = race.schedule(6).expect("one after the other");
        assert_eq!(replay(&program, &sequential).map(|trace| trace.value), Ok(6));
        assert_eq!(race.schedule(2), None, "only a search can say");
    }
}

#[track_caller]
fn is_played_to(program: &LongProgram, value: u32) {
    let schedule = Race::of(program).schedule(value).expect("it is reachable");
    assert!(schedule.runs().len() <= 2 * program.workers() + 4, "{schedule}");
    let trace = replay_long(program, &schedule, EVENTS_MAX).expect("a schedule of it");
    assert_eq!(trace.value, value, "{schedule}");
    let moves: usize = trace.events.iter().map(|event| event.times as usize).sum();
    assert_eq!(moves, program.moves());
}

#[test]
fn a_million_increments_have_their_schedules() {
    for body in few_bodies() {
        for workers in [2, 3, 8] {
            let program = race(&body, workers, INCREMENTS_MAX);
            let (least, most) = Race::of(&program).bound().into_inner();
            let near = |value: u32| [value.saturating_sub(1), value, value + 1];
            let ends =
                [least, most, INCREMENTS_MAX, 2 * INCREMENTS_MAX, u32::midpoint(least, most)];
            let inner = ends.into_iter().flat_map(near);
            for value in inner.filter(|value| (least..=most).contains(value)) {
                is_played_to(&program, value);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_value_at_any_size_has_its_schedule(
        body in 0..few_bodies().len(),
        workers in 2_usize..=8,
        increments in 1..=INCREMENTS_MAX,
        place in 0..=1000_u64,
        is_low in any::<bool>(),
    ) {
        let program = race(&few_bodies()[body], workers, increments);
        let (least, most) = Race::of(&program).bound().into_inner();
        let most = if is_low { most.min(increments.max(least)) } else { most };
        let value = least + narrow(u64::from(most - least) * place / 1000);
        is_played_to(&program, value);
    }
}

fn asked(value: Option<u32>) -> QueryOptions {
    let choice = SchedulerChoice::Random(Scheduler::Interleavings);
    QueryOptions { choice, exact: false, value }
}

fn race_of(spec: Spec, letters: &str, workers: usize, increments: u32) -> Query {
    let body = CustomBody::parse(letters).expect("a body").into();
    Query { spec, body, workers, increments }
}

/// At each size, searched or not: a value that can come out has a schedule, any other a reason.
#[test]
fn one_value_is_answered_at_every_size() {
    let unlocked = Spec::Plain(Plain::Unlocked);
    let questions = [
        (unlocked, "LS", 2),
        (unlocked, "L.S", 3),
        (unlocked, "LS", 8),
        (gil(Era::V3_9, None), ".,L,.SJ", 2),
        (gil(Era::V3_12, None), "LCS", 2),
        (gil(Era::V3_12, None), "LS", 2),
        (Spec::Plain(Plain::FairMutex), "LS", 2),
    ];
    let sizes = [1, 2, 3, 10, 34, 35, 100, 241, 511, 8_191, 8_192, 100_000, INCREMENTS_MAX];
    for (spec, letters, workers) in questions {
        for increments in sizes {
            let question = race_of(spec, letters, workers, increments);
            let program = question.long_program().expect("within the limits");
            let bound = Race::of(&program).bound();
            let [least, most] = [*bound.start(), *bound.end()];
            for value in [least, most, least.max(most / 2), least - 1, most + 1] {
                let wanted = asked(Some(value));
                estimate(&question, &wanted).expect("it is never refused");
                let found = survey(&question, &wanted, &|_, _| true).expect("it has an answer");
                if !bound.contains(&value) {
                    assert!(found.outcomes.is_empty(), "{letters} {workers} x {increments}");
                    assert!(found.verdict.contains("is impossible"), "{}", found.verdict);
                    continue;
                }
                let witness = found.outcomes[0].witness.as_ref().expect("it has a schedule");
                let trace = replay_long(&program, witness, 50_000).expect("a schedule of it");
                assert_eq!(trace.value, value, "{letters} {workers} x {increments}");
            }
        }
    }
}

#[test]
fn beyond_the_search_the_ends_are_known_by_closed_form() {
    let question = race_of(Spec::Plain(Plain::Unlocked), "LS", 2, INCREMENTS_MAX);
    let taking = estimate(&question, &asked(None)).expect("it is never refused");
    assert_eq!((taking.method, taking.states), (CLOSED_FORM, 0.0));
    let found = survey(&question, &asked(None), &|_, _| true).expect("it has an answer");
    assert_eq!(found.interleavings_rounded.as_deref(), Some("3.8332395770380506e1204116"));
    assert_eq!((found.interleavings, found.outcomes.len()), (None, 2));
    assert_eq!(
        found.verdict,
        "by closed form, every value from 2 to 2000000 can come out; how many interleavings lead to \
         each is not counted at this size"
    );
    // Where both run, they count the same.
    for (spec, letters) in [(Spec::Plain(Plain::Unlocked), "LS"), (gil(Era::V3_9, None), ".,L,.SJ")]
    {
        let question = race_of(spec, letters, 2, 10);
        let found = survey(&question, &asked(None), &|_, _| true).expect("small");
        let orders = Race::of(&question.long_program().expect("small")).orders().expect("free");
        assert_eq!(found.interleavings, orders.exact());
    }
    let exact = QueryOptions { exact: true, ..asked(Some(2)) };
    let of = |increments| {
        let question = race_of(Spec::Plain(Plain::Unlocked), "LS", 2, increments);
        survey(&question, &exact, &|_, _| true).expect("it has an answer")
    };
    let digits = of(20_000).interleavings.expect("80,000 turns").to_string();
    let rounded = of(20_000).interleavings_rounded.expect("it is counted");
    assert!(rounded.starts_with(&format!("{}.{}", &digits[..1], &digits[1..16])), "{rounded}");
    assert!(rounded.ends_with(&format!("e{}", digits.len() - 1)), "{rounded}");
    let beyond = of(30_000);
    assert_eq!(beyond.interleavings, None);
    let said = "counted to the last digit up to 100000 turns of all workers, and these are 120000";
    assert!(beyond.verdict.ends_with(said), "{}", beyond.verdict);
}

/// What workers' turns are: counted by the search, for each body that makes no worker wait.
#[test]
fn interleavings_are_orders_of_turns() {
    let mut counted = 0;
    for body in bodies() {
        for (workers, increments) in [(2, 1), (2, 2), (3, 1)] {
            let race = race(&body, workers, increments);
            let Some(orders) = Race::of(&race).orders() else { continue };
            let program = race.searched().expect("small");
            let any = Scheduler::Interleavings;
            let found = chain::outcomes::<BigUint>(&program, any, Bounds::ALL).expect("small");
            let all: BigUint = found.iter().sum();
            assert_eq!(Some(all), orders.exact(), "{workers} x {increments} {body:?}");
            counted += 1;
        }
    }
    assert!(counted > 600, "{counted}");
}

/// A tick budget has no closed form: what no search can hold is refused with the size that fits.
#[test]
fn what_only_a_search_can_say_names_its_limit() {
    let question = race_of(gil(Era::V2_7, Some(100)), ".,L,.SJ", 2, 20_000);
    for wanted in [asked(None), asked(Some(3))] {
        let error = estimate(&question, &wanted).expect_err("too large").to_string();
        assert_eq!(
            error,
            "increments: 20000 is outside the limits; choose a value from 1 to 16383"
        );
    }
    for known in [40_000, 40_001, 1] {
        assert!(estimate(&question, &asked(Some(known))).is_ok(), "{known}");
    }
}
