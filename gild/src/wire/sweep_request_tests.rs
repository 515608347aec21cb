//! What arrives and what becomes of it: names, filters, ids, and requests beyond every limit.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use engine::limits::{SWEEP_ATTEMPTS_MAX, WORKERS_MAX};
use engine::plan::sweep_spec::Plan;
use engine::python::registry::Interpreters;

fn refused(spec: v1::SweepSpec) -> String {
    wish(Some(spec)).expect_err("refused").to_string()
}

#[test]
fn unknown_names_come_with_the_nearest() {
    let strategy =
        refused(v1::SweepSpec { strategies: vec!["fair-mutx".into()], ..Default::default() });
    assert_eq!(
        strategy,
        "strategies: `fair-mutx` is no strategy of this lab; did you mean `fair-mutex`? \
         choose one of gil, fair-mutex, ticket, mcs, clh, ticket-spin, mcs-spin, clh-spin, \
         combining, spin, rwlock, \
         seqlock, std-mutex, parking-lot, parking-lot-fair, pthread, cas-loop, atomic, sharded, \
         unlocked, broken, cpython, all"
    );
    let swapped = refused(v1::SweepSpec { strategies: vec!["gli".into()], ..Default::default() });
    assert!(swapped.contains("did you mean `gil`?"), "{swapped}");
    let era = refused(v1::SweepSpec { eras: vec!["4.0".into()], ..Default::default() });
    assert!(era.ends_with("3.12, 3.13, 3.13t, all"), "{era}");
    let call = refused(v1::SweepSpec { io_calls: vec!["ech".into()], ..Default::default() });
    assert!(call.contains("did you mean `echo`?"), "{call}");
    let upper = refused(v1::SweepSpec { strategies: vec!["GIL".into()], ..Default::default() });
    assert!(upper.contains("did you mean `gil`?"), "{upper}");
    let later = refused(v1::SweepSpec { eras: vec!["3.14".into()], ..Default::default() });
    assert!(!later.contains("did you mean"), "{later}");
    let body = refused(v1::SweepSpec { bodies: vec!["xyz".into()], ..Default::default() });
    assert!(!body.contains("did you mean"), "{body}");
}

#[test]
fn an_order_from_the_future_is_the_default() {
    let spec = v1::SweepSpec { order: 99, strategies: vec!["gil".into()], ..Default::default() };
    assert_eq!(wish(Some(spec)).map(|wish| wish.order), Ok(Order::Interleaved));
}

#[test]
fn pinning_arrives_and_an_unknown_rule_is_the_default() {
    let asked = |pin: i32| wish(Some(v1::SweepSpec { pin, ..Default::default() })).map(|it| it.pin);
    let known = [v1::Pin::Unspecified, v1::Pin::None, v1::Pin::Spread, v1::Pin::Pack];
    let wanted = [Pin::Auto, Pin::None, Pin::Spread, Pin::Pack];
    assert_eq!(known.map(|pin| asked(pin.into())), wanted.map(Ok));
    assert_eq!(asked(99), Ok(Pin::Auto));
}

#[test]
fn starvation_is_refused_unless_allowed() {
    let asked = |allow_starvation| {
        let strategies = vec!["mcs-spin".into()];
        let spec = v1::SweepSpec { allow_starvation, strategies, ..Default::default() };
        wish(Some(spec)).map(|wish| wish.starvation)
    };
    assert_eq!(asked(false), Ok(Oversubscription::Refused));
    assert_eq!(asked(true), Ok(Oversubscription::Allowed));
}

#[test]
fn a_request_without_a_spec_is_refused() {
    assert_eq!(wish(None).expect_err("refused").field, "spec");
}

#[test]
fn names_and_ids_are_checked() {
    assert_eq!(sweep_id("sweeps/abc"), Ok("abc"));
    assert!(sweep_id("abc").is_err() && sweep_id("sweeps/").is_err());
    assert_eq!(exploration_id("explorations/abc"), Ok("abc"));
    assert!(exploration_id("sweeps/abc").is_err());
    assert!(request_id(&"x".repeat(65)).is_err() && request_id("x").is_ok());
}

#[test]
fn filters_name_a_state() {
    assert_eq!(filter_state(""), Ok(None));
    assert_eq!(filter_state("state = RUNNING"), Ok(Some(State::Running)));
    assert_eq!(filter_state("state=\"FAILED\""), Ok(Some(State::Failed)));
    assert!(filter_state("state = ASLEEP").is_err() && filter_state("name = x").is_err());
}

/// Comparing it with all others took a hundred times its length in memory.
#[test]
fn nothing_is_suggested_for_a_name_that_no_typing_error_makes() {
    let named =
        |name: String| refused(v1::SweepSpec { strategies: vec![name], ..Default::default() });
    let long = named("gil".repeat(100_000));
    assert!(!long.contains("did you mean"), "{long}");
    assert!(long.starts_with("strategies: `gilgil") && long.len() < 1024, "{} bytes", long.len());
    assert!(named("parking-lot-far".into()).contains("did you mean `parking-lot-fair`?"));
}

