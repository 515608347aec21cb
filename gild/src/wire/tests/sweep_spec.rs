//! Requests of a sweep: names, values of later versions, and numbers beyond every limit.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use engine::limits::{CELLS_MAX, SWEEP_ATTEMPTS_MAX, WORKERS_MAX};
use engine::plan::sweep_plan::Plan;
use engine::python::registry::Interpreters;

fn refused(spec: v1::SweepSpec) -> String {
    sweep_spec(Some(spec)).expect_err("refused").to_string()
}

#[test]
fn unknown_name_is_refused_with_the_nearest() {
    let strategy =
        refused(v1::SweepSpec { strategies: vec!["fair-mutx".into()], ..Default::default() });
    assert_eq!(
        strategy,
        "strategies: `fair-mutx` is not a strategy of this lab; did you mean `fair-mutex`? \
         choose one of gil, fair-mutex, ticket, mcs, clh, ticket-spin, mcs-spin, clh-spin, \
         combining, spin, rwlock, \
         seqlock, std-mutex, parking-lot, parking-lot-fair, pthread, cas-loop, atomic, sharded, \
         unlocked, broken, cpython, all"
    );
    let swapped = refused(v1::SweepSpec { strategies: vec!["gli".into()], ..Default::default() });
    assert!(swapped.contains("did you mean `gil`?"), "{swapped}");
    let word = refused(v1::SweepSpec { strategies: vec!["mutex".into()], ..Default::default() });
    assert!(word.contains("did you mean `fair-mutex`?"), "{word}");
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
fn unknown_order_is_the_default() {
    let spec = v1::SweepSpec { order: 99, strategies: vec!["gil".into()], ..Default::default() };
    assert_eq!(sweep_spec(Some(spec)).map(|spec| spec.order), Ok(Order::Interleaved));
}

#[test]
fn unknown_pin_rule_is_the_default() {
    let asked =
        |pin: i32| sweep_spec(Some(v1::SweepSpec { pin, ..Default::default() })).map(|it| it.pin);
    let known = [v1::Pin::Unspecified, v1::Pin::None, v1::Pin::Spread, v1::Pin::Pack];
    let wanted = [Pin::Auto, Pin::None, Pin::Spread, Pin::Pack];
    assert_eq!(known.map(|pin| asked(pin.into())), wanted.map(Ok));
    assert_eq!(asked(99), Ok(Pin::Auto));
}

#[test]
fn starvation_unless_allowed_is_refused() {
    let asked = |allow_starvation| {
        let strategies = vec!["mcs-spin".into()];
        let spec = v1::SweepSpec { allow_starvation, strategies, ..Default::default() };
        sweep_spec(Some(spec)).map(|spec| spec.starvation)
    };
    assert_eq!(asked(false), Ok(Oversubscription::Refused));
    assert_eq!(asked(true), Ok(Oversubscription::Allowed));
}

/// The request is part of every response about its sweep.
#[test]
fn request_beyond_its_limit_is_refused() {
    let tasks = |count| v1::SweepSpec {
        strategies: vec!["gil".into()],
        tasks: vec![u64::MAX; count],
        ..Default::default()
    };
    // Ten bytes each.
    assert!(sweep_spec(Some(tasks(SPEC_BYTES_MAX / 10 - 2))).is_ok());
    let beyond = refused(tasks(SPEC_BYTES_MAX / 10 + 1));
    assert!(
        beyond.contains("is larger than the limit of 131072; name each value once"),
        "{beyond}"
    );
}

#[test]
fn request_without_a_spec_is_refused() {
    assert_eq!(sweep_spec(None).expect_err("refused").field, "spec");
}

/// Comparing it with all others took a hundred times its length in memory.
#[test]
fn overlong_name_gets_no_suggestion() {
    let named =
        |name: String| refused(v1::SweepSpec { strategies: vec![name], ..Default::default() });
    let long = named("gil".repeat(100_000));
    assert!(!long.contains("did you mean"), "{long}");
    assert!(long.starts_with("strategies: `gilgil") && long.len() < 1024, "{} bytes", long.len());
    assert!(named("parking-lot-far".into()).contains("did you mean `parking-lot-fair`?"));
}

#[test]
fn refused_name_is_escaped() {
    let error = refused(v1::SweepSpec { eras: vec!["\u{1b}[2J\n".into()], ..Default::default() });
    assert!(error.starts_with("eras: `\\u{1b}[2J\\u{a}` is not an era"), "{error}");
}

macro_rules! any_spec {
    (
        fields { $($(#[$doc:meta])* $field:ident = $wire:ident: $type:ty,)* }
        workload { $($(#[$axis_doc:meta])* $axis:ident: $axis_type:ty,)* }
    ) => {
        /// Requests near the limits and far beyond, with known and unknown names in every field.
        fn any_spec() -> impl Strategy<Value = v1::SweepSpec> {
            let spec = Just(v1::SweepSpec::default()).boxed();
            $(let spec = with(spec, stringify!($wire), |spec| &mut spec.$wire);)*
            $(let spec = with(spec, stringify!($axis), |spec| &mut spec.$axis);)*
            spec
        }
    };
}

engine::sweep_fields!(any_spec);

/// The same requests, with any value in one more field.
fn with<T: AnyValue + 'static>(
    specs: BoxedStrategy<v1::SweepSpec>,
    field: &'static str,
    of: fn(&mut v1::SweepSpec) -> &mut T,
) -> BoxedStrategy<v1::SweepSpec> {
    let set = move |(mut spec, value)| {
        *of(&mut spec) = value;
        spec
    };
    (specs, T::any(field)).prop_map(set).boxed()
}

/// Values of a field of the wire.
trait AnyValue: Sized + std::fmt::Debug {
    fn any(field: &str) -> BoxedStrategy<Self>;
}

impl AnyValue for Vec<String> {
    fn any(field: &str) -> BoxedStrategy<Self> {
        let (names, most): (&[&str], usize) = match field {
            "strategies" => (&["gil", "atomic", "unlocked", "fair-mutex", "all", "x"], 4),
            "eras" => (&["2.7", "3.9", "3.12", "3.13t", "all", "", "9"], 3),
            "bodies" => (&["increment", "call", "io", "locked", "\u{0}"], 3),
            "steps" => (&["LS", ".,L.SJ", "ALISR", "L", "LAS"], 2),
            "io_calls" => (&["echo", "write", "?"], 2),
            "lengths" => (&["fixed", "uniform", "exponential", "?"], 2),
            _ => return Just(Self::new()).boxed(),
        };
        vec(select(names).prop_map(str::to_owned), 0..most).boxed()
    }
}

impl AnyValue for Vec<u64> {
    fn any(_: &str) -> BoxedStrategy<Self> {
        vec(number(), 0..3).boxed()
    }
}

impl AnyValue for Vec<u32> {
    fn any(_: &str) -> BoxedStrategy<Self> {
        vec(prop_oneof![0_u32..70, any::<u32>()], 0..3).boxed()
    }
}

impl AnyValue for Option<u64> {
    fn any(field: &str) -> BoxedStrategy<Self> {
        match field {
            "seed" => any::<Self>().boxed(),
            _ => option::of(number()).boxed(),
        }
    }
}

impl AnyValue for Option<u32> {
    fn any(_: &str) -> BoxedStrategy<Self> {
        any::<Self>().boxed()
    }
}

impl AnyValue for i32 {
    fn any(_: &str) -> BoxedStrategy<Self> {
        any::<Self>().boxed()
    }
}

impl AnyValue for bool {
    fn any(_: &str) -> BoxedStrategy<Self> {
        any::<Self>().boxed()
    }
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..5, 0_u64..2_000_000_000, any::<u64>()]
}

proptest! {
    /// Whatever arrives is planned within every limit or refused with a way out; nothing panics.
    #[test]
    fn any_request_is_planned_or_refused(spec in any_spec()) {
        match sweep_spec(Some(spec)).and_then(|spec| Plan::new(&spec, &Interpreters::default(), 0)) {
            Ok(plan) => {
                prop_assert!((1..=CELLS_MAX).contains(&plan.cells.len()));
                prop_assert!(plan.attempts() <= SWEEP_ATTEMPTS_MAX);
                for cell in &plan.cells {
                    prop_assert!((1..=WORKERS_MAX as usize).contains(&cell.workers));
                    prop_assert!(cell.subject.check(&cell.workload).is_ok());
                    prop_assert!(cell.workload.checked().is_ok());
                }
            }
            Err(error) => prop_assert!(!error.way_out.to_string().is_empty() && !error.field.is_empty()),
        }
    }
}
