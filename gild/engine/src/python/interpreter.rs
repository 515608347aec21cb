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
use crate::python::line_process::{Process, ReadError, quotes};

/// The program whose one line of output is an [`Identity`].
pub(super) const IDENTIFY: &str = include_str!("identify.py");
/// How an [`Identity`] is written.
const IDENTITY_FORM: &str = "a line such as `CPython 3.11.7 held`";
/// Names under which an interpreter is looked for, the best first.
const NAMES: [&str; 2] = ["python3", "python"];
/// Other programs that run threads beside or under a lock of their own, as they call themselves.
const OTHERS: [(&str, &str); 6] = [
    ("PyPy", "whose lock changes hands after a number of its own bytecodes"),
    ("MicroPython", "which has no switch interval, and in many builds no lock"),
    ("GraalPy", "which runs Python on a Java virtual machine"),
    ("Jython", "which runs Python on a Java virtual machine and has no lock"),
    ("IronPython", "which runs Python on .NET and has no lock"),
    ("ruby", "which runs another language under a lock of its own"),
];
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
    let greeted = start(path, &["-S", "-c", IDENTIFY])
        .and_then(|mut process| greeting(path, &mut process, &Abort::default(), limit));
    let Identity { implementation, version } = match greeted {
        Err(error @ (PythonError::Ended { .. } | PythonError::Garbage { .. })) => {
            return Err(foreign_program(path, limit).unwrap_or(error));
        }
        answered => answered?,
    };
    let path = path.to_owned();
    if implementation != "CPython" {
        return Err(PythonError::NotCpython {
            path,
            found: foreign_python(&implementation, version),
        });
    }
    if !version.is_supported() {
        return Err(PythonError::TooOld { path, found: version });
    }
    Ok(Interpreter { path, version })
}

/// The error for a program that says by `--version` that it is another than Python; `None` where it
/// says nothing, or is a Python that failed.
fn foreign_program(path: &Path, limit: Duration) -> Option<PythonError> {
    let mut process = start(path, &["--version"]).ok()?;
    // Some begin with an empty line.
    let mut line =
        || process.line(&Abort::default(), limit).ok().map(|line| line.trim().to_owned());
    let said = line().filter(|line| !line.is_empty()).or_else(line)?;
    let mut words = said.split(' ');
    let (name, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let found = match difference(name) {
        _ if said.is_empty() || name == "Python" => return None,
        Some(difference) => format!("{name} {version}, {difference}"),
        None => {
            let said: String = said.chars().take(SHOWN_MAX).collect();
            format!("another program, whose --version is {said:?}")
        }
    };
    Some(PythonError::NotCpython { path: path.to_owned(), found })
}

/// Another Python, by the name and version that it reports.
fn foreign_python(name: &str, version: Version) -> String {
    let Version { major, minor, micro, .. } = version;
    let spelt = OTHERS.iter().map(|(spelt, _)| *spelt).find(|one| one.eq_ignore_ascii_case(name));
    let name = spelt.unwrap_or(name);
    let difference = difference(name).unwrap_or("which is another Python");
    format!("{name} {major}.{minor}.{micro}, {difference}")
}

/// What distinguishes another program from what the lab models, where that is known.
fn difference(name: &str) -> Option<&'static str> {
    OTHERS
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, difference)| *difference)
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

/// The error for an answer that is not `expected`; shows its beginning, unless that is what the lab
/// itself had written.
pub(super) fn garbage(path: &Path, answer: &str, expected: &'static str) -> PythonError {
    let answer = match answer {
        echo if quotes(echo, IDENTIFY) => "a part of the question itself".to_owned(),
        answer => format!("{:?}", answer.chars().take(SHOWN_MAX).collect::<String>()),
    };
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
            "enabled" => GlobalLock::Enabled,
            _ => return Err(NotAnIdentity),
        };
        let version = Version { major, minor, micro, lock };
        Ok(Self { implementation: implementation.to_owned(), version })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;
    use crate::outside_program::{required, welcome};
    use crate::python::version::SUPPORTED;

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
        let enabled = "3.13.0t with its GIL".into();
        assert_eq!(supported("CPython 3.13.0 enabled"), (enabled, true));
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
    }

    /// Programs that answer as the real ones do: by the same two calls.
    #[test]
    fn program_that_is_not_cpython_is_named_with_its_difference() {
        let by_version = |said: &str| {
            format!(
                "test \"$1\" = --version && {{ printf '{said}\\n'; exit 0; }}; echo usage >&2; exit 2"
            )
        };
        for (script, named) in [
            ("echo 'PyPy 7.3.11 held'".to_owned(), "is PyPy 7.3.11, whose lock changes hands"),
            ("echo 'pypy 8.0.1 held'".into(), "is PyPy 8.0.1, whose lock"),
            ("echo 'graalpy 24.1.0 held'".into(), "is GraalPy 24.1.0, which runs"),
            ("echo 'Jython 2.7.3 held'".into(), "is Jython 2.7.3, which runs"),
            ("echo 'ironpython 3.4.1 held'".into(), "is IronPython 3.4.1, which runs"),
            (
                "echo 'rustpython 0.4.0 held'".into(),
                "is rustpython 0.4.0, which is another Python; ",
            ),
            (
                by_version("MicroPython v1.19.1 on 2022-06-18; linux [GCC 12.2.0] version"),
                "is MicroPython v1.19.1, which has no switch interval",
            ),
            (
                by_version("ruby 3.3.8 (2025-04-09 revision b200bad6cd) [x86_64-linux-gnu]"),
                "is ruby 3.3.8, which runs",
            ),
            (by_version("v20.20.2"), "is another program, whose --version is \"v20.20.2\"; "),
            (
                by_version("\\nThis is perl 5, version 36"),
                "--version is \"This is perl 5, version 36\"; ",
            ),
        ] {
            says(probe(&script), &[named, SUPPORTED, ": name one"]);
        }
    }

    /// A broken CPython is not taken for another program.
    #[test]
    fn python_that_fails_keeps_its_own_reason() {
        let script = "test \"$1\" = --version && { echo Python 3.11.7; exit 0; }; \
                      echo no encodings >&2; exit 1";
        says(probe(script), &["exit status: 1: no encodings"]);
    }

    /// The programs themselves, where the machine has them.
    #[test]
    fn real_program_that_is_not_cpython_is_refused_by_name() {
        let on_path = |name: &str| {
            let directories = std::env::var_os("PATH").unwrap_or_default();
            let mut places =
                std::env::split_paths(&directories).map(|at| at.join(name)).collect::<Vec<_>>();
            places.retain(|place| is_executable(place));
            places.into_iter().next()
        };
        for (program, named) in [
            ("micropython", "is MicroPython "),
            ("pypy3", "is PyPy "),
            ("ruby", "is ruby "),
            ("perl", "is another program, whose --version is \"This is perl "),
            ("node", "is another program, whose --version is \"v"),
        ] {
            let missing = format!("no {program} is on PATH");
            let Some(path) = welcome(on_path(program), &missing) else { continue };
            says(Interpreter::probe(&path), &[named, SUPPORTED]);
        }
    }

    #[test]
    fn program_with_a_bad_answer_is_refused() {
        says(probe("echo hello there"), &["whose --version is \"hello there\""]);
        let twice = "test \"$1\" = --version || echo hello there";
        says(probe(twice), &["hello there", "CPython 3.11.7 held"]);
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
