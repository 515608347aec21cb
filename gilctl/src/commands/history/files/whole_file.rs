//! Files of `--out`: each appears as a whole or not at all, and replaces an existing one only with
//! `--force`.

use std::fs::{File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Failure;
use crate::exit::Exit;

/// Permissions of a file, before the umask.
const FILE_MODE: u32 = 0o666;

/// A file in the making. Unless it is kept, nothing of it is left.
#[derive(Debug)]
pub struct WholeFile {
    beside: NamedTempFile,
    path: PathBuf,
}

impl WholeFile {
    /// A temporary file in the directory of `path`, so that it can be renamed to it.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        };
        let permissions = Permissions::from_mode(FILE_MODE);
        let mut builder = tempfile::Builder::new();
        let beside = builder.prefix(".gilctl-").permissions(permissions).tempfile_in(directory);
        let beside = beside.map_err(|error| out_of_reach(path, &error))?;
        Ok(Self { beside, path: path.to_owned() })
    }

    /// The file to write to.
    pub fn file(&self) -> &File {
        self.beside.as_file()
    }

    /// Gives the file its name.
    pub fn keep(self, force: bool) -> Result<(), Failure> {
        let Self { beside, path } = self;
        beside.as_file().sync_all().map_err(|error| at(&path, &error))?;
        let kept = if force { beside.persist(&path) } else { beside.persist_noclobber(&path) };
        match kept {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&path)),
            Err(error) => Err(at(&path, &error.error)),
        }
    }
}

/// Writes contents to files, the last of them last: if one cannot be written, none is there that was not
/// there before.
pub fn write_all(contents: &[(PathBuf, impl AsRef<[u8]>)], force: bool) -> Result<(), Failure> {
    contents.iter().try_for_each(|(path, _)| check_absent(path, force))?;
    let mut written = Vec::with_capacity(contents.len());
    for (path, content) in contents {
        let whole = WholeFile::create(path)?;
        whole.file().write_all(content.as_ref()).map_err(|error| at(path, &error))?;
        written.push(whole);
    }
    let mut kept: Vec<&Path> = Vec::new();
    for (whole, (path, _)) in written.into_iter().zip(contents) {
        let is_new = path.symlink_metadata().is_err();
        if let Err(failure) = whole.keep(force) {
            for path in kept {
                // What cannot be removed either stays; the first failure is the one to say.
                let _ = std::fs::remove_file(path);
            }
            return Err(failure);
        }
        kept.extend(is_new.then_some(path.as_path()));
    }
    Ok(())
}

/// Refuses a path where something is, unless it may be overwritten.
pub fn check_absent(path: &Path, force: bool) -> Result<(), Failure> {
    if !force && path.symlink_metadata().is_ok() { Err(exists(path)) } else { Ok(()) }
}

fn exists(path: &Path) -> Failure {
    let message = format!("--out: {} exists", path.display());
    Failure::new(Exit::Usage, message, "choose another name, or overwrite it with --force")
}

/// The failure of reading or writing a file.
pub fn at(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Usage, format!("{}: {error}", path.display()), "name another file")
}

fn out_of_reach(path: &Path, error: &io::Error) -> Failure {
    let said = error.to_string();
    // The reason without the name of the temporary file, which comes after it.
    let reason = said.split_once(" at path ").map_or(&*said, |(reason, _)| reason);
    let message = format!("--out: {}: {reason}", path.display());
    Failure::new(Exit::Usage, message, "name a file in a directory that you can write to")
}
