//! The lock of a history: one process at a time has it open, daemon or not. The kernel releases it
//! when the process ends, however it ends.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::store::error::HistoryError;

/// The lock file is private to its user.
const MODE: u32 = 0o600;

/// A lock that is held as long as this value lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: Flock<File>,
}

impl Lock {
    /// Takes it; the error names the process that holds it.
    pub(crate) fn take(path: &Path) -> Result<Self, HistoryError> {
        let refused = |reason: String| HistoryError::CannotOpen { path: path.to_owned(), reason };
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(MODE)
            .open(path);
        let file = opened.map_err(|error| refused(error.to_string()))?;
        let mut held = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(held) => held,
            Err((file, Errno::EWOULDBLOCK)) => {
                return Err(HistoryError::InUse { path: path.to_owned(), holder: holder(file) });
            }
            Err((_, error)) => return Err(refused(error.to_string())),
        };
        // The text is only for the error of other processes; the lock is the file's.
        let emptied = held.set_len(0).and_then(|()| held.rewind());
        let _ = emptied.and_then(|()| writeln!(held, "process {}", std::process::id()));
        Ok(Self { _held: held })
    }
}

fn holder(mut file: File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        Ok(_) | Err(_) => "unknown process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_lock_is_refused_with_the_holder() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        let first = Lock::take(&path).expect("it is free");
        let refused = Lock::take(&path).expect_err("it is held").to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(first);
        Lock::take(&path).expect("it is free again");
    }
}
