//! What opens the port, as the files said when they were last read, and a handle to read them again
//! while the daemon runs. Judges no request.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::daemon::cli::Settings;
use crate::daemon::reload::{Change, Reload};
use crate::server::auth::secret_file::{CredentialError, Readers, read};
use crate::server::auth::tokens::Tokens;
use crate::server::endpoint::{ClientAuth, Encryption, ListenConfig, TcpEndpoint};
use crate::server::transport::tls::{ClientCertificates, configuration};

/// What opens the port; clones share it.
#[derive(Debug, Clone)]
pub struct Credentials {
    port: Option<Arc<TcpEndpoint>>,
    held: Arc<RwLock<Held>>,
}

/// What was read of the files, all of them at one moment.
#[derive(Debug, Default, Clone)]
struct Held {
    tokens: Option<Arc<Tokens>>,
    tls: Option<Arc<ServerConfig>>,
}

impl Credentials {
    /// Reads the files that `doors` name.
    ///
    /// # Errors
    ///
    /// Names the file that cannot be read, that others can read, or that holds something else.
    pub fn load(doors: &ListenConfig) -> Result<Self, CredentialError> {
        let port = doors.port.clone().map(Arc::new);
        let held = port.as_deref().map(Held::read).transpose()?.unwrap_or_default();
        Ok(Self { port, held: Arc::new(RwLock::new(held)) })
    }

    /// Reads the files again: tokens count from the next request on, certificates from the next
    /// connection on. Returns the files that were read.
    ///
    /// # Errors
    ///
    /// As [`Self::load`]; then all stays as it was.
    pub fn reload(&self) -> Result<Vec<PathBuf>, CredentialError> {
        let Some(port) = &self.port else { return Ok(Vec::new()) };
        let held = Held::read(port)?;
        *self.held.write().unwrap_or_else(std::sync::PoisonError::into_inner) = held;
        Ok(files(port))
    }

    /// The tokens that are good now.
    pub(crate) fn tokens(&self) -> Option<Arc<Tokens>> {
        self.held().tokens
    }

    /// How TLS is spoken now; nothing on a port that speaks plainly.
    pub(crate) fn acceptor(&self) -> Option<TlsAcceptor> {
        self.held().tls.map(TlsAcceptor::from)
    }

    /// Whether the port lets in whoever comes.
    pub(crate) fn asks_nothing(&self) -> bool {
        matches!(self.port.as_deref(), Some(TcpEndpoint { proof: ClientAuth::Nothing, .. }))
    }

    /// How a client shows that it may come in.
    pub(crate) fn way_in(&self) -> &'static str {
        match self.port.as_deref().map(|port| &port.proof) {
            Some(ClientAuth::Certificate(_)) => "gilctl --cert FILE --key FILE",
            Some(ClientAuth::Either { .. }) => {
                "gilctl --token-file FILE, or --cert FILE --key FILE"
            }
            Some(ClientAuth::Token(_) | ClientAuth::Nothing) | None => "gilctl --token-file FILE",
        }
    }

    fn held(&self) -> Held {
        self.held.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl Held {
    fn read(port: &TcpEndpoint) -> Result<Self, CredentialError> {
        let (token_file, visitors) = match &port.proof {
            ClientAuth::Nothing => (None, ClientCertificates::Unasked),
            ClientAuth::Token(tokens) => (Some(tokens), ClientCertificates::Unasked),
            ClientAuth::Certificate(authorities) => (None, ClientCertificates::Must(authorities)),
            ClientAuth::Either { tokens, authorities } => {
                (Some(tokens), ClientCertificates::May(authorities))
            }
        };
        let tls = match &port.speech {
            Encryption::Plain => None,
            Encryption::Tls { certificate, key } => {
                Some(configuration(certificate, key, visitors)?)
            }
        };
        let tokens = token_file.map(|path| {
            let read = Tokens::read(&read(path, Readers::Owner)?);
            read.map_err(|error| CredentialError::new(path, error.to_string(), error.way_out()))
        });
        Ok(Self { tokens: tokens.transpose()?.map(Arc::new), tls })
    }
}

/// The files that a port depends on.
fn files(port: &TcpEndpoint) -> Vec<PathBuf> {
    let mut files = match &port.proof {
        ClientAuth::Nothing => Vec::new(),
        ClientAuth::Token(path) | ClientAuth::Certificate(path) => vec![path.clone()],
        ClientAuth::Either { tokens, authorities } => vec![tokens.clone(), authorities.clone()],
    };
    match &port.speech {
        Encryption::Plain => {}
        Encryption::Tls { certificate, key } => files.extend([certificate.clone(), key.clone()]),
    }
    files
}

impl Reload for Credentials {
    fn keys(&self) -> &'static [&'static str] {
        &[]
    }

    fn prepare(&self, _settings: &Settings) -> Result<Vec<Change>, String> {
        let Some(port) = self.port.clone() else { return Ok(Vec::new()) };
        let read: Vec<String> =
            files(&port).iter().map(|file| file.display().to_string()).collect();
        if read.is_empty() {
            return Ok(Vec::new());
        }
        let new = Held::read(&port).map_err(|error| error.to_string())?;
        let held = Arc::clone(&self.held);
        let make = move || {
            *held.write().unwrap_or_else(std::sync::PoisonError::into_inner) = new;
        };
        Ok(vec![Change { what: format!("read again: {}", read.join(", ")), make: Box::new(make) }])
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    use super::*;

    const OLD: &str = "0123456789abcdef0123456789abcdef";
    const NEW: &str = "fedcba9876543210fedcba9876543210";

    fn write(path: &Path, text: &str) {
        let mut options = std::fs::OpenOptions::new();
        let file = options.create(true).write(true).truncate(true).mode(0o600).open(path);
        std::io::Write::write_all(&mut file.expect("a file"), text.as_bytes()).expect("space");
    }

    #[test]
    fn tokens_are_read_again_all_or_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("tokens");
        write(&path, &format!("ci {OLD}"));
        let address = "127.0.0.1:0".parse().expect("an address");
        let port = TcpEndpoint {
            address,
            speech: Encryption::Plain,
            proof: ClientAuth::Token(path.clone()),
        };
        let doors = ListenConfig { port: Some(port), ..ListenConfig::default() };
        let credentials = Credentials::load(&doors).expect("a good file");
        let holder = |token: &str| {
            let tokens = credentials.tokens().expect("a table");
            tokens.holder(token.as_bytes()).map(str::to_owned)
        };
        assert_eq!((holder(OLD), holder(NEW)), (Some("ci".into()), None));
        write(&path, "ci short");
        let error = credentials.reload().expect_err("a bad file").to_string();
        assert!(error.contains("line 1: the token has 5 characters"), "{error}");
        assert_eq!(holder(OLD), Some("ci".into()), "the old one still counts");
        write(&path, &format!("ci {NEW}"));
        assert_eq!(credentials.reload().expect("a good file"), [path]);
        assert_eq!((holder(OLD), holder(NEW)), (None, Some("ci".into())));
    }

    #[test]
    fn without_a_port_there_is_nothing_to_read() {
        let credentials = Credentials::load(&ListenConfig::default()).expect("no file");
        assert_eq!(credentials.reload().expect("no file"), Vec::<PathBuf>::new());
    }
}
