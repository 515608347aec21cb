//! Broken connections in words: what happened, by the errors that caused a failed call. Libraries' own
//! texts name their parts, not what a user sees.

use std::error::Error;
use std::io;

/// What happened to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    /// Nothing listens at the address.
    Refused,
    /// There is no socket at the path.
    NoSocket,
    /// The user may not open the socket.
    Forbidden,
    /// The name of the host is unknown.
    NoHost,
    /// There is no route to the host.
    NoRoute,
    /// The peer did not answer in time.
    Silent,
    /// The peer speaks another protocol.
    NotHttp2,
    /// The peer closed the connection.
    Closed,
}

impl Breakage {
    /// Every breakage.
    pub const ALL: [Self; 8] = [
        Self::Refused,
        Self::NoSocket,
        Self::Forbidden,
        Self::NoHost,
        Self::NoRoute,
        Self::Silent,
        Self::NotHttp2,
        Self::Closed,
    ];

    /// What happened to the connection whose call or attempt failed with `error`.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut found = None;
        let mut next = Some(error);
        while let Some(cause) = next {
            found = of_cause(cause).or(found);
            next = cause.source();
        }
        found.unwrap_or(Self::Closed)
    }

    /// What happened, to stand after a colon.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Refused => "nothing listens there",
            Self::NoSocket => "there is no such socket",
            Self::Forbidden => "the system does not let you open it",
            Self::NoHost => "the name of the host is unknown",
            Self::NoRoute => "the network has no way there",
            Self::Silent => "what listens there does not answer",
            Self::NotHttp2 => "what listens there does not speak gRPC (HTTP/2)",
            Self::Closed => "the connection was closed",
        }
    }

    /// What to do about it.
    pub const fn way_out(self) -> &'static str {
        match self {
            Self::Refused | Self::NoSocket | Self::Closed | Self::Silent => {
                "start `gild serve`, or leave --server out"
            }
            Self::Forbidden => "ask the operator of the daemon for access, or leave --server out",
            Self::NoHost | Self::NoRoute | Self::NotHttp2 => {
                "name the address of a `gild serve` with --server, or leave --server out"
            }
        }
    }
}

/// What one error of a chain says by itself.
fn of_cause(cause: &(dyn Error + 'static)) -> Option<Breakage> {
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return of_io(error);
    }
    let text = cause.to_string();
    // The errors of HTTP/2 are not exported by what uses them.
    let marks = [
        ("http2 error", Breakage::NotHttp2),
        ("frame with invalid size", Breakage::NotHttp2),
        ("unspecific protocol error", Breakage::NotHttp2),
        ("failed to lookup address", Breakage::NoHost),
        ("timed out", Breakage::Silent),
        ("deadline has elapsed", Breakage::Silent),
    ];
    marks.into_iter().find(|(mark, _)| text.contains(mark)).map(|(_, breakage)| breakage)
}

fn of_io(error: &io::Error) -> Option<Breakage> {
    use io::ErrorKind as Kind;
    Some(match error.kind() {
        Kind::ConnectionRefused => Breakage::Refused,
        Kind::NotFound => Breakage::NoSocket,
        Kind::PermissionDenied => Breakage::Forbidden,
        Kind::TimedOut => Breakage::Silent,
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => Breakage::NoRoute,
        Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::BrokenPipe
        | Kind::NotConnected
        | Kind::UnexpectedEof => Breakage::Closed,
        Kind::InvalidData => Breakage::NotHttp2,
        _ if error.to_string().contains("failed to lookup address") => Breakage::NoHost,
        _ => return None,
    })
}
