//! Cells as CSV: a header and a row a cell; what does not apply is empty.

use serde_json::Value;

use super::record::{Field, fields};
use crate::board::Board;

/// The board's cells. A sweep has at least one cell, so that the header is always known.
pub fn cells(board: &Board) -> String {
    rows(board.rows.iter().map(|row| fields(board, row)).collect())
}

/// Records of equal fields, the names of the first as the header.
pub fn rows(records: Vec<Vec<Field>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names = records.first().map(|fields| fields.iter().map(|(name, _)| *name));
    // Writing into memory fails on records of unequal length only, and there are none.
    if let Some(names) = names {
        let _ = writer.write_record(names);
    }
    for fields in records {
        let _ = writer.write_record(fields.into_iter().map(|(_, value)| text(value)));
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn text(value: Option<Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(value) => value.to_string(),
    }
}
