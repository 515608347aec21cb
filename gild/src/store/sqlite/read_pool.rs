//! A pool of read-only connections, so that reads neither wait for each other nor for the writer.

use std::path::PathBuf;

use parking_lot::Mutex;
use rusqlite::Connection;

use crate::limits::HISTORY_READERS_KEPT;
use crate::store::error::HistoryError;
use crate::store::location::DataDir;
use crate::store::sqlite::{reader, schema};

/// Connections that are idle.
#[derive(Debug)]
pub(crate) struct ReadPool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    /// Set if other processes may write the history: then each read opens it anew, as it is by then.
    shared: Option<DataDir>,
}

impl ReadPool {
    /// For a history that no other process writes.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default(), shared: None }
    }

    /// For a history that other processes may write.
    pub(crate) fn shared(data_dir: &DataDir) -> Self {
        Self { shared: Some(data_dir.clone()), ..Self::new(data_dir.database()) }
    }

    /// Reads on a connection that no other thread uses meanwhile.
    pub(crate) fn read<T>(
        &self,
        ask: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        let failed = |error: rusqlite::Error| HistoryError::of(&self.path, &error);
        if let Some(data_dir) = &self.shared {
            let mut opened = reader::open(data_dir)?;
            let read = ask(&mut opened).map_err(failed)?;
            opened.check(data_dir)?;
            return Ok(read);
        }
        let idle = self.idle.lock().pop();
        let mut connection = idle.map_or_else(|| schema::open_to_read(&self.path), Ok)?;
        let read = ask(&mut connection).map_err(failed)?;
        let mut idle = self.idle.lock();
        if idle.len() < HISTORY_READERS_KEPT {
            idle.push(connection);
        }
        Ok(read)
    }

    /// Passes the name of the database for `ATTACH` to a function that reads all it needs at once.
    pub(crate) fn attached<T>(
        &self,
        read: impl FnOnce(&str) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        let failed = |error: rusqlite::Error| HistoryError::of(&self.path, &error);
        let Some(data_dir) = &self.shared else {
            return read(&schema::uri(&self.path)).map_err(failed);
        };
        let opened = reader::open(data_dir)?;
        let done = read(opened.uri()).map_err(failed)?;
        opened.check(data_dir)?;
        Ok(done)
    }
}
