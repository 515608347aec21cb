//! CSV: a header and a row per record. A field that does not apply is empty, and an era is no bare
//! word: readers that guess types make the number 3.1 of `3.10`.

use std::collections::BTreeMap;

use crate::render::format::json::Field;
use crate::render::format::value::Value;

/// The field whose texts look like numbers, and what precedes them here.
const ERA: &str = "era";
const ERA_PREFIX: &str = "cpython-";

/// Records with equal fields, under the names of the first.
pub fn rows(records: Vec<Vec<Field>>) -> String {
    match records.first() {
        Some(first) => headed(&first.clone(), records),
        None => String::new(),
    }
}

/// Records under the names of an example, which are written even without records. A field that a
/// record lacks is empty.
pub fn headed(example: &[Field], records: impl IntoIterator<Item = Vec<Field>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names: Vec<&str> = example.iter().map(|(name, _)| *name).collect();
    // Writing to memory fails only for records of unequal length; these are of equal length.
    let _ = writer.write_record(&names);
    for record in records {
        let mut known: BTreeMap<&str, Option<Value>> = record.into_iter().collect();
        let _ = writer.write_record(names.iter().map(|name| {
            let text = known.remove(name).flatten().map_or_else(String::new, Value::into_text);
            if *name == ERA && !text.is_empty() { format!("{ERA_PREFIX}{text}") } else { text }
        }));
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
