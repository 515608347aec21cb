//! Addresses of daemons, as `--server` accepts them.

use std::net::IpAddr;
use std::path::Path;

use tonic::transport::Endpoint;

use crate::error::Failure;
use crate::exit::Exit;

const ACCEPTED: &str = "write unix:///path, http://host:port or https://host:port";

/// The address of a daemon.
#[derive(Debug, Clone)]
pub struct Address {
    shown: String,
    scheme: Scheme,
    endpoint: Endpoint,
}

/// The transport of an address, and with it who could read what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// A Unix socket.
    Socket,
    /// TCP over loopback.
    Loopback,
    /// TCP over a network, in plain text.
    Plain,
    /// TCP with TLS.
    Tls,
}

impl Address {
    /// Parses the value of `--server`.
    ///
    /// # Errors
    ///
    /// Refuses everything but `unix:///path`, `http://host:port` and `https://host:port`.
    pub fn parse(typed: &str) -> Result<Self, Failure> {
        let refuse = |problem: &str, way_out: &str| {
            let shown = if typed.is_empty() { "\"\"" } else { typed };
            Err(Failure::new(Exit::Usage, format!("--server: {shown} {problem}"), way_out))
        };
        let scheme = match typed.split_once("://") {
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
        // The TLS handshake is done by `client::tls`; tonic would do its own for `https`.
        let uri = match scheme {
            Scheme::Tls => typed.replacen("https", "http", 1),
            Scheme::Socket | Scheme::Loopback | Scheme::Plain => typed.to_owned(),
        };
        match Endpoint::from_shared(uri) {
            Ok(endpoint) => Ok(Self { shown: typed.to_owned(), scheme, endpoint }),
            Err(_) => refuse("is not a valid URL", ACCEPTED),
        }
    }

    /// The address of a local socket.
    pub fn socket(path: &Path) -> Result<Self, Failure> {
        Self::parse(&format!("unix://{}", path.display()))
    }

    /// The address as it is typed.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The transport.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The endpoint to connect to.
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

/// Whether `place` is on loopback. Names other than `localhost` may resolve to any machine.
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
        let Failure::Message(refusal) = failure else { panic!("no message") };
        assert!(refusal.to_string().contains(message), "{refusal}");
    }

    #[test]
    fn socket_and_port_urls_are_accepted() {
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
        for (typed, scheme) in accepted {
            let address = Address::parse(typed).expect(typed);
            assert_eq!((address.shown(), address.scheme()), (typed, scheme));
        }
    }

    #[test]
    fn other_addresses_are_refused_with_a_way_out() {
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
