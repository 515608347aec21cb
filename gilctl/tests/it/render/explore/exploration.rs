//! Exploration in each format.

use crate::support::explorations::{
    ended, estimate, events, found, impossible, outcomes, queued, spec, witnessed,
};
use proto::v1::{Exploration, ExplorationSpec, Outcome, SweepState};
use serde_json::Value;
use view::follow::exploration_log::{ExplorationLog, ExplorationView};
use view::render::explore::{list, record};
use view::render::format::color::Color;
use view::render::format::document::Document as _;
use view::render::format::page::Page;

use crate::support::pages::{NARROW_PAGE, WIDE_PAGE};

fn text(exploration: Exploration, page: Page) -> String {
    ExplorationView::new(exploration).table(page)
}

fn document(exploration: Exploration) -> Value {
    let text = ExplorationView::new(exploration).json();
    assert_eq!(text.lines().count(), 1);
    serde_json::from_str(&text).expect("one document")
}

#[test]
fn outcomes_fit_80_columns() {
    let text = text(found(), NARROW_PAGE);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn outcomes_with_witnesses() {
    insta::assert_snapshot!(text(found(), WIDE_PAGE));
}

#[test]
fn outcomes_as_markdown() {
    insta::assert_snapshot!(ExplorationView::new(found()).markdown());
}

#[test]
fn outcomes_as_csv() {
    insta::assert_snapshot!(ExplorationView::new(found()).csv());
}

#[test]
fn outcomes_as_json() {
    insta::assert_snapshot!(ExplorationView::new(found()).json());
}

#[test]
fn events_as_ndjson() {
    let mut log = ExplorationLog::new(queued(), 0);
    let line = |event| {
        let found = log.apply(event).expect("in order");
        record::on_event(log.view(), found).line()
    };
    let lines: Vec<String> = events(ended()).into_iter().map(line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn stored_exploration_equals_the_followed_one() {
    let mut log = ExplorationLog::new(queued(), 0);
    for event in events(ended()) {
        log.apply(event).expect("in order");
    }
    assert_eq!(log.view(), &ExplorationView::new(found()));
}

#[test]
fn field_that_does_not_apply_is_absent() {
    let planned = document(Exploration { name: String::new(), ..queued() });
    let fields = planned.as_object().expect("an object");
    let counts = ["interleavings", "states", "classes", "deadlocks", "outcomes"];
    for absent in ["id", "state", "era", "q", "k", "verdict"].into_iter().chain(counts) {
        assert!(!fields.contains_key(absent), "{absent}");
    }
    assert!(!fields.values().any(Value::is_null), "{planned}");
    let phases = Outcome { value: 20, probability: 1.0, ..Outcome::default() };
    let by_phase = Exploration { outcomes: vec![phases.clone()], ..found() };
    let outcome = document(by_phase.clone())["outcomes"][0].clone();
    let wanted = serde_json::json!({ "value": 20, "probability": 1.0 });
    assert_eq!(outcome, wanted);
    let table = text(by_phase, WIDE_PAGE);
    assert!(!table.contains("EXACT COUNT") && !table.contains("WITNESS"), "{table}");
}

#[test]
fn exact_fractions_follow_the_probabilities() {
    let (numerator, denominator) = ("2".to_owned(), "34461632205".to_owned());
    let exact = Outcome { numerator, denominator, ..outcomes()[0].clone() };
    let exploration = Exploration { outcomes: vec![exact], ..found() };
    assert!(text(exploration.clone(), WIDE_PAGE).contains("2/34,461,632,205"));
    let outcome = document(exploration)["outcomes"][0].clone();
    assert_eq!(
        (&outcome["numerator"], &outcome["denominator"]),
        (&"2".into(), &"34461632205".into())
    );
}

#[test]
fn long_table_names_the_number_of_hidden_rows() {
    let outcome = |value| Outcome { value, ..outcomes()[0].clone() };
    let many = Exploration { outcomes: (2..=100).map(outcome).collect(), ..found() };
    let shown = text(many.clone(), NARROW_PAGE);
    assert!(shown.contains("(59 more of 99 values; -v shows all)\n"), "{shown}");
    assert!(shown.lines().any(|line| line.starts_with("   41 ")), "{shown}");
    assert!(!shown.lines().any(|line| line.starts_with("   42 ")), "{shown}");
    let last = shown.lines().last().expect("a line");
    assert_eq!(last, "2 is possible: 8 of 137,846,528,820 interleavings");
    assert!(text(many, WIDE_PAGE).lines().any(|line| line.starts_with("  100 ")));
}

#[test]
fn long_counts_are_rounded_on_a_terminal() {
    let long = Outcome { count: "1234567890".repeat(8), ..outcomes()[0].clone() };
    let interleavings = "1234567890".repeat(9);
    let exploration = Exploration { outcomes: vec![long], interleavings, ..found() };
    let shown = text(exploration.clone(), NARROW_PAGE);
    assert!(shown.contains("\n1.2345678901234568e89 interleavings · 2,871 states"), "{shown}");
    assert!(shown.contains("1.2345678901234568e79") && !shown.contains("WITNESS  "), "{shown}");
    let said = "(too wide for: WITNESS, every digit of the counts; -v shows all)\n";
    assert!(shown.contains(said), "{shown}");
    assert!(text(exploration, WIDE_PAGE).contains("12,345,678,901,234"));
}

#[test]
fn schedulers_are_named_in_the_header() {
    #[track_caller]
    fn says(change: fn(&mut ExplorationSpec), wanted: &str) {
        let mut spec = spec();
        change(&mut spec);
        let text = text(Exploration { spec: Some(spec), ..found() }, WIDE_PAGE);
        assert!(text.contains(wanted), "{text}");
    }
    says(|it| it.scheduler = "uniform-step".into(), "at each step all who may move equally likely");
    let switch = |it: &mut ExplorationSpec| {
        (it.scheduler, it.q) = ("switch-q".into(), "1/20".into());
    };
    says(switch, "after each step another with probability 1/20");
    let every = |it: &mut ExplorationSpec| (it.scheduler, it.k) = ("every-k".into(), Some(7));
    says(every, "another every 7 steps, over all phases");
    let first = |it: &mut ExplorationSpec| {
        (it.scheduler, it.k, it.phase) = ("every-k".into(), Some(1), Some(1));
    };
    says(first, "another every 1 step, first after 1");
    says(|it| it.scheduler = "lottery".into(), "scheduler lottery");
    let gil = |it: &mut ExplorationSpec| {
        (it.strategy, it.era, it.switch_ticks) = ("gil".into(), "2.7".into(), Some(100));
        it.body = "call".into();
    };
    says(gil, "gil 2.7 ticks 100 · 2 workers · 10 increments each · body call (LS)");
}

#[test]
fn estimate_without_exploration() {
    let plan = Exploration { name: String::new(), ..queued() };
    insta::assert_snapshot!(text(plan, NARROW_PAGE));
}

#[test]
fn failed_or_cancelled_exploration_shows_its_state() {
    let stopped =
        Exploration { state: SweepState::Cancelled.into(), verdict: String::new(), ..found() };
    assert!(text(stopped, NARROW_PAGE).ends_with("\nCANCELLED: 4 values found\n"));
    let failed = Exploration {
        state: SweepState::Failed.into(),
        verdict: String::new(),
        error: "more than 2 GiB of states; 20 is reached without preemptions".into(),
        ..queued()
    };
    let shown = text(failed, NARROW_PAGE);
    let lines: Vec<&str> = shown.lines().rev().take(2).collect();
    let error = "error: more than 2 GiB of states; 20 is reached without preemptions";
    assert_eq!(lines, [error, "FAILED: 0 values found"]);
    let stuck = Exploration { deadlocks: 3, ..found() };
    assert!(text(stuck, NARROW_PAGE).contains(" · 3 deadlocks\n"));
}

#[test]
fn witness_as_json_and_csv() {
    let witness = document(witnessed());
    assert_eq!((&witness["kind"], &witness["asked_value"]), (&"witness".into(), &2.into()));
    let trace = &witness["trace"];
    assert_eq!(trace["events"].as_array().map(Vec::len), Some(40));
    let wanted = serde_json::json!({
        "worker": 0, "letter": "S", "increment": 0, "counter": 1, "value": 1,
    });
    assert_eq!(trace["events"][19], wanted);
    assert_eq!(
        (&trace["losses"][0]["load"], &trace["losses"][0]["store"]),
        (&0.into(), &19.into())
    );
    insta::assert_snapshot!(ExplorationView::new(witnessed()).csv());
}

#[test]
fn impossible_value_shows_its_reason() {
    insta::assert_snapshot!(text(impossible(), NARROW_PAGE));
    assert!(document(impossible()).get("trace").is_none());
}

#[test]
fn explorations_as_table() {
    const MINUTE_NS: u64 = 60_000_000_000;
    let at = |minute, it| Exploration { create_time_ns: minute * MINUTE_NS, ..it };
    let unknown = Exploration { spec: None, estimate: Some(estimate()), ..queued() };
    let all = [at(4, witnessed()), at(2, found()), at(1, unknown)];
    insta::assert_snapshot!(list::grid(&all, 5 * MINUTE_NS).lines(Color::Plain).join("\n"));
}
