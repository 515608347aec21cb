//! Tokens and certificates against a real lab that requires them.

use engine::python::registry::Interpreters;
use gild::daemon::certs::{CertsFlags, make};
use gild::lab::Lab;
use gild::server::auth::credentials::Credentials;
use gild::server::endpoint::ListenFlags;
use gild::server::serve::Bound;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::server::outcome;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

const OTHER: &str = "00112233445566778899aabbccddeeff";

const WRONG: &str = "fedcba9876543210fedcba9876543210";

/// A directory with a token and certificates, and a lab server that requires them.
struct SecuredServer {
    directory: TempDir,
    port: u16,
    credentials: Credentials,
    _runtime: Runtime,
}

fn write(path: PathBuf, text: &str) -> PathBuf {
    std::fs::write(&path, text).expect("space");
    let permissions = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&path, permissions).expect("it is ours");
    path
}

fn make_certificates(out: &Path) {
    let flags = CertsFlags { out: out.to_owned(), name: vec!["localhost".into()] };
    make(&flags).expect("there are none yet");
}

impl SecuredServer {
    /// A server with the listen flags that `flags` makes from its directory.
    fn open(flags: impl FnOnce(&Path) -> ListenFlags) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        write(directory.path().join("tokens"), &format!("ci {TOKEN}\n"));
        write(directory.path().join("two"), &format!("ci {TOKEN}\nother {OTHER}\n"));
        write(directory.path().join("wrong"), WRONG);
        make_certificates(&directory.path().join("ours"));
        make_certificates(&directory.path().join("others"));
        let runtime = Runtime::new().expect("a runtime");
        let anywhere = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        let doors = flags(directory.path()).into_config(anywhere).expect("no contradiction");
        let socket = directory.path().join("private/gild.sock");
        let (port, credentials) = runtime.block_on(async {
            let bound = Bound::bind(&socket, &doors).await.expect("sockets");
            let (address, credentials) = (bound.tcp_address(), bound.credentials());
            let lab = Lab::temporary(Interpreters::default()).expect("a lab");
            tokio::spawn(bound.serve(lab, std::future::pending()));
            (address.expect("a port").port(), credentials)
        });
        Self { directory, port, credentials, _runtime: runtime }
    }

    fn file(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().expect("text").to_owned()
    }

    /// Exit code, stdout and stderr of gilctl with that token.
    fn gilctl(&self, token: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
        let url = format!("http://localhost:{}", self.port);
        let mut command = Command::new(env!("CARGO_BIN_EXE_gilctl"));
        command.args(arguments).args(["--server", &url]).env("GILCTL_TOKEN", token);
        outcome(&command.stdin(Stdio::null()).output().expect("gilctl runs"))
    }

    /// Exit code and stderr of `gilctl list`.
    fn list(
        &self,
        scheme: &str,
        flags: &[(&str, &str)],
        token: Option<&str>,
    ) -> (Option<i32>, String) {
        let url = format!("{scheme}://localhost:{}", self.port);
        let mut command = Command::new(env!("CARGO_BIN_EXE_gilctl"));
        command.args(["list", "--server", &url]);
        for name in ["GILCTL_TOKEN", "GILCTL_TOKEN_FILE", "GILCTL_CA", "GILCTL_CERT", "GILCTL_KEY"]
        {
            command.env_remove(name);
        }
        for (flag, file) in flags {
            command.args([flag, &*self.file(file)]);
        }
        if let Some(token) = token {
            command.env("GILCTL_TOKEN", token);
        }
        let output = command.output().expect("gilctl runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains(TOKEN) && !said.contains(WRONG), "{said}");
        (output.status.code(), said)
    }
}

#[track_caller]
fn denied((code, said): (Option<i32>, String), message: &str) {
    assert_eq!(code, Some(77), "{said}");
    assert!(said.contains(message), "{said}");
}

