//! Plans of requests, and refused requests.

use strategies::catalog::{Name, Plain, Spec};
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::{CustomBody, Increment};
use strategies::program::era::{Era, SwitchInterval};
use strategies::program::workload::Request;

use super::*;
use crate::limits::{CELLS_MAX, WORKERS_MAX};
use crate::plan::oversubscription::Oversubscription;
use crate::plan::spec::{EraSelector, StrategySelector};
use crate::plan::subject::Subject;

const ATOMIC: Subject = Subject::Lab(Spec::Plain(Plain::Atomic));

fn one(name: Name) -> SweepSpec {
    SweepSpec { strategies: vec![StrategySelector::One(name)], ..SweepSpec::default() }
}

fn plan(spec: &SweepSpec) -> Plan {
    Plan::new(spec, &Interpreters::default(), 1).expect("a plan")
}

#[track_caller]
fn refused(spec: &SweepSpec, field: &str) -> String {
    let error = Plan::new(spec, &Interpreters::default(), 1).expect_err("beyond a limit");
    assert_eq!(error.field, field, "{error}");
    error.to_string()
}

#[test]
fn gil_alone_plans_the_default_experiment() {
    let plan = plan(&one(Name::Gil));
    assert_eq!((plan.cells.len(), plan.attempts()), (5, 500));
    let cell = plan.cells[0];
    assert_eq!((cell.workers, cell.workload.tasks, cell.workload.increments), (2, 100, 1));
    assert_eq!((cell.workload.task_steps, cell.workload.step_cost_ns), (600, 15));
    let eras = plan.cells.iter().filter_map(|cell| cell.subject.model()?.era());
    assert_eq!(eras.collect::<Vec<_>>(), [&[Era::V3_9; 2][..], &[Era::V2_7; 3]].concat());
}

#[test]
fn step_cost_without_a_gil_defaults_to_zero() {
    assert_eq!(plan(&one(Name::Plain(Plain::Atomic))).cells[0].workload.step_cost_ns, 0);
    let both = SweepSpec { strategies: vec![StrategySelector::All], ..SweepSpec::default() };
    assert!(plan(&both).cells.iter().all(|cell| cell.workload.step_cost_ns == 15));
    let asked = SweepSpec { step_cost_ns: Some(3), ..both };
    assert!(plan(&asked).cells.iter().all(|cell| cell.workload.step_cost_ns == 3));
}

#[test]
fn named_rule_replaces_the_defaults_of_both_kinds() {
    assert_eq!(plan(&SweepSpec { ticks: vec![100, 1], ..one(Name::Gil) }).cells.len(), 2);
}

#[test]
fn era_without_a_named_rule_keeps_its_own_rules() {
    let cells =
        plan(&SweepSpec { eras: vec![EraSelector::One(Era::V2_7)], ..one(Name::Gil) }).cells;
    assert!(cells.iter().all(|cell| !cell.subject.is_hypothetical()));
    assert_eq!(cells.len(), 3);
}

#[test]
fn named_eras_and_rules_are_crossed_in_full() {
    let eras = [Era::V2_7, Era::V3_9, Era::V3_12].map(EraSelector::One).to_vec();
    let spec = SweepSpec { eras, ticks: vec![100, 10], ..one(Name::Gil) };
    let cells = plan(&spec).cells;
    assert_eq!(cells.len(), 6);
    assert_eq!(cells.iter().filter(|cell| cell.subject.is_hypothetical()).count(), 4);
}

#[test]
fn all_eras_get_rules_of_their_own_kind() {
    use Era::{V2_7, V3_9, V3_10, V3_12, V3_13T};
    let all = || SweepSpec { eras: vec![EraSelector::All], ..one(Name::Gil) };
    let rules = |spec: &SweepSpec| {
        let cells = plan(spec).cells;
        assert!(cells.iter().all(|cell| !cell.subject.is_hypothetical()));
        let era = |cell: &Cell| cell.subject.model().and_then(Spec::era).expect("a gil has one");
        cells.iter().map(era).collect::<Vec<_>>()
    };
    let defaults = [&[V2_7; 3][..], &[V3_9; 2], &[V3_10; 2], &[V3_12; 2], &[V3_13T]];
    assert_eq!(rules(&all()), defaults.concat());
    let ten_us = SwitchInterval::from_picoseconds(10_000_000);
    let named = SweepSpec { intervals: vec![ten_us], ..all() };
    assert_eq!(rules(&named), [V2_7, V3_9, V3_10, V3_12, V3_13T]);
}

#[test]
fn era_without_a_lock_gets_no_rule() {
    let spec = SweepSpec {
        eras: vec![EraSelector::One(Era::V3_13T)],
        ticks: vec![100, 10],
        ..one(Name::Gil)
    };
    let cells = plan(&spec).cells;
    assert_eq!(cells.len(), 1);
    assert_eq!(cells[0].subject.rule(), Some(strategies::program::era::SwitchRule::Free));
}

