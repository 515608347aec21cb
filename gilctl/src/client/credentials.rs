//! Credentials of gilctl: the token and certificate that it presents, the authorities that it
//! trusts. A token is sent only over TLS or loopback, and never appears in a message.

use std::env;
use std::path::Path;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Endpoint;
use tonic::{Request, Status};

use crate::cli::settings::credentials::CredentialFlags;
use crate::client::address::{Address, Scheme};
use crate::client::tls::{Tls, TlsFiles};
use crate::error::Failure;
use crate::exit::Exit;

/// The environment variable that may hold the token.
const TOKEN_VARIABLE: &str = "GILCTL_TOKEN";
/// The request header of the token.
const HEADER: &str = "authorization";

/// A channel whose requests carry the token.
pub type Channel = InterceptedService<tonic::transport::Channel, Bearer>;

/// Interceptor that adds the token, if there is one, to each request.
#[derive(Debug, Clone, Default)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    fn new(token: &str) -> Option<Self> {
        let mut value: MetadataValue<Ascii> = format!("Bearer {token}").parse().ok()?;
        // Debug output of the request shows `Sensitive` instead.
        value.set_sensitive(true);
        Some(Self(Some(value)))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert(HEADER, token.clone());
        }
        Ok(request)
    }
}

/// How to connect to an address, and the credentials to present.
#[derive(Debug)]
pub struct ConnectPlan {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The TLS connector, for `https`.
    pub tls: Option<Tls>,
    /// The token, if one is sent.
    pub bearer: Bearer,
}

impl ConnectPlan {
    /// A plan without credentials.
    pub fn plain(address: &Address) -> Self {
        Self { endpoint: address.endpoint(), tls: None, bearer: Bearer::default() }
    }

    /// The plan for `address` with the credentials of the flags.
    ///
    /// # Errors
    ///
    /// Refuses contradicting flags, unreadable files, and a token in plain text over a network.
    pub fn prepare(address: &Address, flags: &CredentialFlags) -> Result<Self, Failure> {
        match address.scheme() {
            // The system authenticates both sides of a local socket.
            Scheme::Socket => Ok(Self::plain(address)),
            Scheme::Loopback => {
                refuse_without_tls(address, flags)?;
                Ok(Self { bearer: bearer(flags)?, ..Self::plain(address) })
            }
            Scheme::Plain => {
                refuse_without_tls(address, flags)?;
                if flags.token_file.is_some() || env::var_os(TOKEN_VARIABLE).is_some() {
                    return Err(in_plain_text(address));
                }
                Ok(Self::plain(address))
            }
            Scheme::Tls => {
                let tls = Some(tls(address, flags)?);
                Ok(Self { tls, bearer: bearer(flags)?, ..Self::plain(address) })
            }
        }
    }
}

fn in_plain_text(address: &Address) -> Failure {
    let message = format!("--token-file: {} would carry the token in plain text", address.shown());
    usage(message, "write https:// and name the daemon's authorities with --ca")
}

/// Refuses certificate flags for an address without TLS.
fn refuse_without_tls(address: &Address, flags: &CredentialFlags) -> Result<(), Failure> {
    let named = [("--ca", &flags.ca), ("--cert", &flags.cert), ("--key", &flags.key)];
    match named.into_iter().find(|(_, path)| path.is_some()) {
        None => Ok(()),
        Some((flag, _)) => {
            let message = format!("{flag}: {} does not speak TLS", address.shown());
            Err(usage(message, format!("write https://, or leave {flag} out")))
        }
    }
}

fn tls(address: &Address, flags: &CredentialFlags) -> Result<Tls, Failure> {
    let Some(ca) = &flags.ca else {
        let message =
            format!("--server: {} needs --ca FILE, the authorities to trust", address.shown());
        let way_out = "`gild certs` makes a ca.pem, and the system has a list of its own";
        return Err(usage(message, way_out));
    };
    let authorities = read("--ca", ca)?;
    let own = match (&flags.cert, &flags.key) {
        (None, None) => None,
        (Some(cert), Some(key)) => Some((read("--cert", cert)?, read("--key", key)?)),
        (Some(_), None) => return Err(usage("--cert: is one half of a pair", "add --key FILE")),
        (None, Some(_)) => return Err(usage("--key: is one half of a pair", "add --cert FILE")),
    };
    Tls::new(&TlsFiles { authorities, own }).map_err(|problem| usage(problem, "name PEM files"))
}

/// The token of the file, else the one in the environment, else none.
fn bearer(flags: &CredentialFlags) -> Result<Bearer, Failure> {
    let (name, token) = match (&flags.token_file, env::var(TOKEN_VARIABLE)) {
        (Some(path), _) => ("--token-file", token_of(path)?),
        (None, Ok(token)) => (TOKEN_VARIABLE, token),
        (None, Err(env::VarError::NotPresent)) => return Ok(Bearer::default()),
        (None, Err(env::VarError::NotUnicode(_))) => (TOKEN_VARIABLE, String::new()),
    };
    let token = token.trim();
    match Bearer::new(token) {
        Some(bearer) if !token.is_empty() => Ok(bearer),
        Some(_) | None => Err(usage(format!("{name}: holds no token"), "a token is visible ASCII")),
    }
}

