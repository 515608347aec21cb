//! Peer of a connection: its user and process or its address, and the name of its certificate.
//! Authorizes no request.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Leading bits of an IPv6 address that identify a customer's network: the remaining bits are the
/// customer's to choose.
const NETWORK_BITS: u32 = 64;

/// Information about the peer of a connection; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct PeerInfo(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    peer: Peer,
    certificate: Option<String>,
    has_sent_request: AtomicBool,
}

impl PeerInfo {
    /// A peer with the name of its certificate, if it presented one.
    pub(crate) fn new(peer: Peer, certificate: Option<String>) -> Self {
        Self(Arc::new(Facts { peer, certificate, has_sent_request: AtomicBool::new(false) }))
    }

    /// Where it comes from.
    pub(crate) fn peer(&self) -> Peer {
        self.0.peer
    }

    /// The name of its certificate.
    pub(crate) fn certificate(&self) -> Option<&str> {
        self.0.certificate.as_deref()
    }

    /// Whether this is the first request of the connection; true once.
    pub(crate) fn is_first_request(&self) -> bool {
        !self.0.has_sent_request.swap(true, Ordering::Relaxed)
    }

    /// Whether a request of the connection has reached the services.
    pub(crate) fn has_sent_request(&self) -> bool {
        self.0.has_sent_request.load(Ordering::Relaxed)
    }
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A process of this machine, connected to the Unix socket.
    Process {
        /// Its user.
        uid: u32,
        /// Its process id, if the system knows it.
        pid: Option<i32>,
    },
    /// An address, connected to the TCP port.
    Address(SocketAddr),
}

/// Key by which connections and requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PeerOrigin {
    /// A user of this machine.
    User(u32),
    /// A host, or its IPv6 network.
    Host(IpAddr),
}

impl Peer {
    /// The key of this peer.
    pub(crate) fn origin(self) -> PeerOrigin {
        match self {
            Self::Process { uid, pid: _ } => PeerOrigin::User(uid),
            Self::Address(address) => PeerOrigin::Host(match address.ip().to_canonical() {
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

    fn origin(address: &str) -> PeerOrigin {
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
        let info = PeerInfo::new(Peer::Process { uid: 7, pid: Some(9) }, None);
        let same = info.clone();
        assert_eq!(
            (info.is_first_request(), same.is_first_request(), info.is_first_request()),
            (true, false, false)
        );
        assert_eq!(same.peer().to_string(), "uid 7 pid 9");
    }
}
