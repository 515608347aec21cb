//! Interpreters: a probe reads the version once and refuses versions that the experiment does not
//! support.

use crate::python::version::GlobalLock;
use crate::python::version::Version;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use strategies::machine::native::abort::Abort;

use crate::limits::{INTERPRETER_PATH_BYTES_MAX, PROBE_TIME_MAX};
use crate::python::error::PythonError;
use crate::python::line_process::{Process, ReadError};

/// The program whose one line of output is an [`Identity`].
pub(super) const IDENTIFY: &str = include_str!("identify.py");
/// How an [`Identity`] is written.
const IDENTITY_FORM: &str = "a line such as `CPython 3.11.7 held`";
/// Names under which an interpreter is looked for, the best first.
const NAMES: [&str; 2] = ["python3", "python"];
/// Characters of a wrong answer that are shown.
const SHOWN_MAX: usize = 100;

/// A `CPython` that the experiment runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpreter {
    /// As it was named; a bare name is looked for on `PATH`.
    pub path: PathBuf,
    /// What it said.
    pub version: Version,
}

impl Interpreter {
    /// Runs the interpreter once and asks who it is, for [`PROBE_TIME_MAX`] at most.
    pub fn probe(path: &Path) -> Result<Self, PythonError> {
        probe_within(path, PROBE_TIME_MAX)
    }

    /// The first of `python3` and `python` on `PATH`; it is not run.
    pub fn on_path() -> Option<PathBuf> {
        let directories: Vec<_> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
        let places = NAMES.iter().flat_map(|name| directories.iter().map(move |at| at.join(name)));
        places.into_iter().find(|place| is_executable(place))
    }
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

fn probe_within(path: &Path, limit: Duration) -> Result<Interpreter, PythonError> {
    // As it is written on the wire.
    let bytes = path.display().to_string().len();
    if bytes > INTERPRETER_PATH_BYTES_MAX {
        return Err(PythonError::LongPath { bytes });
    }
    // No switch but the oldest: an interpreter that is too old is to say so.
    let mut process = start(path, &["-S", "-c", IDENTIFY])?;
    let Identity { implementation, version } =
        greeting(path, &mut process, &Abort::default(), limit)?;
    let path = path.to_owned();
    if implementation != "CPython" {
        return Err(PythonError::NotCpython { path, implementation });
    }
    if !version.is_supported() {
        return Err(PythonError::TooOld { path, found: version });
    }
    Ok(Interpreter { path, version })
}

/// Starts the interpreter with these arguments.
pub(super) fn start(path: &Path, arguments: &[&str]) -> Result<Process, PythonError> {
    Process::start(path, arguments).map_err(|error| {
        let path = path.to_owned();
        match error.kind() {
            ErrorKind::NotFound => PythonError::Missing { path },
            _ => PythonError::NotRunnable { path, reason: error.to_string() },
        }
    })
}

/// The first line of every program of this module.
pub(super) fn greeting(
    path: &Path,
    process: &mut Process,
    abort: &Abort,
    limit: Duration,
) -> Result<Identity, PythonError> {
    let line = process.line(abort, limit).map_err(|silence| match silence {
        ReadError::Late => PythonError::Silent { path: path.to_owned(), limit },
        other => PythonError::from_silence(other, path, limit),
    })?;
    line.parse().map_err(|NotAnIdentity| garbage(path, &line, IDENTITY_FORM))
}

/// The error for an answer that is not `expected`; shows its beginning.
pub(super) fn garbage(path: &Path, answer: &str, expected: &'static str) -> PythonError {
    let answer = answer.chars().take(SHOWN_MAX).collect();
    PythonError::Garbage { path: path.to_owned(), answer, expected }
}

/// Who an interpreter says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) implementation: String,
    pub(super) version: Version,
}

/// A line that [`IDENTIFY`] does not write.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotAnIdentity;

impl FromStr for Identity {
    type Err = NotAnIdentity;

