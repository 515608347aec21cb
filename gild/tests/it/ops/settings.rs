//! Settings: their sources, what is refused, and what SIGHUP changes.

use std::io::{Read as _, Write as _};
use std::time::Instant;

use gild::limits::DRAIN_TIMEOUT_MAX;
use nix::sys::signal::Signal;
use proto::v1::GetLabRequest;
use proto::v1::lab_service_client::LabServiceClient;

use super::{Operated, gild, said};
use crate::daemon::Daemon;

fn check(config: &str, prepare: impl FnOnce(&mut std::process::Command)) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("gild.toml");
    std::fs::write(&file, config).expect("ours");
    let mut command = gild(&["check-config", "--config"]);
    command.arg(&file);
    prepare(&mut command);
    let (code, out, err) = said(command);
    (code, (out + &err).replace(&file.display().to_string(), "FILE"))
}

#[test]
fn check_config_prints_origin_of_each_setting() {
    let (code, page) = check("drain-timeout = \"2s\"\nmetrics = 9878\n", |command| {
        command.args(["--log", "debug"]).env("GILD_LOG_FORMAT", "text");
    });
    assert_eq!(code, Some(0), "{page}");
    for (setting, origin) in [
        ("drain-timeout = \"2s\"", "# FILE:1"),
        ("metrics = \"9878\"", "# FILE:2"),
        ("log = \"debug\"", "# flag"),
        ("log-format = \"text\"", "# environment GILD_LOG_FORMAT"),
        ("# listen: not set", "# default"),
    ] {
        let line = page.lines().find(|line| line.starts_with(setting)).expect(setting);
        assert!(line.ends_with(origin), "{line}");
    }
}

/// The printed page configures a daemon that has each printed value.
#[tokio::test]
async fn printed_settings_are_what_serve_has() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).display().to_string();
    let written = path("written.toml");
    let config = format!(
        "queue-max = 7\nquota = 3\nlisten = \"127.0.0.1:0\"\ninsecure-loopback = true\n\
         data-dir = \"{}\"\nadmin = [\"user 1234567\"]\nprivate-jobs = true\n",
        path("data")
    );
    std::fs::write(&written, config).expect("ours");
    let page = |file: &str| {
        let mut command = gild(&["check-config", "--config", file]);
        command.env("HOME", directory.path()).env("GILD_SOCKET", path("own/gild.sock"));
        let (code, out, err) = said(command);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        let value = |line: &str| line.rsplit_once("  #").map_or(line, |it| it.0).trim().to_owned();
        // The first line names the file.
        out.lines().skip(1).map(value).collect::<Vec<_>>()
    };
    let printed = page(&written);
    let settings = printed.iter().filter(|line| !line.starts_with('#'));
    let again = path("again.toml");
    std::fs::write(&again, settings.cloned().collect::<Vec<_>>().join("\n")).expect("ours");
    assert_eq!(page(&again), printed, "a page that is read prints itself");

    let daemon = Daemon::start(&["--config", &again, "--listen", "127.0.0.1:0"]);
    let lab = LabServiceClient::new(daemon.channel().await).get_lab(GetLabRequest {}).await;
    let lab = lab.expect("it serves").into_inner().lab.expect("a lab");
    let limit = |name: &str| lab.limits.iter().find(|it| it.name == name).expect(name).maximum;
    assert_eq!((limit("queue"), limit("quota"), lab.lanes), (7, 3, 1));
    assert_eq!(lab.history, path("data"));
    assert!(daemon.tcp.is_some(), "it listens on the port, open to anyone");
}

#[test]
fn config_file_in_home_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(directory.path().join("gild")).expect("ours");
    std::fs::write(directory.path().join("gild/gild.toml"), "log = \"warn\"").expect("ours");
    let mut command = gild(&["check-config"]);
    command.env("XDG_CONFIG_HOME", directory.path());
    let (code, out, err) = said(command);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("log = \"warn\""), "{out}");
}

