//! Errors of the server.

use std::io;

use crate::server::auth::secret_file::CredentialError;

/// Error of binding or serving.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another process listens there.
    #[error("{address} is in use: another daemon answers there; stop it or choose another address")]
    InUse {
        /// The socket or address.
        address: String,
    },
    /// The socket, its directory or the port cannot be used.
    #[error("cannot listen on {address}: {source}; choose another with --socket or --listen")]
    Bind {
        /// The socket or address.
        address: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A file of tokens, certificates or a key cannot be used.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// The thread that reports the lab's health cannot be started.
    #[error("the system refused a thread: {0}; end another program, or raise the process limit")]
    Thread(io::Error),
    /// The transport failed while it served.
    #[error("the server stopped: {}; start it again", innermost(.0))]
    Transport(#[from] tonic::transport::Error),
}

/// The innermost source of an error: those around it name parts of libraries.
fn innermost<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> &'a (dyn std::error::Error + 'static) {
    let mut found = error;
    while let Some(source) = found.source() {
        found = source;
    }
    found
}

impl ServeError {
    /// The error of binding `address`, by the system's reason.
    pub(crate) fn bind(address: &str, source: io::Error) -> Self {
        let address = address.to_owned();
        if source.kind() == io::ErrorKind::AddrInUse {
            Self::InUse { address }
        } else {
            Self::Bind { address, source }
        }
    }
}
