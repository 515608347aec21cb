//! Fake server: its behaviour, its port, and gilctl as a client of it.

use nix::pty::openpty;
use prost::Message;
use proto::encoded::Part;
use proto::parts::{Cut, split};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio_stream::{Iter, Stream, StreamExt as _};
use tonic::transport::server::{Router, TcpIncoming};
use tonic::{Response, Status};

/// How a fake server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerBehavior {
    /// Answers every call and sends every event.
    Serves,
    /// Ends each stream with an error after this many events.
    DropsAfter(usize),
    /// Answers every stream with UNAVAILABLE.
    Unavailable,
    /// Sends two events, and the others once it was asked to cancel.
    WaitsForCancel,
    /// Sends two events and then nothing.
    Hangs,
    /// Refuses what is to be created.
    Refuses,
}

/// The stream of `messages` under a behaviour; `cancels` counts the calls that cancel.
pub(crate) fn scripted_stream<T: Clone + Send + 'static>(
    behavior: ServerBehavior,
    messages: Vec<T>,
    cancels: &Arc<AtomicU32>,
) -> Result<MessageStream<T>, Status> {
    let messages: Vec<_> = messages.into_iter().map(Ok).collect();
    Ok(match behavior {
        ServerBehavior::Serves | ServerBehavior::Refuses => Box::pin(tokio_stream::iter(messages)),
        ServerBehavior::DropsAfter(most) => {
            let cut = Err(Status::unavailable("reattach later"));
            Box::pin(tokio_stream::iter(messages.into_iter().take(most).chain([cut])))
        }
        ServerBehavior::Hangs => {
            Box::pin(tokio_stream::iter(messages).take(2).chain(tokio_stream::pending()))
        }
        ServerBehavior::Unavailable => return Err(Status::unavailable("gone")),
        ServerBehavior::WaitsForCancel => {
            let cancels = Arc::clone(cancels);
            let beginning = tokio_stream::iter(messages.clone()).take(2);
            let end = tokio_stream::iter(messages.into_iter().skip(2));
            let end = end.then(move |message| until_cancelled(Arc::clone(&cancels), message));
            Box::pin(beginning.chain(end))
        }
    })
}

/// Most bytes of a part: so few that answers of a few lines come in several.
const PART_BYTES: usize = 64;

/// A response in parts.
pub(crate) type PartStream = Iter<std::vec::IntoIter<Result<Part, Status>>>;

/// A response in parts, cut also in these fields.
pub(crate) fn in_parts<T: Message>(whole: &Response<T>, cuts: &[Cut]) -> Response<PartStream> {
    let parts = split(&whole.get_ref().encode_to_vec().into(), cuts, PART_BYTES);
    let parts = parts.expect("a message").into_iter().map(|part| Ok(Part { part: Some(part) }));
    Response::new(tokio_stream::iter(parts.collect::<Vec<_>>()))
}

/// Messages of a stream.
pub(crate) type MessageStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

pub(crate) async fn until_cancelled<T>(cancels: Arc<AtomicU32>, item: T) -> T {
    while cancels.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    item
}

/// Serves on a free port as long as the runtime lives.
pub(crate) fn serve(router: Router) -> (tokio::runtime::Runtime, String) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let incoming = runtime.block_on(async { TcpIncoming::bind(any_port).expect("a free port") });
    let url = format!("http://{}", incoming.local_addr().expect("bound"));
    runtime.spawn(router.serve_with_incoming(incoming));
    (runtime, url)
}

pub(crate) fn command(url: &str, arguments: &[&str]) -> Command {
    piped(Command::new(env!("CARGO_BIN_EXE_gilctl")), url, arguments)
}

/// gilctl with the default effects of signals, whatever the tests were started with: under `nohup` they
/// and their children ignore SIGHUP.
pub(crate) fn command_with_default_signals(url: &str, arguments: &[&str]) -> Command {
    let mut env = Command::new("env");
    env.args(["--default-signal", env!("CARGO_BIN_EXE_gilctl")]);
    piped(env, url, arguments)
}

fn piped(mut command: Command, url: &str, arguments: &[&str]) -> Command {
    command.args(arguments).env("GILCTL_SERVER", url);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs gilctl with a terminal as stdin, on which a text was typed: exit code, stderr.
pub(crate) fn typed_on_terminal(mut gilctl: Command, text: &str) -> (Option<i32>, String) {
    let terminal = openpty(None, None).expect("a terminal");
    let mut keyboard = File::from(terminal.master);
    keyboard.write_all(text.as_bytes()).expect("it is typed");
    let output = gilctl.stdin(terminal.slave).output().expect("gilctl runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Exit code, stdout, stderr.
pub(crate) fn outcome(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Sends Ctrl-C as [`signal`] does.
pub(crate) fn interrupt(gilctl: Command, times: u32) -> (Option<i32>, String, String) {
    signal(gilctl, "INT", times)
}

/// Sends a signal as soon as the first line on stdout shows that gilctl follows, and again after each
/// line that it then writes to stderr, `times` in all. Exit code, stdout, stderr.
pub(crate) fn signal(mut gilctl: Command, name: &str, times: u32) -> (Option<i32>, String, String) {
    let mut child = gilctl.spawn().expect("gilctl runs");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut err = BufReader::new(child.stderr.take().expect("piped"));
    let (mut printed, mut hinted) = (String::new(), String::new());
    out.read_line(&mut printed).expect("a line");
    for _ in 0..times {
        let signal = [format!("-{name}"), child.id().to_string()];
        assert!(Command::new("kill").args(signal).status().expect("kill runs").success());
        err.read_line(&mut hinted).expect("a line");
    }
    out.read_to_string(&mut printed).expect("text");
    err.read_to_string(&mut hinted).expect("text");
    (child.wait().expect("gilctl ends").code(), printed, hinted)
}
