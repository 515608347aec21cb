//! `gilctl resume` and `gilctl rerun`, and the printed log of a resumed sweep.

use proptest::prelude::*;
use proto::v1::sweep_event::Happening;
use proto::v1::{CellEnded, Measurement, Started, Sweep, SweepEvent, SweepSpec, SweepState, Turn};
use serde_json::Value;
use tonic::Code;
use view::follow::sweep_log::SweepLog;
use view::render::format::color::Color;
use view::render::format::page::Width;
use view::render::sweep::columns::Columns;
use view::render::sweep::json::Turns;
use view::render::sweep::printer::Printer;
use view::render::sweep::table::Style;
use view::request::output::Output;

use crate::support::fake_history::FakeHistory;
use crate::support::fake_sweeps::{FakeSweeps, run};
use crate::support::server::ServerBehavior;
use crate::support::sweeps::{ended, gil_sweep, measured};

/// Cells of the invented sweep.
const CELLS: u32 = 6;

/// One run of a sweep.
#[derive(Debug, Clone)]
struct Run {
    /// Cells that had a turn, in order.
    turns: Vec<u32>,
    /// Whether the run wrote the ends of its cells when it was stopped; a crashed run does not.
    tells: bool,
    state: SweepState,
}

/// The log of runs. A cell is complete after its third turn.
fn log(runs: &[Run]) -> Vec<SweepEvent> {
    let mut turns = [0_u32; CELLS as usize];
    let figures = |turns: u32| Measurement { attempts: (34 * turns).min(100), ..measured(100) };
    let mut happenings = Vec::new();
    for Run { turns: had, tells, state } in runs {
        happenings.push(Happening::Started(Started::default()));
        for &cell in had {
            let done = &mut turns[cell as usize];
            if *done == 3 {
                continue;
            }
            *done += 1;
            let measurement = Some(figures(*done));
            happenings.push(Happening::Turn(Turn {
                cell,
                measurement: measurement.clone(),
                ..Turn::default()
            }));
            if *done == 3 {
                happenings.push(Happening::CellEnded(CellEnded {
                    cell,
                    complete: true,
                    measurement,
                }));
            }
        }
        for (cell, &done) in (0..).zip(&turns).filter(|(_, done)| *tells && **done < 3) {
            let measurement = Some(figures(done));
            happenings.push(Happening::CellEnded(CellEnded { cell, complete: false, measurement }));
        }
        happenings.push(Happening::Ended(ended(*state)));
    }
    (1..).zip(happenings).map(event).collect()
}

fn event((sequence, it): (u64, Happening)) -> SweepEvent {
    SweepEvent { sequence, time_ns: 0, happening: Some(it) }
}

fn stored(log: &[SweepEvent], state: SweepState) -> Sweep {
    Sweep { state: state.into(), next_sequence: log.len() as u64 + 1, ..gil_sweep() }
}

/// Kind, cell, completeness and attempts of every line of NDJSON.
fn lines(log: Vec<SweepEvent>, sweep: Sweep) -> Vec<Value> {
    let style = Style { color: Color::Plain, width: Width::Any, columns: Columns::Usual };
    let mut printer = Printer::new(Vec::new(), Output::Ndjson, Turns::Hidden, style);
    let mut sweep_log = SweepLog::new(sweep, 0);
    printer.open(sweep_log.view()).expect("memory");
    for event in log {
        let change = sweep_log.apply(event).expect("in order");
        printer.change(sweep_log.view(), change).expect("memory");
    }
    printer.close(sweep_log.view()).expect("memory");
    let text = String::from_utf8(printer.into_inner()).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("one document a line")).collect()
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let turns = prop::collection::vec(0..CELLS, 0..20);
    let state = prop_oneof![
        Just(SweepState::Cancelled),
        Just(SweepState::Interrupted),
        Just(SweepState::Failed)
    ];
    let run = (turns, any::<bool>(), state);
    let run = run.prop_map(|(turns, tells, state)| Run { turns, tells, state });
    prop::collection::vec(run, 1..5)
}

proptest! {
    /// However often a sweep was stopped, each cell has one line with its latest figures, and the
    /// end comes last and once.
    #[test]
    fn each_cell_has_one_line_and_the_end_is_last(runs in runs()) {
        let log = log(&runs);
        let last = runs.last().expect("one at least").state;
        let lines = lines(log.clone(), stored(&log, last));
        let kinds: Vec<&str> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
        prop_assert_eq!(kinds.iter().filter(|kind| **kind == "end").count(), 1);
        prop_assert_eq!(kinds.last(), Some(&"end"));
        let mut cells: Vec<(u64, u64, bool)> = lines
            .iter()
            .filter(|line| line["kind"] == "cell")
            .map(|line| {
                let number = |name: &str| line[name].as_u64().unwrap_or_default();
                (number("cell"), number("attempts"), line["complete"] == true)
            })
            .collect();
        cells.sort_unstable();
        let turned = |cell| runs.iter().flat_map(|run| &run.turns).filter(|it| **it == cell).count();
        let wanted: Vec<(u64, u64, bool)> = (0..CELLS)
            .map(|cell| (u64::from(cell), (34 * turned(cell) as u64).min(100), turned(cell) >= 3))
            .collect();
        prop_assert_eq!(cells, wanted);
    }
}

