//! Folder rules: the floors of each crate, what a folder may not name, and the only files that start
//! threads or processes.

use super::imports::{graph, has_word, paths, tokens};
use super::source::Source;

/// The floors of each crate, bottom to top. An entry imports only from floors below its own.
const FLOORS: [(&str, &[&[&str]]); 5] = [
    (
        "strategies",
        &[
            &["machine"],
            &["program"],
            &["model"],
            &["harness"],
            &["lock_free"],
            &["locks", "gil"],
            &["catalog"],
            &["explore"],
        ],
    ),
    (
        "engine",
        &[
            &["limits"],
            &["stats"],
            &["sys"],
            &["python"],
            &["plan"],
            &["exec"],
            &["measure"],
            &["report"],
            &["picture"],
            &["jobs"],
        ],
    ),
    (
        "gild",
        &[
            &["version", "limits"],
            &["wire"],
            &["store"],
            &["lab"],
            &["sessions"],
            &["rpc"],
            &["web"],
            &["server"],
            &["daemon"],
        ],
    ),
    ("view", &[&["ids", "suggest"], &["listed", "request"], &["follow"], &["render"]]),
    (
        "gilctl",
        &[
            &["exit"],
            &["error"],
            &["ids"],
            &["cli"],
            &["client"],
            &["output"],
            &["tui"],
            &["commands"],
        ],
    ),
];

/// Crates that a folder never names.
const BANNED: [(&str, &[&str]); 4] = [
    ("gild/engine/src/", &["tokio", "tonic", "prost", "rusqlite", "clap", "proto"]),
    ("gild/src/lab/", &["tonic"]),
    ("gild/src/store/", &["tonic"]),
    ("gild/view/src/", &["tonic", "tokio", "rusqlite"]),
];

/// Files that start threads: the pool of workers, lanes, a reader of an interpreter's output, the
/// store's writer, a restart, the health reporter, the reader of a file to import, and the far end of
/// an echo.
const THREADS: [&str; 8] = [
    "gilctl/src/commands/history/portable.rs",
    "gild/engine/src/exec/worker_pool.rs",
    "gild/engine/src/jobs/scheduler/mod.rs",
    "gild/engine/src/python/line_process.rs",
    "gild/src/daemon/reexec.rs",
    "gild/src/server/health.rs",
    "gild/src/store/sqlite/writing/writer.rs",
    "strategies/src/machine/native/syscalls.rs",
];

/// Files that start processes: interpreters, and the daemon in place of itself.
const PROCESSES: [&str; 2] =
    ["gild/engine/src/python/line_process.rs", "gild/src/daemon/reexec.rs"];

/// The folder whose files may use `unsafe`: calls of the system and of the processor.
const UNSAFE: &str = "strategies/src/machine/native/";

/// Every import that goes up or sideways, and every crate that is named where it must not be.
pub(super) fn violations(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for (krate, floors) in FLOORS {
        let floor = |module: &str| {
            let entry = module.split("::").next().unwrap_or_default();
            floors.iter().position(|floor| floor.contains(&entry))
        };
        for (from, targets) in graph(sources, krate) {
            for to in targets {
                let same = from.split("::").next() == to.split("::").next();
                match (floor(&from), floor(&to)) {
                    _ if same || from.is_empty() || from == "main" => {}
                    (Some(above), Some(below)) if above > below => {}
                    _ => found.push(format!("{krate}::{from} may not import from {krate}::{to}")),
                }
            }
        }
    }
    found.extend(banned(sources));
    found
}

fn banned(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for (folder, crates) in BANNED {
        let own = |source: &&Source| source.path.starts_with(folder) && source.is_rust();
        for source in sources.iter().filter(own) {
            let named = paths(&tokens(source));
            let banned = crates.iter().find(|banned| named.iter().any(|path| path[0] == **banned));
            found.extend(banned.map(|name| format!("{} may not name {name}", source.path)));
        }
    }
    found
}

/// Every start of a thread or a process in a file that is not listed for it.
pub(super) fn starts(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.module().is_some() && !source.is_test()) {
        let paths = paths(&tokens(source));
        let names = |module: &str, items: &[&str]| {
            paths.iter().any(|path| {
                path.windows(2).any(|pair| pair[0] == module && items.contains(&pair[1].as_str()))
            })
        };
        let path = source.path.as_str();
        if names("thread", &["spawn", "Builder", "scope"]) && !THREADS.contains(&path) {
            found.push(format!("{path} may not start a thread"));
        }
        if names("Command", &["new"]) && !PROCESSES.contains(&path) {
            found.push(format!("{path} may not start a process"));
        }
    }
    found
}

/// Every use of `unsafe` outside the folder for it, tests apart.
pub(super) fn unsafe_code(sources: &[Source]) -> Vec<String> {
    let ours = |source: &&Source| source.module().is_some() && !source.is_test();
    let others = sources.iter().filter(ours).filter(|source| !source.path.starts_with(UNSAFE));
    let found = others.filter(|source| has_word(&tokens(source), "unsafe"));
    found.map(|source| format!("{} may not use `unsafe`", source.path)).collect()
}
