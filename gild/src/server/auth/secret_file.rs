//! Secret files: read whole, up to a limit, and only if their mode keeps other users from reading
//! them. No error shows their contents.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use crate::limits::CREDENTIAL_BYTES_MAX;

/// A file that cannot be used, and the way out.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}; {way_out}", path.display())]
pub struct CredentialError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it, without its contents.
    pub problem: String,
    /// What to do about it.
    pub way_out: String,
}

impl CredentialError {
    /// The error of `path`.
    pub(crate) fn new(path: &Path, problem: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { path: path.to_owned(), problem: problem.into(), way_out: way_out.into() }
    }
}

/// Users that may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner alone.
    Owner,
    /// Its owner and group: keys are often kept that way.
    Group,
    /// All users: it holds no secret.
    All,
}

/// Reads a file.
pub(crate) fn read(path: &Path, readers: Readers) -> Result<Vec<u8>, CredentialError> {
    let cannot = |error: io::Error| {
        CredentialError::new(path, format!("cannot be read: {error}"), "name a readable file")
    };
    // Opening a pipe must not wait for a writer; anything but a regular file is rejected below.
    let nonblocking = OFlag::O_NONBLOCK.bits();
    let file =
        OpenOptions::new().read(true).custom_flags(nonblocking).open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if !metadata.is_file() {
        return Err(CredentialError::new(path, "is not a regular file", "name a regular file"));
    }
    // The mode of the open file, because the path may be replaced meanwhile.
    check_mode(path, metadata.permissions().mode(), readers)?;
    let mut bytes = Vec::new();
    file.take(CREDENTIAL_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > CREDENTIAL_BYTES_MAX {
        let problem = format!("is longer than {CREDENTIAL_BYTES_MAX} bytes");
        return Err(CredentialError::new(path, problem, "remove entries that are not needed"));
    }
    Ok(bytes)
}

fn check_mode(path: &Path, mode: u32, readers: Readers) -> Result<(), CredentialError> {
    let (forbidden, wanted) = match readers {
        Readers::Owner => (0o077, "600"),
        Readers::Group => (0o027, "640"),
        Readers::All => return Ok(()),
    };
    if mode & forbidden == 0 {
        return Ok(());
    }
    let problem = format!("others can read or change it (mode {:04o})", mode & 0o7777);
    let way_out = format!("chmod {wanted} it, and replace secrets that others may have read");
    Err(CredentialError::new(path, problem, way_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mode: u32, readers: Readers, is_good: bool) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(file.path(), permissions).expect("it is ours");
        let found = read(file.path(), readers);
        assert_eq!(found.is_ok(), is_good, "{mode:o} {readers:?}: {found:?}");
    }

    #[test]
    fn file_readable_by_others_is_rejected() {
        check(0o600, Readers::Owner, true);
        check(0o400, Readers::Owner, true);
        check(0o640, Readers::Owner, false);
        check(0o604, Readers::Owner, false);
        check(0o640, Readers::Group, true);
        check(0o660, Readers::Group, false);
        check(0o644, Readers::Group, false);
        check(0o644, Readers::All, true);
    }

    #[test]
    fn unreadable_file_is_named() {
        let error =
            read(Path::new("/nowhere/tokens"), Readers::Owner).expect_err("it is not there");
        assert!(error.to_string().starts_with("/nowhere/tokens: cannot be read"), "{error}");
        let directory = tempfile::tempdir().expect("a directory");
        let pipe = directory.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("it is ours");
        let error = read(&pipe, Readers::Owner).expect_err("not a regular file");
        assert!(error.to_string().contains("is not a regular file"), "{error}");
        let error = read(Path::new("/"), Readers::All).expect_err("a directory");
        assert!(error.to_string().contains("is not a regular file"), "{error}");
    }

    #[test]
    fn oversized_file_is_rejected() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        file.as_file().set_len(CREDENTIAL_BYTES_MAX + 1).expect("sparse");
        let error = read(file.path(), Readers::Owner).expect_err("too long").to_string();
        assert!(error.contains("is longer than 1048576 bytes"), "{error}");
    }
}
