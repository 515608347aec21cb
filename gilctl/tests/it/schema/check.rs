//! Documents and lines, held against their schemas.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

use super::json::{line_schema, schema};
use super::table::{CommandRow, PRINTED, Role, SECTIONS, Section, fields, named};

static DOCUMENTS: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
    let sections = SECTIONS.iter().filter(|it| it.role == Role::Document);
    sections.map(|it| (it.name.as_str(), validator(&schema(&it.name)))).collect()
});
static LINES: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
    let sections = SECTIONS.iter().filter(|it| it.role == Role::Line);
    sections.map(|it| (it.name.as_str(), validator(&line_schema(it)))).collect()
});

pub(super) fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).unwrap_or_else(|error| panic!("{error}: {schema}"))
}

/// What a command prints, by the row with the most of its words.
#[track_caller]
pub(super) fn printed_by(words: &str) -> &'static CommandRow {
    let has_all =
        |row: &&CommandRow| row.words.split(' ').all(|it| words.split(' ').any(|w| w == it));
    let rows =
        PRINTED.iter().filter(|row| words.starts_with(row.words.split(' ').next().unwrap_or("?")));
    rows.filter(has_all)
        .max_by_key(|row| row.words.len())
        .unwrap_or_else(|| panic!("no row of commands.txt is about {words}"))
}

/// Asserts that a line of NDJSON is one of the command's.
#[track_caller]
pub(super) fn assert_is_line(words: &str, line: &str) {
    let line: Value = serde_json::from_str(line).expect("a line");
    let of_kind = |it: &&Section| it.role == Role::Line && line["kind"] == it.kind.as_str();
    let names = SECTIONS.iter().filter(of_kind).map(|it| it.name.as_str());
    let allowed: Vec<&str> =
        names.filter(|name| printed_by(words).lines.iter().any(|it| it == name)).collect();
    assert!(!allowed.is_empty(), "gilctl {words} prints no {} by commands.txt", line["kind"]);
    assert_is_one_of(&LINES, &allowed, words, &line);
}

/// Asserts that a document is one of the command's; what a command detaches is lines.
#[track_caller]
pub(super) fn assert_is_document(words: &str, document: &str) {
    let row = printed_by(words);
    if row.documents.is_empty() {
        return assert_is_line(words, document);
    }
    let names: Vec<&str> = row.documents.iter().map(String::as_str).collect();
    let document = serde_json::from_str(document).expect("a document");
    assert_is_one_of(&DOCUMENTS, &names, words, &document);
}

#[track_caller]
fn assert_is_one_of(
    validators: &BTreeMap<&str, Validator>,
    names: &[&str],
    words: &str,
    found: &Value,
) {
    let faults = |name: &&str| {
        let errors = validators[name].iter_errors(found);
        errors.map(|it| format!("{name}: {it} at {}", it.instance_path())).collect::<Vec<_>>()
    };
    let all: Vec<Vec<String>> = names.iter().map(faults).collect();
    assert!(all.iter().any(Vec::is_empty), "gilctl {words}: {all:#?}\n{found}");
}

/// Asserts that the header of CSV is that of one of the command's rows.
#[track_caller]
pub(super) fn assert_is_header(words: &str, csv: &str) {
    let rows = &printed_by(words).rows;
    if rows.is_empty() {
        return assert_eq!(csv.lines().count(), 1, "gilctl {words}: {csv}");
    }
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header: Vec<String> =
        reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let columns = |name: &String| {
        let all = fields(named(name, &[Role::Line, Role::Row]));
        all.into_iter().map(|it| it.name).collect::<Vec<_>>()
    };
    let all: Vec<Vec<String>> = rows.iter().map(columns).collect();
    // A column that is there only where it is needed is the last.
    let is_header = |columns: &Vec<String>| {
        let last = columns.last().is_some_and(|it| it == "times");
        *columns == header || last && columns[..columns.len() - 1] == header[..]
    };
    assert!(all.iter().any(is_header), "gilctl {words}: {header:?} is none of {all:?}");
}
