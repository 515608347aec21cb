//! Comparisons of stored sweeps: the names of a request, equal cells, and the answer.

use proto::v1;
use tonic::Code;

use super::*;
use crate::lab::access::Caller;
use engine::python::registry::Interpreters;
use engine::stats::lost_increments::{IncrementCounts, LostIncrements};
use view::follow::lost_increments::wire_lost_increments;

fn loaded(cells: &[v1::Cell], correct: u32, rate: f64) -> Loaded {
    let measured = v1::Measurement {
        attempts: 10,
        correct,
        verdict: if correct == 10 { v1::Verdict::Kept } else { v1::Verdict::Broken }.into(),
        validity: v1::Validity::Ok.into(),
        outcomes: vec![v1::SeenValue::default()],
        ..v1::Measurement::default()
    };
    let rates: Vec<f64> = (0..10_u32).map(|round| rate + f64::from(round)).collect();
    Loaded {
        sweep: v1::Sweep { name: "sweeps/a".into(), cells: cells.to_vec(), ..Default::default() },
        measurements: vec![measured; cells.len()],
        round_rates: vec![rates; cells.len()],
        version: None,
    }
}

fn asked(
    loaded: Vec<Loaded>,
    by: &[&str],
    is_forced: bool,
) -> Result<v1::CompareSweepsResponse, String> {
    let by: Vec<String> = by.iter().map(ToString::to_string).collect();
    let policy = policy(&by, is_forced).map_err(|error| error.to_string())?;
    comparison(loaded, &policy).map_err(|error| error.to_string())
}

#[track_caller]
fn answered(loaded: Vec<Loaded>, by: &[&str], is_forced: bool) -> v1::CompareSweepsResponse {
    asked(loaded, by, is_forced).expect("no axis is refused")
}

fn cell(strategy: &str) -> v1::Cell {
    v1::Cell { strategy: strategy.into(), workers: 2, step_cost_ns: 15, ..v1::Cell::default() }
}

#[test]
fn names_other_than_two_to_eight_distinct_sweeps_are_refused() {
    #[track_caller]
    fn refuses(names: &[&str], said: &str) {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let error = request::compared_ids(&names).expect_err("refused").to_string();
        assert!(error.contains(said), "{error}");
    }
    refuses(&[], "0 is not the number of sweeps that can be compared; name 2 to 8 sweeps");
    refuses(&["sweeps/a"; 9], "9 is not the number");
    refuses(&["sweeps/a", "sweeps/b", "sweeps/a"], "sweeps/a comes twice");
    refuses(&["sweeps/a", "explorations/b"], "is not a name of a sweep");
    let two = ["sweeps/a", "sweeps/b"].map(str::to_owned);
    assert_eq!(request::compared_ids(&two).map(|ids| ids.join(" ")), Ok("a b".to_owned()));
}

#[test]
fn cells_are_paired_whatever_their_attempts_and_positions() {
    let first = loaded(&[cell("atomic"), cell("unlocked")], 10, 1e6);
    let moved = v1::Cell { cell: 7, attempts_requested: 500, ..cell("unlocked") };
    let other = loaded(&[moved, v1::Cell { workers: 3, ..cell("atomic") }], 10, 2e6);
    let answer = answered(vec![first, other], &[], false);
    assert_eq!((answer.cells.len(), answer.unmatched, answer.forced), (1, 2, false));
    let only = &answer.cells[0];
    let strategy = only.cell.as_ref().map(|cell| cell.strategy.as_str());
    assert_eq!((strategy, only.other, only.other_cell), (Some("unlocked"), 1, 0));
    assert_eq!((only.outcome(), &only.rounds), (v1::compared_cell::Outcome::Faster, &vec![10, 10]));
    let figures = only.first.as_ref().expect("a measurement");
    assert_eq!((figures.attempts, figures.outcomes.len()), (10, 0));
    assert_eq!(answer.sweeps.len(), 2);
    assert!(answer.sweeps.iter().all(|sweep| sweep.cells.is_empty()), "brief");
}

/// What a pair's cells differ in is named with the values of each sweep, and the counterpart is there.
#[test]
fn cells_of_other_parameters_are_paired_by_what_is_named_or_common() {
    let first = loaded(&[cell("ticket"), v1::Cell { workers: 3, ..cell("ticket") }], 10, 1e6);
    let longer = v1::Cell { inside_ns: 500, ..cell("mcs") };
    let other = loaded(&[longer.clone(), v1::Cell { workers: 4, ..longer.clone() }], 10, 2e6);
    let both = || vec![first.clone(), other.clone()];
    let none = answered(both(), &[], false);
    assert_eq!((none.cells.len(), none.forced_pairs, none.ignored.len()), (0, Some(1), 0));
    let parameters: Vec<_> = none.parameters.iter().map(|it| (&*it.field, &*it.values)).collect();
    let texts = |values: [&str; 2]| values.map(str::to_owned);
    let [locks, workers, lengths] =
        [texts(["ticket", "mcs"]), texts(["2, 3", "2, 4"]), texts(["0 ns", "500 ns"])];
    let wanted = [("strategy", &locks[..]), ("workers", &workers), ("inside", &lengths)];
    assert_eq!(parameters, wanted);
    let wanted = "Nothing to compare: no cell of the first has its parameters in another, and the \
                  sweeps have no strategy, inside in common.";
    assert_eq!(none.verdict, wanted);
    for (by, is_forced) in [(&["workers"][..], false), (&[], true)] {
        let found = answered(both(), by, is_forced);
        assert_eq!((found.cells.len(), found.unmatched, found.forced_pairs), (1, 2, None));
        assert_eq!(found.ignored, ["strategy", "inside"]);
        assert_eq!(found.by, by);
        assert_eq!(found.cells[0].counterpart.as_ref(), Some(&longer));
        let wanted = "Paired although they differ in strategy, inside: 1 pair of cells: 1 faster; 2 cells \
                      without a counterpart.";
        assert_eq!(found.verdict, wanted);
    }
    let same = answered(vec![first.clone(), first.clone()], &[], true);
    assert_eq!((same.cells.len(), &same.cells[0].counterpart), (2, &None));
    let refused = asked(both(), &["strategy", "wokers"], false).expect_err("no axis");
    assert!(refused.starts_with("by: `wokers` is not an axis of this lab; did you mean `workers`"));
}