#[track_caller]
fn accepted((code, said): (Option<i32>, String)) {
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn token_is_accepted_until_it_is_revoked() {
    let server = SecuredServer::open(|at| ListenFlags {
        token_file: Some(at.join("tokens")),
        ..ListenFlags::default()
    });
    accepted(server.list("http", &[("--token-file", "tokens")], None));
    accepted(server.list("http", &[], Some(TOKEN)));
    accepted(server.list("http", &[("--token-file", "tokens")], Some(WRONG)));
    denied(server.list("http", &[], None), "not authenticated; gilctl --token-file FILE");
    denied(server.list("http", &[("--token-file", "wrong")], None), "the token is not known here");
    write(server.directory.path().join("tokens"), &format!("ci {WRONG}"));
    server.credentials.reload().expect("a good file");
    denied(server.list("http", &[], Some(TOKEN)), "the token is not known here");
    accepted(server.list("http", &[], Some(WRONG)));
}

#[test]
fn latest_and_prune_mean_the_callers_own_jobs() {
    let server = SecuredServer::open(|at| ListenFlags {
        token_file: Some(at.join("two")),
        ..ListenFlags::default()
    });
    let sweep = |token: &str| {
        let arguments = ["sweep", "--strategy", "atomic", "--attempts", "1", "--output", "ndjson"];
        let (code, out, err) = server.gilctl(token, &arguments);
        assert_eq!(code, Some(0), "{err}");
        let line: serde_json::Value =
            serde_json::from_str(out.lines().next().expect("a line")).expect("JSON");
        line["id"].as_str().expect("an id").to_owned()
    };
    let show = |token, flags: &[&str]| {
        let (_, out, err) =
            server.gilctl(token, &[&["show", "latest", "--output", "json"], flags].concat());
        let document: serde_json::Value = serde_json::from_str(&out).expect(&err);
        document["sweep"]["id"].as_str().map(str::to_owned)
    };
    let (own, others) = (sweep(TOKEN), sweep(OTHER));
    assert_eq!(show(TOKEN, &[]), Some(own.clone()));
    assert_eq!(show(OTHER, &[]), Some(others.clone()));
    assert_eq!(show(TOKEN, &["--all"]), Some(others.clone()));
    let (code, _, err) = server.gilctl(TOKEN, &["delete", "latest", "--all", "--yes"]);
    assert_eq!(code, Some(77), "{err}");
    assert!(err.contains("belongs to token other; nothing was deleted"), "{err}");
    let (code, out, err) = server.gilctl(TOKEN, &["prune", "--keep-newest", "0", "--yes"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains(&own[20..]) && !out.contains(&others[20..]), "{out}");
    assert_eq!(show(OTHER, &[]), Some(others));
}

fn tls(at: &Path) -> ListenFlags {
    ListenFlags {
        tls_cert: Some(at.join("ours/server.pem")),
        tls_key: Some(at.join("ours/server-key.pem")),
        client_ca: Some(at.join("ours/ca.pem")),
        ..ListenFlags::default()
    }
}

const CA: (&str, &str) = ("--ca", "ours/ca.pem");

const CERTIFICATE: [(&str, &str); 2] =
    [("--cert", "ours/client.pem"), ("--key", "ours/client-key.pem")];

#[test]
fn known_certificate_is_accepted_and_others_get_a_reason() {
    let server = SecuredServer::open(tls);
    let [certificate, key] = CERTIFICATE;
    accepted(server.list("https", &[CA, certificate, key], None));
    // The daemon's alert arrives while connecting, whose reasons name its address, or with the answer.
    denied(server.list("https", &[CA], None), " asks for a certificate; add --cert");
    let other = [("--cert", "others/client.pem"), ("--key", "others/client-key.pem")];
    let refused = server.list("https", &[CA, other[0], other[1]], None);
    denied(refused, " does not know the authority of our certificate");
    let distrusted = server.list("https", &[("--ca", "others/ca.pem"), certificate, key], None);
    denied(distrusted, "no authority of --ca vouches for the daemon's certificate");
    let (code, said) = server.list("http", &[], None);
    assert_eq!(code, Some(69), "{said}");
}

#[test]
fn reloaded_certificates_apply_to_new_connections() {
    let server = SecuredServer::open(tls);
    for name in ["ca.pem", "server.pem", "server-key.pem"] {
        std::fs::copy(server.file(&format!("others/{name}")), server.file(&format!("ours/{name}")))
            .expect("space");
    }
    let others = [
        ("--ca", "others/ca.pem"),
        ("--cert", "others/client.pem"),
        ("--key", "others/client-key.pem"),
    ];
    denied(server.list("https", &others, None), "vouches for the daemon's certificate");
    assert_eq!(server.credentials.reload().expect("good files").len(), 3);
    accepted(server.list("https", &others, None));
    std::fs::write(server.file("ours/server.pem"), "nonsense").expect("space");
    let error = server.credentials.reload().expect_err("no certificate").to_string();
    assert!(error.contains("server.pem: holds no certificate"), "{error}");
    accepted(server.list("https", &others, None));
}

#[test]
fn tls_to_a_plain_server_is_unreachable() {
    let server =
        SecuredServer::open(|_| ListenFlags { insecure_loopback: true, ..ListenFlags::default() });
    let (code, said) = server.list("https", &[CA], None);
    assert_eq!(code, Some(69), "{said}");
    accepted(server.list("http", &[], None));
}
