//! Named fields, and the JSON documents made of them.

use crate::render::format::value::Value;

/// A field's name and its value, absent where it does not apply.
pub type Field = (&'static str, Option<Value>);

/// Version of the names and types in these documents. Since `gild.v2`, whole numbers without a limit
/// below 2^53 are strings.
pub const SCHEMA: &str = "gild.v2";
/// Name of the field that holds [`SCHEMA`].
const SCHEMA_FIELD: &str = "schema";
/// Name of the field that says what a document is, always its first.
const KIND_FIELD: &str = "kind";

/// A line of NDJSON: its kind, its schema, its fields.
pub fn line(kind: &'static str, fields: Vec<Field>) -> String {
    document_of([(KIND_FIELD, Some(kind.into()))].into_iter().chain(fields).collect())
}

/// A document of named fields, with its schema first or after the kind.
pub fn document_of(mut fields: Vec<Field>) -> String {
    let at = usize::from(fields.first().is_some_and(|(name, _)| *name == KIND_FIELD));
    fields.insert(at, schema());
    object(fields).to_string()
}

/// The field that names the schema.
pub fn schema() -> Field {
    (SCHEMA_FIELD, Some(SCHEMA.into()))
}

/// Named fields as a value; what is absent is left out.
pub fn object(fields: impl IntoIterator<Item = Field>) -> Value {
    Value::object(fields)
}
