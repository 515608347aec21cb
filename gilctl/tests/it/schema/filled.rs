//! Documents, lines and rows of every command, from a lab whose messages have every field.

use std::collections::BTreeSet;

use serde_json::Value;

use super::check::{assert_is_document, assert_is_header, assert_is_line};
use super::table::{Role, SECTIONS, fields};
use crate::numbers::documents::texts;
use crate::numbers::lab::FilledLab;

/// A text that is also the digits of a count.
const TEXT: &str = "7";

fn lab(whole: u64) -> FilledLab {
    FilledLab::with(whole, TEXT)
}

#[test]
fn every_document_and_line_of_every_command_has_its_schema() {
    for whole in [1, u64::MAX] {
        let lab = lab(whole);
        for (command, text) in texts(&lab, "json") {
            text.lines().for_each(|document| assert_is_document(&command, document));
        }
        for (command, text) in texts(&lab, "ndjson") {
            text.lines().for_each(|line| assert_is_line(&command, line));
        }
    }
}

#[test]
fn columns_of_csv_are_the_fields_of_the_tables() {
    for (command, text) in texts(&lab(1), "csv") {
        assert_is_header(&command, &text);
    }
}

/// Fields that do not apply beside others that the filled messages have; a real lab has them.
pub(super) const ELSEWHERE: [(&str, &str); 11] = [
    ("cell", "step_cost_measured_ns"),
    ("turn", "expected"),
    ("compared", "tasks"),
    ("compared", "increments"),
    ("compared", "task_steps"),
    ("compared", "step_cost_ns"),
    ("compared", "inside_ns"),
    ("compared", "outside_ns"),
    ("compared", "other"),
    ("compared", "second_rounds"),
    ("point", "category"),
];

/// A row of a table that no document has is one of a field that is gone.
#[test]
fn every_field_of_the_tables_is_printed() {
    let lab = lab(1);
    let mut printed = BTreeSet::new();
    for (_, text) in texts(&lab, "ndjson") {
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("a line");
            let kind = line["kind"].as_str().expect("a kind").to_owned();
            let names = line.as_object().expect("an object").keys();
            printed.extend(names.map(|name| (kind.clone(), name.clone())));
        }
    }
    let lines = SECTIONS.iter().filter(|it| it.role == Role::Line);
    let mut missing = Vec::new();
    for section in lines {
        for row in fields(section) {
            if !printed.contains(&(section.kind.clone(), row.name.clone())) {
                missing.push((section.name.as_str(), row.name));
            }
        }
    }
    let missing: Vec<(&str, &str)> =
        missing.iter().map(|(section, name)| (*section, name.as_str())).collect();
    assert_eq!(missing, ELSEWHERE);
}
