//! A pool of read-only connections, so that reads neither wait for each other nor for the writer.

use std::path::PathBuf;

use parking_lot::Mutex;
use rusqlite::Connection;

use crate::limits::HISTORY_READERS_KEPT;
use crate::store::error::HistoryError;
use crate::store::sqlite::schema;

/// Connections that are idle.
#[derive(Debug)]
pub(crate) struct ReadPool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl ReadPool {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    /// Reads on a connection that no other thread uses meanwhile.
    pub(crate) fn read<T>(
        &self,
        ask: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        let idle = self.idle.lock().pop();
        let mut connection = idle.map_or_else(|| schema::open_to_read(&self.path), Ok)?;
        let read = ask(&mut connection).map_err(|error| HistoryError::of(&self.path, &error))?;
        let mut idle = self.idle.lock();
        if idle.len() < HISTORY_READERS_KEPT {
            idle.push(connection);
        }
        Ok(read)
    }
}
