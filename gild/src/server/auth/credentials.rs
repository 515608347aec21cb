//! Credentials of the TCP port: tokens and TLS configuration as last read from their files, and a
//! handle to read them again while the daemon runs. Authenticates no request.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::lab::access::{Caller, Role, Visibility};
use crate::server::auth::secret_file::{CredentialError, Readers, read};
use crate::server::auth::tls::{ClientCertificates, configuration, host_names};
use crate::server::auth::tokens::Tokens;
use crate::server::endpoint::{ClientAuth, Encryption, ListenConfig, TcpEndpoint};
use crate::sessions::{PagePort, TokenDigest};
use engine::jobs::owner::Owner;

/// Credentials of the TCP port; clones share them.
#[derive(Debug, Clone)]
pub struct Credentials {
    port: Option<Arc<TcpEndpoint>>,
    admins: Arc<[Owner]>,
    visibility: Visibility,
    current: Arc<RwLock<Contents>>,
}

/// Contents of all files, read at one moment.
#[derive(Debug, Default, Clone)]
struct Contents {
    tokens: Option<Arc<Tokens>>,
    tls: Option<Arc<ServerConfig>>,
    /// Names of hosts that the certificate is for.
    host_names: Arc<[String]>,
}

/// New contents of the files, not yet in effect.
#[derive(Debug)]
pub struct Reread {
    files: Vec<PathBuf>,
    new: Contents,
    current: Arc<RwLock<Contents>>,
}

impl Reread {
    /// The files that were read.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Puts the contents into effect: tokens from the next request on, certificates from the next
    /// connection on.
    pub fn apply(self) {
        *self.current.write() = self.new;
    }
}

impl Credentials {
    /// Reads the files that `config` names.
    ///
    /// # Errors
    ///
    /// Names the file that cannot be read, that others can read, or that holds something else.
    pub fn load(config: &ListenConfig) -> Result<Self, CredentialError> {
        let port = config.port.clone().map(Arc::new);
        let contents = port.as_deref().map(Contents::read).transpose()?.unwrap_or_default();
        let admins = config.admins.clone().into();
        let visibility = config.visibility;
        Ok(Self { port, admins, visibility, current: Arc::new(RwLock::new(contents)) })
    }

    /// Reads the files again without putting them into effect; `None` if there are no files.
    ///
    /// # Errors
    ///
    /// As [`Self::load`].
    pub fn reread(&self) -> Result<Option<Reread>, CredentialError> {
        let Some(port) = &self.port else { return Ok(None) };
        let files = files(port);
        if files.is_empty() {
            return Ok(None);
        }
        let new = Contents::read(port)?;
        Ok(Some(Reread { files, new, current: Arc::clone(&self.current) }))
    }

    /// Reads the files again and puts them into effect. Returns the files that were read.
    ///
    /// # Errors
    ///
    /// As [`Self::load`]; then all stays as it was.
    pub fn reload(&self) -> Result<Vec<PathBuf>, CredentialError> {
        let Some(reread) = self.reread()? else { return Ok(Vec::new()) };
        let files = reread.files().to_vec();
        reread.apply();
        Ok(files)
    }

    /// The tokens in effect.
    pub(crate) fn tokens(&self) -> Option<Arc<Tokens>> {
        self.current.read().tokens.clone()
    }

    /// The TLS configuration in effect; `None` on a plain-text port.
    pub(crate) fn acceptor(&self) -> Option<TlsAcceptor> {
        self.current.read().tls.clone().map(TlsAcceptor::from)
    }

    /// Names of hosts that the certificate in effect is for; none on a plain-text port.
    pub(crate) fn host_names(&self) -> Arc<[String]> {
        Arc::clone(&self.current.read().host_names)
    }

    /// The port at that address, as the page is found there.
    pub(crate) fn page_port(&self, address: SocketAddr) -> PagePort {
        let is_encrypted = self.acceptor().is_some();
        PagePort { address, is_encrypted, host_names: self.host_names() }
    }

    /// The caller that holds a token of this digest, while it is known.
    pub(crate) fn holder(&self, digest: &TokenDigest) -> Option<Caller> {
        let tokens = self.tokens()?;
        let (name, role) = tokens.holder(digest)?;
        let caller = self.caller(Owner::Token(name.to_owned()));
        Some(if role == Role::Admin { Caller { role, ..caller } } else { caller })
    }

    /// An owner with its role and what it may read.
    pub(crate) fn caller(&self, owner: Owner) -> Caller {
        Caller { role: self.role(&owner), owner, visibility: self.visibility }
    }

