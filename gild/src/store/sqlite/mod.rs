//! The SQLite database: schema, writing and readers.

pub(crate) mod attempt_rows;
pub mod backup;
pub(crate) mod import;
pub(crate) mod log_mark;
pub(crate) mod read_pool;
pub(crate) mod reader;
pub(crate) mod schema;
pub(crate) mod writing;
