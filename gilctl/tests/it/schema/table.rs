//! The tables of fields: `gilctl/schema/*.txt`, sections of rows `name | type | unit | absent | meaning`.
//! A row `+ section prefix` stands for the rows of that section, `prefix` before each name.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Files of tables, in the order of the page.
const FILES: [&str; 5] = ["sweep", "explore", "history", "picture", "lab"];

/// All sections, in the order of the page.
pub(super) static SECTIONS: LazyLock<Vec<Section>> = LazyLock::new(|| {
    let texts = FILES.map(|name| read(&format!("{name}.txt")));
    texts.iter().flat_map(|text| text.split("\n\n").map(section)).collect()
});

/// What every command prints.
pub(super) static PRINTED: LazyLock<Vec<CommandRow>> =
    LazyLock::new(|| read("commands.txt").lines().map(command).collect());

/// What a section describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A line of NDJSON; perhaps also a row of CSV.
    Line,
    /// A JSON document.
    Document,
    /// A value within others.
    Object,
    /// Rows that several sections share.
    Group,
    /// A row of CSV that is no line of NDJSON.
    Row,
}

/// A section of a table.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) role: Role,
    pub(super) name: String,
    /// The value of `kind`, of lines.
    pub(super) kind: String,
    pub(super) about: String,
    pub(super) entries: Vec<Entry>,
}

/// A row of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Field(FieldRow),
    /// The rows of another section, with a prefix before each name.
    Included {
        section: String,
        prefix: String,
    },
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldRow {
    pub(super) name: String,
    pub(super) value: FieldType,
    pub(super) unit: String,
    /// When it is absent; empty if never.
    pub(super) absent: String,
    pub(super) meaning: String,
}

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FieldType {
    Text,
    Id,
    Digits,
    Count,
    Whole,
    Number,
    Flag,
    Base64,
    Schema,
    OneOf(Vec<String>),
    List(Box<Self>),
    Object(String),
    /// Some fields of a section, null where they do not apply.
    Changes(String),
}

/// What a command prints: its words, the documents one of which it is, its lines, its rows of CSV.
#[derive(Debug)]
pub(super) struct CommandRow {
    pub(super) words: String,
    pub(super) documents: Vec<String>,
    pub(super) lines: Vec<String>,
    pub(super) rows: Vec<String>,
}

/// A path from the crate's folder.
pub(super) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path("schema").join(name)).expect("a table").trim_end().to_owned()
}

fn section(text: &str) -> Section {
    let mut lines = text.lines();
    let head = lines.next().and_then(|line| line.strip_prefix('[')?.strip_suffix(']'));
    let words: Vec<&str> = head.unwrap_or_else(|| panic!("no head: {text}")).split(' ').collect();
    let (role, name, kind) = match words[..] {
        ["line", name] => (Role::Line, name, name),
        ["line", name, "kind", kind] => (Role::Line, name, kind),
        ["document", name] => (Role::Document, name, ""),
        ["object", name] => (Role::Object, name, ""),
        ["group", name] => (Role::Group, name, ""),
        ["row", name] => (Role::Row, name, ""),
        _ => panic!("unknown head: {words:?}"),
    };
    let about = lines.next().expect("a sentence").to_owned();
    let [name, kind] = [name, kind].map(str::to_owned);
    Section { role, name, kind, about, entries: lines.map(entry).collect() }
}

fn entry(line: &str) -> Entry {
    if let Some(included) = line.strip_prefix("+ ") {
        let (section, prefix) = included.split_once(' ').unwrap_or((included, ""));
        return Entry::Included { section: section.to_owned(), prefix: prefix.to_owned() };
    }
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let [name, value, unit, absent, meaning] = cells[..] else { panic!("no five cells: {line}") };
    let [name, unit, absent, meaning] = [name, unit, absent, meaning].map(str::to_owned);
    assert!(!name.is_empty() && !meaning.is_empty(), "{line}");
    Entry::Field(FieldRow { name, value: field_type(value), unit, absent, meaning })
}

fn field_type(text: &str) -> FieldType {
    let braced = text.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
    match (text, braced, text.split_once(' ')) {
        ("text", ..) => FieldType::Text,
        ("id", ..) => FieldType::Id,
        ("digits", ..) => FieldType::Digits,
        ("count", ..) => FieldType::Count,
        ("whole", ..) => FieldType::Whole,
        ("number", ..) => FieldType::Number,
        ("flag", ..) => FieldType::Flag,
        ("base64", ..) => FieldType::Base64,
        ("schema", ..) => FieldType::Schema,
        (_, Some(name), _) => FieldType::Object(name.to_owned()),
        (_, _, Some(("list", of))) => FieldType::List(Box::new(field_type(of))),
        (_, _, Some(("changes", section))) => FieldType::Changes(section.to_owned()),
        (_, _, Some(("one", values))) => {
            let values = values.strip_prefix("of ").expect("`one of`").split(' ');
            FieldType::OneOf(values.map(str::to_owned).collect())
        }
        _ => panic!("unknown type: {text}"),
    }
}

fn command(line: &str) -> CommandRow {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let [words, documents, lines, rows] = cells[..] else { panic!("no four cells: {line}") };
    let names = |cell: &str| {
        let names = cell.split(", ").filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    };
    CommandRow {
        words: words.to_owned(),
        documents: names(documents),
        lines: names(lines),
        rows: names(rows),
    }
}

/// The section with that name in that role, or in any that gives rows to others.
pub(super) fn named(name: &str, roles: &[Role]) -> &'static Section {
    let found = SECTIONS.iter().find(|it| it.name == name && roles.contains(&it.role));
    found.unwrap_or_else(|| panic!("no {roles:?} is named {name}"))
}

/// Roles whose rows others may include or hold.
pub(super) const PARTS: [Role; 3] = [Role::Object, Role::Group, Role::Line];

/// All fields of a section, those of others included; of equal names the first.
pub(super) fn fields(section: &Section) -> Vec<FieldRow> {
    let mut fields: Vec<FieldRow> = Vec::new();
    for entry in &section.entries {
        let more = match entry {
            Entry::Field(row) => vec![row.clone()],
            Entry::Included { section, prefix } => {
                let named =
                    |row: FieldRow| FieldRow { name: format!("{prefix}{}", row.name), ..row };
                self::fields(named_part(section)).into_iter().map(named).collect()
            }
        };
        let is_new = |row: &FieldRow| !fields.iter().any(|known| known.name == row.name);
        let more: Vec<FieldRow> = more.into_iter().filter(is_new).collect();
        fields.extend(more);
    }
    fields
}

/// The section whose rows others have.
pub(super) fn named_part(name: &str) -> &'static Section {
    named(name, &PARTS)
}