#[test]
fn ambiguous_axes_are_refused_with_those_that_are_missing() {
    let cells = [cell("ticket"), cell("mcs"), v1::Cell { inside_ns: 500, ..cell("mcs") }];
    let first = loaded(&cells, 10, 1e6);
    let refused = asked(vec![first.clone(), first.clone()], &["workers"], false);
    let wanted = "by: workers takes cells 0 and 1 of the first sweep for one, which differ in \
                  strategy, inside; add strategy,inside";
    assert_eq!(refused, Err(wanted.to_owned()));
    let other = loaded(&[v1::Cell { inside_ns: 500, ..cell("clh") }], 10, 1e6);
    let refused = asked(vec![first.clone(), other.clone()], &["workers"], false);
    let wanted = "by: workers takes cells 0 and 1 of the first sweep for one, which differ in \
                  strategy, inside; add inside";
    assert_eq!(refused, Err(wanted.to_owned()));
    // Force pairs what is unique, and is no error where nothing is: the answer says why.
    let forced = answered(vec![first, other.clone()], &[], true);
    assert_eq!((forced.cells.len(), &*forced.ignored), (1, &["strategy".to_owned()][..]));
    let first = loaded(&[cell("ticket"), cell("mcs")], 10, 1e6);
    let forced = answered(vec![first, loaded(&[cell("clh")], 10, 1e6)], &[], true);
    assert_eq!((forced.cells.len(), forced.forced_pairs), (0, Some(0)));
    let wanted = "Nothing to compare: cells 0 and 1 of the first sweep are equal but for strategy, \
                  and the sweeps have no strategy in common; measure all in one sweep.";
    assert_eq!(forced.verdict, wanted);
}

#[test]
fn different_machines_are_refused_unless_forced() {
    let first = loaded(&[cell("atomic")], 10, 1e6);
    let mut other = loaded(&[cell("atomic")], 9, 9e6);
    let machine = v1::MachineInfo { kernel: "Linux 7".into(), ..v1::MachineInfo::default() };
    other.sweep.machine = Some(machine);
    other.sweep.set_pin(v1::Pin::Pack);
    other.sweep.cells[0].step_cost_ns = 20;
    let both = vec![first, other];
    let forbidden = answered(both.clone(), &[], false);
    let fields: Vec<_> = forbidden.differences.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["machine.kernel", "pin", "step_cost_ns"]);
    assert_eq!(forbidden.differences[2].values, ["15", "20"]);
    assert!(forbidden.cells.is_empty() && !forbidden.forced);
    let forced = answered(both, &[], true);
    assert_eq!(forced.cells[0].outcome(), v1::compared_cell::Outcome::Wronger);
    assert!(
        forced.forced
            && forced
                .verdict
                .starts_with("Forced, although they differ in the machine's kernel, pin,")
    );
}

#[test]
fn sweeps_without_measurements_are_undecided() {
    let bare = || Loaded {
        sweep: v1::Sweep { cells: vec![cell("atomic")], ..v1::Sweep::default() },
        ..Loaded::default()
    };
    let answer = answered(vec![bare(), bare()], &[], false);
    assert_eq!(answer.cells[0].outcome(), v1::compared_cell::Outcome::Unknown);
    assert_eq!((&answer.cells[0].first, answer.cells[0].ratio), (&None, None));
}

#[tokio::test]
async fn invalid_request_is_refused_before_loading() {
    let lab = Lab::temporary(Interpreters::default()).expect("a lab");
    let services = Services::new(lab.clone());
    let names = vec!["sweeps/a".to_owned()];
    let refused = services
        .compare(v1::CompareSweepsRequest { names, ..Default::default() }, Caller::default())
        .await;
    assert_eq!(refused.expect_err("one is too few").code(), Code::InvalidArgument);
    lab.stop(std::time::Duration::from_secs(5));
}

/// Each of three attempts of a second lost something, so that attempts cannot tell these apart.
#[test]
fn load_sweeps_are_compared_by_increments() {
    let load = v1::Cell { duration_ns: Some(1_000_000_000), ..cell("unlocked") };
    let lossy = |lost| {
        let counts = IncrementCounts { checked: 1_000_000, lost };
        let found = LostIncrements::of(&[counts; 3]);
        let mut loaded = loaded(std::slice::from_ref(&load), 0, 1e6);
        loaded.measurements[0].set_verdict(v1::Verdict::Lost);
        loaded.measurements[0].lost_increments = Some(wire_lost_increments(&found));
        loaded
    };
    let answer = answered(vec![lossy(300_000), lossy(200_000)], &[], false);
    assert_eq!(answer.cells[0].outcome(), v1::compared_cell::Outcome::Righter);
    assert_eq!(answer.verdict, "1 pair of cells: 1 righter.");
    let figures = answer.cells[0].second.as_ref().and_then(|it| it.lost_increments);
    assert_eq!(figures.map(|it| it.increments_lost), Some(600_000));
    let counting = loaded(&[cell("unlocked")], 10, 1e6);
    let mixed = answered(vec![lossy(300_000), counting], &[], false);
    assert_eq!((mixed.cells.len(), mixed.unmatched), (0, 2), "another experiment");
}
