//! `gilctl ui` where no daemon has a port: the page of the lab inside gilctl, and of a daemon on a Unix
//! socket, over real sockets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use engine::python::registry::Interpreters;
use gild::lab::Lab;
use gild::server::endpoint::ListenConfig;
use gild::server::serve::Bound;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);
/// A sweep that takes no time.
const SWEEP: &str = r#"{"flags":{"strategy":["atomic"],"workers":["2"],"attempts":"3"}}"#;

/// A page that gilctl serves.
struct OwnPage {
    home: TempDir,
    gilctl: Child,
    /// `127.0.0.1:PORT`.
    place: String,
    code: String,
}

fn gilctl(home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gilctl"));
    command.args(arguments).env_remove("GILCTL_SERVER").stdin(Stdio::null());
    for variable in ["XDG_RUNTIME_DIR", "XDG_DATA_HOME"] {
        command.env(variable, home.path());
    }
    command
}

impl OwnPage {
    fn start(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let mut command = gilctl(&home, &[&["ui", "--no-open"], arguments].concat());
        let mut gilctl =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("gilctl runs");
        let mut line = String::new();
        let stdout = gilctl.stdout.as_mut().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("an address");
        let (place, code) = line.trim().split_once("/#code=").expect("an address with a code");
        let place = place.strip_prefix("http://").expect("a URL").to_owned();
        Self { home, gilctl, place, code: code.to_owned() }
    }

    /// The status, the head and the body of an answer.
    fn ask(&self, line: &str, headers: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.place).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        let host = if headers.contains("host: ") { "" } else { "host: localhost\r\n" };
        let length = body.len();
        let head = format!(
            "{line} HTTP/1.1\r\n{host}{headers}connection: close\r\ncontent-length: {length}\r\n\
             content-type: application/json\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).expect("it listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a status"), head.to_owned(), body.to_owned())
    }

    /// The header with the cookie of a browser that signs in with this code.
    fn sign_in(&self) -> String {
        let body = format!(r#"{{"code":"{}"}}"#, self.code);
        let (status, head, said) = self.ask("POST /session", "", &body);
        assert_eq!(status, 204, "{head} {said}");
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let pair = cookie.and_then(|cookie| cookie.split(';').next()).expect("a cookie");
        let (again, _, _) = self.ask("POST /session", "", &body);
        assert_eq!(again, 401, "a code works once: {pair}");
        pair.to_owned()
    }

    /// Ends it as Ctrl-C does; its exit code, and what it said.
    fn interrupt(mut self) -> (Option<i32>, String, TempDir) {
        let pid = i32::try_from(self.gilctl.id()).expect("a process id");
        kill(Pid::from_raw(pid), Signal::SIGINT).expect("it runs");
        let mut said = String::new();
        self.gilctl.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
        let code = self.gilctl.wait().expect("it ends").code();
        let home = std::mem::replace(&mut self.home, tempfile::tempdir().expect("a directory"));
        (code, said, home)
    }
}

impl Drop for OwnPage {
    fn drop(&mut self) {
        let _ = self.gilctl.kill();
        let _ = self.gilctl.wait();
    }
}

/// Runs a sweep on the page, and follows its events to their end.
fn sweep(page: &OwnPage, cookie: &str) {
    let (status, _, created) = page.ask("POST /api/v1/sweeps", cookie, SWEEP);
    assert_eq!(status, 201, "{created}");
    let start = created.find('{').expect("a document");
    let end = created.rfind('}').expect("a document");
    let created: Value = serde_json::from_str(&created[start..=end]).expect("JSON");
    let id = created["sweep"]["id"].as_str().expect("an id");
    let (status, _, events) = page.ask(&format!("GET /api/v1/sweeps/{id}/events"), cookie, "");
    assert_eq!(status, 200, "{events}");
    assert!(events.contains("event: end") && events.contains("event: close"), "{events}");
}

#[test]
fn lab_without_a_daemon_serves_its_page_until_ctrl_c() {
    let page = OwnPage::start(&[]);
    for path in ["/api/v1/jobs", "/api/v1/session", "/metrics"] {
        let (status, _, said) = page.ask(&format!("GET {path}"), "", "");
        assert_eq!(status, 401, "{path}: {said}");
        assert!(said.contains("gilctl ui"), "{said}");
    }
    assert_eq!(page.ask("GET /", "", "").0, 200);
    assert_eq!(page.ask("GET /", "host: evil.example\r\n", "").0, 403);
    let cookie = format!("cookie: {}\r\n", page.sign_in());
    sweep(&page, &cookie);
    let (code, said, home) = page.interrupt();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("until Ctrl-C") && said.contains("the page is closed"), "{said}");
    let listed = gilctl(&home, &["list"]).output().expect("gilctl runs");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("SUCCEEDED"), "the history has what the page ran: {listed}");
}

#[test]
fn daemon_without_a_port_has_its_page_on_a_port_of_gilctl() {
    let directory = tempfile::tempdir().expect("a directory");
    let socket = directory.path().join("private/gild.sock");
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let bound = Bound::bind(&socket, &ListenConfig::default()).await.expect("a socket");
        let lab = Lab::temporary(Interpreters::default()).expect("a lab");
        tokio::spawn(bound.serve(lab, std::future::pending()));
    });
    let page = OwnPage::start(&["--server", &format!("unix://{}", socket.display())]);
    assert_eq!(page.ask("GET /api/v1/jobs", "", "").0, 401);
    let cookie = format!("cookie: {}\r\n", page.sign_in());
    let (status, _, who) = page.ask("GET /api/v1/session", &cookie, "");
    assert!(status == 200 && who.contains("user "), "the daemon knows gilctl's user: {who}");
    sweep(&page, &cookie);
    drop(runtime);
    let (status, _, said) = page.ask("GET /api/v1/jobs", &cookie, "");
    assert_eq!(status, 503, "{said}");
    let (code, said, _) = page.interrupt();
    assert_eq!(code, Some(0), "{said}");
}
