//! A daemon process for one test, killed at its end if it still runs.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use proto::v1::exploration_service_client::ExplorationServiceClient;
use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{CreateSweepRequest, SweepEvent, SweepSpec, WatchSweepRequest, WatchSweepResponse};
use tempfile::TempDir;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

/// A test that waits longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// Drains longer than [`PATIENCE`], so that what ends within it has ended because all was done, and not
/// because a busy machine let the drain time-out pass.
pub(crate) const UNHURRIED: [&str; 2] = ["--drain-timeout", "90s"];
/// What the daemon promises about its end.
const STOP_LIMIT: Duration = Duration::from_secs(2);
/// Stops of which one must keep [`STOP_LIMIT`]: a busy machine may delay any single one.
const STOPS: usize = 10;

pub(crate) struct Daemon {
    child: Child,
    directory: Arc<TempDir>,
    /// `http://127.0.0.1:PORT`, if it listens there.
    pub(crate) tcp: Option<String>,
    log: Arc<Mutex<String>>,
}

impl Daemon {
    /// Starts a daemon and waits until it says that it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    /// The same with files that variables of its environment name.
    pub(crate) fn start_with(arguments: &[&str], files: &[(&str, &std::path::Path)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self::start_there(Arc::new(directory), arguments, files)
    }

    /// The same in the directory, and with the history, of an earlier one.
    pub(crate) fn start_in(directory: Arc<TempDir>, arguments: &[&str]) -> Self {
        Self::start_there(directory, arguments, &[])
    }

    fn start_there(
        directory: Arc<TempDir>,
        arguments: &[&str],
        files: &[(&str, &std::path::Path)],
    ) -> Self {
        let mut command = command(&directory.path().join("private/gild.sock"), arguments);
        command.envs(files.iter().copied());
        Self::run(directory, command, arguments)
    }

    /// Runs that command, which serves on a socket in that directory.
    pub(crate) fn run(directory: Arc<TempDir>, mut command: Command, arguments: &[&str]) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the daemon starts");
        let mut log = BufReader::new(child.stderr.take().expect("piped")).lines();
        let (mut tcp, kept) = (None, Arc::new(Mutex::new(String::new())));
        let wanted = if arguments.contains(&"--listen") { 2 } else { 1 };
        for line in
            (&mut log).map_while(Result::ok).filter(|l| l.contains("listening")).take(wanted)
        {
            if let Some(at) = line.find("127.0.0.1:") {
                let address = line[at..].split('"').next().expect("split yields one");
                tcp = Some(format!("http://{address}"));
            }
        }
        // A thread must read the log all the time, or the daemon could not write it.
        let keeper = Arc::clone(&kept);
        std::thread::spawn(move || {
            for line in log.map_while(Result::ok) {
                let mut kept = keeper.lock().expect("no panic");
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        Self { child, directory, tcp, log: kept }
    }

    /// What the daemon has logged since it listens.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("no panic").clone()
    }

    /// Waits until the daemon has logged a line with all of these words.
    pub(crate) fn wait_for_log(&self, words: &[&str]) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let log = self.log();
            let mut lines = log.lines();
            if let Some(line) = lines.find(|line| words.iter().all(|word| line.contains(word))) {
                return line.to_owned();
            }
            assert!(Instant::now() < deadline, "{words:?} are not in the log:\n{log}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The address of the port, without its scheme.
    pub(crate) fn port(&self) -> String {
        self.tcp.as_deref().expect("it listens").replace("http://", "")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.path().join("private/gild.sock")
    }

    /// A channel over the Unix socket.
    pub(crate) async fn channel(&self) -> Channel {
        let address = format!("unix://{}", self.socket().display());
        connect(address).await
    }

    pub(crate) async fn sweeps(&self) -> SweepServiceClient<Channel> {
        SweepServiceClient::new(self.channel().await)
    }

    pub(crate) async fn explorations(&self) -> ExplorationServiceClient<Channel> {
        ExplorationServiceClient::new(self.channel().await)
    }

    /// Ends it without warning; its directory stays.
    pub(crate) fn kill(mut self) -> Arc<TempDir> {
        self.child.kill().expect("it runs");
        self.child.wait().expect("a child can be waited for");
        Arc::clone(&self.directory)
    }

    /// Its directory, for a later one.
    pub(crate) fn directory(&self) -> Arc<TempDir> {
        Arc::clone(&self.directory)
    }

    /// Where its history is.
    pub(crate) fn database(&self) -> PathBuf {
        self.directory.path().join("private/gild.data/gild/lab.db")
    }

    /// Descriptors that it has open.
    pub(crate) fn open_files(&self) -> usize {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.child.id()));
        files.expect("it runs").count()
    }

    /// What of its memory is resident, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// A number of `/proc/PID/status`; of memory in KiB.
    pub(crate) fn status(&self, key: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("it tells");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    pub(crate) fn terminate(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// Has it read its files again.
    pub(crate) fn reload(&self) {
        self.signal(Signal::SIGHUP);
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(pid), signal).expect("the daemon runs");
    }

    /// Waits for the daemon's end. Meanwhile clients of this runtime close the connections that the
    /// daemon drains.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the daemon did not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops it as a service manager does; how long that took.
    pub(crate) async fn stop(&mut self) -> Duration {
        let asked = Instant::now();
        self.terminate();
        assert_eq!(self.ended().await.code(), Some(0));
        asked.elapsed()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Stops a daemon again and again, until one stop is as short as promised.
pub(crate) async fn stops_in_time(mut stop: impl AsyncFnMut() -> Duration) {
    let mut took = Vec::new();
    while took.len() < STOPS {
        took.push(stop().await);
        if took.last().is_some_and(|&last| last < STOP_LIMIT) {
            return;
        }
    }
    panic!("they took {took:?}");
}

/// What a daemon that must not start says: its exit code and its log. One that serves is killed.
pub(crate) fn refusal(mut command: Command) -> (Option<i32>, String) {
    let mut child =
        command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
    let stderr = child.stderr.take().expect("piped");
    let mut log = String::new();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let serves = line.contains("listening");
        log = log + &line + "\n";
        if serves {
            let _ = child.kill();
        }
    }
    (child.wait().expect("it ends").code(), log)
}

/// `gild serve` on that socket.
pub(crate) fn command(socket: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gild"));
    command.arg("serve").arg("--socket").arg(socket).args(arguments).env_remove("RUST_LOG");
    command.env("XDG_DATA_HOME", socket.with_extension("data"));
    // Nor what the machine that runs the tests has in its own files.
    command.env("GILD_CONFIG", "/dev/null");
    command
}

pub(crate) async fn connect(address: String) -> Channel {
    Endpoint::from_shared(address).expect("an address").connect().await.expect("it listens")
}

/// A quick sweep of one strategy.
pub(crate) fn spec(strategy: &str, attempts: u32) -> SweepSpec {
    SweepSpec {
        strategies: vec![strategy.into()],
        tasks: vec![2],
        task_steps: vec![0],
        attempts: Some(attempts),
        ..SweepSpec::default()
    }
}

/// A sweep with this many cells of one attempt, each of which takes a kilobyte of the history: a large
/// history without the many attempts that take long on a busy machine.
pub(crate) fn large(cells: u64) -> SweepSpec {
    SweepSpec { tasks: (1..=cells).collect(), ..spec("atomic", 1) }
}

/// A sweep of so many attempts, each of one worker, which needs no other to begin.
pub(crate) fn many_attempts(attempts: u32) -> SweepSpec {
    SweepSpec { workers: vec![1], ..spec("atomic", attempts) }
}

/// One that runs for an hour, in attempts of half a second: on a busy machine too they end within the
/// limit of an attempt.
pub(crate) fn endless() -> SweepSpec {
    let attempts = 10_000;
    SweepSpec { increments: vec![5_000_000], step_cost_ns: Some(15), ..spec("atomic", attempts) }
}

/// One whose attempts take about five seconds each, which on a busy machine is more than they may.
pub(crate) fn long_attempts() -> SweepSpec {
    SweepSpec { increments: vec![50_000_000], step_cost_ns: Some(15), ..spec("atomic", 100) }
}

pub(crate) async fn create(sweeps: &mut SweepServiceClient<Channel>, spec: SweepSpec) -> String {
    let request = CreateSweepRequest { spec: Some(spec), ..CreateSweepRequest::default() };
    let answer = sweeps.create_sweep(request).await.expect("it is planned");
    answer.into_inner().sweep.expect("a sweep").name
}

/// Creates a sweep and waits until it runs; its name, and its events after the first.
pub(crate) async fn start(
    sweeps: &mut SweepServiceClient<Channel>,
    spec: SweepSpec,
) -> (String, Streaming<WatchSweepResponse>) {
    let name = create(sweeps, spec).await;
    let events = started(sweeps, &name).await;
    (name, events)
}

/// Waits until a sweep runs; its events after the first.
pub(crate) async fn started(
    sweeps: &mut SweepServiceClient<Channel>,
    name: &str,
) -> Streaming<WatchSweepResponse> {
    let request = WatchSweepRequest { name: name.into(), after_sequence: 0 };
    let mut events = sweeps.watch_sweep(request).await.expect("a stream").into_inner();
    events.message().await.expect("no error").expect("it has started");
    events
}

/// Every event after a sequence number, to the end.
pub(crate) async fn watch(
    sweeps: &mut SweepServiceClient<Channel>,
    name: &str,
    after_sequence: u64,
) -> Vec<SweepEvent> {
    let request = WatchSweepRequest { name: name.into(), after_sequence };
    let mut stream = sweeps.watch_sweep(request).await.expect("a stream").into_inner();
    let mut events = Vec::new();
    while let Some(answer) = stream.message().await.expect("no error") {
        events.push(answer.event.expect("an event"));
    }
    events
}

/// A daemon that ran a sweep and was stopped; its history.
pub(crate) async fn stopped_after_a_sweep() -> (Daemon, String) {
    let mut daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let name = create(&mut sweeps, spec("atomic", 20)).await;
    watch(&mut sweeps, &name, 0).await;
    drop(sweeps);
    daemon.stop().await;
    (daemon, name)
}
