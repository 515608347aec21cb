//! Lost connection: said in the status line, tried again, and the events that were missed arrive.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::USUAL;
use super::in_tmux::{Window, long_sweep};
use crate::real_lab::end_to_end::Server;

/// A port that passes bytes to the lab until it is cut.
struct Cable {
    address: String,
    is_cut: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    fn to(lab: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound").to_string();
        let cable = Self { address, is_cut: Arc::default(), streams: Arc::default() };
        let (is_cut, streams) = (Arc::clone(&cable.is_cut), Arc::clone(&cable.streams));
        let lab = lab.trim_start_matches("http://").to_owned();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&lab) else { continue };
                // Whether it is cut is asked while the streams are locked, so that a cut misses none.
                let mut open = streams.lock().expect("no panic");
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let ends = [from, to].map(|it| it.try_clone().expect("a descriptor"));
                    std::thread::spawn(move || pass(ends));
                }
                open.extend([client, server]);
            }
        });
        cable
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn cut(&self) {
        let mut open = self.streams.lock().expect("no panic");
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

/// Passes bytes one way until either end closes.
fn pass([mut from, mut to]: [TcpStream; 2]) -> io::Result<()> {
    let mut bytes = [0; 4096];
    loop {
        let read = from.read(&mut bytes)?;
        if read == 0 {
            return to.shutdown(Shutdown::Write);
        }
        to.write_all(&bytes[..read])?;
    }
}

#[test]
fn lost_connection_is_said_and_the_sweep_goes_on_once_it_is_back() {
    let server = Server::start();
    let id = long_sweep(&server);
    let cable = Cable::to(&server.http());
    for command in ["top", &format!("watch --tui {id}")] {
        let Some(window) = Window::open(USUAL, &cable.url()) else { return };
        window.gilctl(command);
        let before = window.until("an attempt", |seen| seen.attempts().is_some_and(|it| it > 0));
        cable.cut();
        window.until("the loss", |seen| {
            let last = seen.last_line();
            last.starts_with("connection lost, trying again: ")
        });
        assert!(window.seen().has(&id), "the screen stays");
        cable.mend();
        let is_back = |seen: &super::in_tmux::Seen| {
            seen.attempts() > before.attempts() && seen.last_line().starts_with("q ")
        };
        window.until("later attempts", is_back);
        window.press("C-c");
        window.is_clean();
    }
}
