//! A release daemon as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

pub(super) struct Daemon {
    child: Child,
    directory: TempDir,
    /// From its start until it said that it listens.
    pub(super) started_after: Duration,
}

impl Daemon {
    pub(super) fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let begun = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_gild"))
            .args(["serve", "--socket"])
            .arg(directory.path().join("private/gild.sock"))
            .env("XDG_DATA_HOME", directory.path().join("data"))
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut log =
            BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
        log.find(|line| line.contains("listening")).expect("it listens");
        let started_after = begun.elapsed();
        std::thread::spawn(move || log.for_each(drop));
        Self { child, directory, started_after }
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.directory.path().join("private/gild.sock")
    }

    pub(super) async fn channel(&self) -> Channel {
        let address = format!("unix://{}", self.socket().display());
        Endpoint::from_shared(address).expect("an address").connect().await.expect("it listens")
    }

    pub(super) fn pid(&self) -> u32 {
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
