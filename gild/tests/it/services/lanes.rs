//! Quotas, turns and lost workers, as clients of a real daemon see them; and a process that
//! replaces itself.

use std::path::{Path, PathBuf};
use std::process::Command;
#[cfg(debug_assertions)]
use std::time::Instant;

#[cfg(debug_assertions)]
use engine::jobs::owner::Owner;
use engine::jobs::scheduler::config::{DegradedPolicy, SchedulerConfig};
use engine::jobs::state::State;
use engine::plan::spec::{StrategySelector, SweepSpec};
use engine::python::registry::Interpreters;
use gild::daemon::reexec::RestartMode;
use gild::lab::Lab;
use gild::lab::QueuedJobs;
use gild::store::Store;
use gild::store::location::DataDir;
use gild::store::record::{Kind, Since};

use proto::v1::lab_service_client::LabServiceClient;
#[cfg(debug_assertions)]
use proto::v1::sweep_event::Happening;
use proto::v1::{self, CancelSweepRequest, CreateSweepRequest, GetLabRequest, GetSweepRequest};
#[cfg(debug_assertions)]
use strategies::catalog::{Name, Plain};
use tonic::Code;
#[cfg(debug_assertions)]
use tonic::transport::Channel;
#[cfg(debug_assertions)]
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use crate::daemon::{Daemon, create, endless, spec, started};
#[cfg(debug_assertions)]
use crate::daemon::{PATIENCE, watch};

async fn lab(daemon: &Daemon) -> v1::Lab {
    let answer = LabServiceClient::new(daemon.channel().await).get_lab(GetLabRequest {}).await;
    answer.expect("it answers").into_inner().lab.expect("a lab")
}

#[tokio::test]
async fn request_beyond_quota_gets_a_retry_delay() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let quota = lab(&daemon).await.limits.into_iter().find(|limit| limit.name == "quota");
    let quota = quota.expect("it is listed").maximum;
    let mut names = Vec::new();
    for _ in 0..quota {
        names.push(create(&mut sweeps, endless()).await);
    }
    let _running = started(&mut sweeps, &names[0]).await;
    let request = || CreateSweepRequest { spec: Some(spec("atomic", 1)), ..Default::default() };
    let status = sweeps.create_sweep(request()).await.expect_err("one too many");
    assert_eq!(status.code(), Code::ResourceExhausted);
    let me = format!("user {}", nix::unistd::getuid());
    assert!(status.message().starts_with(&format!("{me} has {quota} sweeps")), "{status}");
    let delay = status.get_details_retry_info().and_then(|info| info.retry_delay);
    assert!(delay.expect("it says when").as_secs() >= 1);
    let lab = lab(&daemon).await;
    assert_eq!((lab.lanes, &*lab.degraded), (1, ""));
    assert_eq!(lab.running, names[0]);
    let owners: Vec<_> = lab.owners.iter().map(|load| (&*load.owner, load.waiting)).collect();
    assert_eq!(owners, [(&*me, u32::try_from(quota).expect("small"))]);
    let name = names.pop().expect("the last one waits");
    let position = sweeps.get_sweep(GetSweepRequest { name: name.clone() }).await.expect("kept");
    let position = position.into_inner().sweep.expect("a sweep").queue_position;
    assert_eq!(u64::from(position), quota - 1);
    sweeps.cancel_sweep(CancelSweepRequest { name }).await.expect("it waits");
    sweeps.create_sweep(request()).await.expect("one has ended");
}

/// Waits until health says so of what is measured; the lab as such serves all the time.
#[cfg(debug_assertions)]
async fn becomes(health: &mut HealthClient<Channel>, wanted: ServingStatus) {
    let of = |service: &str| HealthCheckRequest { service: service.into() };
    let measuring = of(gild::limits::MEASURING_SERVICE);
    let mut statuses = health.watch(measuring).await.expect("it is known").into_inner();
    let heard = async {
        while statuses.message().await.expect("it serves").expect("no end").status() != wanted {}
    };
    tokio::time::timeout(PATIENCE, heard).await.expect("it is reported");
    let whole = health.check(of("")).await.expect("it is known").into_inner();
    assert_eq!(whole.status(), ServingStatus::Serving);
}

