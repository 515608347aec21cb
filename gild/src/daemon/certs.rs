//! Certificates for trials: an authority, and one certificate each for a server and a client.
//! Overwrites no file.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use strategies::program::limit::LimitError;
use time::OffsetDateTime;

use crate::limits::{CERTIFICATE_HEAD_START, CERTIFICATE_NAMES_MAX, CERTIFICATE_VALIDITY};

const DIRECTORY_MODE: u32 = 0o700;
const KEY_MODE: u32 = 0o600;
const CERTIFICATE_MODE: u32 = 0o644;
/// Longest name of a host (RFC 1035, section 2.3.4).
const HOST_CHARS_MAX: usize = 253;
/// Port in the printed commands.
const PORT: u16 = 7878;

/// Flags of `gild certs`.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct CertsFlags {
    /// Directory of the files; created if it does not exist.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Names and addresses that clients will use for the server.
    #[arg(long, value_name = "HOST", num_args = 1..)]
    #[arg(default_values = ["localhost", "127.0.0.1", "::1"])]
    pub name: Vec<String>,
}

/// Error of creating certificates.
#[derive(Debug, thiserror::Error)]
pub enum CertsError {
    /// An invalid host name.
    #[error(transparent)]
    Name(#[from] LimitError),
    /// A file that cannot be created, or exists already.
    #[error("{}: {source}; name another directory with --out", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A certificate cannot be created.
    #[error("the certificates cannot be made: {0}; name the hosts with --name, and report this")]
    Make(#[from] rcgen::Error),
}

/// A file to be written.
struct NewFile {
    name: &'static str,
    mode: u32,
    text: String,
}

/// Creates the certificates, valid for [`CERTIFICATE_VALIDITY`], and returns commands that use them.
///
/// # Errors
///
/// Names the invalid host name, or the file that cannot be written or exists already; then no file is
/// written.
pub fn make(flags: &CertsFlags) -> Result<String, CertsError> {
    check_names(&flags.name)?;
    let made = certificates(&flags.name)?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| CertsError::File { path, source }
    };
    if !flags.out.exists() {
        let created = std::fs::DirBuilder::new().mode(DIRECTORY_MODE).create(&flags.out);
        created.map_err(failed(&flags.out))?;
    }
    let paths = made.iter().map(|file| (flags.out.join(file.name), file));
    let paths: Vec<_> = paths.collect();
    for (path, _) in &paths {
        if path.symlink_metadata().is_ok() {
            return Err(failed(path)(io::ErrorKind::AlreadyExists.into()));
        }
    }
    for (path, file) in &paths {
        write(path, file).map_err(failed(path))?;
    }
    Ok(commands(&flags.out, &flags.name))
}

fn check_names(names: &[String]) -> Result<(), LimitError> {
    if names.len() > CERTIFICATE_NAMES_MAX {
        return Err(LimitError::range("name", names.len(), 1, CERTIFICATE_NAMES_MAX));
    }
    let is_host = |name: &str| {
        name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
    };
    let is_good = |name: &str| {
        name.parse::<IpAddr>().is_ok() || (name.len() <= HOST_CHARS_MAX && is_host(name))
    };
    match names.iter().find(|name| !is_good(name)) {
        None => Ok(()),
        Some(name) => Err(LimitError {
            field: "name",
            value: format!("{name:?}"),
            reason: "is not a host name or an IP address".into(),
            way_out: "write it as clients will, without scheme or port, e.g. lab.example".into(),
        }),
    }
}

fn certificates(names: &[String]) -> Result<[NewFile; 6], rcgen::Error> {
    let mut authority = parameters(Vec::new(), "gild development authority")?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let leaf = |names, common_name, usage| {
        let mut leaf = parameters(names, common_name)?;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![usage];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = leaf.signed_by(&key, &authority)?;
        Ok::<_, rcgen::Error>((certificate.pem(), key.serialize_pem()))
    };
    let server = leaf(names.to_vec(), "gild server", ExtendedKeyUsagePurpose::ServerAuth)?;
    let client = leaf(Vec::new(), "gild client", ExtendedKeyUsagePurpose::ClientAuth)?;
    let open = |name, text| NewFile { name, mode: CERTIFICATE_MODE, text };
    let secret = |name, text| NewFile { name, mode: KEY_MODE, text };
    Ok([
        open("ca.pem", authority.pem()),
        secret("ca-key.pem", authority.key().serialize_pem()),
        open("server.pem", server.0),
        secret("server-key.pem", server.1),
        open("client.pem", client.0),
        secret("client-key.pem", client.1),
    ])
}

fn parameters(names: Vec<String>, common_name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, common_name);
    let now = OffsetDateTime::from(SystemTime::now());
    parameters.not_before = now - CERTIFICATE_HEAD_START;
    parameters.not_after = now + CERTIFICATE_VALIDITY;
    Ok(parameters)
}

