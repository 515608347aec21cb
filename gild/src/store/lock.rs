//! The lock of a history: one process at a time writes it, daemon or not. The kernel releases it
//! when the process ends, however it ends. Processes that only read never wait for it; they hold a
//! shared lock during one read, so that no lab starts to write in the middle of it.

use std::fs::{File, OpenOptions};
use std::io;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::store::error::HistoryError;

/// The lock file is private to its user.
const MODE: u32 = 0o600;
/// Longest wait for processes that read, each for the time of one query.
const READERS_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause between two attempts meanwhile.
const RETRY: Duration = Duration::from_millis(5);

/// A lock that is held as long as this value lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: Flock<File>,
}

/// Whether a process has a history open to write.
#[derive(Debug)]
pub(crate) enum Occupancy {
    /// None has, and none will while this value lives. `None` if there is no lock file: then no lab
    /// ever had the history open here, and one may come at any time.
    Free(Option<Flock<File>>),
    /// One has; its description.
    Held(String),
    /// The lock file may not be read.
    Unknown,
}

impl Lock {
    /// Takes it for `holder`, a command as other processes name it, e.g. `gild serve`. The error names
    /// the process that holds it.
    pub(crate) fn take(path: &Path, holder: &str) -> Result<Self, HistoryError> {
        let refused = |reason: String| HistoryError::CannotOpen { path: path.to_owned(), reason };
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(MODE)
            .open(path);
        let mut file = opened.map_err(|error| refused(error.to_string()))?;
        let deadline = Instant::now() + READERS_TIMEOUT;
        let mut held = loop {
            file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(held) => break held,
                Err((file, Errno::EWOULDBLOCK)) => file,
                Err((_, error)) => return Err(refused(error.to_string())),
            };
            // A shared lock can be had beside readers, and not beside a lab.
            file = match Flock::lock(file, FlockArg::LockSharedNonblock) {
                Ok(shared) if Instant::now() < deadline => {
                    shared.unlock().map_err(|(_, error)| refused(error.to_string()))?
                }
                Ok(_) => return Err(HistoryError::BeingRead { path: path.to_owned() }),
                Err((file, _)) => {
                    let holder = describe(file);
                    return Err(HistoryError::InUse { path: path.to_owned(), holder });
                }
            };
            sleep(RETRY);
        };
        // The text is only for the error of other processes; the lock is the file's.
        let text = text(holder);
        let emptied = held.set_len(0).and_then(|()| held.rewind());
        let _ = emptied.and_then(|()| held.write_all(text.as_bytes()));
        Ok(Self { _held: held })
    }
}

/// Observes a lock without taking it from anyone. Creates nothing.
pub(crate) fn observe(path: &Path) -> Occupancy {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Occupancy::Free(None),
        Err(_) => return Occupancy::Unknown,
    };
    match Flock::lock(file, FlockArg::LockSharedNonblock) {
        Ok(shared) => Occupancy::Free(Some(shared)),
        Err((file, Errno::EWOULDBLOCK)) => Occupancy::Held(describe(file)),
        Err(_) => Occupancy::Unknown,
    }
}

/// One line: the process, what it is, and since when it has the history.
fn text(holder: &str) -> String {
    let since = humantime::format_rfc3339_seconds(SystemTime::now());
    let named = if holder.is_empty() { String::new() } else { format!(", {holder}") };
    format!("process {}{named}, since {since}\n", std::process::id())
}

fn describe(mut file: File) -> String {
    let mut text = String::new();
    match file.rewind().and_then(|()| file.read_to_string(&mut text)) {
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
        let first = Lock::take(&path, "gild serve at unix:///s").expect("it is free");
        let refused = Lock::take(&path, "").expect_err("it is held").to_string();
        let own = format!("process {}, gild serve at unix:///s, since 2", std::process::id());
        assert!(refused.contains(&own), "{refused}");
        drop(first);
        Lock::take(&path, "").expect("it is free again");
    }

    #[test]
    fn reader_sees_the_holder_and_delays_a_writer_no_longer_than_it_reads() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lock");
        assert!(matches!(observe(&path), Occupancy::Free(None)) && !path.exists());
        let held = Lock::take(&path, "gilctl sweep").expect("it is free");
        let Occupancy::Held(holder) = observe(&path) else { panic!("it is held") };
        assert!(holder.contains(", gilctl sweep, since "), "{holder}");
        drop(held);
        let Occupancy::Free(Some(reading)) = observe(&path) else { panic!("it is free") };
        assert!(
            matches!(observe(&path), Occupancy::Free(Some(_))),
            "readers do not exclude another"
        );
        std::thread::scope(|scope| {
            let taking = scope.spawn(|| Lock::take(&path, "").map(drop));
            // Held while the other thread begins, as far as the scheduler lets it.
            std::thread::yield_now();
            drop(reading);
            taking.join().expect("no panic").expect("the reader has ended");
        });
    }
}