/// Only daemons with debug assertions can be made to lose a worker.
#[cfg(debug_assertions)]
#[tokio::test]
async fn lost_worker_degrades_the_lab_until_it_returns() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("stay");
    std::fs::write(&file, "").expect("a file");
    let daemon = Daemon::start_with(&[], &[("GILD_DEBUG_STAY_WHILE", file.as_path())]);
    let mut sweeps = daemon.sweeps().await;
    let name = create(&mut sweeps, spec("atomic", 1)).await;
    let events = watch(&mut sweeps, &name, 0).await;
    let Some(Happening::Ended(ended)) = events.last().and_then(|it| it.happening.clone()) else {
        panic!("{events:?} have no end");
    };
    assert_eq!(ended.state(), v1::SweepState::Failed);
    for part in ["did not return within", "worker 0 [thread ", "is at work for ", "worker 1 "] {
        assert!(ended.error.contains(part), "{}", ended.error);
    }
    let mut health = HealthClient::new(daemon.channel().await);
    becomes(&mut health, ServingStatus::NotServing).await;
    let text = lab(&daemon).await.degraded;
    let id = name.strip_prefix("sweeps/").expect("a name");
    assert!(text.contains(&format!(" of sweep {id}, on ")), "{text}");
    std::fs::remove_file(&file).expect("it is there");
    let deadline = Instant::now() + PATIENCE;
    while !lab(&daemon).await.degraded.is_empty() {
        assert!(Instant::now() < deadline, "it never comes back");
    }
    becomes(&mut health, ServingStatus::Serving).await;
    let name = create(&mut sweeps, spec("atomic", 1)).await;
    let events = watch(&mut sweeps, &name, 0).await;
    let Some(Happening::Ended(ended)) = events.last().and_then(|it| it.happening.clone()) else {
        panic!("{events:?} have no end");
    };
    assert_eq!(ended.state(), v1::SweepState::Succeeded, "{}", ended.error);
}

/// Where a process that replaces itself leaves what it was before.
const DIARY: &str = "GILD_TEST_DIARY";

/// Writes down who this process is; which of its lives it is, from 0.
fn live_once_more(diary: &Path) -> usize {
    let before = std::fs::read_to_string(diary).unwrap_or_default();
    let arguments: Vec<_> = std::env::args().collect();
    let now = format!("{before}{} {arguments:?}\n", std::process::id());
    std::fs::write(diary, now).expect("a diary");
    before.lines().count()
}

/// Runs one test of this program in a process of its own, and checks that it had two lives that are
/// alike.
fn lives_twice(test: &str, files: &[(&str, &Path)]) {
    let directory = tempfile::tempdir().expect("a directory");
    let diary = directory.path().join("diary");
    let status = Command::new(std::env::current_exe().expect("this test"))
        .args([test, "--exact", "--test-threads", "2"])
        .env(DIARY, &diary)
        .envs(files.iter().copied())
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.expect("it starts").success());
    let written = std::fs::read_to_string(&diary).expect("it was written");
    let lives: Vec<_> = written.lines().collect();
    assert_eq!(lives.len(), 2, "{written}");
    assert_eq!(lives[0], lives[1], "the same process number and arguments");
    assert!(lives[0].contains(test), "{written}");
}

/// This very test, in a process of its own, is the program that is started anew.
#[test]
fn reexec_keeps_arguments_and_pid() {
    let Some(diary) = std::env::var_os(DIARY).map(PathBuf::from) else {
        return lives_twice("services::lanes::reexec_keeps_arguments_and_pid", &[]);
    };
    if live_once_more(&diary) == 0 {
        let failed = gild::daemon::reexec::reexec().expect_err("it only comes back to say so");
        panic!("{failed}");
    }
}

#[cfg(debug_assertions)]
fn kept_beside(diary: &Path) -> Store {
    Store::open(DataDir::Kept(diary.with_extension("data"))).expect("no process has it open")
}

/// The same with a lab that loses a worker, which is what it is for.
#[cfg(debug_assertions)]
#[test]
fn degraded_daemon_restarts_itself() {
    let Some(diary) = std::env::var_os(DIARY).map(PathBuf::from) else {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let stay = [("GILD_DEBUG_STAY_WHILE", file.path())];
        return lives_twice("services::lanes::degraded_daemon_restarts_itself", &stay);
    };
    if live_once_more(&diary) == 0 {
        let terms =
            SchedulerConfig { when_degraded: DegradedPolicy::Hold, ..SchedulerConfig::default() };
        let history = kept_beside(&diary);
        let lab = Lab::open(history, terms, Interpreters::default(), QueuedJobs::Requeue)
            .expect("a thread");
        gild::daemon::reexec::restart_when_degraded(lab.clone(), RestartMode::Itself)
            .expect("a thread");
        let atomic = vec![StrategySelector::One(Name::Plain(Plain::Atomic))];
        let wish = SweepSpec { strategies: atomic, attempts: Some(1), ..SweepSpec::default() };
        let [lost, waiting] = [(); 2].map(|()| wish.clone());
        lab.create(&lost, "", Owner::Local).expect("there is room");
        let waiting = lab.create(&waiting, "", Owner::Local).expect("there is room");
        std::thread::sleep(PATIENCE);
        panic!("it was not replaced, and what waits is {:?}", waiting.state);
    }
    let kept =
        kept_beside(&diary).list(Kind::Sweep, Since::Newest, None, None, 9).expect("readable");
    let kept: Vec<_> = kept.iter().map(|it| (it.state, it.runs, it.attempts)).collect();
    assert_eq!(kept, [(State::Queued, 0, 0), (State::Failed, 1, 0)], "what waited waits on");
}
