//! Printer of a sweep in each format.

use gilctl::exit::Exit;
use proto::v1::{Measurement, Sweep, SweepState};
use serde_json::Value;
use view::follow::sweep_log::SweepLog;
use view::render::format::color::Color;
use view::render::format::page::Width;
use view::render::sweep::columns::Columns;
use view::render::sweep::json::Turns;
use view::render::sweep::printer::Printer;
use view::render::sweep::table::Style;
use view::request::output::Output;

use crate::support::sweeps::{
    broken_measurements, comparison, ended, events, gil_measurements, gil_sweep,
};

/// The output after invented events, and the exit code.
fn printed(
    output: Output,
    turns: Turns,
    sweep: Sweep,
    measurements: Vec<Measurement>,
) -> (String, Exit) {
    let style = Style { color: Color::Plain, width: Width::Most(120), columns: Columns::Usual };
    let mut printer = Printer::new(Vec::new(), output, turns, style);
    let mut log = SweepLog::new(sweep, 0);
    printer.open(log.view()).expect("memory");
    for event in events(measurements, true, ended(SweepState::Succeeded)) {
        let change = log.apply(event).expect("in order");
        printer.change(log.view(), change).expect("memory");
    }
    printer.close(log.view()).expect("memory");
    let text = String::from_utf8(printer.into_inner()).expect("text");
    (text, Exit::of_sweep(log.view()))
}

fn lines(turns: Turns) -> Vec<Value> {
    let (text, _) = printed(Output::Ndjson, turns, comparison(), broken_measurements());
    text.lines().map(|line| serde_json::from_str(line).expect("one document a line")).collect()
}

fn kinds(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["kind"].as_str()).collect()
}

#[test]
fn ndjson_has_each_record_once() {
    let wanted = ["sweep", "skipped", "cell", "cell", "cell", "cell", "end"];
    assert_eq!(kinds(&lines(Turns::Hidden)), wanted);
    let with_turns = lines(Turns::Shown);
    assert_eq!(kinds(&with_turns)[1..6], ["skipped", "turn", "turn", "turn", "turn"]);
    assert_eq!(with_turns.len(), wanted.len() + 4);
}

#[test]
fn gil_sweep_as_ndjson() {
    let (text, exit) = printed(Output::Ndjson, Turns::Hidden, gil_sweep(), gil_measurements());
    assert_eq!(exit, Exit::Fine);
    insta::assert_snapshot!(text);
}

#[test]
fn turn_as_ndjson() {
    insta::assert_snapshot!(lines(Turns::Shown)[2]);
}

#[test]
fn intervals_are_exact_numbers() {
    let (text, _) = printed(Output::Ndjson, Turns::Hidden, gil_sweep(), gil_measurements());
    let asked = ["5000000", "500", "0.5"];
    for (line, asked) in text.lines().skip(1).zip(asked) {
        assert!(line.contains(&format!("\"switch_interval_ns\":{asked},")), "{line}");
    }
}

#[test]
fn field_that_does_not_apply_is_absent() {
    let lines = lines(Turns::Hidden);
    let unlocked = lines[3].as_object().expect("an object");
    for absent in ["era", "hypothetical", "switch_ticks", "io_ns", "switches", "hand_over_ns_p50"] {
        assert!(!unlocked.contains_key(absent), "{absent}");
    }
    assert!(!unlocked.values().any(Value::is_null));
}

#[test]
fn broken_promise_decides_the_exit_code() {
    let (_, exit) = printed(Output::Table, Turns::Hidden, comparison(), broken_measurements());
    assert_eq!(exit, Exit::PromiseBroken);
}

#[test]
fn json_is_one_document_on_one_line() {
    let (text, _) = printed(Output::Json, Turns::Hidden, comparison(), broken_measurements());
    assert_eq!(text.lines().count(), 1);
    let document: Value = serde_json::from_str(&text).expect("one document");
    assert_eq!(document["cells"].as_array().map(Vec::len), Some(4));
    assert_eq!(document["end"]["state"], "SUCCEEDED");
    assert_eq!(document["skipped"][0]["combination"], "atomic, body call");
}

#[test]
fn comparison_as_csv() {
    let (text, _) = printed(Output::Csv, Turns::Hidden, comparison(), broken_measurements());
    insta::assert_snapshot!(text);
}

#[test]
fn table_is_printed_at_the_end() {
    let (text, _) = printed(Output::Table, Turns::Hidden, gil_sweep(), gil_measurements());
    assert!(text.contains("\nsweep 4abcde · "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
}
