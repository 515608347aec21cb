//! The daemon among service managers, scrapers and people: settings, signals, sockets, figures.

mod afternoon;
mod backup;
mod doctor;
mod help;
mod manual;
mod memory;
mod metrics;
mod monitoring;
mod promql;
mod settings;
mod systemd;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::daemon::PATIENCE;

/// A daemon with a config file, whose log is read line by line.
struct Operated {
    child: Child,
    directory: TempDir,
    log: std::io::Lines<BufReader<ChildStderr>>,
}

impl Operated {
    /// Starts `gild serve` with that config file; `prepare` says the rest.
    fn start(config: &str, prepare: impl FnOnce(&mut Command, &Path)) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("gild.toml"), config).expect("ours");
        let mut command = gild(&["serve"]);
        command.arg("--config").arg(directory.path().join("gild.toml"));
        command.env("GILD_SOCKET", directory.path().join("private/gild.sock"));
        command.env("GILD_DATA_DIR", directory.path().join("data"));
        prepare(&mut command, directory.path());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the daemon starts");
        let log = BufReader::new(child.stderr.take().expect("piped")).lines();
        Self { child, directory, log }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Reads the log up to a line with these words.
    fn logged(&mut self, words: &str) -> String {
        let mut seen = Vec::new();
        for line in self.log.by_ref().map_while(Result::ok) {
            if line.contains(words) {
                return line;
            }
            seen.push(line);
        }
        panic!("the log ended without `{words}`: {seen:#?}")
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(id), signal).expect("the daemon runs");
    }

    fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the daemon did not end");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

impl Drop for Operated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, without the settings of the user who runs the tests.
fn gild(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gild"));
    command.args(arguments);
    let ours = |name: &str| name.starts_with("GILD_") || name.starts_with("XDG_");
    for (name, _) in std::env::vars().filter(|(name, _)| ours(name) || name == "RUST_LOG") {
        command.env_remove(name);
    }
    command
}

/// Its exit code, and what it said on standard output and standard error.
fn said(mut command: Command) -> (Option<i32>, String, String) {
    let output = command.stdin(Stdio::null()).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}
