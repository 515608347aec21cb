//! Sources of the workspace: hand-written Rust, Markdown and proto files.

use std::fs;
use std::path::{Path, PathBuf};

/// A file.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// From the workspace's root, with `/`.
    pub(super) path: String,
    /// All of it.
    pub(super) text: String,
}

/// The crates by the folder of their sources and the name of their library.
pub(super) const CRATES: [(&str, &str); 5] = [
    ("strategies/src", "strategies"),
    ("gild/engine/src", "engine"),
    ("gild/view/src", "view"),
    ("gild/src", "gild"),
    ("gilctl/src", "gilctl"),
];

/// Folders that hold nothing hand-written.
const SKIPPED: [&str; 4] = ["target", "generated", "snapshots", "corpus"];

/// The folder that holds the workspace.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every hand-written source of the workspace, in the order of paths.
pub(super) fn workspace() -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&root(), "", &mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn collect(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of the workspace can be read") {
        let entry = entry.expect("an entry of the workspace can be read");
        let name = entry.file_name().into_string().expect("names are UTF-8");
        if name.starts_with('.') || SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.path().is_dir() {
            collect(&entry.path(), &path, sources);
        } else if [".rs", ".md", ".proto"].iter().any(|end| path.ends_with(end)) {
            let text = fs::read_to_string(entry.path()).expect("sources are UTF-8");
            sources.push(Source { path, text });
        }
    }
}

impl Source {
    /// The library's name and the module's path below it; `None` outside the crates' sources.
    pub(super) fn module(&self) -> Option<(&'static str, Vec<&str>)> {
        let (folder, krate) = CRATES.into_iter().find(|(folder, _)| {
            self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        })?;
        let rest = self.path[folder.len() + 1..].strip_suffix(".rs")?;
        let mut module: Vec<_> = rest.split('/').collect();
        if matches!(module.last(), Some(&("mod" | "lib" | "main"))) {
            module.pop();
        }
        Some((krate, module))
    }

    /// Whether it is a Rust file.
    pub(super) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    /// Whether only test builds have it.
    pub(super) fn is_test(&self) -> bool {
        let path = &self.path;
        path.contains("/tests/") || path.ends_with("_tests.rs") || path.ends_with("/tests.rs")
    }
}
