//! Documents reduced to what may not change: sentences that the present code composes may be worded
//! anew, so only their numbers are kept.

use serde_json::Value;

use crate::compat::record::Record;

/// Fields of explanations and of the catalog that hold sentences.
const SENTENCES: [&str; 7] =
    ["claim", "measured", "summary", "promise", "default", "range", "description"];

/// Whether a command prints sentences that the present code composes.
pub(crate) fn has_wording(arguments: &[String]) -> bool {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    matches!(words[..], ["explain", ..] | ["strategies", "--output", _])
}

/// Outcomes and verdicts of the recorded comparisons that are others now: all of their intervals are
/// too wide for the same speed.
const UNDECIDED: [(&str, &str); 3] = [
    ("\"outcome\":\"same\"", "\"outcome\":\"undecided\""),
    (",same\n", ",undecided\n"),
    ("pairs of cells: 2 the same.", "pairs of cells: 2 undecided, which need more attempts."),
];

/// The recorded output of `compare` with the present outcomes; that of other commands as it is.
pub(crate) fn with_wide_intervals_undecided(record: &Record) -> String {
    let text = record.stdout.clone();
    if record.arguments[0] != "compare" {
        return text;
    }
    UNDECIDED.iter().fold(text, |text, (then, now)| text.replace(then, now))
}

/// Sweeps whose attempts a time or requests end, with what their explanations say now of each cell that
/// cannot lose: increments, where the recorded ones counted attempts.
const BY_INCREMENTS: [(&str, &[(&str, &str)]); 2] = [
    ("06h272af41red9gmgm375lhe8k", &[("33,889", "8.8e-5"), ("43,009", "7.0e-5")]),
    ("06h272afr1q0398is19rh25nn0", &[("208,896", "1.4e-5")]),
];
const BY_ATTEMPTS: &str = "0 of 3 attempts wrong; up to 56.1 % wrong would show the same at 95 %";

/// The recorded output of `explain` with the present unit, and with the time of a cell under load in
/// place of tasks that it had not; that of other commands as it is.
pub(crate) fn with_load_by_increments(record: &Record) -> String {
    let counted = BY_INCREMENTS.iter().find(|(id, _)| record.arguments.iter().any(|it| it == id));
    let Some((_, cells)) = counted.filter(|_| record.arguments[0] == "explain") else {
        return record.stdout.clone();
    };
    let text = record.stdout.replace("2 workers, 100 x 1", "2 workers, for 20 ms");
    cells.iter().fold(text, |text, (checked, most)| {
        let measured = format!(
            "0 of {checked} increments lost; up to {most} of them lost would show the same at 95 %"
        );
        text.replacen(BY_ATTEMPTS, &measured, 1)
    })
}

/// A sweep whose only computing worker could lose nothing under any strategy, so that its figure no
/// longer agrees with the claim that it cannot.
const ALONE: &str = "06h272afr1q0398is19rh25nn0";
const OPEN: [(&str, &str); 2] = [
    ("show the same at 95 %\",\"agrees\":\"yes\"", "show the same at 95 %\",\"agrees\":\"open\""),
    ("show the same at 95 %\",yes", "show the same at 95 %\",open"),
];

/// A sweep whose workers hardly met: that they were right agrees with every law.
const SEQUENTIAL: &str = "06h272aa7hr2vf8j2qooifujmk";
const RIGHT: [(&str, &str); 2] = [
    (
        "0.1 forced hand-overs an attempt\",\"agrees\":\"yes\"",
        "0.1 forced hand-overs an attempt\",\"agrees\":\"open\"",
    ),
    ("0.1 forced hand-overs an attempt,yes", "0.1 forced hand-overs an attempt,open"),
];

/// The recorded output of `explain`, such a figure left open; that of other commands as it is.
pub(crate) fn with_silent_figures_open(record: &Record) -> String {
    let is_of = |sweep: &str| {
        record.arguments[0] == "explain" && record.arguments.iter().any(|it| it == sweep)
    };
    let alone = OPEN.iter().filter(|_| is_of(ALONE));
    alone
        .chain(RIGHT.iter().filter(|_| is_of(SEQUENTIAL)))
        .fold(record.stdout.clone(), |text, (then, now)| text.replace(then, now))
}

/// The recorded output of `compare`, the field that forbids it in words.
pub(crate) fn with_fields_in_words(recorded: &str) -> String {
    recorded.replace(
        "Not comparable: step_cost_ns differs.",
        "Not comparable: they differ in step cost.",
    )
}

/// The output of such a command with each sentence reduced to its numbers.
pub(crate) fn without_wording(format: &str, text: &str) -> String {
    if format == "csv" {
        return csv_without_wording(text);
    }
    let mut reduced = Vec::new();
    for line in text.lines() {
        let mut document: Value = serde_json::from_str(line).expect("a document");
        reduce(&mut document);
        reduced.push(document.to_string());
    }
    reduced.join("\n")
}

fn reduce(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if SENTENCES.contains(&name.as_str()) => {
                        *text = numbers(text);
                    }
                    _ => reduce(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(reduce),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn csv_without_wording(text: &str) -> String {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).expect("written to memory");
    for row in reader.records() {
        let row = row.expect("a row");
        let cells = header.iter().zip(&row).map(|(name, cell)| {
            if SENTENCES.contains(&name) { numbers(cell) } else { cell.to_owned() }
        });
        writer.write_record(cells).expect("written to memory");
    }
    String::from_utf8(writer.into_inner().expect("written to memory")).expect("text")
}

fn numbers(text: &str) -> String {
    let parts = text.split(|it: char| !it.is_ascii_digit() && it != '.');
    let numbers: Vec<&str> =
        parts.map(|part| part.trim_matches('.')).filter(|part| !part.is_empty()).collect();
    numbers.join(" ")
}

#[test]
fn explanation_without_wording_keeps_numbers_and_other_fields() {
    let line = r#"{"law":"short runs","claim":"p = 0.5, so 2 lose 1.","agrees":"yes"}"#;
    let reduced = without_wording("ndjson", line);
    assert_eq!(reduced, "{\"law\":\"short runs\",\"claim\":\"0.5 2 1\",\"agrees\":\"yes\"}");
    let table = "law,claim\nshort runs,\"p = 0.5, so 2\"\n";
    assert_eq!(without_wording("csv", table), "law,claim\nshort runs,0.5 2\n");
}