#[test]
fn requesting_workers_are_planned_alone_first() {
    let spec = SweepSpec {
        cpu_workers: vec![1, 2],
        io_workers: vec![1],
        io_ns: vec![1_000_000],
        io_calls: vec![Request::Echo],
        ..one(Name::Plain(Plain::Atomic))
    };
    let cells = plan(&spec).cells;
    let seen: Vec<_> = cells
        .iter()
        .map(|cell| {
            let service = cell.workload.service.expect("requests are made");
            (service.request.name(), cell.workload.incrementing(cell.workers), service.requests)
        })
        .collect();
    let each = |name| [(name, 0, 100), (name, 1, 100), (name, 2, 100)];
    assert_eq!(seen, [each("sleep"), each("echo")].concat());
    assert_eq!(cells[0].attempts, 10);
}

#[test]
fn requesting_workers_with_tasks_are_refused() {
    let service = || SweepSpec { io_workers: vec![1], ..one(Name::Gil) };
    refused(&SweepSpec { workers: vec![2], ..service() }, "workers");
    refused(&SweepSpec { tasks: vec![2], ..service() }, "tasks");
    refused(&SweepSpec { increments: vec![2], ..service() }, "increments");
    refused(&SweepSpec { io_every: vec![2], ..service() }, "io_every");
    refused(&SweepSpec { io_workers: vec![0], ..service() }, "io_workers");
    refused(&SweepSpec { io_workers: vec![65], ..service() }, "io_workers");
    refused(&SweepSpec { cpu_workers: vec![64], ..service() }, "cpu_workers");
    refused(&SweepSpec { cpu_workers: vec![63], io_workers: vec![2], ..one(Name::Gil) }, "workers");
    refused(&SweepSpec { requests: Some(0), ..service() }, "requests");
    refused(&SweepSpec { io_ns: vec![0], ..service() }, "io_ns");
    refused(&SweepSpec { requests: Some(11), io_ns: vec![1_000_000_000], ..service() }, "requests");
    let lonely =
        refused(&SweepSpec { pythons: vec!["python3".into()], ..one(Name::Gil) }, "pythons");
    assert!(lonely.contains("needs the strategy cpython"), "{lonely}");
    refused(&SweepSpec { cpu_workers: vec![1], ..one(Name::Gil) }, "cpu_workers");
    refused(&SweepSpec { requests: Some(5), ..one(Name::Gil) }, "requests");
}

#[test]
fn lists_are_crossed() {
    let spec = SweepSpec {
        workers: vec![1, 2, 4],
        increments: vec![1, 10],
        ..one(Name::Plain(Plain::Atomic))
    };
    let cells = plan(&spec).cells;
    let sizes: Vec<_> = cells.iter().map(|c| (c.workers, c.workload.increments)).collect();
    assert_eq!(sizes, [(1, 1), (1, 10), (2, 1), (2, 10), (4, 1), (4, 10)]);
}

#[test]
fn strategy_named_twice_is_planned_once() {
    let spec = SweepSpec {
        strategies: vec![StrategySelector::One(Name::Plain(Plain::Atomic)), StrategySelector::All],
        ..SweepSpec::default()
    };
    assert_eq!(plan(&spec).cells.iter().filter(|c| c.subject == ATOMIC).count(), 1);
}

#[test]
fn refused_combination_is_skipped_in_a_grid_and_refused_alone() {
    let call = SweepSpec { bodies: vec![BodyName::Call], ..one(Name::Plain(Plain::Atomic)) };
    assert!(refused(&call, "bodies").contains("no inside"));
    let crossed = SweepSpec { strategies: vec![StrategySelector::All], ..call };
    let plan = plan(&crossed);
    assert!(plan.cells.iter().all(|cell| cell.subject != ATOMIC));
    let left_out: Vec<_> = plan.skipped.iter().map(|it| it.combination.as_str()).collect();
    assert_eq!(left_out, ["cas-loop, body call", "atomic, body call"]);
}

/// Beyond the lab's own limit of workers the refusal is another, of the same field.
#[test]
fn spinning_waiters_beyond_the_cores_are_refused_unless_allowed() {
    let cores = u32::try_from(crate::sys::affinity::count()).expect("few");
    let beyond = SweepSpec { workers: vec![cores + 1], ..one(Name::Plain(Plain::ClhSpin)) };
    refused(&beyond, "workers");
    let most = WORKERS_MAX.min(cores + 1);
    let crossed = plan(&SweepSpec { workers: vec![1, most], ..beyond.clone() });
    assert_eq!((crossed.cells[0].workers, crossed.cells.len() + crossed.skipped.len()), (1, 2));
    let allowed =
        SweepSpec { workers: vec![most], starvation: Oversubscription::Allowed, ..beyond };
    assert_eq!(plan(&allowed).cells[0].workers, most as usize);
}

