//! TLS and client certificates.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output};

use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

use crate::auth::fixtures::{Files, LOOPBACK, TOKEN, WRONG, certificates, get_lab};
use crate::daemon::{Daemon, PATIENCE, connect};

fn serve_tls(files: &Files, proof: &[&str]) -> Daemon {
    let (certificate, key) = (files.shown("server.pem"), files.shown("server-key.pem"));
    let tls = ["--tls-cert", &certificate, "--tls-key", &key];
    Daemon::start(&[&LOOPBACK[..], &tls, proof].concat())
}

/// A question over TLS, by a client with a certificate of that name.
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
async fn only_valid_certificate_of_known_authority_is_accepted() {
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
async fn port_with_tokens_and_authorities_accepts_either() {
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
async fn other_protocol_is_rejected_and_logged() {
    let files = Files::new();
    certificates(&files);
    let daemon = serve_tls(&files, &["--token-file", &files.tokens()]);
    say(&daemon, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    daemon.wait_for_log(&["\"audit\"", "refused", "TLS: "]);
    ask(&daemon, &files, "ca.pem", None, Some(TOKEN)).await.expect("others get in");
    let plain = Daemon::start(&[&LOOPBACK[..], &["--insecure-loopback"]].concat());
    ask(&plain, &files, "ca.pem", None, None).await.expect_err("it does not speak TLS");
    plain.wait_for_log(&["\"audit\"", "refused", "http:// instead of https://"]);
    assert_eq!(say(&plain, b"SSH-2.0-client\r\n"), b"");
    plain.wait_for_log(&["\"audit\"", "refused", "the client does not use HTTP"]);
    let channel = connect(plain.tcp.clone().expect("it listens")).await;
    get_lab(channel, None).await.expect("others get in");
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
async fn printed_commands_of_certs_work() {
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
