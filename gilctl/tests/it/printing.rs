//! Events in, lines out: what stdout carries of a sweep in each format.

use gilctl::cli::Output;
use gilctl::exit::Exit;
use gilctl::follow::sweep_log::SweepLog;
use gilctl::output::printer::Printer;
use gilctl::render::format::color::Color;
use gilctl::render::format::page::Width;
use gilctl::render::sweep::columns::Columns;
use gilctl::render::sweep::json::Turns;
use gilctl::render::sweep::table::Style;
use proto::v1::{Measurement, Sweep, SweepState};
use serde_json::Value;

use crate::fixture::{
    broken_measurements, chapter, chapter_measurements, comparison, ended, events,
};

/// Follows invented events and gives what was printed.
fn printed(
    output: Output,
    turns: Turns,
    sweep: Sweep,
    measurements: Vec<Measurement>,
) -> (String, Exit) {
    let style = Style { color: Color::Plain, width: Width::Most(120), columns: Columns::Usual };
    let mut printer = Printer::new(Vec::new(), output, turns, style);
    let mut follower = SweepLog::new(sweep, 0);
    printer.open(follower.view()).expect("memory");
    for event in events(measurements, true, ended(SweepState::Succeeded)) {
        let change = follower.apply(event).expect("in order");
        printer.change(follower.view(), change).expect("memory");
    }
    printer.close(follower.view()).expect("memory");
    let text = String::from_utf8(printer.into_inner()).expect("text");
    (text, follower.view().exit())
}

fn lines(turns: Turns) -> Vec<Value> {
    let (text, _) = printed(Output::Ndjson, turns, comparison(), broken_measurements());
    text.lines().map(|line| serde_json::from_str(line).expect("one document a line")).collect()
}

fn kinds(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["kind"].as_str()).collect()
}

#[test]
fn ndjson_says_each_thing_once() {
    let wanted = ["sweep", "skipped", "cell", "cell", "cell", "cell", "end"];
    assert_eq!(kinds(&lines(Turns::Hidden)), wanted);
    let with_turns = lines(Turns::Shown);
    assert_eq!(kinds(&with_turns)[1..6], ["skipped", "turn", "turn", "turn", "turn"]);
    assert_eq!(with_turns.len(), wanted.len() + 4);
}

#[test]
fn ndjson_of_the_chapter() {
    let (text, exit) = printed(Output::Ndjson, Turns::Hidden, chapter(), chapter_measurements());
    assert_eq!(exit, Exit::Fine);
    insta::assert_snapshot!(text);
}

#[test]
fn ndjson_of_a_turn() {
    insta::assert_snapshot!(lines(Turns::Shown)[2]);
}

#[test]
fn intervals_are_exact_numbers() {
    let (text, _) = printed(Output::Ndjson, Turns::Hidden, chapter(), chapter_measurements());
    let asked = ["5000000", "500", "0.5"];
    for (line, asked) in text.lines().skip(1).zip(asked) {
        assert!(line.contains(&format!("\"switch_interval_ns\":{asked},")), "{line}");
    }
}

#[test]
fn what_does_not_apply_is_absent() {
    let lines = lines(Turns::Hidden);
    let unlocked = lines[3].as_object().expect("an object");
    for absent in ["era", "hypothetical", "switch_ticks", "io_ns", "switches", "hand_over_ns_p50"] {
        assert!(!unlocked.contains_key(absent), "{absent}");
    }
    assert!(!unlocked.values().any(Value::is_null));
}

#[test]
fn a_broken_promise_decides_the_exit_code() {
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
fn csv_has_a_header_and_a_row_a_cell() {
    let (text, _) = printed(Output::Csv, Turns::Hidden, comparison(), broken_measurements());
    insta::assert_snapshot!(text);
}

#[test]
fn the_table_comes_at_the_end() {
    let (text, _) = printed(Output::Table, Turns::Hidden, chapter(), chapter_measurements());
    assert!(text.starts_with("sweep 4abcde"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
}
