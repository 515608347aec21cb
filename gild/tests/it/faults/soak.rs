//! A daemon in use for a long time: random sweeps, cancels, watchers that leave, resumptions and
//! restarts. Its memory and its descriptors stay where they were, and its log holds no error.
//! Seeded and bounded: `GILD_SOAK_SECONDS` says how long, `GILD_SOAK_SEED` which.

use std::sync::Arc;
use std::time::{Duration, Instant};

use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CancelSweepRequest, CreateSweepRequest, DeleteSweepRequest, GetSweepRequest, ListSweepsRequest,
    PruneHistoryRequest, ResumeSweepRequest, Sweep, SweepSpec, SweepState, WatchSweepRequest,
};
use tempfile::TempDir;
use tokio::time::timeout;
use tonic::Code;
use tonic::transport::Channel;

use crate::daemon::Daemon;
use crate::faults::crash_recovery::{Moments, from_environment};

/// How long in every run of the tests; the gate asks for more.
const SECONDS: u64 = 20;
/// Lives of a daemon, ended in turns by a signal and without warning.
const LIVES: u32 = 4;
/// Longest time that a watcher waits for the events that it wants.
const WATCH_MAX_MS: u64 = 500;
/// Actions after which a daemon has whatever it keeps for good.
const WARM_AFTER: u32 = 30;
/// Most that it may grow after that: allocators keep what they may need again.
const GROWTH_MAX_KIB: u64 = 12 * 1024;
/// Descriptors that come and go: a connection of this test's that is about to close.
const FILES_SLACK: usize = 4;
/// Sweeps that are kept, so that the history too stays in its bounds.
const KEPT: u32 = 40;

/// One client of the daemon and what it does.
struct User {
    sweeps: SweepServiceClient<Channel>,
    moments: Moments,
}

impl User {
    async fn listed(&mut self) -> Vec<Sweep> {
        let request = ListSweepsRequest { page_size: 200, ..ListSweepsRequest::default() };
        self.sweeps.list_sweeps(request).await.expect("it lists").into_inner().sweeps
    }

    async fn any(&mut self) -> Option<Sweep> {
        let all = self.listed().await;
        if all.is_empty() {
            return None;
        }
        let at = self.moments.place(all.len());
        all.into_iter().nth(at)
    }

    /// Does something that users do. Refusals that follow from what others did meanwhile are fine.
    async fn act(&mut self) {
        match self.moments.draw(10) {
            0..=3 => self.create().await,
            4 => self.watch_a_while().await,
            5 => self.cancel().await,
            6 => self.resume().await,
            7 => self.look().await,
            8 => self.delete().await,
            _ => self.prune().await,
        }
    }

    async fn create(&mut self) {
        let all = ["atomic", "fair-mutex", "unlocked", "gil", "ticket"];
        let strategy = all[self.moments.place(all.len())];
        let spec = SweepSpec {
            strategies: vec![strategy.into()],
            workers: vec![1, 2],
            tasks: vec![1 + self.moments.draw(20)],
            task_steps: vec![0],
            attempts: Some(u32::try_from(1 + self.moments.draw(200)).expect("few")),
            ..SweepSpec::default()
        };
        let request = CreateSweepRequest { spec: Some(spec), ..CreateSweepRequest::default() };
        match self.sweeps.create_sweep(request).await {
            Ok(_) => {}
            Err(status) => assert_eq!(status.code(), Code::ResourceExhausted, "{status}"),
        }
    }

    async fn watch_a_while(&mut self) {
        let Some(sweep) = self.any().await else { return };
        let request = WatchSweepRequest { name: sweep.name, after_sequence: 0 };
        let Ok(stream) = self.sweeps.watch_sweep(request).await else { return };
        let mut stream = stream.into_inner();
        let (most, moment) = (1 + self.moments.draw(30), self.moments.draw(WATCH_MAX_MS));
        let watching = async {
            for expected in 1..=most {
                match stream.message().await.expect("no error") {
                    Some(answer) => assert_eq!(answer.event.expect("an event").sequence, expected),
                    None => return,
                }
            }
        };
        // A sweep that waits behind many others has no event for long.
        let _ = timeout(Duration::from_millis(moment), watching).await;
    }