#[test]
fn invalid_configuration_exits_78_and_usage_2() {
    let (code, said_of_key) = check("sokcet = \"/a\"\n", |_| {});
    assert_eq!(code, Some(78));
    let wanted = "gild: FILE:1: sokcet: there is no such key; did you mean `socket`?";
    assert!(said_of_key.starts_with(wanted), "{said_of_key}");
    let (code, said_of_value) = check("", |command| {
        command.env("GILD_DRAIN_TIMEOUT", "1h");
    });
    assert_eq!(code, Some(78));
    assert!(said_of_value.contains("GILD_DRAIN_TIMEOUT: drain-timeout: `1h` is outside"));
    let (code, said_of_flag) = check("", |command| {
        command.args(["--drain-timeout", "1h"]);
    });
    assert_eq!(code, Some(2), "{said_of_flag}");
    assert!(said_of_flag.contains("choose a time from 500ms"), "{said_of_flag}");
    let (code, _, missing) = said(gild(&["serve", "--config", "/nowhere/gild.toml"]));
    assert_eq!(code, Some(78));
    assert!(missing.starts_with("gild: /nowhere/gild.toml: cannot be read"), "{missing}");
}

#[test]
fn setting_rejected_at_start_names_its_origin() {
    for (config, wanted) in [
        ("python = [\"/nowhere/python\"]\n", "gild.toml:1: python: interpreter /nowhere/python"),
        ("listen = \"0.0.0.0:0\"\n", "gild.toml:1: listen: 0.0.0.0:0 is beyond loopback"),
    ] {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("gild.toml");
        std::fs::write(&file, config).expect("ours");
        let mut command = gild(&["serve", "--config"]);
        command.arg(&file).env("GILD_SOCKET", directory.path().join("private/gild.sock"));
        let (code, _, err) = said(command);
        let line = err.lines().last().unwrap_or_default();
        assert_eq!(code, Some(78), "{err}");
        assert!(line.starts_with("gild: ") && line.contains(wanted), "{err}");
    }
}

/// Settings that can be refused before the daemon listens, each with a word of its error.
const REFUSED: [(&str, &str); 16] = [
    ("lanes = 0", "lanes"),
    ("lanes = 1000", "lanes"),
    ("queue-max = 0", "queue-max"),
    ("quota = 0", "quota"),
    ("listen = \"0.0.0.0:0\"", "beyond loopback"),
    ("listen = \"127.0.0.1:0\"", "open to every account"),
    ("insecure-loopback = true", "--listen"),
    ("python = [\"/nowhere/python\"]", "/nowhere/python"),
    ("listen = \"127.0.0.1:0\"\ntoken-file = \"/nowhere/tokens\"", "/nowhere/tokens"),
    ("listen = \"127.0.0.1:0\"\ntoken-file = \"FILE\"", "gild.toml"),
    (
        "listen = \"127.0.0.1:0\"\ninsecure-loopback = true\ntls-cert = \"/nowhere/cert\"\ntls-key = \"/nowhere/key\"",
        "/nowhere/",
    ),
    ("socket-group = \"no-such-group\"", "no-such-group"),
    ("socket = \"/nowhere/at/all/gild.sock\"", "/nowhere/at/all/gild.sock"),
    ("socket = \"FILE\"", "not a socket"),
    ("data-dir = \"FILE\"", "gild.toml"),
    ("data-dir = \"FILE/below\"", "gild.toml"),
];

#[test]
fn check_config_refuses_what_serve_refuses() {
    for (config, wanted) in REFUSED {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("gild.toml");
        std::fs::write(&file, config.replace("FILE", &file.display().to_string())).expect("ours");
        let answers = ["serve", "check-config"].map(|name| {
            let mut command = gild(&[name, "--config"]);
            command.arg(&file).env("HOME", directory.path());
            if !config.starts_with("socket =") {
                command.env("GILD_SOCKET", directory.path().join("own/gild.sock"));
            }
            let (code, _, err) = said(command);
            (code, err.lines().last().unwrap_or_default().to_owned())
        });
        let [served, checked] = answers;
        assert_eq!(served, checked, "{config}");
        assert_ne!(checked.0, Some(0), "{config}");
        assert!(checked.1.contains(wanted), "{config}: {}", checked.1);
    }
}

#[test]
fn check_config_refuses_a_history_of_another_program() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    std::fs::create_dir(&data).expect("ours");
    let connection = rusqlite::Connection::open(data.join("lab.db")).expect("ours");
    connection.execute_batch("CREATE TABLE recipes (name TEXT)").expect("ours");
    drop(connection);
    let answers = ["serve", "check-config"].map(|name| {
        let mut command = gild(&[name, "--data-dir"]);
        command.arg(&data).env("GILD_SOCKET", directory.path().join("own/gild.sock"));
        let (code, _, err) = said(command);
        (code, err.lines().last().unwrap_or_default().to_owned())
    });
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[1].0, Some(78), "{}", answers[1].1);
}

