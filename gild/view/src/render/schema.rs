//! Schemas of the documents of this version, as they are published in `docs/schema`. They are made of the
//! tables in `gilctl/schema`.

use clap::ValueEnum;

/// The schemas, by what each describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// Any line of `--output ndjson`
    Lines,
    /// A sweep with its cells
    Sweep,
    /// `show --as-command`
    Command,
    /// `explore` and `witness`
    Exploration,
    /// `replay`
    Replay,
    /// `explain`
    Explanation,
    /// `list`
    List,
    /// `import`
    Imported,
    /// `delete` and `prune`
    Forgotten,
    /// `compare`
    Comparison,
    /// `plot`
    Picture,
    /// `status`
    Status,
    /// `doctor`
    Examination,
    /// `strategies`
    Strategies,
    /// `strategies --body`
    Listings,
    /// `calibrate`
    Calibration,
    /// `config show`
    Settings,
}

macro_rules! schema {
    ($name:literal) => {
        include_str!(concat!("../../../../docs/schema/gild.v2/", $name, ".json"))
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