    /// The role of an owner that no token gives one: admin for the daemon's own user, for root, and for
    /// those that the configuration names.
    fn role(&self, owner: &Owner) -> Role {
        let is_own = |uid: u32| uid == 0 || uid == nix::unistd::geteuid().as_raw();
        match owner {
            Owner::Anyone => Role::User,
            Owner::Local => Role::Admin,
            Owner::User(uid) if is_own(*uid) => Role::Admin,
            owner if self.admins.contains(owner) => Role::Admin,
            Owner::User(_) | Owner::Token(_) | Owner::Certificate(_) => Role::User,
        }
    }

    /// Whether the port accepts unauthenticated clients.
    pub(crate) fn allows_anyone(&self) -> bool {
        matches!(self.port.as_deref(), Some(TcpEndpoint { client_auth: ClientAuth::Nothing, .. }))
    }

    /// The flags with which a client authenticates.
    pub(crate) fn client_flags(&self) -> &'static str {
        match self.port.as_deref().map(|port| &port.client_auth) {
            Some(ClientAuth::Certificate(_)) => "gilctl --cert FILE --key FILE",
            Some(ClientAuth::Either { .. }) => {
                "gilctl --token-file FILE, or --cert FILE --key FILE"
            }
            Some(ClientAuth::Code) => "run gilctl ui, whose code works once",
            Some(ClientAuth::Token(_) | ClientAuth::Nothing) | None => "gilctl --token-file FILE",
        }
    }
}

impl Contents {
    fn read(port: &TcpEndpoint) -> Result<Self, CredentialError> {
        let (token_file, clients) = match &port.client_auth {
            ClientAuth::Nothing | ClientAuth::Code => (None, ClientCertificates::Unrequested),
            ClientAuth::Token(tokens) => (Some(tokens), ClientCertificates::Unrequested),
            ClientAuth::Certificate(authorities) => {
                (None, ClientCertificates::Required(authorities))
            }
            ClientAuth::Either { tokens, authorities } => {
                (Some(tokens), ClientCertificates::Optional(authorities))
            }
        };
        let tls = match &port.encryption {
            Encryption::Plain => None,
            Encryption::Tls { certificate, key } => Some(configuration(certificate, key, clients)?),
        };
        let tokens = token_file.map(|path| {
            let read = Tokens::read(&read(path, Readers::Owner)?);
            read.map_err(|error| CredentialError::new(path, error.to_string(), error.way_out()))
        });
        let host_names = match &port.encryption {
            Encryption::Plain => Vec::new(),
            Encryption::Tls { certificate, .. } => host_names(certificate)?,
        };
        let tokens = tokens.transpose()?.map(Arc::new);
        Ok(Self { tokens, tls, host_names: host_names.into() })
    }
}

/// The files that a port depends on.
fn files(port: &TcpEndpoint) -> Vec<PathBuf> {
    let mut files = match &port.client_auth {
        ClientAuth::Nothing | ClientAuth::Code => Vec::new(),
        ClientAuth::Token(path) | ClientAuth::Certificate(path) => vec![path.clone()],
        ClientAuth::Either { tokens, authorities } => vec![tokens.clone(), authorities.clone()],
    };
    match &port.encryption {
        Encryption::Plain => {}
        Encryption::Tls { certificate, key } => files.extend([certificate.clone(), key.clone()]),
    }
    files
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    use super::*;
    use crate::server::auth::tokens::digest_of;

    const OLD: &str = "0123456789abcdef0123456789abcdef";
    const NEW: &str = "fedcba9876543210fedcba9876543210";

    fn write(path: &Path, text: &str) {
        let mut options = std::fs::OpenOptions::new();
        let file = options.create(true).write(true).truncate(true).mode(0o600).open(path);
        std::io::Write::write_all(&mut file.expect("a file"), text.as_bytes()).expect("space");
    }

    #[test]
    fn reload_replaces_tokens_or_keeps_all() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("tokens");
        write(&path, &format!("ci {OLD}"));
        let address = "127.0.0.1:0".parse().expect("an address");
        let port = TcpEndpoint {
            address,
            encryption: Encryption::Plain,
            client_auth: ClientAuth::Token(path.clone()),
        };
        let doors = ListenConfig { port: Some(port), ..ListenConfig::default() };
        let credentials = Credentials::load(&doors).expect("a good file");
        let holder = |token: &str| {
            let tokens = credentials.tokens().expect("a table");
            tokens.holder(&digest_of(token.as_bytes())).map(|(name, _)| name.to_owned())
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
    fn reload_without_port_reads_nothing() {
        let credentials = Credentials::load(&ListenConfig::default()).expect("no file");
        assert_eq!(credentials.reload().expect("no file"), Vec::<PathBuf>::new());
    }
}
