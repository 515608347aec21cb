//! The published files: schemas and the page of fields are those that the tables make. With
//! `UPDATE_SCHEMA=1` they are written instead.

use std::collections::BTreeSet;
use std::path::Path;

use clap::ValueEnum as _;
use serde_json::json;
use view::render::format::json::SCHEMA;
use view::render::schema::SchemaName;

use super::check::validator;
use super::json::{LINES, names, schema, text};
use super::page::page;
use super::table::path;
use crate::real_lab::end_to_end::run;

const UPDATE: &str = "UPDATE_SCHEMA";

#[track_caller]
fn assert_published(file: &Path, wanted: &str) {
    if std::env::var_os(UPDATE).is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("created");
        std::fs::write(file, wanted).expect("written");
    }
    let published = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        published == wanted,
        "{} is not what gilctl/schema says; {UPDATE}=1 cargo test -p gilctl --test it schema",
        file.display()
    );
}

#[test]
fn schemas_are_those_of_the_tables() {
    let folder = path("../docs/schema").join(SCHEMA);
    for name in names() {
        assert_published(&folder.join(format!("{name}.json")), &text(&schema(name)));
    }
    let files = std::fs::read_dir(&folder).expect("a folder").map(|it| it.expect("a file"));
    let files: BTreeSet<String> =
        files.map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(files, names().iter().map(|name| format!("{name}.json")).collect());
}

#[test]
fn command_prints_every_schema_as_it_is_published() {
    let known: Vec<String> = SchemaName::value_variants()
        .iter()
        .map(|it| it.to_possible_value().expect("a name").get_name().to_owned())
        .collect();
    let [mut printed, mut wanted] =
        [known.clone(), names().into_iter().map(str::to_owned).collect()];
    printed.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(printed, wanted);
    // A program that is tested while the files change was built with the former ones.
    let is_current = std::env::var_os(UPDATE).is_none();
    for name in known.iter().filter(|_| is_current) {
        let output = run(&["schema", name]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), text(&schema(name)), "{name}");
    }
}

#[test]
fn page_of_fields_is_that_of_the_tables() {
    assert_published(&path("../docs/fields.md"), &page());
}

#[test]
fn schemas_are_valid_by_the_draft_and_refuse_what_they_do_not_know() {
    for name in names() {
        let schema = schema(name);
        assert!(jsonschema::meta::is_valid(&schema), "{name}: {schema}");
        assert!(!validator(&schema).is_valid(&json!({})), "{name}");
    }
    let lines = validator(&schema(LINES));
    let mut line = json!({"kind": "command", "schema": SCHEMA, "command": "gilctl list"});
    assert!(lines.is_valid(&line));
    line["more"] = json!(1);
    assert!(!lines.is_valid(&line));
}

#[test]
fn whole_numbers_beyond_2_to_the_53_are_strings() {
    let status = validator(&schema("status"));
    let with = |bytes: serde_json::Value| {
        json!({"schema": SCHEMA, "history_bytes": bytes, "kept_sweeps": 1, "queued_sweeps": 0,
               "owners": [], "pythons": []})
    };
    let most = 9_007_199_254_740_991_u64;
    assert!(status.is_valid(&with(json!(most))));
    assert!(!status.is_valid(&with(json!(most + 1))));
    assert!(status.is_valid(&with(json!((most + 1).to_string()))));
    assert!(!status.is_valid(&with(json!("12"))));
}
