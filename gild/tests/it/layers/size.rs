//! Sizes: lines of a file, folders of a crate, entries of a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::source::{CRATES, Source, root};

/// Most lines of a hand-written Rust file.
pub(super) const LINES_MAX: usize = 400;
/// Most folders directly below a crate's `src`.
const FOLDERS_MAX: usize = 9;
/// Most entries of a folder below that.
const ENTRIES_MAX: usize = 12;

/// Every Rust file that is too long.
pub(super) fn long_files(sources: &[Source]) -> Vec<String> {
    let rust = sources.iter().filter(|source| source.is_rust());
    let counted = rust.map(|source| (&source.path, source.text.lines().count()));
    let long = counted.filter(|(_, lines)| *lines > LINES_MAX);
    long.map(|(path, lines)| format!("{path} has {lines} lines, more than {LINES_MAX}")).collect()
}

/// Every folder of the crates' sources that holds too much.
pub(super) fn large_folders() -> Vec<String> {
    let mut found = Vec::new();
    for (folder, entries) in folders() {
        let is_src = CRATES.iter().any(|(src, _)| *src == folder);
        let (count, limit) = if is_src {
            (entries.iter().filter(|name| !name.contains('.')).count(), FOLDERS_MAX)
        } else {
            (entries.len(), ENTRIES_MAX)
        };
        if count > limit {
            found.push(format!("{folder} has {count} entries, more than {limit}"));
        }
    }
    found
}

/// The folders of the crates' sources with the names of their entries.
fn folders() -> BTreeMap<String, BTreeSet<String>> {
    let mut folders = BTreeMap::new();
    let mut open: Vec<String> = CRATES.iter().map(|(src, _)| (*src).to_owned()).collect();
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(root().join(&folder)).expect("a folder of sources can be read");
        let mut names = BTreeSet::new();
        for entry in entries {
            let entry = entry.expect("an entry of the sources can be read");
            let name = entry.file_name().into_string().expect("names are UTF-8");
            if entry.path().is_dir() {
                open.push(format!("{folder}/{name}"));
            }
            names.insert(name);
        }
        folders.insert(folder, names);
    }
    folders
}
