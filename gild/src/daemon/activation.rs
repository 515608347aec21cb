//! Sockets that a service manager opened before it started the daemon: `sd_listen_fds(3)`. Takes
//! them over; binds none and removes none.

use listenfd::ListenFd;

use crate::server::serve::Inherited;

/// Why sockets cannot be taken over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActivationError {
    /// There are more than the daemon has use for.
    #[error(
        "socket activation: {0} sockets were handed over; at most one Unix and one TCP socket are \
         served: remove lines `ListenStream=` from the socket unit"
    )]
    TooMany(usize),
    /// One is of a kind that the daemon cannot serve.
    #[error(
        "socket activation: descriptor {0} listens on neither a Unix nor a TCP stream; only \
         `ListenStream=` can be served"
    )]
    WrongKind(usize),
    /// Two are of one kind.
    #[error(
        "socket activation: descriptor {0} is a second socket of its kind; one Unix and one TCP \
         socket can be served"
    )]
    Twice(usize),
}

/// The first descriptor that is handed over: 0 to 2 are the standard streams.
const FIRST: usize = 3;
/// One Unix socket and one TCP socket.
const MOST: usize = 2;

/// What was handed over, if anything. To be called once, before any thread starts: it clears the
/// variables that say so, for no child must believe that they are meant for it.
pub fn inherited() -> Result<Inherited, ActivationError> {
    let mut handed = ListenFd::from_env();
    let count = handed.len();
    if count > MOST {
        return Err(ActivationError::TooMany(count));
    }
    let mut inherited = Inherited::default();
    for at in 0..count {
        let second = if let Ok(Some(unix)) = handed.take_unix_listener(at) {
            inherited.unix.replace(unix).is_some()
        } else if let Ok(Some(tcp)) = handed.take_tcp_listener(at) {
            inherited.tcp.replace(tcp).is_some()
        } else {
            return Err(ActivationError::WrongKind(FIRST + at));
        };
        if second {
            return Err(ActivationError::Twice(FIRST + at));
        }
    }
    Ok(inherited)
}
