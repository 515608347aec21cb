//! A release daemon as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

pub(crate) struct Daemon {
    child: Child,
    directory: PathBuf,
    /// Removed with it, unless another one owns it.
    _own: Option<TempDir>,
    /// Address of the port, if it listens on one.
    port: Option<String>,
    /// From its start until it said that it listens.
    pub(super) started_after: Duration,
}

impl Daemon {
    /// With an empty history, on a socket alone.
    pub(super) fn start() -> Self {
        let own = tempfile::tempdir().expect("a directory");
        let directory = own.path().to_owned();
        Self::run(&directory, Some(own), &[])
    }

    /// With the history of a directory, on a socket and an open port.
    pub(crate) fn start_in(directory: &Path) -> Self {
        Self::run(directory, None, &["--listen", "127.0.0.1:0", "--insecure-loopback"])
    }

    /// Where such a daemon has its history.
    pub(crate) fn history_in(directory: &Path) -> PathBuf {
        directory.join("data/gild")
    }

    fn run(directory: &Path, own: Option<TempDir>, arguments: &[&str]) -> Self {
        let begun = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_gild"))
            .args(["serve", "--socket"])
            .arg(directory.join("private/gild.sock"))
            .args(arguments)
            .env("XDG_DATA_HOME", directory.join("data"))
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut log =
            BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
        let mut port = None;
        for _ in 0..if arguments.is_empty() { 1 } else { 2 } {
            let line = log.find(|line| line.contains("listening")).expect("it listens");
            let found = line.find("127.0.0.1:").map(|at| &line[at..]);
            port = port.or(found.and_then(|rest| rest.split('"').next()).map(ToOwned::to_owned));
        }
        let started_after = begun.elapsed();
        std::thread::spawn(move || log.for_each(drop));
        Self { child, directory: directory.to_owned(), _own: own, port, started_after }
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.directory.join("private/gild.sock")
    }

    /// The address of the port.
    pub(crate) fn port(&self) -> String {
        self.port.clone().expect("it has a port")
    }

    pub(crate) async fn channel(&self) -> Channel {
        let address = format!("unix://{}", self.socket().display());
        Endpoint::from_shared(address).expect("an address").connect().await.expect("it listens")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What of its memory is resident, in MiB.
    pub(super) fn resident_mib(&self) -> f64 {
        resident_mib(self.child.id())
    }
}

/// What of a process's memory is resident, in MiB.
pub(super) fn resident_mib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it tells");
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib / 1024.0
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
