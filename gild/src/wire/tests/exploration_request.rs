//! Requests of explorations: accepted ones, and the refusals of all others.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::{option, proptest};
use strategies::catalog::Plain;
use strategies::program::era::SwitchRule;

use super::*;

fn of(strategy: &str) -> v1::ExplorationSpec {
    v1::ExplorationSpec { strategy: strategy.into(), ..Default::default() }
}

#[test]
fn defaults_are_filled_in() {
    let race = asked(Some(of("unlocked"))).expect("a question");
    assert_eq!(race.query.spec, Spec::Plain(Plain::Unlocked));
    assert_eq!((race.query.workers, race.query.increments), (2, 10));
    assert_eq!((race.query.letters(), race.program.expected()), ("LS".into(), 20));
    let interleavings = SchedulerChoice::Random(Scheduler::Interleavings);
    let wanted = QueryOptions { choice: interleavings, exact: false, value: None };
    assert_eq!((race.options, race.q), (wanted, None));
    let gil = asked(Some(of("gil"))).expect("a question").query;
    assert_eq!(gil.spec.era(), Some(Era::V3_9));
    assert_eq!(gil.body, BodyName::Increment.into());
    let ticks = v1::ExplorationSpec { era: "2.7".into(), switch_ticks: Some(9), ..of("gil") };
    let rule = asked(Some(ticks)).expect("a question").query.spec.rule();
    assert_eq!(rule, Some(SwitchRule::Ticks(9)));
}

#[test]
fn schedulers_have_parameters_of_their_own() {
    let of =
        |scheduler: &str| v1::ExplorationSpec { scheduler: scheduler.into(), ..of("unlocked") };
    let choice = |spec| asked(Some(spec)).map(|asked| asked.options.choice);
    assert_eq!(choice(of("uniform-step")), Ok(SchedulerChoice::Random(Scheduler::UniformStep)));
    let third = Probability::new(1, 3).expect("a fraction");
    let switch_q = v1::ExplorationSpec { q: "1/3".into(), ..of("switch-q") };
    assert_eq!(choice(switch_q.clone()), Ok(SchedulerChoice::Random(Scheduler::SwitchQ(third))));
    assert_eq!(asked(Some(switch_q)).expect("a question").q.as_deref(), Some("1/3"));
    let every = v1::ExplorationSpec { k: Some(5), phase: Some(2), ..of("every-k") };
    assert_eq!(choice(every), Ok(SchedulerChoice::EveryK { k: 5, phase: Some(2) }));
}

#[test]
fn whatever_does_not_fit_is_refused_by_its_own_field() {
    let field = |spec| asked(Some(spec)).map(drop).expect_err("refused");
    let check = |wanted: &str, spec: v1::ExplorationSpec, says: &str| {
        let error = field(spec);
        assert_eq!(error.field, wanted, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    };
    let free = || of("unlocked");
    let gil = || of("gil");
    check("strategy", of(""), "name one of gil,");
    check("strategy", of("all"), "one strategy");
    check("strategy", of("cpython"), "explore `gil`");
    check("strategy", of("unlockd"), "did you mean `unlocked`?");
    check("era", v1::ExplorationSpec { era: "3.9".into(), ..free() }, "not an interpreter");
    check("era", v1::ExplorationSpec { era: "3.99".into(), ..gil() }, "choose one of 2.7");
    check("switch_ticks", v1::ExplorationSpec { switch_ticks: Some(1), ..free() }, "means nothing");
    check("switch_ticks", v1::ExplorationSpec { switch_ticks: Some(0), ..gil() }, "from 1 to");
    let no_lock = v1::ExplorationSpec { era: "3.13t".into(), switch_ticks: Some(5), ..gil() };
    check("era", no_lock, "switch rule");
    check("body", v1::ExplorationSpec { body: "incremnt".into(), ..gil() }, "`increment`?");
    check("body", v1::ExplorationSpec { body: "call".into(), ..of("atomic") }, "no inside");
    check("steps", v1::ExplorationSpec { steps: "LCS".into(), ..of("atomic") }, "no inside");
    check("steps", v1::ExplorationSpec { steps: "SL".into(), ..free() }, "is not an increment");
    let both = v1::ExplorationSpec { body: "io".into(), steps: "LS".into(), ..free() };
    check("steps", both, "give one of the two");
    check("workers", v1::ExplorationSpec { workers: Some(0), ..free() }, "from 1 to 8");
    check("workers", v1::ExplorationSpec { workers: Some(9), ..free() }, "from 1 to 8");
    check("increments", v1::ExplorationSpec { increments: Some(0), ..free() }, "from 1");
    let error = asked(None).expect_err("refused");
    assert_eq!(error.field, "spec");
}

#[test]
fn whatever_no_scheduler_can_use_is_refused() {
    let of =
        |scheduler: &str| v1::ExplorationSpec { scheduler: scheduler.into(), ..of("unlocked") };
    let field = |spec| asked(Some(spec)).map(drop).expect_err("refused").field;
    assert_eq!(field(of("round-robin")), "scheduler");
    assert_eq!(field(of("switch-q")), "q");
    assert_eq!(field(v1::ExplorationSpec { q: "0.05".into(), ..of("uniform-step") }), "q");
    assert_eq!(field(v1::ExplorationSpec { q: "1.5".into(), ..of("switch-q") }), "q");
    assert_eq!(field(of("every-k")), "k");
    assert_eq!(field(v1::ExplorationSpec { k: Some(1), ..of("") }), "k");
    assert_eq!(field(v1::ExplorationSpec { phase: Some(1), ..of("interleavings") }), "phase");
    let beyond = v1::ExplorationSpec { k: Some(5), phase: Some(6), ..of("every-k") };
    assert_eq!(field(beyond), "phase");
    let never = v1::ExplorationSpec { k: Some(0), phase: Some(1), ..of("every-k") };
    assert_eq!(field(never), "k");
}

prop_compose! {
    /// Requests near the limits and far beyond, and unknown names.
    fn any_spec()(
        strategy in select(vec!["gil", "atomic", "unlocked", "fair-mutex", "all", "x", ""]),
        era in select(vec!["2.7", "3.9", "3.12", "3.13t", "", "9"]),
        body in select(vec!["increment", "io", "locked", "\u{0}", ""]),
        steps in select(vec!["LS", "L.S", "SL", "AALS", "", "é"]),
        scheduler in select(vec!["", "interleavings", "uniform-step", "switch-q", "every-k", "y"]),
        q in select(vec!["", "0", "1/3", "2", "-1", "0.000000000000001", "/"]),
        (switch_ticks, k, phase) in (number(), number(), number()),
        (workers, increments, value) in (number(), number(), number()),
        exact in any::<bool>(),
    ) -> v1::ExplorationSpec {
        v1::ExplorationSpec {
            strategy: strategy.into(),
            era: era.into(),
            body: body.into(),
            steps: steps.into(),
            scheduler: scheduler.into(),
            q: q.into(),
            switch_ticks, workers, increments, k, phase, exact, value,
        }
    }
}

fn number() -> impl Strategy<Value = Option<u32>> {
    option::of(prop_oneof![0_u32..10, any::<u32>()])
}

proptest! {
    /// Whatever arrives is a question or refused with a way out; nothing panics.
    #[test]
    fn any_request_is_a_question_or_refused(spec in any_spec()) {
        match asked(Some(spec)) {
            Ok(asked) => prop_assert!((1..=8).contains(&asked.query.workers)),
            Err(error) => prop_assert!(!error.way_out.to_string().is_empty() && !error.field.is_empty()),
        }
    }
}
