//! Socket activation: takes over sockets that a service manager opened before it started the daemon,
//! as `sd_listen_fds(3)` does. Binds no socket and removes none.

use listenfd::ListenFd;

use crate::server::serve::Inherited;

/// Error of socket activation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActivationError {
    /// More sockets were passed than the daemon can serve.
    #[error(
        "socket activation: {0} sockets were passed; at most one Unix and one TCP socket are \
         served: remove lines `ListenStream=` from the socket unit"
    )]
    TooMany(usize),
    /// One socket is of a kind that the daemon cannot serve.
    #[error(
        "socket activation: descriptor {0} listens on neither a Unix nor a TCP stream; only \
         `ListenStream=` can be served"
    )]
    WrongKind(usize),
    /// Two sockets are of one kind.
    #[error(
        "socket activation: descriptor {0} is a second socket of its kind; one Unix and one TCP \
         socket can be served"
    )]
    Twice(usize),
}

/// The first descriptor that is passed: 0 to 2 are the standard streams.
const FIRST: usize = 3;
/// One Unix socket and one TCP socket.
const MOST: usize = 2;

/// The sockets that were passed. Must be called once, before any thread starts: it removes the
/// variables of socket activation, so that no child process takes them as its own.
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