    async fn cancel(&mut self) {
        let Some(sweep) = self.any().await else { return };
        let request = CancelSweepRequest { name: sweep.name };
        if let Err(status) = self.sweeps.cancel_sweep(request).await {
            assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
        }
    }

    async fn resume(&mut self) {
        let Some(sweep) = self.any().await else { return };
        let request = ResumeSweepRequest { name: sweep.name };
        if let Err(status) = self.sweeps.resume_sweep(request).await {
            let expected = [Code::FailedPrecondition, Code::ResourceExhausted];
            assert!(expected.contains(&status.code()), "{status}");
        }
    }

    async fn look(&mut self) {
        let Some(sweep) = self.any().await else { return };
        let request = GetSweepRequest { name: sweep.name.clone() };
        let found = self.sweeps.get_sweep(request).await.expect("it is kept").into_inner();
        assert_eq!(found.measurements.len(), sweep.cell_count as usize);
    }

    async fn delete(&mut self) {
        let Some(sweep) = self.any().await else { return };
        let request = DeleteSweepRequest { name: sweep.name };
        if let Err(status) = self.sweeps.delete_sweep(request).await {
            assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
        }
    }

    async fn prune(&mut self) {
        let request =
            PruneHistoryRequest { keep_newest: Some(KEPT), ..PruneHistoryRequest::default() };
        self.sweeps.prune_history(request).await.expect("it prunes");
    }

    /// Ends all that runs or waits.
    async fn settle(&mut self) {
        loop {
            let is_over = |sweep: &Sweep| {
                let open = [SweepState::Queued, SweepState::Running, SweepState::Cancelling];
                !open.contains(&sweep.state())
            };
            let open: Vec<_> = self.listed().await.into_iter().filter(|it| !is_over(it)).collect();
            if open.is_empty() {
                return;
            }
            for sweep in open {
                // It may end by itself first.
                let _ =
                    self.sweeps.cancel_sweep(CancelSweepRequest { name: sweep.name.clone() }).await;
                let request = WatchSweepRequest { name: sweep.name, after_sequence: 0 };
                let mut stream = self.sweeps.watch_sweep(request).await.expect("kept").into_inner();
                while stream.message().await.expect("no error").is_some() {}
            }
        }
    }
}

/// One life of the daemon.
async fn live(daemon: &Daemon, seed: u64, until: Instant) {
    let mut user = User { sweeps: daemon.sweeps().await, moments: Moments(seed) };
    for _ in 0..WARM_AFTER {
        user.act().await;
    }
    user.settle().await;
    let (files, resident) = (daemon.open_files(), daemon.resident_kib());
    let mut actions = WARM_AFTER;
    while Instant::now() < until {
        user.act().await;
        actions += 1;
    }
    user.settle().await;
    user.prune().await;
    let (files_now, resident_now) = (daemon.open_files(), daemon.resident_kib());
    eprintln!("{actions} actions: {files} -> {files_now} files, {resident} -> {resident_now} KiB");
    assert!(files_now <= files + FILES_SLACK, "descriptors: {files} -> {files_now}");
    assert!(resident_now <= resident + GROWTH_MAX_KIB, "memory: {resident} -> {resident_now} KiB");
    let errors: Vec<String> =
        daemon.log().lines().filter(|line| line.contains("\"ERROR\"")).map(String::from).collect();
    assert_eq!(errors, [""; 0]);
}

#[tokio::test]
async fn soak_keeps_memory_descriptors_and_log_clean() {
    let seconds = from_environment("GILD_SOAK_SECONDS", SECONDS);
    let seed = from_environment("GILD_SOAK_SEED", 1);
    let mut directory: Arc<TempDir> = Arc::new(tempfile::tempdir().expect("a temporary directory"));
    for life in 0..LIVES {
        let mut daemon = Daemon::start_in(Arc::clone(&directory), &["--quota", "64"]);
        let until = Instant::now() + Duration::from_secs(seconds) / LIVES;
        live(&daemon, seed + u64::from(life), until).await;
        // What comes back after the restart: interrupted, or in the queue again.
        let mut user = User { sweeps: daemon.sweeps().await, moments: Moments(seed) };
        for _ in 0..4 {
            user.create().await;
        }
        drop(user);
        if life % 2 == 0 {
            daemon.stop().await;
            directory = daemon.directory();
        } else {
            directory = daemon.kill();
        }
    }
}
