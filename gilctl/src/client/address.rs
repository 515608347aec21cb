//! Where a daemon is: what `--server` accepts.

use std::net::IpAddr;
use std::path::Path;

use tonic::transport::Endpoint;

use crate::error::Failure;
use crate::exit::Exit;

const ACCEPTED: &str = "write unix:///path, http://host:port or https://host:port";

/// A place where a daemon may listen.
#[derive(Debug, Clone)]
pub struct Address {
    shown: String,
    way: Scheme,
    endpoint: Endpoint,
}

/// How one gets there, and who may listen on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// A socket of this machine.
    Socket,
    /// A port of this machine.
    Loopback,
    /// A network, in plain text.
    Plain,
    /// TLS.
    Tls,
}

impl Address {
    /// Reads what was typed after `--server`.
    pub fn parse(typed: &str) -> Result<Self, Failure> {
        let refuse = |problem: &str, way_out: &str| {
            let shown = if typed.is_empty() { "\"\"" } else { typed };
            Err(Failure::new(Exit::Usage, format!("--server: {shown} {problem}"), way_out))
        };
        let way = match typed.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') && path.len() > 1 => Scheme::Socket,
            Some(("unix", _)) => return refuse("has no absolute path", ACCEPTED),
            Some(("http" | "https", place)) if !has_host_and_port(place) => {
                return refuse("needs a host and a port", ACCEPTED);
            }
            Some(("https", _)) => Scheme::Tls,
            Some(("http", place)) if is_loopback(place) => Scheme::Loopback,
            Some(("http", _)) => Scheme::Plain,
            Some(_) => return refuse("has an unknown scheme", ACCEPTED),
            None => return refuse("is not a URL", ACCEPTED),
        };
        // The handshake is our own; tonic would want to make one for `https`.
        let place = match way {
            Scheme::Tls => typed.replacen("https", "http", 1),
            Scheme::Socket | Scheme::Loopback | Scheme::Plain => typed.to_owned(),
        };
        match Endpoint::from_shared(place) {
            Ok(endpoint) => Ok(Self { shown: typed.to_owned(), way, endpoint }),
            Err(_) => refuse("is not a valid URL", ACCEPTED),
        }
    }

    /// The address of a local socket.
    pub fn socket(path: &Path) -> Result<Self, Failure> {
        Self::parse(&format!("unix://{}", path.display()))
    }

    /// As it is typed.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Who may listen on the way.
    pub fn way(&self) -> Scheme {
        self.way
    }

    /// How to get there.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }
}

fn has_host_and_port(place: &str) -> bool {
    let place = place.trim_end_matches('/');
    place.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && !place.contains('/') && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

/// Whether nobody but this machine hears what is sent there; a name other than `localhost` may be
/// anybody's.
fn is_loopback(place: &str) -> bool {
    let host = place.trim_end_matches('/').rsplit_once(':').map_or(place, |(host, _)| host);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses(typed: &str, message: &str) {
        let failure = Address::parse(typed).expect_err("refused");
        assert_eq!(failure.exit(), Exit::Usage);
        let Failure::Message(told) = failure else { panic!("silent") };
        assert!(told.to_string().contains(message), "{told}");
    }

    #[test]
    fn sockets_and_ports_are_accepted() {
        let accepted = [
            ("unix:///run/gild.sock", Scheme::Socket),
            ("http://127.0.0.1:7000", Scheme::Loopback),
            ("http://[::1]:7000/", Scheme::Loopback),
            ("http://localhost:7000", Scheme::Loopback),
            ("http://localhost.example:7000", Scheme::Plain),
            ("http://127.0.0.1.example:7000", Scheme::Plain),
            ("http://lab:1", Scheme::Plain),
            ("https://lab:443", Scheme::Tls),
        ];
        for (typed, way) in accepted {
            let address = Address::parse(typed).expect(typed);
            assert_eq!((address.shown(), address.way()), (typed, way));
        }
    }

    #[test]
    fn all_else_is_refused_with_a_way_out() {
        refuses("", "--server: \"\" is not a URL; write unix:///path");
        refuses("/run/gild.sock", "is not a URL");
        refuses("unix://gild.sock", "has no absolute path");
        refuses("unix:///", "has no absolute path");
        refuses("http://lab", "needs a host and a port");
        refuses("http://lab:70000", "needs a host and a port");
        refuses("http://lab:0", "needs a host and a port");
        refuses("http://:80", "needs a host and a port");
        refuses("http://a b:80", "is not a valid URL");
        refuses("https://lab", "https://lab needs a host and a port");
        refuses("ftp://lab:21", "has an unknown scheme");
    }
}