#[test]
fn all_selects_contenders_only() {
    let all = plan(&SweepSpec { strategies: vec![StrategySelector::All], ..SweepSpec::default() });
    let left_out = ["broken", "cpython", "ticket-spin", "mcs-spin", "clh-spin"];
    assert!(all.cells.iter().all(|cell| !left_out.contains(&cell.subject.name())));
    assert!(all.cells.iter().any(|cell| cell.subject.name() == "combining"));
}

fn spelled(letters: &str) -> CustomBody {
    CustomBody::parse(letters).expect("a body")
}

#[test]
fn named_and_custom_bodies_are_one_axis() {
    let bodies = |spec: &SweepSpec| -> Vec<Increment> {
        plan(spec).cells.iter().map(|cell| cell.workload.body).collect()
    };
    let by_hand = SweepSpec {
        steps: vec![spelled("LS"), spelled("L.S")],
        ..one(Name::Plain(Plain::Unlocked))
    };
    let [first, second] = [spelled("LS"), spelled("L.S")].map(Increment::Custom);
    assert_eq!(bodies(&by_hand), [first, second]);
    let both = SweepSpec { bodies: vec![BodyName::Call], ..by_hand };
    assert_eq!(bodies(&both), [BodyName::Call.into(), first, second]);
    assert_eq!(bodies(&one(Name::Plain(Plain::Unlocked))), [BodyName::Increment.into()]);
}

#[test]
fn custom_body_is_refused_under_its_own_field() {
    let call = SweepSpec { steps: vec![spelled("LCS")], ..one(Name::Plain(Plain::Atomic)) };
    assert!(refused(&call, "steps").starts_with("steps: LCS cannot be done by `atomic`"));
    let crossed = plan(&SweepSpec { strategies: vec![StrategySelector::All], ..call });
    assert_eq!(crossed.skipped[1].combination, "atomic, body LCS");
    let endless = SweepSpec {
        eras: vec![EraSelector::One(Era::V3_12)],
        steps: vec![spelled("L.S")],
        io_workers: vec![1],
        ..one(Name::Gil)
    };
    assert!(refused(&endless, "steps").contains("never lets another worker in under gil 3.12"));
    refused(&SweepSpec { steps: vec![spelled("LS"); CELLS_MAX + 1], ..one(Name::Gil) }, "steps");
}

#[test]
fn value_beyond_a_limit_is_refused_by_field() {
    let atomic = || one(Name::Plain(Plain::Atomic));
    refused(&SweepSpec::default(), "strategies");
    refused(&SweepSpec { workers: vec![0], ..atomic() }, "workers");
    refused(&SweepSpec { workers: vec![65], ..atomic() }, "workers");
    refused(&SweepSpec { attempts: Some(0), ..atomic() }, "attempts");
    refused(&SweepSpec { attempts: Some(ATTEMPTS_MAX + 1), ..atomic() }, "attempts");
    refused(&SweepSpec { increments: vec![1_000_000_000_000_000], ..atomic() }, "increments");
    refused(&SweepSpec { io_every: vec![0], ..atomic() }, "io_every");
    refused(
        &SweepSpec { workers: (1..=64).collect(), tasks: (1..=17).collect(), ..atomic() },
        "tasks",
    );
    let many = SweepSpec { workers: (1..=11).collect(), attempts: Some(ATTEMPTS_MAX), ..atomic() };
    refused(&many, "attempts");
    let hour = SwitchInterval::from_picoseconds(3_600_000_000_000_000);
    refused(&SweepSpec { intervals: vec![hour], ..one(Name::Gil) }, "switch_interval_ps");
    let zero = SwitchInterval::from_picoseconds(0);
    refused(&SweepSpec { intervals: vec![zero], ..one(Name::Gil) }, "switch_interval_ps");
}

/// A bad value in a list, or beside strategies that never look at it, is refused all the same.
#[test]
fn value_beyond_a_limit_is_refused_in_any_crossing() {
    let ps = SwitchInterval::from_picoseconds;
    refused(&SweepSpec { intervals: vec![ps(0), ps(500)], ..one(Name::Gil) }, "switch_interval_ps");
    refused(&SweepSpec { ticks: vec![0, 100], ..one(Name::Gil) }, "switch_ticks");
    refused(&SweepSpec { ticks: vec![0], ..one(Name::Plain(Plain::Atomic)) }, "switch_ticks");
    refused(
        &SweepSpec { ticks: vec![1; CELLS_MAX + 1], ..one(Name::Plain(Plain::Atomic)) },
        "switch_ticks",
    );
    let square = SweepSpec {
        eras: vec![EraSelector::One(Era::V2_7); 40],
        ticks: vec![1; 40],
        ..one(Name::Gil)
    };
    refused(&square, "switch_ticks");
}

