//! A service manager: it is notified, and it hands over sockets.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::process::Command;

use command_fds::{CommandFdExt, FdMapping};
use nix::sys::signal::Signal;
use proto::v1::GetLabRequest;
use proto::v1::lab_service_client::LabServiceClient;

use super::{Operated, gild, said};
use crate::daemon::{PATIENCE, connect};

/// The end that a service manager reads.
struct Notices(UnixDatagram);

impl Notices {
    fn bind(path: &std::path::Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a time");
        Self(socket)
    }

    /// Reads notices up to one with that line.
    fn until(&self, wanted: &str) -> String {
        let mut bytes = [0; 4096];
        loop {
            let length = self.0.recv(&mut bytes).unwrap_or_else(|e| panic!("no {wanted}: {e}"));
            let notice = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if notice.lines().any(|line| line.starts_with(wanted)) {
                return notice;
            }
        }
    }
}

#[test]
fn service_manager_is_notified_of_every_state() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("notify.sock");
    let notices = Notices::bind(&path);
    let mut daemon = Operated::start("", |command, _| {
        command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "200000");
    });
    notices.until("READY=1");
    notices.until("STATUS=idle");
    notices.until("WATCHDOG=1");
    notices.until("WATCHDOG=1");
    daemon.signal(Signal::SIGHUP);
    let reloading = notices.until("RELOADING=1");
    let time = reloading.lines().find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
    assert!(time.is_some_and(|time| time.parse::<u64>().is_ok()), "{reloading}");
    notices.until("READY=1");
    daemon.signal(Signal::SIGTERM);
    notices.until("STOPPING=1");
    assert_eq!(daemon.wait().code(), Some(0));
}

/// Starts the daemon as a service manager does that has opened these sockets.
fn hand_over(command: &mut Command, sockets: Vec<OwnedFd>) {
    let count = sockets.len();
    let mut shell = Command::new("sh");
    // The variable names the process that is meant, which is known only once it runs.
    shell.args(["-c", "LISTEN_PID=$$ exec \"$0\" \"$@\""]).arg(command.get_program());
    shell.args(command.get_args()).env("LISTEN_FDS", count.to_string());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let mappings = sockets.into_iter().zip(3..);
    let mappings = mappings.map(|(parent_fd, child_fd)| FdMapping { parent_fd, child_fd });
    shell.fd_mappings(mappings.collect()).expect("each has a number of its own");
    *command = shell;
}

async fn answers(address: String) -> bool {
    LabServiceClient::new(connect(address).await).get_lab(GetLabRequest {}).await.is_ok()
}

/// With a second thread, on which clients close their connections while this one waits.
#[tokio::test(flavor = "multi_thread")]
async fn inherited_sockets_are_served_and_not_removed() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("handed.sock");
    let unix = UnixListener::bind(&path).expect("a socket");
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = tcp.local_addr().expect("bound").port();
    let mut daemon = Operated::start("insecure-loopback = true\n", |command, _| {
        hand_over(command, vec![tcp.into(), unix.into()]);
    });
    assert!(daemon.logged("listening").contains("handed.sock"));
    assert!(answers(format!("unix://{}", path.display())).await);
    assert!(answers(format!("http://127.0.0.1:{port}")).await);
    assert!(!daemon.path("private/gild.sock").exists(), "the other is not bound");
    daemon.signal(Signal::SIGTERM);
    assert_eq!(daemon.wait().code(), Some(0));
    assert!(path.exists(), "it is the service manager's");
}

/// It would lose them if it replaced itself.
#[cfg(debug_assertions)]
#[tokio::test]
async fn degraded_daemon_with_inherited_sockets_exits_1() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, stay) = (directory.path().join("handed.sock"), directory.path().join("stay"));
    std::fs::write(&stay, "").expect("a file");
    let unix = UnixListener::bind(&path).expect("a socket");
    let mut daemon = Operated::start("", |command, _| {
        command.env("GILD_DEBUG_STAY_WHILE", &stay);
        hand_over(command, vec![unix.into()]);
    });
    let channel = connect(format!("unix://{}", path.display())).await;
    let mut sweeps = proto::v1::sweep_service_client::SweepServiceClient::new(channel);
    crate::daemon::create(&mut sweeps, crate::daemon::spec("atomic", 1)).await;
    assert_eq!(daemon.wait().code(), Some(1), "as a failure: it is started again");
    assert!(daemon.logged("service manager").contains("to get rid of a lost worker"));
}

#[test]
fn unusable_inherited_sockets_exit_78() {
    let unix = || -> OwnedFd {
        let directory = tempfile::tempdir().expect("a directory");
        UnixListener::bind(directory.path().join("a")).expect("a socket").into()
    };
    let datagram: OwnedFd = UnixDatagram::unbound().expect("a socket").into();
    for (sockets, wanted) in [
        (vec![datagram], "descriptor 3 listens on neither"),
        (vec![unix(), unix()], "descriptor 4 is a second socket of its kind"),
        (vec![unix(), unix(), unix()], "3 sockets were passed; at most"),
    ] {
        let mut command = gild(&["serve", "--config", "/dev/null"]);
        hand_over(&mut command, sockets);
        let (code, _, err) = said(command);
        assert_eq!(code, Some(78), "{err}");
        assert!(err.starts_with("gild: socket activation: ") && err.contains(wanted), "{err}");
    }
}

#[test]
fn inherited_port_beyond_loopback_needs_tls() {
    let tcp: OwnedFd = TcpListener::bind("0.0.0.0:0").expect("a port").into();
    let mut command = gild(&["serve", "--config", "/dev/null"]);
    let directory = tempfile::tempdir().expect("a directory");
    command.env("GILD_SOCKET", directory.path().join("private/gild.sock"));
    hand_over(&mut command, vec![tcp]);
    let (code, _, err) = said(command);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("is beyond loopback"), "{err}");
}

#[test]
fn unit_file_timeouts_exceed_the_daemon_limits() {
    let unit = include_str!("../../../dist/gild.service");
    let value = |key: &str| {
        let line = unit.lines().find_map(|line| line.strip_prefix(key)).expect(key);
        line.parse::<u64>().expect("seconds")
    };
    assert!(value("TimeoutStopSec=") > gild::limits::DRAIN_TIMEOUT_MAX.as_secs());
    assert!(value("WatchdogSec=") > 2 * gild::limits::STATUS_INTERVAL.as_secs());
    assert!(unit.lines().any(|line| line == "Type=notify-reload"));
}
