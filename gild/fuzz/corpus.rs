//! Inputs that are kept: one small file for each signature, in a directory for each door, named by
//! its content. Judges nothing.

use std::io;
use std::path::{Path, PathBuf};

use super::door::Door;

/// Longest input that is kept, in bytes: the corpus is read by people and kept with the code.
pub(crate) const KEPT_BYTES_MAX: usize = 2048;
/// Where the corpus lies in the repository.
pub(crate) const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus");

/// An input and the door that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    /// What it is decoded as.
    pub(crate) door: Door,
    /// As it would arrive.
    pub(crate) bytes: Vec<u8>,
}

/// Every input that is kept there, in the order of doors and names; none if the directory is
/// missing.
pub(crate) fn read(directory: &Path) -> io::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for door in Door::ALL {
        let own = directory.join(door.name());
        if !own.is_dir() {
            continue;
        }
        let files = std::fs::read_dir(own)?.map(|entry| entry.map(|file| file.path()));
        let mut files = files.collect::<io::Result<Vec<_>>>()?;
        files.sort();
        for file in files {
            inputs.push(Input { door, bytes: std::fs::read(file)? });
        }
    }
    Ok(inputs)
}

/// Keeps an input; where.
pub(crate) fn write(directory: &Path, door: Door, bytes: &[u8]) -> io::Result<PathBuf> {
    let own = directory.join(door.name());
    std::fs::create_dir_all(&own)?;
    let path = own.join(format!("{:016x}", hash(bytes)));
    std::fs::write(&path, bytes)?;
    Ok(path)
}

/// Keeps several.
pub(crate) fn keep(directory: &Path, inputs: &[Input]) -> io::Result<()> {
    inputs.iter().try_for_each(|input| write(directory, input.door, &input.bytes).map(drop))
}

/// 64-bit FNV-1a (Fowler, Noll and Vo 1991).
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
