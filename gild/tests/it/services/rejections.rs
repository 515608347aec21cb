//! Refusals of the daemon: the field, the value, the limit, the way out.

use std::process::Output;

use proto::v1::{CreateSweepRequest, GetSweepRequest, SweepSpec, WatchSweepRequest};
use tonic::Code;
use tonic_types::StatusExt;

use crate::daemon::{Daemon, command, create, spec, watch};

/// The violated field and its description.
async fn refused(daemon: &Daemon, spec: SweepSpec) -> (String, String) {
    let request = CreateSweepRequest { spec: Some(spec), ..CreateSweepRequest::default() };
    let status = daemon.sweeps().await.create_sweep(request).await.expect_err("refused");
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = status.get_details_bad_request().expect("it says which field");
    let violation = details.field_violations.into_iter().next().expect("at least one");
    (violation.field, violation.description)
}

#[tokio::test]
async fn limit_error_names_field_value_and_limit() {
    let daemon = Daemon::start(&[]);
    let good = || spec("gil", 1);
    let beyond_cores = u32::try_from(engine::sys::affinity::count() + 1).expect("few");
    let bare = || SweepSpec { strategies: vec!["gil".into()], ..SweepSpec::default() };
    let cases = [
        ("strategies", SweepSpec { strategies: vec!["gli".into()], ..good() }),
        ("strategies", SweepSpec { strategies: vec![], ..good() }),
        ("eras", SweepSpec { eras: vec!["3.77".into()], ..good() }),
        ("bodies", SweepSpec { bodies: vec!["incremnt".into()], ..good() }),
        ("workers", SweepSpec { workers: vec![0], ..good() }),
        ("workers", SweepSpec { workers: vec![65], ..good() }),
        (
            "workers",
            SweepSpec { workers: vec![beyond_cores], tasks: vec![100], ..spec("mcs-spin", 1) },
        ),
        ("increments", SweepSpec { increments: vec![1_000_000_000_000_000], ..good() }),
        ("switch_interval_ps", SweepSpec { switch_interval_ps: vec![0], ..good() }),
        (
            "switch_interval_ps",
            SweepSpec { switch_interval_ps: vec![3_600_000_000_000_000], ..good() },
        ),
        ("switch_ticks", SweepSpec { switch_ticks: vec![0], ..good() }),
        ("io_calls", SweepSpec { io_calls: vec!["telnet".into()], ..good() }),
        ("io_workers", SweepSpec { io_workers: vec![0], ..bare() }),
        ("cpu_workers", SweepSpec { cpu_workers: vec![1], ..good() }),
        ("tasks", SweepSpec { tasks: vec![1], io_workers: vec![1], ..good() }),
        ("requests", SweepSpec { requests: Some(0), io_workers: vec![1], ..bare() }),
        ("attempts", SweepSpec { attempts: Some(0), ..good() }),
        ("bodies", SweepSpec { bodies: vec!["call".into()], ..spec("atomic", 1) }),
        ("steps", SweepSpec { steps: vec!["LAS".into()], ..good() }),
        ("steps", SweepSpec { steps: vec!["LCS".into()], ..spec("atomic", 1) }),
        ("inside_ns", SweepSpec { inside_ns: vec![100], ..spec("atomic", 1) }),
    ];
    for (field, spec) in cases {
        let (found, description) = refused(&daemon, spec).await;
        assert_eq!(found, field, "{description}");
        assert!(description.contains(';'), "no way out: {description}");
    }
}

/// A refusal travels in headers, of which clients take 16 KiB: one that repeated all it was sent
/// would never arrive.
#[tokio::test]
async fn error_arrives_after_a_large_request() {
    let daemon = Daemon::start(&[]);
    let long = || "gil".repeat(100_000);
    let spec = SweepSpec { strategies: vec![long()], ..SweepSpec::default() };
    let (field, description) = refused(&daemon, spec).await;
    assert_eq!(field, "strategies");
    assert!(description.contains("...") && description.contains("choose one of"), "{description}");
    let name = format!("sweeps/{}", long());
    let status = daemon.sweeps().await.get_sweep(GetSweepRequest { name }).await;
    let details = status.expect_err("no id is so long").get_error_details();
    let violations = details.bad_request().map(|bad| bad.field_violations.as_slice());
    assert!(matches!(violations, Some([one]) if one.field == "name"), "{violations:?}");
}

#[tokio::test]
async fn unknown_sweep_is_not_found() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let status = sweeps.get_sweep(GetSweepRequest { name: "sweeps/none".into() }).await;
    assert_eq!(status.expect_err("unknown").code(), Code::NotFound);
    let status = sweeps.get_sweep(GetSweepRequest { name: "none".into() }).await;
    assert_eq!(status.expect_err("no name").code(), Code::InvalidArgument);
}

#[tokio::test]
async fn sequence_beyond_the_end_is_out_of_range() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    let name = create(&mut sweeps, spec("atomic", 1)).await;
    let last = watch(&mut sweeps, &name, 0).await.len() as u64;
    let request = WatchSweepRequest { name, after_sequence: last + 1 };
    let status = sweeps.watch_sweep(request).await.expect_err("beyond the end");
    assert_eq!(status.code(), Code::OutOfRange);
}

fn run_to_end(arguments: &[&str], socket: &std::path::Path) -> Output {
    command(socket, arguments).output().expect("it runs")
}

#[tokio::test]
async fn socket_in_use_exits_69() {
    let daemon = Daemon::start(&[]);
    let output = run_to_end(&[], &daemon.socket());
    assert_eq!(output.status.code(), Some(69));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is in use"));
}

#[test]
fn port_in_use_exits_69() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let directory = tempfile::tempdir().expect("a directory");
    let output = run_to_end(
        &["--listen", &address, "--insecure-loopback"],
        &directory.path().join("gild.sock"),
    );
    assert_eq!(output.status.code(), Some(69));
}

#[test]
fn plain_address_beyond_loopback_exits_2() {
    let directory = tempfile::tempdir().expect("a directory");
    let output = run_to_end(&["--listen", "0.0.0.0:0"], &directory.path().join("gild.sock"));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("loopback"));
}

#[test]
fn socket_that_cannot_be_created_exits_73() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let output = run_to_end(&[], &file.path().join("gild.sock"));
    assert_eq!(output.status.code(), Some(73));
}

#[test]
fn file_at_the_socket_path_is_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("gild.sock");
    std::fs::write(&file, "not a socket").expect("space");
    let output = run_to_end(&[], &file);
    assert_eq!(output.status.code(), Some(73));
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains("a file that is not a socket exists there")
    );
    assert!(file.exists());
}

#[tokio::test]
async fn stale_socket_is_replaced() {
    let mut daemon = Daemon::start(&[]);
    let socket = daemon.socket();
    daemon.stop().await;
    drop(std::os::unix::net::UnixListener::bind(&socket).expect("the daemon removed its own"));
    let mut child =
        command(&socket, &[]).stderr(std::process::Stdio::piped()).spawn().expect("starts");
    let mut log = std::io::BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut log, &mut line).expect("a line");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert!(line.contains("listening"), "{line}");
}