#[test]
fn check_config_creates_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut command = gild(&["check-config", "--data-dir"]);
    command.arg(directory.path().join("data"));
    command.env("GILD_SOCKET", directory.path().join("own/gild.sock"));
    let (code, _, err) = said(command);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let left: Vec<_> = std::fs::read_dir(directory.path()).expect("ours").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn version_prints_one_line_or_five() {
    let (code, short, _) = said(gild(&["version"]));
    assert_eq!((code, short), (Some(0), format!("gild {}\n", env!("CARGO_PKG_VERSION"))));
    let (code, long, _) = said(gild(&["version", "--verbose"]));
    assert_eq!((code, long.lines().count()), (Some(0), 5), "{long}");
    assert!(long.contains("\nrustc: rustc ") && long.contains("\ntarget: "), "{long}");
}

#[test]
fn sighup_applies_reloadable_keys_and_names_others() {
    let mut daemon = Operated::start("log = \"info\"\n", |_, _| {});
    daemon.logged("listening");
    let text = "log = \"info,gild=debug\"\ndrain-timeout = \"3s\"\n";
    std::fs::write(daemon.path("gild.toml"), text).expect("ours");
    daemon.signal(Signal::SIGHUP);
    let line = daemon.logged("reloaded");
    assert!(line.contains("log: info -> info,gild=debug"), "{line}");
    let line = daemon.logged("need a restart");
    assert!(line.contains("drain-timeout"), "{line}");
    daemon.signal(Signal::SIGTERM);
    assert_eq!(daemon.wait().code(), Some(0));
}

#[test]
fn sighup_with_invalid_file_keeps_settings() {
    let mut daemon = Operated::start("log = \"info\"\n", |_, _| {});
    daemon.logged("listening");
    std::fs::write(daemon.path("gild.toml"), "log = \"gild=loud\"\n").expect("ours");
    daemon.signal(Signal::SIGHUP);
    let line = daemon.logged("not reloaded");
    assert!(line.contains("gild.toml:1: log: `gild=loud` is not a log filter"), "{line}");
    std::fs::write(daemon.path("gild.toml"), "log = \"info,hyper=warn\"\n").expect("ours");
    daemon.signal(Signal::SIGHUP);
    let line = daemon.logged("reloaded");
    assert!(line.contains("log: info -> info,hyper=warn"), "{line}");
    daemon.signal(Signal::SIGTERM);
    assert_eq!(daemon.wait().code(), Some(0));
}

#[test]
fn log_in_a_file_is_json_by_default_and_never_coloured() {
    let mut daemon = Operated::start("", |_, _| {});
    let line = daemon.logged("listening");
    assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
    let mut daemon = Operated::start("log-format = \"text\"\n", |_, _| {});
    let line = daemon.logged("listening");
    assert!(line.contains(" INFO ") && !line.contains('\u{1b}'), "{line}");
}

#[test]
fn second_signal_skips_the_drain_timeout() {
    let config = "listen = \"127.0.0.1:0\"\ninsecure-loopback = true\ndrain-timeout = \"90s\"\n";
    let mut daemon = Operated::start(config, |_, _| {});
    let line = daemon.logged("127.0.0.1:");
    let at = line.find("127.0.0.1:").expect("an address");
    let address = line[at..].split('"').next().expect("split yields one");
    let silent = std::net::TcpStream::connect(address).expect("it listens");
    // Connections are accepted in order: once a later one is answered, the silent one is the daemon's.
    let mut later = std::net::TcpStream::connect(address).expect("it listens");
    later.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").expect("sent");
    later.read_exact(&mut [0; 9]).expect("settings of the server");
    drop(later);
    let asked = Instant::now();
    daemon.signal(Signal::SIGTERM);
    daemon.logged("stopping");
    daemon.signal(Signal::SIGINT);
    assert_eq!(daemon.wait().code(), Some(1));
    assert!(asked.elapsed() < DRAIN_TIMEOUT_MAX, "it took {:?}", asked.elapsed());
    drop(silent);
}
