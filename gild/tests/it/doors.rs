//! Who may come in: tokens, certificates, and the flags that open doors. Whoever is refused stands
//! in the log; tokens and keys do not.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proto::v1::GetLabRequest;
use proto::v1::lab_service_client::LabServiceClient;
use proto::v1::sweep_service_client::SweepServiceClient;
use rcgen::{CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use tempfile::TempDir;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;

use crate::daemon::{Daemon, PATIENCE, command, connect, create, spec};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const WRONG: &str = "fedcba9876543210fedcba9876543210";
const NEAR: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// A directory with files of our own.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn shown(&self, name: &str) -> String {
        self.path(name).to_str().expect("text").to_owned()
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> String {
        std::fs::write(self.path(name), text).expect("space");
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.path(name), permissions).expect("it is ours");
        self.shown(name)
    }

    fn tokens(&self) -> String {
        self.write("tokens", &format!("# of the tests\nci {TOKEN}\n"), 0o600)
    }

    fn pem(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("it was made")
    }
}

fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let header = format!("Bearer {token}").parse().expect("plain text");
    request.metadata_mut().insert("authorization", header);
    request
}

async fn get_lab(channel: Channel, token: Option<&str>) -> Result<(), Status> {
    let request = match token {
        Some(token) => with_token(GetLabRequest {}, token),
        None => Request::new(GetLabRequest {}),
    };
    LabServiceClient::new(channel).get_lab(request).await.map(drop)
}

#[tokio::test]
async fn a_token_opens_the_port_and_nothing_else_does() {
    let files = Files::new();
    let tokens = files.tokens();
    let daemon = Daemon::start(&[&NEAR[..], &["--token-file", &tokens]].concat());
    let channel = connect(daemon.tcp.clone().expect("it listens")).await;
    for (token, reason) in [
        (None, "nobody comes in without showing who it is"),
        (Some(WRONG), "the token is not known here"),
        (Some(""), "the token is not known here"),
    ] {
        let status = get_lab(channel.clone(), token).await.expect_err("refused");
        assert_eq!(status.code(), Code::Unauthenticated);
        assert_eq!(status.message(), format!("{reason}; gilctl --token-file FILE"));
    }
    get_lab(channel.clone(), Some(TOKEN)).await.expect("let in");
    let request = with_token(
        proto::v1::CreateSweepRequest { spec: Some(spec("atomic", 1)), ..Default::default() },
        TOKEN,
    );
    SweepServiceClient::new(channel.clone()).create_sweep(request).await.expect("planned");
    daemon.wait_for_log(&["\"audit\"", "asked", "token ci", "CreateSweep", "Ok"]);
    daemon.wait_for_log(&["\"audit\"", "refused", "127.0.0.1", "the token is not known here"]);
    let log = daemon.log();
    assert!(!log.contains(TOKEN) && !log.contains(WRONG), "{log}");
    get_lab(daemon.channel().await, None).await.expect("the socket needs no token");
}

#[tokio::test]
async fn without_a_token_one_may_ask_how_the_daemon_is_and_nothing_more() {
    let files = Files::new();
    let daemon = Daemon::start(&[&NEAR[..], &["--token-file", &files.tokens()]].concat());
    let channel = connect(daemon.tcp.clone().expect("it listens")).await;
    let request = HealthCheckRequest::default();
    let mut health = HealthClient::new(channel.clone());
    health.check(request.clone()).await.expect("health is open");
    let status = health.watch(request).await.expect_err("a stream is kept for nobody");
    assert_eq!(status.code(), Code::Unauthenticated);
    let questions = tokio_stream::once(ServerReflectionRequest::default());
    let status = ServerReflectionClient::new(channel).server_reflection_info(questions).await;
    assert_eq!(status.expect_err("refused").code(), Code::Unauthenticated);
}

