//! Forwards connections of one port of loopback to another, which may change, and cuts them when asked.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Where connections are forwarded to, and both ends of those that were.
#[derive(Debug, Default)]
struct Route {
    target: Option<SocketAddr>,
    ends: Vec<TcpStream>,
}

/// A port that forwards until the test's process ends.
#[derive(Debug)]
pub(crate) struct Forwarder {
    pub(crate) port: u16,
    route: Arc<Mutex<Route>>,
}

impl Forwarder {
    /// A port that leads to `target`, e.g. `127.0.0.1:7878`.
    pub(crate) fn to(target: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let forwarder = Self { port, route: Arc::default() };
        forwarder.lead_to(target);
        let route = Arc::clone(&forwarder.route);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // A client is dropped where nothing answers, as by a daemon that has just ended.
                let _ = forward(&client, &route);
            }
        });
        forwarder
    }

    /// Leads connections that come from now on to `target`.
    pub(crate) fn lead_to(&self, target: &str) {
        self.route.lock().expect("no panic").target = Some(target.parse().expect("an address"));
    }

    /// Cuts every connection; those that come are dropped until they are led somewhere.
    pub(crate) fn cut(&self) {
        let mut route = self.route.lock().expect("no panic");
        route.target = None;
        for end in route.ends.drain(..) {
            // It may have ended by itself.
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

/// Copies both ways on threads of their own, until one end is shut down.
fn forward(client: &TcpStream, route: &Mutex<Route>) -> io::Result<()> {
    let mut route = route.lock().expect("no panic");
    let Some(target) = route.target else { return Ok(()) };
    let server = TcpStream::connect(target)?;
    for (from, to) in [(client, &server), (&server, client)] {
        let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
        route.ends.push(from.try_clone()?);
        std::thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}
