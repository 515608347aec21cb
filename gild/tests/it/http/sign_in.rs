//! Sign-in of browsers by token: the cookie, its flags, its end, and whose jobs it may change.

use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::auth::fixtures::{Files, LOOPBACK, TOKEN, WRONG, certificates};
use crate::daemon::Daemon;
use crate::http::client::{Answer, JSON, ask, connected, exchange, head};

/// A token of another owner.
const OTHER: &str = "00112233445566778899aabbccddeeff";
/// A sweep that takes no time.
const SWEEP: &str = r#"{"flags":{"strategy":["atomic"],"workers":["2"],"attempts":"3"}}"#;

fn daemon_with(files: &Files, tokens: &str) -> Daemon {
    let tokens = files.write("tokens", tokens, 0o600);
    Daemon::start(&[&LOOPBACK[..], &["--token-file", &tokens]].concat())
}

fn two_owners() -> String {
    format!("ci {TOKEN}\nother {OTHER}\n")
}

fn sign_in(daemon: &Daemon, token: &str) -> Answer {
    ask(daemon, "POST /session", &[JSON], &format!(r#"{{"token":"{token}"}}"#))
}

/// The cookie of a session with this token.
fn session(daemon: &Daemon, token: &str) -> String {
    let answer = sign_in(daemon, token);
    assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{answer:?}");
    answer.cookie().to_owned()
}

fn ask_as(daemon: &Daemon, cookie: &str, line: &str, body: &str) -> Answer {
    ask(daemon, line, &[JSON, ("cookie", cookie)], body)
}

#[test]
fn token_becomes_a_cookie_and_sign_out_ends_it() {
    let files = Files::new();
    let daemon = daemon_with(&files, &two_owners());
    let answer = sign_in(&daemon, TOKEN);
    let set = answer.header("set-cookie").expect("a cookie");
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(set.contains(flag), "{flag}: {set}");
    }
    assert!(!set.contains("Secure") && !set.contains(TOKEN), "{set}");
    let cookie = answer.cookie();
    let who = ask_as(&daemon, cookie, "GET /api/v1/session", "");
    assert_eq!(who.json()["owner"], "token ci", "{who:?}");
    let out = ask_as(&daemon, cookie, "DELETE /session", "");
    assert_eq!(out.status, 204, "{out:?}");
    assert!(out.header("set-cookie").is_some_and(|set| set.contains("Max-Age=0")), "{out:?}");
    ask_as(&daemon, cookie, "GET /api/v1/session", "").problem(401);
}

#[test]
fn sign_in_without_a_known_secret_is_refused() {
    let files = Files::new();
    let daemon = daemon_with(&files, &two_owners());
    for token in [WRONG, "", "ci"] {
        let refused = sign_in(&daemon, token);
        refused.problem(401);
        assert_eq!(refused.header("set-cookie"), None, "{refused:?}");
    }
    ask(&daemon, "POST /session", &[JSON], r#"{"code":"absent"}"#).problem(401);
    for body in ["", "{}", r#"{"password":"x"}"#, r#"{"token":7}"#] {
        ask(&daemon, "POST /session", &[JSON], body).problem(400);
    }
    ask_as(&daemon, "gild_session=guessed", "GET /api/v1/jobs", "").problem(401);
    let open = ask(&daemon, "GET /", &[], "");
    assert_eq!(open.status, 200, "the page itself holds nothing of the lab: {open:?}");
}

#[test]
fn session_ends_with_the_removal_of_its_token() {
    let files = Files::new();
    let daemon = daemon_with(&files, &two_owners());
    let (ours, others) = (session(&daemon, TOKEN), session(&daemon, OTHER));
    files.write("tokens", &format!("other {OTHER}\n"), 0o600);
    daemon.reload();
    daemon.wait_for_log(&["reloaded", "read again"]);
    ask_as(&daemon, &ours, "GET /api/v1/session", "").problem(401);
    let other = ask_as(&daemon, &others, "GET /api/v1/session", "");
    assert_eq!(other.json()["owner"], "token other", "{other:?}");
}

#[test]
fn cookie_of_one_owner_does_not_change_jobs_of_another() {
    let files = Files::new();
    let daemon = daemon_with(&files, &two_owners());
    let (ours, others) = (session(&daemon, TOKEN), session(&daemon, OTHER));
    let created = ask_as(&daemon, &ours, "POST /api/v1/sweeps", SWEEP);
    assert_eq!(created.status, 201, "{created:?}");
    let id = created.json()["sweep"]["id"].as_str().expect("an id").to_owned();
    for line in [
        format!("DELETE /api/v1/sweeps/{id}"),
        format!("POST /api/v1/sweeps/{id}/cancel"),
        format!("POST /api/v1/sweeps/{id}/resume"),
    ] {
        let problem = ask_as(&daemon, &others, &line, "").problem(403);
        assert_eq!(problem["code"], "PERMISSION_DENIED", "{line}: {problem}");
    }
    let path = format!("/api/v1/sweeps/{id}");
    let labels = r#"{"labels":["theirs"]}"#;
    ask_as(&daemon, &others, &format!("PATCH {path}"), labels).problem(403);
    let kept = ask_as(&daemon, &ours, &format!("GET {path}"), "");
    assert_eq!(kept.status, 200, "{kept:?}");
}

#[test]
fn log_holds_neither_token_nor_cookie() {
    let files = Files::new();
    let daemon = daemon_with(&files, &two_owners());
    let cookie = session(&daemon, TOKEN);
    sign_in(&daemon, WRONG).problem(401);
    ask(&daemon, "GET /api/v1/jobs", &[("authorization", "Bearer nothing")], "").problem(401);
    ask_as(&daemon, &cookie, "POST /api/v1/sweeps", SWEEP);
    daemon.wait_for_log(&["\"audit\"", "asked", "token ci", "POST /api/v1/sweeps"]);
    let (log, (_, secret)) = (daemon.log(), cookie.split_once('=').expect("a pair"));
    for kept in [TOKEN, WRONG, secret] {
        assert!(!log.contains(kept), "{log}");
    }
}

#[test]
fn cookie_over_tls_is_for_encrypted_connections_only() {
    let files = Files::new();
    certificates(&files);
    let (certificate, key) = (files.shown("server.pem"), files.shown("server-key.pem"));
    let tokens = files.tokens();
    let tls = ["--tls-cert", &certificate, "--tls-key", &key, "--token-file", &tokens];
    let daemon = Daemon::start(&[&LOOPBACK[..], &tls].concat());
    let body = format!(r#"{{"token":"{TOKEN}"}}"#);
    let length = body.len().to_string();
    let fixed = [JSON, ("connection", "close"), ("content-length", length.as_str())];
    let request = head(&daemon.port(), "POST /session", &fixed) + &body;
    let answer = exchange(encrypted(&daemon, &files), &request);
    assert_eq!(answer.status, 204, "{answer:?}");
    let set = answer.header("set-cookie").expect("a cookie");
    assert!(set.ends_with("; Secure"), "{set}");
}

/// A TLS connection of HTTP/1.1, as a browser's.
fn encrypted(daemon: &Daemon, files: &Files) -> StreamOwned<ClientConnection, std::net::TcpStream> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(files.path("ca.pem")).expect("it was made");
    roots.add(authority).expect("a certificate");
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a configuration");
    StreamOwned::new(client, connected(&daemon.port()))
}
