//! A child process with line-based input and output; each wait has a limit and can be aborted. It
//! starts no thread: the pipe is polled in slices.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use strategies::machine::native::abort::Abort;

use crate::limits::{INTERPRETER_LINE_BYTES_MAX, INTERPRETER_SLICE};
use crate::sys::rusage;

/// Characters of a complaint that are shown.
const COMPLAINT_CHARS_MAX: usize = 200;
/// Shortest line of a program that is recognized within a complaint, in bytes.
const QUOTED_BYTES_MIN: usize = 16;
/// Bytes that a pipe holds, and that are read at once.
const PIPE_BYTES: usize = 64 << 10;

/// A running program. Dropping it kills its process group.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
    /// Its arguments, of which one may be the text of a program.
    given: Vec<String>,
    /// What was read beyond the last line.
    rest: Vec<u8>,
    ended: bool,
}

/// The error of a read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// The abort was raised.
    Stopped,
    /// The limit is over.
    Late,
    /// More bytes than a line may have.
    TooMuch,
    /// The program ended, with this status and this last line on its standard error.
    Ended { status: String, complaint: String },
}

/// Whether a line that a program wrote repeats a line of what it was given.
pub(super) fn quotes(line: &str, given: &str) -> bool {
    let mut lines = given.lines().map(str::trim).filter(|given| !given.is_empty());
    lines.any(|given| line == given || (given.len() >= QUOTED_BYTES_MIN && line.contains(given)))
}

