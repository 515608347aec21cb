//! Who is at the other end of a connection, as far as the connection itself tells. Judges nobody.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Leading bits of an address by which version 6 tells one customer from the next: the others are
/// theirs to choose.
const NETWORK_BITS: u32 = 64;

/// The other end of a connection; clones are the same visitor.
#[derive(Debug, Clone)]
pub(crate) struct PeerInfo(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    peer: Peer,
    certificate: Option<String>,
    was_seen: AtomicBool,
}

impl PeerInfo {
    /// A visitor with the name of the certificate that it showed, if it did.
    pub(crate) fn new(peer: Peer, certificate: Option<String>) -> Self {
        Self(Arc::new(Facts { peer, certificate, was_seen: AtomicBool::new(false) }))
    }

    /// Where it comes from.
    pub(crate) fn peer(&self) -> Peer {
        self.0.peer
    }

    /// The name of its certificate.
    pub(crate) fn certificate(&self) -> Option<&str> {
        self.0.certificate.as_deref()
    }

    /// Whether it asks for something for the first time; true once.
    pub(crate) fn is_new(&self) -> bool {
        !self.0.was_seen.swap(true, Ordering::Relaxed)
    }

    /// Whether [`PeerInfo::is_new`] has been called: a request of it has reached the services.
    pub(crate) fn was_seen(&self) -> bool {
        self.0.was_seen.load(Ordering::Relaxed)
    }
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A process of this machine, through the socket.
    Process {
        /// Its user.
        uid: u32,
        /// Its number, where the system tells.
        pid: Option<i32>,
    },
    /// An address, through the port.
    Address(SocketAddr),
}

/// What connections and requests are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    /// A user of this machine.
    User(u32),
    /// A host, or the network of one.
    Host(IpAddr),
}

impl Peer {
    /// What it is counted by.
    pub(crate) fn origin(self) -> Origin {
        match self {
            Self::Process { uid, pid: _ } => Origin::User(uid),
            Self::Address(address) => Origin::Host(match address.ip().to_canonical() {
                IpAddr::V6(ip) if !ip.is_loopback() => IpAddr::V6(network(ip)),
                ip => ip,
            }),
        }
    }
}

fn network(ip: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << (u128::BITS - NETWORK_BITS)))
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { uid, pid: Some(pid) } => write!(f, "uid {uid} pid {pid}"),
            Self::Process { uid, pid: None } => write!(f, "uid {uid}"),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(address: &str) -> Origin {
        Peer::Address(address.parse().expect("an address")).origin()
    }

    #[test]
    fn origin_ignores_port_and_ipv6_host_bits() {
        assert_eq!(origin("10.0.0.1:1"), origin("10.0.0.1:2"));
        assert_ne!(origin("10.0.0.1:1"), origin("10.0.0.2:1"));
        assert_eq!(origin("[::ffff:10.0.0.1]:1"), origin("10.0.0.1:1"));
        assert_eq!(origin("[2001:db8::1]:1"), origin("[2001:db8::ffff:1]:1"));
        assert_ne!(origin("[2001:db8::1]:1"), origin("[2001:db8:0:1::1]:1"));
        assert_ne!(origin("[::1]:1"), origin("[::2]:1"));
        let process = |pid| Peer::Process { uid: 7, pid };
        assert_eq!(process(Some(1)).origin(), process(None).origin());
    }

    #[test]
    fn first_request_of_a_peer_is_reported_once() {
        let visitor = PeerInfo::new(Peer::Process { uid: 7, pid: Some(9) }, None);
        let same = visitor.clone();
        assert_eq!((visitor.is_new(), same.is_new(), visitor.is_new()), (true, false, false));
        assert_eq!(same.peer().to_string(), "uid 7 pid 9");
    }
}