fn token_of(path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8_lossy(&read("--token-file", path)?).into_owned();
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<_> = lines.collect();
    let words: Vec<_> =
        lines.first().map(|line| line.split_whitespace().collect()).unwrap_or_default();
    let (1, [token] | [_, token] | [_, token, "admin"]) = (lines.len(), words.as_slice()) else {
        let message = format!("--token-file: {} does not hold one token", path.display());
        return Err(usage(
            message,
            "write one line: `TOKEN`, `NAME TOKEN`, or the daemon's own `NAME TOKEN admin`",
        ));
    };
    Ok((*token).to_owned())
}

fn read(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        usage(format!("{flag}: {}: {error}", path.display()), "name a file that can be read")
    })
}

fn usage(message: impl Into<String>, way_out: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, message, way_out)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::error::tests::text;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn prepared(url: &str, flags: &CredentialFlags) -> Result<Bearer, String> {
        let address = Address::parse(url).expect("an address");
        let plan = ConnectPlan::prepare(&address, flags);
        plan.map(|plan| plan.bearer).map_err(|failure| text(&failure))
    }

    fn file(text: &str) -> (tempfile::NamedTempFile, CredentialFlags) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("space");
        let token_file = Some(file.path().to_owned());
        (file, CredentialFlags { token_file, ..CredentialFlags::default() })
    }

    #[track_caller]
    fn refuses(url: &str, flags: &CredentialFlags, message: &str) {
        let said = prepared(url, flags).expect_err("refused");
        assert!(said.contains(message) && said.contains(';'), "{said}");
        assert!(!said.contains(TOKEN), "{said}");
    }

    #[test]
    fn token_is_sent_only_over_loopback_or_tls() {
        for text in [format!("{TOKEN}\n"), format!("# mine\nci {TOKEN}\n")] {
            let (_file, flags) = file(&text);
            let bearer = prepared("http://127.0.0.1:1", &flags).expect("loopback");
            let sent = bearer.0.clone().expect("a token");
            assert_eq!(sent.to_str().expect("text"), format!("Bearer {TOKEN}"));
            assert!(!format!("{bearer:?}").contains(TOKEN), "{bearer:?}");
            assert!(prepared("http://localhost:1", &flags).expect("loopback").0.is_some());
            assert!(prepared("unix:///run/gild.sock", &flags).expect("a socket").0.is_none());
            refuses("http://10.0.0.1:1", &flags, "in plain text; write https://");
            refuses("http://lab:1", &flags, "in plain text");
        }
    }

    #[test]
    fn file_without_exactly_one_token_is_refused() {
        let pair = format!("a {TOKEN}\nb {TOKEN}");
        for text in ["", "# none", "a b c", &pair] {
            let (_file, flags) = file(text);
            refuses("http://127.0.0.1:1", &flags, "does not hold one token; write one line");
        }
        let (_file, flags) = file("tökenwithoutascii\u{7}");
        refuses("http://127.0.0.1:1", &flags, "--token-file: holds no token");
        let token_file = Some("/nowhere/token".into());
        let flags = CredentialFlags { token_file, ..CredentialFlags::default() };
        refuses("http://127.0.0.1:1", &flags, "--token-file: /nowhere/token: No such file");
    }

    #[test]
    fn certificates_need_tls_and_tls_needs_authorities() {
        let named = |ca: Option<&str>, cert: Option<&str>, key: Option<&str>| CredentialFlags {
            token_file: None,
            ca: ca.map(PathBuf::from),
            cert: cert.map(PathBuf::from),
            key: key.map(PathBuf::from),
        };
        refuses(
            "http://127.0.0.1:1",
            &named(Some("ca"), None, None),
            "--ca: http://127.0.0.1:1 does",
        );
        refuses(
            "http://lab:1",
            &named(None, Some("c"), Some("k")),
            "--cert: http://lab:1 does not",
        );
        refuses("https://lab:1", &CredentialFlags::default(), "needs --ca FILE");
        refuses(
            "https://lab:1",
            &named(Some("/nowhere/ca"), None, None),
            "--ca: /nowhere/ca: No such",
        );
        let (empty, _) = file("");
        let ca = empty.path().to_str().expect("text");
        refuses("https://lab:1", &named(Some(ca), Some("c"), None), "add --key FILE");
        refuses("https://lab:1", &named(Some(ca), None, Some("k")), "add --cert FILE");
        refuses(
            "https://lab:1",
            &named(Some(ca), Some(ca), Some(ca)),
            "--ca: holds no certificate",
        );
    }
}
