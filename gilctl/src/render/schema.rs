//! Schemas of the documents of this version, as they are published in `docs/schema`. They are made of the
//! tables in `gilctl/schema`.

use crate::cli::schema::SchemaName;

macro_rules! schema {
    ($name:literal) => {
        include_str!(concat!("../../../docs/schema/gild.v2/", $name, ".json"))
    };
}

/// The schema with that name: JSON Schema, draft 2020-12.
pub fn text(name: SchemaName) -> &'static str {
    match name {
        SchemaName::Lines => schema!("lines"),
        SchemaName::Sweep => schema!("sweep"),
        SchemaName::Command => schema!("command"),
        SchemaName::Exploration => schema!("exploration"),
        SchemaName::Replay => schema!("replay"),
        SchemaName::Explanation => schema!("explanation"),
        SchemaName::List => schema!("list"),
        SchemaName::Imported => schema!("imported"),
        SchemaName::Forgotten => schema!("forgotten"),
        SchemaName::Comparison => schema!("comparison"),
        SchemaName::Picture => schema!("picture"),
        SchemaName::Status => schema!("status"),
        SchemaName::Examination => schema!("examination"),
        SchemaName::Strategies => schema!("strategies"),
        SchemaName::Listings => schema!("listings"),
        SchemaName::Calibration => schema!("calibration"),
        SchemaName::Settings => schema!("settings"),
    }
}