#[tokio::test]
async fn whoever_guesses_tokens_has_to_wait_and_their_holders_have_not() {
    let files = Files::new();
    let daemon = Daemon::start(&[&NEAR[..], &["--token-file", &files.tokens()]].concat());
    let channel = connect(daemon.tcp.clone().expect("it listens")).await;
    let mut code = Code::Unauthenticated;
    for _ in 0..100_000 {
        code = get_lab(channel.clone(), Some(WRONG)).await.expect_err("refused").code();
        if code != Code::Unauthenticated {
            break;
        }
    }
    assert_eq!(code, Code::ResourceExhausted);
    get_lab(channel, Some(TOKEN)).await.expect("let in");
    assert!(!daemon.log().contains(WRONG));
}

#[tokio::test]
async fn the_audit_log_knows_users_and_processes_of_the_socket() {
    let daemon = Daemon::start(&[]);
    let mut sweeps = daemon.sweeps().await;
    create(&mut sweeps, spec("atomic", 1)).await;
    let who = format!("uid {} pid {}", nix::unistd::getuid(), std::process::id());
    let owner = format!("user {}", nix::unistd::getuid());
    daemon.wait_for_log(&["\"audit\"", "came in", &who, &owner, "CreateSweep"]);
    daemon.wait_for_log(&["\"audit\"", "asked", &who, &owner, "CreateSweep"]);
    let request = proto::v1::CancelSweepRequest { name: "sweeps/nobody".into() };
    sweeps.cancel_sweep(request).await.expect_err("unknown");
    daemon.wait_for_log(&["asked", "CancelSweep", "NotFound"]);
}

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
fn doors_that_contradict_themselves_are_exit_2() {
    refuses(&NEAR, 2, "--listen: 127.0.0.1:0 is open to every account of this machine; add");
    refuses(&["--listen", "0.0.0.0:0"], 2, "--listen: 0.0.0.0:0 is beyond loopback");
    let far = ["--listen", "0.0.0.0:0", "--insecure-loopback"];
    refuses(&far, 2, "--insecure-loopback: true is for loopback");
    refuses(&["--token-file", "x"], 2, "--token-file: x is about a port, and there is none");
}

