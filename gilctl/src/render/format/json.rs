//! Named fields, and the JSON documents made of them.

use serde_json::Value;

/// A field's name and its value, absent where it does not apply.
pub type Field = (&'static str, Option<Value>);

/// Version of the names in these lines.
pub const SCHEMA: &str = "gild.v1";

/// A document of named fields that says its kind first.
pub fn line(kind: &'static str, fields: Vec<Field>) -> String {
    let mut all = vec![("kind", Some(Value::from(kind)))];
    all.extend(fields);
    object(all).to_string()
}

/// A document of named fields.
pub fn document_of(fields: Vec<Field>) -> String {
    object(fields).to_string()
}

/// One document with a list of records, on one line.
pub fn list(name: &'static str, records: Vec<Vec<Field>>) -> String {
    lists([(name, records)])
}

/// One document with several lists of records, on one line.
pub fn lists<const N: usize>(all: [(&'static str, Vec<Vec<Field>>); N]) -> String {
    let list = |records: Vec<Vec<Field>>| records.into_iter().map(object).collect::<Vec<Value>>();
    object(all.map(|(name, records)| (name, Some(list(records).into()))).into()).to_string()
}

/// Named fields as a value; what is absent is left out.
pub fn object(fields: Vec<Field>) -> Value {
    let present = |(name, value): Field| value.map(|value| (name.to_owned(), value));
    Value::Object(fields.into_iter().filter_map(present).collect())
}
