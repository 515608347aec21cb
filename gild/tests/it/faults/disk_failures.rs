//! Disks and clocks that fail: each with a clear message and its exit code, and nothing lost.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use proto::v1::sweep_service_client::SweepServiceClient;
use proto::v1::{
    CancelSweepRequest, CreateSweepRequest, DeleteSweepRequest, ExportSweepRequest,
    ImportSweepRequest, ListSweepsRequest, PruneHistoryRequest, SweepState, WatchSweepRequest,
};
use rusqlite::Connection;
use tonic::transport::Channel;

use crate::daemon::{
    Daemon, command, create, endless, large, many_attempts, refusal, spec, start,
    stopped_after_a_sweep, watch,
};

fn refused(socket: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    refusal(command(socket, arguments))
}

async fn names(sweeps: &mut SweepServiceClient<Channel>) -> Vec<String> {
    let listed = sweeps.list_sweeps(ListSweepsRequest::default()).await.expect("it lists");
    listed.into_inner().sweeps.into_iter().map(|sweep| sweep.name).collect()
}

#[tokio::test]
async fn damaged_history_exits_74_and_is_kept() {
    let (daemon, _) = stopped_after_a_sweep().await;
    let whole = std::fs::read(daemon.database()).expect("readable");
    for from in [0, 4096, whole.len() / 2 / 4096 * 4096] {
        let mut bytes = whole.clone();
        bytes[from..from + 2000].fill(0xa5);
        std::fs::write(daemon.database(), &bytes).expect("writable");
        let (code, message) = refused(&daemon.socket(), &[]);
        assert_eq!(code, Some(74), "{message}");
        assert!(message.contains("damaged") && message.contains("lab.db"), "{message}");
        assert_eq!(std::fs::read(daemon.database()).expect("readable"), bytes, "left as it was");
    }
}

#[tokio::test]
async fn newer_history_exits_78_and_is_kept() {
    let (daemon, _) = stopped_after_a_sweep().await;
    let database = Connection::open(daemon.database()).expect("any tool opens it");
    database.pragma_update(None, "user_version", 1000).expect("writable");
    drop(database);
    let (code, message) = refused(&daemon.socket(), &[]);
    assert_eq!(code, Some(78), "{message}");
    assert!(message.contains("version 1000") && message.contains("newer gild"), "{message}");
}

#[test]
fn history_in_use_exits_69() {
    let daemon = Daemon::start(&[]);
    let other = daemon.socket().with_file_name("other.sock");
    let data = daemon.database();
    let data = data.parent().expect("in a directory").display().to_string();
    let (code, message) = refused(&other, &["--data-dir", &data]);
    assert_eq!(code, Some(69), "{message}");
    assert!(message.contains("another lab has this history open (process "), "{message}");
    let socket = format!(", gild serve at unix://{}, since ", daemon.socket().display());
    assert!(message.contains(&socket), "{message}");
}

/// Not even root can make a directory there.
#[test]
fn data_directory_that_cannot_be_created_is_named() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let socket = directory.path().join("private/gild.sock");
    let (code, message) = refused(&socket, &["--data-dir", "/proc/1/nowhere"]);
    assert_eq!(code, Some(73), "{message}");
    assert!(message.contains("/proc/1/nowhere") && message.contains("--data-dir"), "{message}");
}

#[tokio::test]
async fn clock_set_back_keeps_order_and_is_logged() {
    let (daemon, first) = stopped_after_a_sweep().await;
    let database = Connection::open(daemon.database()).expect("any tool opens it");
    let ahead = "UPDATE works SET create_time_ns = create_time_ns + 3600000000000";
    assert_eq!(database.execute(ahead, []), Ok(1));
    drop(database);
    let mut serving =
        command(&daemon.socket(), &[]).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stderr = serving.stderr.take().expect("piped");
    let mut log = String::new();
    let mut some = [0; 4096];
    while !log.contains("listening") {
        let read = stderr.read(&mut some).expect("readable");
        assert!(read > 0, "it ended: {log}");
        log.push_str(&String::from_utf8_lossy(&some[..read]));
    }
    assert!(log.contains("the clock is behind"), "{log}");
    let mut sweeps = daemon.sweeps().await;
    let second = create(&mut sweeps, spec("atomic", 1)).await;
    watch(&mut sweeps, &second, 0).await;
    assert_eq!(names(&mut sweeps).await, [second, first]);
    serving.kill().expect("it runs");
    serving.wait().expect("it ends");
}