#[test]
fn no_terminal_obeys_a_refused_name() {
    let error = refused(v1::SweepSpec { eras: vec!["\u{1b}[2J\n".into()], ..Default::default() });
    assert!(error.starts_with("eras: `\\u{1b}[2J\\u{a}` is no era"), "{error}");
}

#[test]
fn ids_have_a_length_that_can_be_looked_for() {
    let named = |letters: usize| format!("{SWEEPS}{}", "é".repeat(letters));
    assert!(sweep_id(&named(ID_LETTERS_MAX)).is_ok());
    let error = sweep_id(&named(ID_LETTERS_MAX + 1)).expect_err("too long");
    assert_eq!(error.field, "name");
    assert!(error.way_out.contains("at most 64 letters"), "{error}");
    assert!(exploration_id(&"x".repeat(1 << 16)).is_err());
}

#[test]
fn eras_of_a_listing_are_shown_once() {
    let eras = ["all", "3.9", "all", "2.7"].repeat(100).into_iter().map(String::from).collect();
    let request = v1::GetBodyRequest { body: "call".into(), eras };
    let (_, shown) = body_and_eras(&request).expect("a body and eras");
    assert_eq!(shown, Era::GENERATIONS);
}

#[test]
fn pages_have_a_size() {
    assert_eq!(page_size(1001).expect_err("refused").field, "page_size");
    assert_eq!((page_size(0), page_size(2)), (Ok(50), Ok(2)));
}

prop_compose! {
    /// Requests near the limits and far beyond, and names that nobody knows.
    fn any_spec()(
        names in vec(select(vec!["gil", "atomic", "unlocked", "fair-mutex", "all", "x"]), 0..4),
        eras in vec(select(vec!["2.7", "3.9", "3.12", "3.13t", "all", "", "9"]), 0..3),
        bodies in vec(select(vec!["increment", "call", "io", "locked", "\u{0}"]), 0..3),
        steps in vec(select(vec!["LS", ".,L.SJ", "ALISR", "L", "LAS"]), 0..2),
        io_calls in vec(select(vec!["echo", "write", "?"]), 0..2),
        (cpu_workers, io_workers) in (small_axis(), small_axis()),
        requests in option::of(number()),
        (switch_interval_ps, increments, inside_ns) in (axis(), axis(), axis()),
        (tasks, outside_ns, io_ns, io_every) in (axis(), axis(), axis(), axis()),
        (workers, switch_ticks, task_steps) in (small_axis(), small_axis(), small_axis()),
        (step_cost_ns, attempts) in (option::of(number()), option::of(any::<u32>())),
        (duration_ns, arrivals_per_s) in (option::of(number()), axis()),
        precision_permille in option::of(any::<u32>()),
        lengths in vec(select(vec!["fixed", "uniform", "exponential", "?"]), 0..2),
        (locks, reads_percent) in (small_axis(), small_axis()),
        (seed, order, pin) in (option::of(any::<u64>()), any::<i32>(), any::<i32>()),
        allow_starvation in any::<bool>(),
    ) -> v1::SweepSpec {
        let owned = |names: Vec<&str>| names.into_iter().map(String::from).collect();
        v1::SweepSpec {
            strategies: owned(names),
            eras: owned(eras),
            bodies: owned(bodies),
            switch_interval_ps,
            switch_ticks,
            workers,
            tasks,
            increments,
            task_steps,
            step_cost_ns,
            inside_ns,
            outside_ns,
            io_ns,
            io_every,
            attempts,
            seed,
            order,
            io_calls: owned(io_calls),
            cpu_workers,
            io_workers,
            requests,
            pythons: vec![],
            steps: owned(steps),
            duration_ns,
            lengths: owned(lengths),
            locks,
            reads_percent,
            arrivals_per_s,
            precision_permille,
            pin,
            allow_starvation,
        }
    }
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..5, 0_u64..2_000_000_000, any::<u64>()]
}

fn axis() -> impl Strategy<Value = Vec<u64>> {
    vec(number(), 0..3)
}

fn small_axis() -> impl Strategy<Value = Vec<u32>> {
    vec(prop_oneof![0_u32..70, any::<u32>()], 0..3)
}

proptest! {
    /// Whatever arrives is planned within every limit or refused with a way out; nothing panics.
    #[test]
    fn any_request_is_planned_or_refused(spec in any_spec()) {
        match wish(Some(spec)).and_then(|wish| Plan::new(&wish, &Interpreters::default(), 0)) {
            Ok(plan) => {
                prop_assert!((1..=CELLS_MAX).contains(&plan.cells.len()));
                prop_assert!(plan.attempts() <= SWEEP_ATTEMPTS_MAX);
                for cell in &plan.cells {
                    prop_assert!((1..=WORKERS_MAX as usize).contains(&cell.workers));
                    prop_assert!(cell.subject.check(&cell.workload).is_ok());
                    prop_assert!(cell.workload.checked().is_ok());
                }
            }
            Err(error) => prop_assert!(!error.way_out.is_empty() && !error.field.is_empty()),
        }
    }
}