fn write(path: &Path, file: &NewFile) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(file.mode).open(path)?.write_all(file.text.as_bytes())
}

/// Commands that use the certificates, one per line.
fn commands(out: &Path, names: &[String]) -> String {
    let is_near = |name: &String| {
        name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    let listen = if names.iter().all(is_near) { "127.0.0.1" } else { "0.0.0.0" };
    let host = match names.first() {
        Some(name) if name.contains(':') => format!("[{name}]"),
        Some(name) => name.clone(),
        None => "localhost".into(),
    };
    let out = out.display();
    format!(
        "gild serve --listen {listen}:{PORT} --tls-cert {out}/server.pem --tls-key \
         {out}/server-key.pem --client-ca {out}/ca.pem\n\
         gilctl --server https://{host}:{PORT} --ca {out}/ca.pem --cert {out}/client.pem --key \
         {out}/client-key.pem list\n\
         grpcurl -cacert {out}/ca.pem -cert {out}/client.pem -key {out}/client-key.pem \
         {host}:{PORT} list"
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::server::auth::tls::{ClientCertificates, configuration};

    fn flags(out: &Path, names: &[&str]) -> CertsFlags {
        CertsFlags { out: out.to_owned(), name: names.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn generated_certificates_are_accepted_and_keys_are_private() {
        let directory = tempfile::tempdir().expect("a directory");
        let out = directory.path().join("certs");
        let said = make(&flags(&out, &["lab.example", "10.0.0.1"])).expect("it is empty");
        assert_eq!(said.lines().count(), 3);
        assert!(said.contains("--listen 0.0.0.0:7878"), "{said}");
        assert!(said.contains("https://lab.example:7878"), "{said}");
        for name in ["ca-key.pem", "server-key.pem", "client-key.pem"] {
            let mode = std::fs::metadata(out.join(name)).expect("written").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let (ca, server) = (out.join("ca.pem"), out.join("server.pem"));
        let own_key = out.join("server-key.pem");
        configuration(&server, &own_key, ClientCertificates::Required(&ca)).expect("they fit");
        let error =
            configuration(&server, &out.join("client-key.pem"), ClientCertificates::Unrequested);
        let error = error.expect_err("another's key").to_string();
        assert!(error.contains("client-key.pem: does not fit"), "{error}");
    }

    #[test]
    fn existing_file_prevents_all_writes() {
        let directory = tempfile::tempdir().expect("a directory");
        let old = directory.path().join("client-key.pem");
        std::fs::write(&old, "old").expect("space");
        let error = make(&flags(directory.path(), &["localhost"])).expect_err("it is there");
        assert!(matches!(error, CertsError::File { .. }));
        assert!(error.to_string().contains("client-key.pem"), "{error}");
        assert_eq!(std::fs::read_to_string(&old).expect("it is there"), "old");
        assert!(!directory.path().join("ca.pem").exists());
    }

    #[test]
    fn invalid_host_names_are_rejected() {
        for name in ["", "a b", "https://lab", "lab:443", "-lab", "lab.", "ä", &"x".repeat(64)] {
            let error = check_names(&[name.to_owned()]).expect_err("refused");
            assert_eq!((error.field, error.value), ("name", format!("{name:?}")));
        }
        check_names(&["lab-1.example".into(), "::1".into(), "10.0.0.1".into()]).expect("hosts");
        let many = vec!["lab".to_owned(); CERTIFICATE_NAMES_MAX + 1];
        assert!(check_names(&many).is_err());
    }
}
