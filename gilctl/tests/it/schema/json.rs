//! JSON Schema (draft 2020-12) of documents and lines, from the tables.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use view::render::format::json::SCHEMA;
use view::render::format::value::WHOLE_MAX;

use super::table::{FieldRow, FieldType, Role, SECTIONS, Section, fields, named, named_part};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
/// The definition of whole numbers.
const WHOLE: &str = "whole";
/// The schema of any line of NDJSON; the others are of documents.
pub(super) const LINES: &str = "lines";

/// The names of all schemas.
pub(super) fn names() -> Vec<&'static str> {
    let documents = SECTIONS.iter().filter(|it| it.role == Role::Document);
    [LINES].into_iter().chain(documents.map(|it| it.name.as_str())).collect()
}

/// The schema with that name.
pub(super) fn schema(name: &str) -> Value {
    if name == LINES {
        let lines: Vec<&Section> = SECTIONS.iter().filter(|it| it.role == Role::Line).collect();
        let any = lines.iter().map(|it| json!({"$ref": format!("#/$defs/line_{}", it.name)}));
        let about = "A line of NDJSON that gilctl prints.";
        return whole(name, about, json!({"anyOf": any.collect::<Vec<_>>()}), &lines);
    }
    let section = named(name, &[Role::Document]);
    whole(name, &section.about, object(section, &[("schema", version())]), &[section])
}

/// The schema of one kind of line.
pub(super) fn line_schema(section: &Section) -> Value {
    let own = json!({"$ref": format!("#/$defs/line_{}", section.name)});
    whole(&section.name, &section.about, own, &[section])
}

fn whole(name: &str, about: &str, body: Value, roots: &[&Section]) -> Value {
    let mut all = Map::new();
    all.insert("$schema".into(), DRAFT.into());
    all.insert("$id".into(), format!("urn:gild:{SCHEMA}:{name}").into());
    all.insert("description".into(), about.into());
    let Value::Object(body) = body else { panic!("{body} is not an object") };
    all.extend(body);
    let lines = roots.iter().filter(|it| it.role == Role::Line);
    let mut definitions: Map<String, Value> =
        lines.map(|it| (format!("line_{}", it.name), line(it))).collect();
    definitions.extend(parts(roots).into_iter().map(|it| (it.clone(), part(&it))));
    definitions.insert(WHOLE.to_owned(), whole_number());
    all.insert("$defs".into(), definitions.into());
    all.into()
}

/// A number; beyond 2^53 - 1, which only a faulty lab passes, a string of its digits.
fn whole_number() -> Value {
    json!({
        "anyOf": [
            {"type": "integer", "minimum": 0, "maximum": WHOLE_MAX},
            {"type": "string", "pattern": "^[1-9][0-9]{15,19}$"},
        ],
    })
}

fn version() -> Value {
    json!({"const": SCHEMA})
}

fn line(section: &Section) -> Value {
    object(section, &[("kind", json!({"const": section.kind})), ("schema", version())])
}

fn part(name: &str) -> Value {
    object(named_part(name), &[])
}

/// An object with these fields first.
fn object(section: &Section, first: &[(&str, Value)]) -> Value {
    let rows = fields(section);
    let mut properties: Map<String, Value> =
        first.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    properties.extend(rows.iter().map(|row| (row.name.clone(), described(row))));
    let always = rows.iter().filter(|row| row.absent.is_empty()).map(|row| row.name.as_str());
    let required: Vec<&str> = first.iter().map(|(name, _)| *name).chain(always).collect();
    json!({
        "description": section.about,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The schema of a field with what there is to say of it.
fn described(row: &FieldRow) -> Value {
    let unit = if row.unit.is_empty() { String::new() } else { format!(" [{}]", row.unit) };
    let absent = match row.absent.as_str() {
        "" => String::new(),
        absent => format!("; absent {absent}"),
    };
    let mut all = Map::new();
    all.insert("description".into(), format!("{}{unit}{absent}", row.meaning).into());
    let Value::Object(of_type) = type_schema(&row.value) else { panic!("no schema of {row:?}") };
    all.extend(of_type);
    all.into()
}

fn type_schema(of: &FieldType) -> Value {
    match of {
        FieldType::Text => json!({"type": "string"}),
        FieldType::Id => json!({"type": "string", "pattern": "^[0-9a-z]+$"}),
        FieldType::Digits => json!({"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}),
        FieldType::Count => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
        FieldType::Whole => json!({"$ref": format!("#/$defs/{WHOLE}")}),
        FieldType::Number => json!({"type": "number"}),
        FieldType::Flag => json!({"type": "boolean"}),
        FieldType::Base64 => json!({"type": "string", "contentEncoding": "base64"}),
        FieldType::Schema => version(),
        FieldType::OneOf(values) => json!({"enum": values}),
        FieldType::List(of) => json!({"type": "array", "items": type_schema(of)}),
        FieldType::Object(name) => json!({"$ref": format!("#/$defs/{name}")}),
        FieldType::Changes(section) => changes(section),
    }
}

/// Some fields of a section, each perhaps null.
fn changes(section: &str) -> Value {
    let or_null = |row: FieldRow| {
        let either = json!({"anyOf": [type_schema(&row.value), {"type": "null"}]});
        (row.name, either)
    };
    let properties: Map<String, Value> =
        fields(named_part(section)).into_iter().map(or_null).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// The names of objects within these sections, those within them included.
fn parts(roots: &[&Section]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<FieldRow> = roots.iter().flat_map(|it| fields(it)).collect();
    while let Some(row) = open.pop() {
        let mut of = &row.value;
        while let FieldType::List(inner) = of {
            of = inner;
        }
        if let FieldType::Object(name) = of
            && found.insert(name.clone())
        {
            open.extend(fields(named_part(name)));
        }
    }
    found
}

/// A schema as text: what fits a line stands in one.
pub(super) fn text(schema: &Value) -> String {
    spread(schema, 0) + "\n"
}

fn spread(value: &Value, depth: usize) -> String {
    const WIDTH: usize = 100;
    let inline = value.to_string();
    if inline.len() + 2 * depth <= WIDTH {
        return inline;
    }
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    match value {
        // A field is a line, however long.
        Value::Object(fields) if !fields.contains_key("properties") && is_field(fields) => inline,
        Value::Object(fields) => {
            let one = |(name, value): (&String, &Value)| {
                format!("{inner}{}: {}", json!(name), spread(value, depth + 1))
            };
            let all: Vec<String> = fields.iter().map(one).collect();
            format!("{{\n{}\n{outer}}}", all.join(",\n"))
        }
        Value::Array(items) => {
            let one = |item: &Value| format!("{inner}{}", spread(item, depth + 1));
            let all: Vec<String> = items.iter().map(one).collect();
            format!("[\n{}\n{outer}]", all.join(",\n"))
        }
        _ => inline,
    }
}

/// Whether it is the schema of a field rather than of a document.
fn is_field(fields: &Map<String, Value>) -> bool {
    fields.contains_key("description") && !fields.contains_key("$defs")
}