#[tokio::test]
async fn full_disk_exits_74_and_loses_nothing() {
    let directory = Arc::new(tempfile::tempdir().expect("a temporary directory"));
    let socket = directory.path().join("private/gild.sock");
    let mut serve = limited(&command(&socket, &[]), "1024");
    let mut full = serve.stderr(Stdio::piped()).spawn().expect("it starts");
    let mut log = full.stderr.take().expect("piped");
    let mut sweeps = SweepServiceClient::new(dial(&socket).await);
    let mut acknowledged = Vec::new();
    let mut shown = 0;
    loop {
        let spec = Some(large(200));
        let request = CreateSweepRequest { spec, ..CreateSweepRequest::default() };
        let Ok(made) = sweeps.create_sweep(request).await else { break };
        let name = made.into_inner().sweep.expect("a sweep").name;
        acknowledged.push(name.clone());
        let request = WatchSweepRequest { name, after_sequence: 0 };
        let Ok(stream) = sweeps.watch_sweep(request).await else { break };
        let mut stream = stream.into_inner();
        shown = 0;
        while let Ok(Some(answer)) = stream.message().await {
            shown = answer.event.expect("an event").sequence;
        }
    }
    assert_eq!(full.wait().expect("it ends").code(), Some(74));
    let mut text = String::new();
    log.read_to_string(&mut text).expect("readable");
    let last = text.lines().last().expect("it says why");
    assert!(last.contains("cannot be written") && last.contains("gilctl prune"), "{last}");
    let daemon = Daemon::start_in(directory, &[]);
    let mut sweeps = daemon.sweeps().await;
    let mut kept = names(&mut sweeps).await;
    kept.reverse();
    assert_eq!(kept[..acknowledged.len()], acknowledged, "what was acknowledged is kept");
    let last = acknowledged.last().expect("there was room for one");
    let events = watch(&mut sweeps, last, 0).await;
    assert!(events.len() as u64 >= shown, "{shown} events were shown, {} are kept", events.len());
    let found =
        sweeps.list_sweeps(ListSweepsRequest::default()).await.expect("it lists").into_inner();
    assert!(
        found.sweeps.iter().all(|sweep| {
            matches!(sweep.state(), SweepState::Succeeded | SweepState::Interrupted)
        })
    );
}

/// What does not fit is refused, and no other client suffers for it.
#[tokio::test]
async fn import_beyond_disk_space_is_rejected_alone() {
    let elsewhere = Daemon::start(&[]);
    let mut exporting = elsewhere.sweeps().await;
    let directory = Arc::new(tempfile::tempdir().expect("a temporary directory"));
    let serve = command(&directory.path().join("private/gild.sock"), &[]);
    let daemon = Daemon::run(directory, limited(&serve, "6144"), &[]);
    let mut sweeps = daemon.sweeps().await;
    let mut taken = Vec::new();
    let (refused, large) = loop {
        let name = create(&mut exporting, large(800)).await;
        watch(&mut exporting, &name, 0).await;
        let parts = exported(&mut exporting, &name).await;
        match sweeps.import_sweep(tokio_stream::iter(parts.clone())).await {
            Ok(_) => taken.insert(0, name),
            Err(status) => break (status, parts),
        }
        assert!(taken.len() < 20, "there is room without end");
    };
    assert!(!taken.is_empty(), "there was room for one: {refused}");
    assert_eq!(refused.code(), tonic::Code::Internal);
    let message = refused.message();
    assert!(message.contains("no room for this sweep") && message.contains("prune"), "{message}");
    assert_eq!(names(&mut sweeps).await, taken, "nothing of it was taken");
    let own = create(&mut sweeps, spec("atomic", 20)).await;
    let events = watch(&mut sweeps, &own, 0).await;
    assert!(events.len() > 2, "the lab goes on");
    for name in taken {
        sweeps.delete_sweep(DeleteSweepRequest { name }).await.expect("it has ended");
    }
    sweeps.import_sweep(tokio_stream::iter(large)).await.expect("now there is room");
}