/// A run stopped after one complete and one partial cell, then a run of the rest.
fn interrupted_once() -> Vec<Run> {
    let first = Run { turns: vec![0, 0, 0, 1], tells: true, state: SweepState::Interrupted };
    let all = (0..CELLS).flat_map(|cell| [cell; 3]).collect();
    vec![first, Run { turns: all, tells: true, state: SweepState::Succeeded }]
}

/// A server with the log of these runs, whose sweep has the state of the last.
fn server(runs: &[Run]) -> FakeSweeps {
    let log = log(runs);
    let state = runs.last().expect("one at least").state;
    let history = FakeHistory { log: Some(log), ..FakeHistory::default() };
    FakeSweeps { state, history, ..FakeSweeps::new(ServerBehavior::Serves) }
}

#[test]
fn resumed_sweep_is_watched_past_its_first_end() {
    let (code, out, err) =
        run(server(&interrupted_once()), &["watch", "latest", "--output", "ndjson"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out.matches("\"kind\":\"cell\"").count(), 6, "{out}");
    assert!(
        out.lines().last().is_some_and(|line| line.contains("\"state\":\"SUCCEEDED\"")),
        "{out}"
    );
    let (_, table, _) = run(server(&interrupted_once()), &["watch", "latest"]);
    assert!(!table.contains("INTERRUPTED"), "{table}");
}

#[test]
fn lost_connection_between_runs_does_not_change_the_output() {
    let arguments = ["watch", "latest", "--output", "ndjson"];
    let (_, whole, _) = run(server(&interrupted_once()), &arguments);
    for most in [5, 11, 12, 13] {
        let mut cut = server(&interrupted_once());
        cut.behavior = ServerBehavior::DropsAfter(most);
        let (code, out, err) = run(cut, &arguments);
        assert_eq!((code, out), (Some(0), whole.clone()), "after {most}: {err}");
    }
}

/// The state that the daemon reports may be older than its log.
#[test]
fn stream_closed_after_an_end_settles_the_sweep() {
    let mut late = server(&interrupted_once());
    late.state = SweepState::Running;
    let (code, out, err) = run(late, &["watch", "latest", "--output", "ndjson"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out, run(server(&interrupted_once()), &["watch", "latest", "--output", "ndjson"]).1);
}

#[test]
fn resumed_sweep_prints_the_whole_log() {
    let (code, out, err) =
        run(server(&interrupted_once()), &["resume", "latest", "--output", "ndjson"]);
    assert_eq!(code, Some(0), "{err}");
    let (_, watched, _) =
        run(server(&interrupted_once()), &["watch", "latest", "--output", "ndjson"]);
    assert_eq!(out, watched);
    assert!(err.starts_with("sweep 4abcde goes on: 1 attempt missing\n"), "{err}");
    assert!(err.ends_with("next: gilctl show 4abcde\n"), "{err}");
    let (code, out, err) = run(server(&interrupted_once()), &["resume", "latest", "--detach"]);
    assert_eq!((code, out.as_str()), (Some(0), "06a1f0zzzz9k3v7q2m8x4abcde\n"), "{err}");
    assert!(err.ends_with("next: gilctl watch 4abcde\n"), "{err}");
}

#[test]
fn refused_or_unknown_resume_names_its_cause() {
    let refuses = Some(Code::FailedPrecondition);
    let history = FakeHistory { refuses, ..FakeHistory::default() };
    let (code, out, err) = run(
        FakeSweeps { history, ..FakeSweeps::new(ServerBehavior::Serves) },
        &["resume", "latest"],
    );
    assert_eq!((code, out.as_str(), err.as_str()), (Some(2), "", "gilctl: sweep 4abcde runs\n"));
    let (code, _, _) = run(FakeSweeps::new(ServerBehavior::Serves), &["resume", "zzz"]);
    assert_eq!(code, Some(8));
}

#[test]
fn stopped_sweep_hints_at_resume() {
    let wanted = "resume runs what is missing; next: gilctl resume 4abcde\n";
    for state in [SweepState::Cancelled, SweepState::Interrupted] {
        let ends = || FakeSweeps { state, ..FakeSweeps::new(ServerBehavior::Serves) };
        let (code, _, err) = run(ends(), &["watch", "latest"]);
        assert_eq!((code, err.as_str()), (Some(7), wanted));
        assert_eq!(run(ends(), &["show", "latest"]).2, wanted);
    }
}

#[test]
fn rerun_requests_the_same_spec_and_seed() {
    let spec =
        SweepSpec { strategies: vec!["gil".into()], workers: vec![3], ..SweepSpec::default() };
    let rerun = |more: &[&str]| {
        let history = FakeHistory::default();
        let sweep = Sweep { spec: Some(spec.clone()), ..gil_sweep() };
        let server = FakeSweeps {
            sweep,
            history: history.clone(),
            ..FakeSweeps::new(ServerBehavior::Serves)
        };
        let (code, out, err) = run(server, &[&["rerun", "latest"], more].concat());
        assert_eq!(code, Some(0), "{err}");
        let requests = history.requests.lock().expect("no panic").join("\n");
        (out, requests)
    };
    let (out, requests) = rerun(&[]);
    assert!(out.contains("\nsweep 4abcde · seed 42"), "{out}");
    assert_eq!(requests, format!("{:?}", SweepSpec { seed: Some(42), ..spec.clone() }));
    assert_eq!(rerun(&["--new-seed"]).1, format!("{spec:?}"));
    assert_eq!(rerun(&["--detach"]).0, "06a1f0zzzz9k3v7q2m8x4abcde\n");
}