    fn from_str(line: &str) -> Result<Self, NotAnIdentity> {
        let words: Vec<_> = line.split(' ').collect();
        let [implementation, numbers, lock] = words[..] else { return Err(NotAnIdentity) };
        let numbers: Result<Vec<u8>, _> = numbers.split('.').map(str::parse).collect();
        let Ok(&[major, minor, micro]) = numbers.as_deref() else { return Err(NotAnIdentity) };
        let lock = match lock {
            "held" => GlobalLock::Held,
            "absent" => GlobalLock::Absent,
            _ => return Err(NotAnIdentity),
        };
        let version = Version { major, minor, micro, lock };
        Ok(Self { implementation: implementation.to_owned(), version })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;
    use crate::outside_program::required;

    /// A program that takes an interpreter's place.
    pub(crate) struct Fake {
        directory: TempDir,
    }

    impl Fake {
        pub(crate) fn new(script: &str) -> Self {
            let fake = Self { directory: tempfile::tempdir().expect("a directory for a fake") };
            // Written by a process of its own: a file that this one, or a child it forks meanwhile,
            // has open for writing cannot be run.
            let write = "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$2\" && chmod +x \"$2\"";
            let mut shell = Command::new("/bin/sh");
            let status = shell.args(["-c", write, "sh", script]).arg(fake.path()).status();
            assert!(status.is_ok_and(|status| status.success()), "the fake was not written");
            fake
        }

        pub(crate) fn path(&self) -> PathBuf {
            self.directory.path().join("python")
        }
    }

    /// The first interpreter on `PATH`; without one the test is skipped.
    pub(crate) fn real() -> Option<Interpreter> {
        let found = Interpreter::on_path().and_then(|path| Interpreter::probe(&path).ok());
        required(found, "no Python interpreter is on PATH")
    }

    fn probe(script: &str) -> Result<Interpreter, PythonError> {
        Interpreter::probe(&Fake::new(script).path())
    }

    #[track_caller]
    fn says(result: Result<Interpreter, PythonError>, words: &[&str]) {
        let message = result.expect_err("it is not an interpreter").to_string();
        for word in words {
            assert!(message.contains(word), "{word:?} is not in {message:?}");
        }
    }

    #[test]
    fn supported_versions_are_distinguished() {
        let supported = |line: &str| {
            let version = line.parse::<Identity>().expect("an identity").version;
            (version.to_string(), version.is_supported())
        };
        assert_eq!(supported("CPython 2.7.18 held"), ("2.7.18".into(), true));
        assert_eq!(supported("CPython 3.1.5 held"), ("3.1.5".into(), false));
        assert_eq!(supported("CPython 3.2.0 held"), ("3.2.0".into(), true));
        assert_eq!(supported("CPython 3.13.0 absent"), ("3.13.0t".into(), true));
        assert_eq!(supported("CPython 3.99.0 held"), ("3.99.0".into(), true));
    }

    #[test]
    fn malformed_identity_is_rejected() {
        for line in ["", "CPython", "CPython 3.11 held", "CPython 3.11.7", "CPython 3.11.7 yes"] {
            assert_eq!(line.parse::<Identity>(), Err(NotAnIdentity), "{line:?}");
        }
    }

    #[test]
    fn fake_with_valid_identity_is_accepted() {
        let fake = Fake::new("echo 'CPython 3.13.1 absent'");
        let found = Interpreter::probe(&fake.path()).expect("it says all that is asked");
        assert_eq!((found.path, found.version.to_string()), (fake.path(), "3.13.1t".into()));
    }

    #[test]
    fn path_that_cannot_run_is_refused() {
        says(Interpreter::probe(Path::new("/nowhere/python")), &["/nowhere/python", "no such"]);
        says(Interpreter::probe(Path::new("/etc/passwd")), &["cannot be run", "Permission denied"]);
        says(Interpreter::probe(Path::new("/")), &["cannot be run"]);
        let long = format!("/{}", "a".repeat(INTERPRETER_PATH_BYTES_MAX));
        says(Interpreter::probe(Path::new(&long)), &["beyond the limit of 384", "symbolic link"]);
    }

    #[test]
    fn unsupported_interpreter_is_refused() {
        says(probe("echo 'CPython 2.6.9 held'"), &["2.6.9 is too old", "2.7", "3.2"]);
        says(probe("echo 'CPython 3.1.5 held'"), &["3.1.5 is too old"]);
        says(probe("echo 'PyPy 3.10.14 held'"), &["PyPy", "name a CPython"]);
    }

    #[test]
    fn program_with_a_bad_answer_is_refused() {
        says(probe("echo hello there"), &["hello there", "CPython 3.11.7 held"]);
        says(probe("echo oh dear >&2; exit 7"), &["exit status: 7: oh dear"]);
        says(probe("true"), &["exit status: 0);"]);
        let limit = Duration::from_millis(1);
        let silent = probe_within(&Fake::new("read -r never").path(), limit);
        says(silent, &["within 1ms"]);
    }

    #[test]
    fn interpreter_of_this_machine_is_supported() {
        if let Some(interpreter) = real() {
            assert!(interpreter.version.is_supported(), "{interpreter:?}");
        }
    }
}
