//! What a workload compiles to.

use super::*;
use crate::machine::native::NativeMachine;
use crate::machine::native::abort::Abort;
use crate::program::bodies::BodyName;

fn code(workload: Workload, sites: Sites) -> Code {
    Code::compile(&workload, sites, &NativeMachine::new(Abort::default()))
}

#[test]
fn zero_cost_steps_leave_only_the_looks() {
    let code = code(Workload::ONE, Sites::AfterMostSteps);
    assert_eq!(code.body().works, SegmentWork::NONE);
    let Segments { before, window, after } = &code.beats;
    assert_eq!((before.ticks(), window.ticks(), after.ticks()), (1, 2, 2));
}

#[test]
fn only_calls_open_the_window_of_3_12() {
    let has_site = |body: BodyName| {
        let workload = Workload { body: body.into(), ..Workload::ONE };
        let code = code(workload, Sites::AtCallsAndBackwardJumps);
        code.beats.window.beats().iter().any(|beat| beat.attention == Check::Site)
    };
    assert!(!has_site(BodyName::Increment));
    assert!(has_site(BodyName::Call));
}

#[test]
fn deeds_stand_where_the_listing_has_them() {
    let body =
        |name: BodyName| code(Workload { body: name.into(), ..Workload::ONE }, Sites::Nowhere);
    let deeds = |run: &SegmentRow| run.beats().iter().map(|beat| beat.deed).collect::<Vec<_>>();
    assert_eq!(deeds(&body(BodyName::Io).beats.window), [SideEffect::Write]);
    let locked = body(BodyName::Locked);
    assert_eq!(deeds(&locked.beats.before), [SideEffect::Acquire]);
    assert_eq!(deeds(&locked.beats.after), [SideEffect::Release]);
    assert_eq!((locked.deeds, body(BodyName::Loop).deeds), (SideEffects::Some, SideEffects::None));
}

#[test]
fn every_step_costs_the_same_wherever_it_stands() {
    let works = code(Workload { step_cost_ns: 15, ..Workload::ONE }, Sites::AfterMostSteps).works;
    let machine = NativeMachine::new(Abort::default());
    // FOR_ITER, STORE_FAST, LOAD | LOAD_CONST, ADD, STORE | JUMP
    let [before, window, after] = [45, 45, 15].map(|ns| machine.work_for(ns));
    assert_eq!(works, SegmentWork { before, window, after });
}

#[test]
fn inside_work_lies_in_the_window_and_outside_work_after_the_body() {
    let workload = Workload { inside_ns: 100, outside_ns: 300, ..Workload::ONE };
    let works = code(workload, Sites::AfterMostSteps).works;
    let machine = NativeMachine::new(Abort::default());
    assert_eq!(works.window, machine.work_for(100));
    assert_eq!(works.after, machine.work_for(300));
}

#[test]
fn task_steps_are_split_around_the_bodies() {
    let workload = Workload { task_steps: 605, step_cost_ns: 15, ..Workload::ONE };
    let code = code(workload, Sites::AfterMostSteps);
    assert_eq!((code.lead.rounds, code.tail.rounds), (30, 30));
    assert_eq!((code.lead.rest.ticks(), code.tail.rest.ticks()), (1, 2));
    let machine = NativeMachine::new(Abort::default());
    assert_eq!(code.tail.work, machine.work_for(303 * 15));
}

#[test]
fn costly_bodies_are_looked_after_one_by_one() {
    let chunk = |inside_ns| chunk_bodies(&Workload { inside_ns, ..Workload::ONE });
    assert_eq!((chunk(0), chunk(10_000), chunk(1_000_000_000)), (4096, 100, 1));
}