impl Process {
    /// Starts a program in a process group of its own, so that all of it can be killed.
    pub(super) fn start(program: &Path, arguments: &[&str]) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in kept_from_children() {
            command.env_remove(name);
        }
        let mut child = command.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            unreachable!("all three were asked for")
        };
        let given = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Ok(Self { child, stdin, stdout, stderr, given, rest: Vec::new(), ended: false })
    }

    /// Time on a processor that it and what it started have used so far; `None` if the system does
    /// not tell.
    pub(super) fn used(&self) -> Option<Duration> {
        rusage::of_process(self.child.id())
    }

    /// Sends a line, which must fit into a pipe: this never waits for a program that reads.
    pub(super) fn send(&mut self, line: &str) -> Result<(), ReadError> {
        debug_assert!(line.len() < PIPE_BYTES);
        self.stdin.write_all(format!("{line}\n").as_bytes()).map_err(|_| self.end())
    }

    /// The next line, without its end. An `abort` is seen within a slice.
    pub(super) fn line(&mut self, abort: &Abort, limit: Duration) -> Result<String, ReadError> {
        let start = Instant::now();
        let mut searched = 0;
        loop {
            if abort.is_raised() {
                return Err(ReadError::Stopped);
            }
            if let Some(end) = self.rest[searched..].iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=searched + end).collect();
                return Ok(String::from_utf8_lossy(&line[..line.len() - 1]).into_owned());
            }
            searched = self.rest.len();
            if searched > INTERPRETER_LINE_BYTES_MAX {
                return Err(ReadError::TooMuch);
            }
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(ReadError::Late);
            }
            match self.read_within(left.min(INTERPRETER_SLICE)) {
                Ok(true) => {}
                Ok(false) | Err(_) => return Err(self.end()),
            }
        }
    }

    /// Reads what comes within `slice`, if anything; `false` at the end of all output.
    fn read_within(&mut self, slice: Duration) -> io::Result<bool> {
        if !is_readable(&self.stdout, slice)? {
            return Ok(true);
        }
        let before = self.rest.len();
        self.rest.resize(before + PIPE_BYTES, 0);
        let read = self.stdout.read(&mut self.rest[before..]);
        self.rest.truncate(before + read.as_ref().unwrap_or(&0));
        read.map(|bytes| bytes > 0)
    }

    /// Kills what is left and says how it ended. A program that was ending anyway keeps its status.
    fn end(&mut self) -> ReadError {
        let status =
            self.kill().map_or_else(|error| error.to_string(), |status| status.to_string());
        let mut said = vec![0; PIPE_BYTES];
        let bytes = match is_readable(&self.stderr, Duration::ZERO) {
            Ok(true) => self.stderr.read(&mut said).unwrap_or(0),
            Ok(false) | Err(_) => 0,
        };
        let said = String::from_utf8_lossy(&said[..bytes]);
        // Some print their whole command line, and with it the experiment.
        let is_own = |line: &str| self.given.iter().any(|given| quotes(line, given));
        let complaint = said.lines().map(str::trim).rfind(|line| !line.is_empty() && !is_own(line));
        let complaint = complaint.unwrap_or_default().chars().take(COMPLAINT_CHARS_MAX).collect();
        ReadError::Ended { status, complaint }
    }

    fn kill(&mut self) -> io::Result<std::process::ExitStatus> {
        // Once it was waited for, its number may be another's.
        if !self.ended
            && let Ok(group) = i32::try_from(self.child.id())
        {
            // It may be gone already.
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        self.ended = true;
        self.child.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// The variables of this process that its interpreters do not see, by name.
fn kept_from_children() -> impl Iterator<Item = OsString> {
    std::env::vars_os().map(|(name, _)| name).filter(|name| !is_inherited(name))
}

/// The same for readers, in order.
pub(crate) fn withheld_variables() -> Vec<String> {
    let names = kept_from_children().map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

/// Variables that change what an interpreter does are kept from it; but without its home it may
/// find nothing.
fn is_inherited(variable: &OsStr) -> bool {
    variable == "PYTHONHOME" || !variable.as_encoded_bytes().starts_with(b"PYTHON")
}

/// Whether a read would return at once, as it also does at the end.
fn is_readable(pipe: &impl AsFd, within: Duration) -> io::Result<bool> {
    let mut fds = [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)];
    let timeout = PollTimeout::try_from(within).unwrap_or(PollTimeout::MAX);
    match poll(&mut fds, timeout) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::EINTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::kill;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn shell(script: &str) -> Process {
        Process::start(Path::new("/bin/sh"), &["-c", script]).expect("every system has a shell")
    }

    fn line(process: &mut Process) -> Result<String, ReadError> {
        process.line(&Abort::default(), LONG)
    }

    #[test]
    fn lines_are_read_one_by_one() {
        let mut process = shell("printf 'one\\ntwo\\nthree'");
        assert_eq!(line(&mut process).as_deref(), Ok("one"));
        assert_eq!(line(&mut process).as_deref(), Ok("two"));
        // A line that was never ended is none.
        let Err(ReadError::Ended { .. }) = line(&mut process) else { panic!("it has ended") };
    }

    #[test]
    fn sent_lines_reach_the_process() {
        let mut process = shell("while read -r word; do echo \"<$word>\"; done");
        for word in ["a", "b"] {
            process.send(word).expect("it listens");
            assert_eq!(line(&mut process), Ok(format!("<{word}>")));
        }
    }

    #[test]
    fn processor_time_of_the_process_is_known() {
        let mut process = shell("echo up; read -r never");
        assert_eq!(line(&mut process).as_deref(), Ok("up"));
        assert!(process.used().is_some());
    }

    #[test]
    fn ended_process_reports_status_and_last_error_line() {
        let ended = line(&mut shell("echo first >&2; echo last >&2; exit 3"));
        let (status, complaint) = ("exit status: 3".into(), "last".into());
        assert_eq!(ended, Err(ReadError::Ended { status, complaint }));
    }

    /// Programs that are no Python may print what they were to run.
    #[test]
    fn complaint_is_never_a_line_of_what_the_program_was_given() {
        let script = "echo cannot run >&2; printf '%s\\n' \"$0\" \"in: $0\" >&2; exit 2";
        for given in ["import platform, sys\nprint(sys.version_info)", "import sys"] {
            let mut process =
                Process::start(Path::new("/bin/sh"), &["-c", script, given]).expect("a shell");
            let Err(ReadError::Ended { complaint, .. }) = line(&mut process) else {
                panic!("it has not ended")
            };
            let wanted = if given.contains('\n') { "cannot run" } else { "in: import sys" };
            assert_eq!(complaint, wanted);
        }
    }

    #[test]
    fn silent_process_is_late_at_the_limit() {
        let late = shell("read -r never").line(&Abort::default(), Duration::from_millis(1));
        assert_eq!(late, Err(ReadError::Late));
    }

    #[test]
    fn endless_line_is_refused() {
        assert_eq!(line(&mut shell("yes | tr -d '\\n'")), Err(ReadError::TooMuch));
    }

    #[test]
    fn aborted_wait_is_stopped() {
        let (abort, mut process) = (Abort::default(), shell("read -r never"));
        let stopped = std::thread::scope(|scope| {
            scope.spawn(|| abort.raise());
            process.line(&abort, LONG)
        });
        assert_eq!(stopped, Err(ReadError::Stopped));
    }

    #[test]
    fn dropped_process_kills_its_group() {
        let mut process = shell("sleep 1000 & echo up; read -r never");
        assert_eq!(line(&mut process).as_deref(), Ok("up"));
        let outer = Pid::from_raw(i32::try_from(process.child.id()).expect("a process number"));
        let output = process.stdout.as_fd().try_clone_to_owned().expect("a further descriptor");
        drop(process);
        assert_eq!(kill(outer, None), Err(Errno::ESRCH));
        // The output ends with the last who could write to it.
        assert_eq!(is_readable(&output, LONG).ok(), Some(true));
    }

    #[test]
    fn environment_inherits_no_python_variable_but_home() {
        let inherited = |name: &str| is_inherited(OsStr::new(name));
        assert!(inherited("PATH") && inherited("PYENV_VERSION") && inherited("PYTHONHOME"));
        assert!(!inherited("PYTHONPATH") && !inherited("PYTHON_GIL"));
    }
}
