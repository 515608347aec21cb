//! Compiled workloads: segments, work and chunks.

use super::*;
use crate::machine::native::NativeMachine;
use crate::machine::native::abort::Abort;
use crate::program::bodies::BodyName;

fn code(workload: Workload, sites: Sites) -> Code {
    Code::compile(&workload, sites, &NativeMachine::new(Abort::default()))
}

#[test]
fn zero_cost_steps_compile_to_checks_only() {
    let code = code(Workload::ONE, Sites::AfterMostSteps);
    assert_eq!(code.body().work, SegmentWork::NONE);
    let Segments { before, window, after } = &code.segments;
    assert_eq!((before.ticks(), window.ticks(), after.ticks()), (1, 2, 2));
}

#[test]
fn window_of_3_12_has_a_site_only_with_a_call() {
    let has_site = |body: BodyName| {
        let workload = Workload { body: body.into(), ..Workload::ONE };
        let code = code(workload, Sites::AtCallsAndBackwardJumps);
        code.segments.window.segments().iter().any(|segment| segment.check == Check::Site)
    };
    assert!(!has_site(BodyName::Increment));
    assert!(has_site(BodyName::Call));
}

#[test]
fn side_effects_keep_the_places_of_the_listing() {
    let body =
        |name: BodyName| code(Workload { body: name.into(), ..Workload::ONE }, Sites::Nowhere);
    let side_effects = |row: &SegmentRow| {
        row.segments().iter().map(|segment| segment.side_effect).collect::<Vec<_>>()
    };
    assert_eq!(side_effects(&body(BodyName::Io).segments.window), [SideEffect::Write]);
    let locked = body(BodyName::Locked);
    assert_eq!(side_effects(&locked.segments.before), [SideEffect::Acquire]);
    assert_eq!(side_effects(&locked.segments.after), [SideEffect::Release]);
    let whole = (locked.side_effects, body(BodyName::Loop).side_effects);
    assert_eq!(whole, (SideEffects::Some, SideEffects::None));
}

#[test]
fn step_cost_is_the_same_on_each_side_of_load_and_store() {
    let work = code(Workload { step_cost_ns: 15, ..Workload::ONE }, Sites::AfterMostSteps).work;
    let machine = NativeMachine::new(Abort::default());
    // FOR_ITER, STORE_FAST, LOAD | LOAD_CONST, ADD, STORE | JUMP
    let [before, window, after] = [45, 45, 15].map(|ns| machine.work_for(ns));
    assert_eq!(work, SegmentWork { before, window, after });
}

#[test]
fn inside_work_lies_in_the_window_and_outside_work_after_the_store() {
    let workload = Workload { inside_ns: 100, outside_ns: 300, ..Workload::ONE };
    let work = code(workload, Sites::AfterMostSteps).work;
    let machine = NativeMachine::new(Abort::default());
    assert_eq!(work.window, machine.work_for(100));
    assert_eq!(work.after, machine.work_for(300));
}

#[test]
fn task_steps_are_split_before_and_after_the_bodies() {
    let workload = Workload { task_steps: 605, step_cost_ns: 15, ..Workload::ONE };
    let code = code(workload, Sites::AfterMostSteps);
    assert_eq!((code.lead.rounds, code.tail.rounds), (30, 30));
    assert_eq!((code.lead.rest.ticks(), code.tail.rest.ticks()), (1, 2));
    let machine = NativeMachine::new(Abort::default());
    assert_eq!(code.tail.work, machine.work_for(303 * 15));
}

#[test]
fn longer_bodies_have_smaller_chunks() {
    let chunk = |inside_ns| chunk_bodies(&Workload { inside_ns, ..Workload::ONE });
    assert_eq!((chunk(0), chunk(10_000), chunk(1_000_000_000)), (4096, 100, 1));
}