#[test]
fn files_that_open_nothing_are_exit_78() {
    let files = Files::new();
    let with = |flag: &str, path: &str| {
        let arguments = [&NEAR[..], &[flag, path]].concat();
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
    let tls =
        [&NEAR[..], &["--token-file", &tokens, "--tls-cert", &nonsense, "--tls-key", &nonsense]];
    refuses(&tls.concat(), 78, "nonsense: holds no certificate; name a PEM file");
}

/// An authority with the files of a server and of clients, one of them too late.
fn certificates(files: &Files) {
    let named = |name: &str, hosts: &[&str]| {
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        let mut parameters = CertificateParams::new(hosts).expect("hosts");
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters
    };
    let key = || KeyPair::generate().expect("randomness");
    let authority = |name: &str| {
        let mut parameters = named(name, &[]);
        parameters.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(parameters, key()).expect("it signs")
    };
    let (ours, others) = (authority("ours"), authority("others"));
    files.write("ca.pem", &ours.pem(), 0o644);
    files.write("other-ca.pem", &others.pem(), 0o644);
    let mut late = named("late", &[]);
    late.not_after = rcgen::date_time_ymd(2001, 1, 1);
    let mut late_server = named("late server", &["localhost"]);
    late_server.not_after = rcgen::date_time_ymd(2001, 1, 1);
    for (file, mut parameters, usage, issuer) in [
        ("server", named("server", &["localhost"]), ExtendedKeyUsagePurpose::ServerAuth, &ours),
        ("late-server", late_server, ExtendedKeyUsagePurpose::ServerAuth, &ours),
        ("anna", named("anna", &[]), ExtendedKeyUsagePurpose::ClientAuth, &ours),
        ("late", late, ExtendedKeyUsagePurpose::ClientAuth, &ours),
        ("stranger", named("stranger", &[]), ExtendedKeyUsagePurpose::ClientAuth, &others),
    ] {
        let key = key();
        parameters.extended_key_usages = vec![usage];
        let certificate = parameters.signed_by(&key, issuer).expect("it signs");
        files.write(&format!("{file}.pem"), &certificate.pem(), 0o644);
        files.write(&format!("{file}-key.pem"), &key.serialize_pem(), 0o600);
    }
}

fn serve_tls(files: &Files, proof: &[&str]) -> Daemon {
    let (certificate, key) = (files.shown("server.pem"), files.shown("server-key.pem"));
    let tls = ["--tls-cert", &certificate, "--tls-key", &key];
    Daemon::start(&[&NEAR[..], &tls, proof].concat())
}

/// A question over TLS, by whoever has a certificate of that name.
async fn ask(
    daemon: &Daemon,
    files: &Files,
    authority: &str,
    identity: Option<&str>,
    token: Option<&str>,
) -> Result<(), String> {
    let authority = Certificate::from_pem(files.pem(authority));
    let mut tls = ClientTlsConfig::new().ca_certificate(authority).domain_name("localhost");
    if let Some(name) = identity {
        let key = files.pem(&format!("{name}-key.pem"));
        tls = tls.identity(Identity::from_pem(files.pem(&format!("{name}.pem")), key));
    }
    let address = format!("https://{}", daemon.port());
    let endpoint = Endpoint::from_shared(address).expect("an address").timeout(PATIENCE);
    let endpoint = endpoint.tls_config(tls).expect("good files");
    let channel = endpoint.connect().await.map_err(|error| format!("{error:?}"))?;
    get_lab(channel, token).await.map_err(|status| format!("{status:?}"))
}

#[tokio::test]
async fn certificates_open_the_port_if_their_authority_is_known_and_their_time_is_not_over() {
    let files = Files::new();
    certificates(&files);
    let daemon = serve_tls(&files, &["--client-ca", &files.shown("ca.pem")]);
    let ask = async |authority, identity| ask(&daemon, &files, authority, identity, None).await;
    ask("ca.pem", Some("anna")).await.expect("let in");
    daemon.wait_for_log(&["\"audit\"", "came in", "certificate anna", "GetLab"]);
    let error = ask("ca.pem", Some("late")).await.expect_err("expired");
    assert!(error.contains("CertificateExpired"), "{error}");
    daemon.wait_for_log(&["\"audit\"", "refused", "TLS: ", "xpired"]);
    let error = ask("ca.pem", Some("stranger")).await.expect_err("an unknown authority");
    assert!(error.contains("UnknownCA") || error.contains("DecryptError"), "{error}");
    daemon.wait_for_log(&["\"audit\"", "refused", "TLS: ", "UnknownIssuer"]);
    let error = ask("ca.pem", None).await.expect_err("no certificate");
    assert!(error.contains("CertificateRequired"), "{error}");
    daemon.wait_for_log(&["\"audit\"", "refused", "TLS: ", "no certificates"]);
    let error = ask("other-ca.pem", Some("anna")).await.expect_err("not its authority");
    assert!(error.contains("UnknownIssuer"), "{error}");
    daemon.wait_for_log(&["\"audit\"", "refused", "TLS: ", "UnknownCA"]);
    let log = daemon.log();
    for line in files.pem("server-key.pem").lines().chain(files.pem("anna-key.pem").lines()) {
        assert!(!log.contains(line), "{log}");
    }
}

#[tokio::test]
async fn a_token_or_a_certificate_opens_a_port_that_takes_either() {
    let files = Files::new();
    certificates(&files);
    let (ca, tokens) = (files.shown("ca.pem"), files.tokens());
    let daemon = serve_tls(&files, &["--client-ca", &ca, "--token-file", &tokens]);
    let ask = async |identity, token| ask(&daemon, &files, "ca.pem", identity, token).await;
    ask(Some("anna"), None).await.expect("a certificate");
    ask(None, Some(TOKEN)).await.expect("a token");
    let error = ask(None, None).await.expect_err("neither");
    assert!(error.contains("gilctl --token-file FILE, or --cert FILE --key FILE"), "{error}");
    ask(Some("anna"), Some(WRONG)).await.expect_err("a wrong token is wrong");
}

/// What the daemon answers to these bytes until it closes the connection.
fn say(daemon: &Daemon, bytes: &[u8]) -> Vec<u8> {
    let mut stream = std::net::TcpStream::connect(daemon.port()).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    stream.write_all(bytes).expect("it is open");
    let mut answer = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[tokio::test]
async fn whoever_speaks_another_language_is_told_so_in_the_log() {
    let files = Files::new();
    certificates(&files);
    let daemon = serve_tls(&files, &["--token-file", &files.tokens()]);
    say(&daemon, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    daemon.wait_for_log(&["\"audit\"", "refused", "TLS: "]);
    ask(&daemon, &files, "ca.pem", None, Some(TOKEN)).await.expect("others get in");
    let plain = Daemon::start(&[&NEAR[..], &["--insecure-loopback"]].concat());
    ask(&plain, &files, "ca.pem", None, None).await.expect_err("it does not speak TLS");
    plain.wait_for_log(&["\"audit\"", "refused", "http:// instead of https://"]);
    assert_eq!(say(&plain, b"GET / HTTP/1.1\r\n\r\n"), b"");
    plain.wait_for_log(&["\"audit\"", "refused", "it does not speak HTTP/2"]);
    let channel = connect(plain.tcp.clone().expect("it listens")).await;
    get_lab(channel, None).await.expect("others get in");
}

#[test]
fn a_certificate_whose_time_is_over_is_exit_78() {
    let files = Files::new();
    certificates(&files);
    let (late, key) = (files.shown("late-server.pem"), files.shown("late-server-key.pem"));
    let (tokens, other_key) = (files.tokens(), files.shown("anna-key.pem"));
    let tls = |key| {
        [&NEAR[..], &["--token-file", &tokens, "--tls-cert", &late, "--tls-key", key]].concat()
    };
    refuses(&tls(&key), 78, "late-server.pem: is valid from ");
    let server = files.shown("server.pem");
    let pair = ["--token-file", &tokens, "--tls-cert", &server, "--tls-key", &other_key];
    refuses(&[&NEAR[..], &pair].concat(), 78, "anna-key.pem: does not fit");
}

fn certs(out: &Path, names: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gild"));
    command.arg("certs").arg("--out").arg(out);
    if !names.is_empty() {
        command.arg("--name").args(names);
    }
    command.output().expect("it runs")
}

#[tokio::test]
async fn certificates_for_trials_work_as_they_are_printed() {
    let files = Files::new();
    let out = files.path("certs");
    let made = certs(&out, &["localhost", "127.0.0.1"]);
    let said = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(made.status.success(), "{made:?}");
    let serve = said.lines().next().expect("three commands");
    let arguments: Vec<_> = serve.split(' ').skip(2).collect();
    // The port of the printed command may be taken here.
    let arguments: Vec<_> = arguments
        .iter()
        .map(|word| if word.ends_with(":7878") { "127.0.0.1:0" } else { word })
        .collect();
    let daemon = Daemon::start(&arguments);
    let inside = Files(files.0);
    for name in ["ca.pem", "client.pem", "client-key.pem"] {
        std::fs::copy(out.join(name), inside.path(name)).expect("it was made");
    }
    ask(&daemon, &inside, "ca.pem", Some("client"), None).await.expect("let in");
    daemon.wait_for_log(&["came in", "certificate gild client"]);
    let again = certs(&out, &[]);
    assert_eq!(again.status.code(), Some(73));
    assert!(String::from_utf8_lossy(&again.stderr).contains("ca.pem"), "{again:?}");
    let bad = certs(&inside.path("new"), &["https://lab"]);
    assert_eq!(bad.status.code(), Some(2), "{bad:?}");
}

#[test]
fn a_directory_that_others_write_is_exit_73() {
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
async fn a_shared_socket_is_its_groups() {
    let group = nix::unistd::Group::from_gid(nix::unistd::getgid()).expect("it answers");
    let daemon = Daemon::start(&["--socket-group", &group.expect("it has a name").name]);
    let mode =
        |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let socket = daemon.socket();
    assert_eq!(mode(&socket), 0o660);
    assert_eq!(mode(socket.parent().expect("a directory")), 0o750);
    get_lab(daemon.channel().await, None).await.expect("let in");
}
