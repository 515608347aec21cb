//! A hundred open pages of a running sweep, in a process of their own: each follows its events and asks for the
//! document and the picture as `gild/web/sweep.js` does. They run at the lowest priority, like browsers
//! on other machines.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::web::client::Client;

/// The word that makes this program a crowd of pages.
pub(crate) const WORD: &str = "--be-pages";
/// Least time between two requests for the document, as the script has it.
const REFRESH: Duration = Duration::from_secs(2);
/// Least time between two requests for the picture.
const PICTURE: Duration = Duration::from_secs(4);

/// Starts the process; it ends with the sweep and prints how many requests were answered.
pub(crate) fn spawn(port: &str, id: &str, pages: usize) -> Child {
    let own = std::env::current_exe().expect("this program");
    let mut command = Command::new("chrt");
    command.args(["--idle", "0"]).arg(own).args([WORD, port, id]).arg(pages.to_string());
    command.stdout(Stdio::piped()).spawn().expect("chrt of util-linux")
}

/// The process itself.
pub(crate) fn be(port: &str, id: &str, pages: usize) {
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for page in 0..pages {
            // They were not opened at the same moment.
            let phase = REFRESH.mul_f64(page as f64 / pages as f64);
            let answered = &answered;
            scope.spawn(move || Opened::new(port, id, answered).live(phase));
        }
    });
    println!("{}", answered.into_inner());
}

/// A page of a sweep.
struct Opened<'a> {
    port: &'a str,
    job: String,
    client: Client,
    answered: &'a AtomicUsize,
}

impl<'a> Opened<'a> {
    fn new(port: &'a str, id: &str, answered: &'a AtomicUsize) -> Self {
        let client = Client::connect(port);
        Self { port, job: format!("/api/v1/sweeps/{id}"), client, answered }
    }

    fn get(&mut self, part: &str) {
        let path = format!("{}{part}", self.job);
        let status = self.client.get(&path).status;
        // Before the first attempt there is no picture.
        assert!([200, 400].contains(&status), "{path}: {status}");
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    fn picture(&mut self) {
        self.get("/picture?kind=rate&format=json");
        self.get("/picture?kind=rate&format=svg");
    }

    /// From its opening until the sweep has ended; it asks again after `phase` for the first time.
    fn live(mut self, phase: Duration) {
        self.get("");
        self.get("/command");
        let (port, events) = (self.port.to_owned(), format!("{}/events", self.job));
        let (is_new, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| follow(&port, &events, &is_new, &is_over));
            self.picture();
            let (mut drawn, mut due) = (Instant::now(), Instant::now() + phase);
            while !is_over.load(Ordering::Relaxed) {
                while Instant::now() < due && !is_over.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(50));
                }
                due = Instant::now() + REFRESH;
                if is_new.swap(false, Ordering::Relaxed) {
                    self.get("");
                    if drawn.elapsed() >= PICTURE {
                        drawn = Instant::now();
                        self.picture();
                    }
                }
            }
        });
    }
}

/// Reads the events until the last one.
fn follow(port: &str, path: &str, is_new: &AtomicBool, is_over: &AtomicBool) {
    let mut stream = TcpStream::connect(port).expect("it listens");
    let head = Client::head(port, path);
    stream.write_all(head.as_bytes()).expect("it is open");
    let (mut chunk, mut tail) = ([0; 16 << 10], Vec::new());
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        is_new.store(true, Ordering::Relaxed);
        tail.extend_from_slice(&chunk[..count]);
        if String::from_utf8_lossy(&tail).contains("event: close") {
            break;
        }
        // The mark may lie across two reads.
        tail.drain(..tail.len().saturating_sub(16));
    }
    is_over.store(true, Ordering::Relaxed);
}
