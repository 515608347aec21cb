//! The page of fields, `docs/fields.md`, from the tables.

use std::fmt::Write as _;

use super::table::{CommandRow, Entry, FieldRow, FieldType, PRINTED, Role, SECTIONS, Section};

const HEAD: &str = "# Fields of documents\n\n";

/// The page.
pub(super) fn page() -> String {
    let head = std::fs::read_to_string(super::table::path("schema/head.md")).expect("the head");
    let mut text = format!("{HEAD}{head}\n");
    text +=
        "## Commands\n\n| command | JSON | lines of NDJSON | rows of CSV |\n|---|---|---|---|\n";
    PRINTED.iter().for_each(|row| text.push_str(&command(row)));
    for section in SECTIONS.iter() {
        text += &described(section);
    }
    text
}

fn command(row: &CommandRow) -> String {
    let links = |role: &str, names: &[String]| match names {
        [] => String::new(),
        names => {
            let one =
                |name: &String| format!("[{}]({})", name.replace('_', " "), anchor(role, name));
            names.iter().map(one).collect::<Vec<_>>().join(", ")
        }
    };
    let documents = match row.documents.as_slice() {
        [] => "the lines".to_owned(),
        names => links("document", names),
    };
    let rows = match row.rows.as_slice() {
        [] => "one line of text".to_owned(),
        names => {
            let one = |name: &String| {
                let is_row = SECTIONS.iter().any(|it| it.name == *name && it.role == Role::Row);
                let role = if is_row { "row" } else { "line" };
                links(role, std::slice::from_ref(name))
            };
            names.iter().map(one).collect::<Vec<_>>().join(", ")
        }
    };
    format!("| `{}` | {documents} | {} | {rows} |\n", row.words, links("line", &row.lines))
}

fn role(of: Role) -> &'static str {
    match of {
        Role::Line => "line",
        Role::Document => "document",
        Role::Object => "object",
        Role::Group => "group",
        Role::Row => "row",
    }
}

/// The heading's anchor, as web pages of repositories make them.
fn anchor(role: &str, name: &str) -> String {
    format!("#{role}-{}", name.replace('_', "-"))
}

/// The anchor of the section whose rows are included or held.
fn anchor_of_part(name: &str) -> String {
    anchor(role(super::table::named_part(name).role), name)
}

fn described(section: &Section) -> String {
    let name = section.name.replace('_', " ");
    let mut text = format!("\n## {} {name}\n\n{}\n\n", role(section.role), section.about);
    if section.kind != section.name && section.role == Role::Line {
        let _ = writeln!(text, "`kind` is `{}`.\n", section.kind);
    }
    text += "| field | type | unit | absent | meaning |\n|---|---|---|---|---|\n";
    section.entries.iter().for_each(|entry| text.push_str(&row(entry)));
    text
}

fn row(entry: &Entry) -> String {
    match entry {
        Entry::Field(row) => {
            let FieldRow { name, value, unit, absent, meaning } = row;
            format!("| `{name}` | {} | {unit} | {absent} | {meaning} |\n", type_text(value))
        }
        Entry::Included { section, prefix } => {
            let link = format!("[{}]({})", section.replace('_', " "), anchor_of_part(section));
            let with = if prefix.is_empty() {
                String::new()
            } else {
                format!(", each with `{prefix}` before it")
            };
            format!("| all of {link}{with} | | | | |\n")
        }
    }
}

fn type_text(of: &FieldType) -> String {
    match of {
        FieldType::Text => "text".to_owned(),
        FieldType::Id => "id".to_owned(),
        FieldType::Digits => "digits".to_owned(),
        FieldType::Count => "count".to_owned(),
        FieldType::Whole => "whole".to_owned(),
        FieldType::Number => "number".to_owned(),
        FieldType::Flag => "true or false".to_owned(),
        FieldType::Base64 => "base64".to_owned(),
        FieldType::Schema => "version".to_owned(),
        FieldType::OneOf(values) => {
            values.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
        }
        FieldType::List(of) => format!("list of {}", type_text(of)),
        FieldType::Object(name) => {
            format!("[{}]({})", name.replace('_', " "), anchor_of_part(name))
        }
        FieldType::Changes(name) => {
            format!("some of [{}]({})", name.replace('_', " "), anchor_of_part(name))
        }
    }
}
