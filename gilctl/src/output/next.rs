//! The next useful command, as it is typed: with the flags that lead to the same lab, and only where
//! it can work.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::cli::Global;
use view::render::sweep::command_line::shell_line;

/// A command that is useful after another. Ids are short ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A first sweep.
    Sweep,
    /// `doctor`, once more.
    Doctor,
    /// The flags of `witness`.
    Witness(Vec<String>),
    /// All that is stored.
    List,
    /// Follows that job.
    Watch(String),
    /// Prints that job.
    Show(String),
    /// Explains that sweep.
    Explain(String),
    /// Runs what that sweep misses.
    Resume(String),
    /// Runs that sweep again.
    Rerun(String),
    /// Compares these sweeps in spite of their differences.
    Compare {
        /// The sweeps.
        ids: Vec<String>,
        /// The parameters in which the cells of a pair are equal; none for all.
        by: Vec<String>,
    },
}

impl Next {
    /// The command with the global flags that were typed; `None` where it needs stored jobs and
    /// the lab keeps none.
    pub fn line(&self, flags: &Global, keeps_jobs: bool) -> Option<String> {
        let of = |words: &[&str]| words.iter().copied().map(str::to_owned).collect::<Vec<_>>();
        let (needs_jobs, words) = match self {
            Self::Sweep => (false, of(&["sweep", "--strategy", "gil"])),
            Self::Doctor => (false, of(&["doctor"])),
            Self::Witness(flags) => (false, [&of(&["witness"])[..], flags].concat()),
            Self::List => (true, of(&["list"])),
            Self::Watch(id) => (true, of(&["watch", id])),
            Self::Show(id) => (true, of(&["show", id])),
            Self::Explain(id) => (true, of(&["explain", id])),
            Self::Resume(id) => (true, of(&["resume", id])),
            Self::Rerun(id) => (true, of(&["rerun", id])),
            Self::Compare { ids, by } => {
                let by = (!by.is_empty()).then(|| ["--by".to_owned(), by.join(",")]);
                let by: Vec<String> = by.into_iter().flatten().collect();
                (true, [&of(&["compare"])[..], ids, &by, &of(&["--force"])].concat())
            }
        };
        let line = ["gilctl".to_owned()].into_iter().chain(words).chain(globals(flags));
        (keeps_jobs || !needs_jobs).then(|| shell_line(line))
    }
}

/// The flags that say where the lab is, but for those whose value is in the environment or the config file anyway.
fn globals(flags: &Global) -> Vec<String> {
    let Global { server, credentials, embedded, data_dir, no_history, .. } = flags;
    let path = |path: &Option<PathBuf>| path.clone().map(PathBuf::into_os_string);
    let valued = [
        ("--server", "GILCTL_SERVER", server.clone().map(OsString::from)),
        ("--token-file", "GILCTL_TOKEN_FILE", path(&credentials.token_file)),
        ("--ca", "GILCTL_CA", path(&credentials.ca)),
        ("--cert", "GILCTL_CERT", path(&credentials.cert)),
        ("--key", "GILCTL_KEY", path(&credentials.key)),
        ("--data-dir", "GILCTL_DATA_DIR", path(data_dir)),
    ];
    // A later gilctl reads the same config file.
    let is_typed = |flag: &str| flags.typed.has(flag.trim_start_matches('-'));
    let valued = valued.into_iter().filter(|(flag, ..)| is_typed(flag));
    let valued = valued.filter_map(|(flag, variable, value)| {
        let value = value.filter(|value| std::env::var_os(variable).as_ref() != Some(value))?;
        Some([flag.to_owned(), value.to_string_lossy().into_owned()])
    });
    let switches = [("--embedded", *embedded), ("--no-history", *no_history)];
    let switches = switches.into_iter().filter(|(flag, is_set)| *is_set && is_typed(flag));
    valued.flatten().chain(switches.map(|(flag, _)| flag.to_owned())).collect()
}