/// A disk so full that it cannot even be noted what goes.
#[tokio::test]
async fn failed_deletion_keeps_the_sweep_and_the_lab() {
    let mut daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let name = create(&mut sweeps, many_attempts(8000)).await;
    let events = watch(&mut sweeps, &name, 0).await;
    let small = create(&mut sweeps, spec("atomic", 1)).await;
    watch(&mut sweeps, &small, 0).await;
    drop(sweeps);
    daemon.stop().await;
    let directory = daemon.directory();
    let serve = command(&directory.path().join("private/gild.sock"), &[]);
    let daemon = Daemon::run(directory, limited(&serve, "256"), &[]);
    let mut sweeps = daemon.sweeps().await;
    let delete = DeleteSweepRequest { name: name.clone() };
    let refused = sweeps.delete_sweep(delete).await.expect_err("there is no room");
    assert_eq!(refused.code(), tonic::Code::Internal);
    assert!(refused.message().contains("and none was deleted; free some space"), "{refused}");
    let prune = PruneHistoryRequest { keep_newest: Some(0), ..PruneHistoryRequest::default() };
    let pruned = sweeps.prune_history(prune).await.expect("there is room for the small one");
    assert_eq!(pruned.into_inner().names, [small]);
    let refused = sweeps.prune_history(prune).await.expect_err("there is no room");
    assert!(refused.message().contains("no room"), "{refused}");
    assert_eq!(watch(&mut sweeps, &name, 0).await, events, "it is kept");
}

/// However much is kept, and though nothing can be sorted on the disk.
#[tokio::test]
async fn prune_on_a_full_disk_deletes_what_fits() {
    let mut daemon = Daemon::start(&["--queue-max", "60", "--quota", "60"]);
    let mut sweeps = daemon.sweeps().await;
    let (running, _events) = start(&mut sweeps, endless()).await;
    let mut names = vec![running];
    for _ in 0..30 {
        // A sweep whose description is large. None of them has to run for that.
        names.push(create(&mut sweeps, large(600)).await);
    }
    for name in names.iter().rev() {
        sweeps.cancel_sweep(CancelSweepRequest { name: name.clone() }).await.expect("not ended");
        watch(&mut sweeps, name, 0).await;
    }
    drop(sweeps);
    daemon.stop().await;
    let directory = daemon.directory();
    let serve = command(&directory.path().join("private/gild.sock"), &[]);
    let daemon = Daemon::run(directory, limited(&serve, "512"), &[]);
    let mut sweeps = daemon.sweeps().await;
    let prune = PruneHistoryRequest {
        keep_newest: Some(0),
        dry_run: true,
        ..PruneHistoryRequest::default()
    };
    let outdated = sweeps.prune_history(prune).await.expect("it only reads").into_inner();
    assert_eq!(outdated.names, names);
}

/// A sweep's file, in the parts in which it is sent.
async fn exported(sweeps: &mut SweepServiceClient<Channel>, name: &str) -> Vec<ImportSweepRequest> {
    let request = ExportSweepRequest { name: name.to_owned() };
    let mut file = sweeps.export_sweep(request).await.expect("it has ended").into_inner();
    let mut parts = Vec::new();
    while let Some(part) = file.message().await.expect("whole") {
        parts.push(ImportSweepRequest { chunk: part.chunk });
    }
    parts
}

/// The same command where no file may be larger than so many blocks of 512 bytes, which stands for
/// a full disk: the system refuses to write just so. What would kill the process is ignored.
fn limited(serve: &Command, blocks: &str) -> Command {
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", blocks]);
    limited.arg(serve.get_program()).args(serve.get_args());
    for (name, value) in serve.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited
}

/// Waits until a daemon that was started otherwise listens.
async fn dial(socket: &Path) -> Channel {
    let deadline = std::time::Instant::now() + crate::daemon::PATIENCE;
    let address = format!("unix://{}", socket.display());
    loop {
        let endpoint =
            tonic::transport::Endpoint::from_shared(address.clone()).expect("an address");
        match endpoint.connect().await {
            Ok(channel) => return channel,
            Err(error) => assert!(std::time::Instant::now() < deadline, "{error}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
