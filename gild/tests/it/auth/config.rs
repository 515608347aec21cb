//! Exit codes of contradictory flags, unusable files and unsafe directories.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use crate::auth::fixtures::{Files, LOOPBACK, TOKEN, certificates, get_lab};
use crate::daemon::{Daemon, command};

fn run_to_end(arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a directory");
    command(&directory.path().join("private/gild.sock"), arguments).output().expect("it runs")
}

#[track_caller]
fn refuses(arguments: &[&str], code: i32, message: &str) {
    let output = run_to_end(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(message), "{said}");
    assert!(!said.contains(TOKEN), "{said}");
}

#[test]
fn contradictory_listen_flags_exit_2() {
    refuses(&LOOPBACK, 2, "--listen: 127.0.0.1:0 is open to every account of this machine; add");
    refuses(&["--listen", "0.0.0.0:0"], 2, "--listen: 0.0.0.0:0 is beyond loopback");
    let far = ["--listen", "0.0.0.0:0", "--insecure-loopback"];
    refuses(&far, 2, "--insecure-loopback: true is for loopback");
    refuses(
        &["--token-file", "x"],
        2,
        "--token-file: x configures the TCP port, which needs --listen",
    );
}

#[test]
fn unusable_credential_files_exit_78() {
    let files = Files::new();
    let with = |flag: &str, path: &str| {
        let arguments = [&LOOPBACK[..], &[flag, path]].concat();
        let output = run_to_end(&arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains(path) && !said.contains(TOKEN), "{said}");
        said
    };
    assert!(with("--token-file", &files.shown("none")).contains("cannot be read"));
    let open = files.write("open", &format!("ci {TOKEN}"), 0o644);
    assert!(
        with("--token-file", &open).contains("others can read or change it (mode 0644); chmod")
    );
    let short = files.write("short", "ci 0123", 0o600);
    assert!(with("--token-file", &short).contains("line 1: the token has 4 characters"));
    let (tokens, nonsense) = (files.tokens(), files.write("nonsense", "nonsense", 0o600));
    let tls = [
        &LOOPBACK[..],
        &["--token-file", &tokens, "--tls-cert", &nonsense, "--tls-key", &nonsense],
    ];
    refuses(&tls.concat(), 78, "nonsense: holds no certificate; name a PEM file");
}

#[test]
fn expired_or_mismatched_server_certificate_exits_78() {
    let files = Files::new();
    certificates(&files);
    let (late, key) = (files.shown("late-server.pem"), files.shown("late-server-key.pem"));
    let (tokens, other_key) = (files.tokens(), files.shown("anna-key.pem"));
    let tls = |key| {
        [&LOOPBACK[..], &["--token-file", &tokens, "--tls-cert", &late, "--tls-key", key]].concat()
    };
    refuses(&tls(&key), 78, "late-server.pem: is valid from ");
    let server = files.shown("server.pem");
    let pair = ["--token-file", &tokens, "--tls-cert", &server, "--tls-key", &other_key];
    refuses(&[&LOOPBACK[..], &pair].concat(), 78, "anna-key.pem: does not fit");
}

#[test]
fn socket_directory_writable_by_others_exits_73() {
    let directory = tempfile::tempdir().expect("a directory");
    let open = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(directory.path(), open).expect("it is ours");
    let output = command(&directory.path().join("gild.sock"), &[]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(73), "{said}");
    assert!(said.contains("can be written by others (mode 0777)"), "{said}");
    let group = run_to_end(&["--socket-group", "no-such-group"]);
    assert_eq!(group.status.code(), Some(73), "{group:?}");
}

#[tokio::test]
async fn socket_with_group_has_group_modes() {
    let group = nix::unistd::Group::from_gid(nix::unistd::getgid()).expect("it answers");
    let daemon = Daemon::start(&["--socket-group", &group.expect("it has a name").name]);
    let mode =
        |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let socket = daemon.socket();
    assert_eq!(mode(&socket), 0o660);
    assert_eq!(mode(socket.parent().expect("a directory")), 0o750);
    get_lab(daemon.channel().await, None).await.expect("let in");
}
