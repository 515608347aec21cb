//! The first page of a browser on a long history: every request until the list of jobs is there.

use std::time::Instant;

use crate::daemon::Daemon;
use crate::page::Page;
use crate::web::client::{CONNECTIONS, Client, get_all};
use crate::web::history;

const ROUNDS: usize = 31;
const SWEEPS: usize = 10_000;
/// What the script asks for, one after the other.
const DOCUMENTS: [&str; 2] = ["/api/v1/session", "/api/v1/jobs?limit=50"];

pub(crate) fn run(page: &mut Page) {
    page.part(
        "A cold page",
        "A daemon that was just started on a history of 10,000 ended sweeps, and a browser without \
         anything kept: the page, its style and scripts, who asks and the first 50 jobs, over six \
         connections of HTTP/1.1, in the order in which a browser finds what it needs. Drawing is not \
         included. Wanted: 100 ms and 200 KB.",
    );
    let directory = tempfile::tempdir().expect("a directory");
    history::fill(&Daemon::history_in(directory.path()), SWEEPS);
    let (mut times, mut lists, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let daemon = Daemon::start_in(directory.path());
        let Opened { took_ms, list_ms, bytes } = open(&daemon.port());
        times.push(took_ms);
        lists.push(list_ms);
        sizes.push(bytes as f64 / 1000.0);
    }
    page.figure("the page with its list", times, 1, " ms");
    page.figure("of it the list of jobs", lists, 1, " ms");
    page.figure("transferred", sizes, 1, " KB");
}

struct Opened {
    took_ms: f64,
    list_ms: f64,
    bytes: usize,
}

/// Opens the page as a browser does.
fn open(port: &str) -> Opened {
    let begun = Instant::now();
    let mut clients: Vec<Client> = vec![Client::connect(port)];
    let index = clients[0].get_there("/");
    let first = named(&index.body, "\"/assets/", "/assets/");
    clients.extend((1..CONNECTIONS).map(|_| Client::connect(port)));
    let mut bytes = index.bytes + get_all(&mut clients, &first);
    // Names of modules are found in the script, which was counted above.
    let main = Client::connect(port).get_there("/assets/main.js");
    let modules = named(&main.body, "from \"./", "/assets/");
    let modules: Vec<_> = modules.into_iter().filter(|path| !first.contains(path)).collect();
    bytes += get_all(&mut clients, &modules);
    let mut list_ms = 0.0;
    for path in DOCUMENTS {
        let asked = Instant::now();
        bytes += clients[0].get_there(path).bytes;
        list_ms = asked.elapsed().as_secs_f64() * 1e3;
    }
    Opened { took_ms: begun.elapsed().as_secs_f64() * 1e3, list_ms, bytes }
}

/// Paths of the files that follow `mark` in a text.
fn named(text: &[u8], mark: &str, folder: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let names = text.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
    let mut paths: Vec<String> = names.map(|name| format!("{folder}{name}")).collect();
    paths.sort();
    paths.dedup();
    paths
}