#[test]
fn turns_cover_each_attempt_once() {
    for attempts in [1, 7, 20, 100, 101, 99_999] {
        let plan = plan(&SweepSpec { attempts: Some(attempts), ..one(Name::Gil) });
        let mut seen = vec![0; plan.cells.len()];
        for turn in plan.turns() {
            assert_eq!(turn.first_attempt, seen[turn.cell], "turns of a cell follow each other");
            seen[turn.cell] += turn.attempts;
        }
        assert!(seen.iter().all(|&done| done == attempts));
    }
}

#[test]
fn rounds_with_the_same_seed_have_the_same_order() {
    let cells_of = |seed| {
        let plan = Plan::new(
            &SweepSpec { seed: Some(seed), ..one(Name::Gil) },
            &Interpreters::default(),
            0,
        )
        .expect("a plan");
        plan.turns().iter().map(|turn| turn.cell).collect::<Vec<_>>()
    };
    assert_eq!(cells_of(1), cells_of(1));
    assert_ne!(cells_of(1), cells_of(2));
    assert_ne!(cells_of(1)[..6], cells_of(1)[6..12], "each round has its own order");
}

#[test]
fn blocked_order_finishes_each_cell_before_the_next() {
    let plan = plan(&SweepSpec { order: Order::Blocked, ..one(Name::Gil) });
    let cells: Vec<_> = plan.turns().iter().map(|turn| turn.cell).collect();
    assert!(cells.is_sorted());
}

fn of_gil(intervals_ps: &[u64]) -> SweepSpec {
    SweepSpec {
        strategies: vec![StrategySelector::One(Name::Gil)],
        intervals: intervals_ps.iter().map(|&ps| SwitchInterval::from_picoseconds(ps)).collect(),
        ..SweepSpec::default()
    }
}

#[test]
fn intervals_that_are_one_setting_are_measured_once() {
    let plan = |spec: &SweepSpec, equal| {
        Plan::among(1, spec, &Interpreters::default(), 1, equal).expect("valid")
    };
    let merged = plan(&of_gil(&[]), EqualIntervals::Merged);
    let separate = plan(&of_gil(&[]), EqualIntervals::Separate);
    assert_eq!((merged.cells.len(), separate.cells.len()), (5, 6));
    let also: Vec<_> =
        merged.merged.iter().map(|it| (it.cell, it.interval.picoseconds())).collect();
    assert_eq!((also, separate.merged), (vec![(1, 500)], Vec::new()));
    // What differs in another parameter, or takes effect otherwise, is measured by itself.
    let workers = SweepSpec { workers: vec![1, 2], ..of_gil(&[500, 600, 2_000_000, 1_000_000]) };
    let plan = plan(&workers, EqualIntervals::Merged);
    assert_eq!(plan.cells.len(), 4, "{:?}", plan.cells);
    let also: Vec<_> = plan.merged.iter().map(|it| it.cell).collect();
    assert_eq!(also, [0, 0, 1, 1]);
    assert_eq!([0, 1, 2].map(|cell| plan.merged_into(cell).len()), [2, 2, 0]);
}

#[test]
fn cells_that_cannot_lose_end_early_unless_a_number_is_asked_for() {
    let ends = |spec: &SweepSpec| {
        let plan = Plan::new(spec, &Interpreters::default(), 1).expect("valid");
        let of = |cell: &Cell| (cell.subject.name(), plan.early_end.precision_permille(cell));
        plan.cells.iter().map(of).collect::<Vec<_>>()
    };
    let named = |plain| StrategySelector::One(Name::Plain(plain));
    let spec = SweepSpec {
        strategies: [Plain::FairMutex, Plain::Unlocked, Plain::Broken].map(named).into(),
        ..SweepSpec::default()
    };
    let early = [("fair-mutex", Some(SETTLED_PERMILLE)), ("unlocked", None), ("broken", None)];
    assert_eq!(ends(&spec), early);
    let never = early.map(|(name, _)| (name, None));
    assert_eq!(ends(&SweepSpec { attempts: Some(100), ..spec.clone() }), never);
    // One worker alone loses nothing under any strategy, but the negative control.
    let alone = early.map(|(name, _)| (name, (name != "broken").then_some(SETTLED_PERMILLE)));
    assert_eq!(ends(&SweepSpec { workers: vec![1], ..spec.clone() }), alone);
    let precise = early.map(|(name, _)| (name, Some(50)));
    assert_eq!(ends(&SweepSpec { precision_permille: Some(50), ..spec }), precise);
}
