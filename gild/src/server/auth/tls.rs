//! TLS configuration from certificate and key files, and the name in a client's certificate. Performs
//! no handshake.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::server::auth::secret_file::{CredentialError, Readers, read};

/// Application protocols: gRPC and browsers use the first, simple clients the second.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// Most characters of a subject that names its certificate in logs and lists.
const SUBJECT_CHARS_MAX: usize = 64;
const WAY_OUT: &str = "name a PEM file (`gild certs` makes some for trials)";

/// Whether clients present a certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ClientCertificates<'a> {
    /// The server requests none.
    Unrequested,
    /// Clients may present one of these authorities, or a token later.
    Optional(&'a Path),
    /// Clients must present one of these authorities.
    Required(&'a Path),
}

/// TLS configuration of the port, from the current files.
pub(crate) fn configuration(
    certificate: &Path,
    key: &Path,
    clients: ClientCertificates<'_>,
) -> Result<Arc<ServerConfig>, CredentialError> {
    let chain = certificates(certificate)?;
    check_validity(certificate, &chain[0])?;
    let key_der = PrivateKeyDer::from_pem_slice(&read(key, Readers::Group)?)
        .map_err(|_| CredentialError::new(key, "holds no private key", WAY_OUT))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| CredentialError::new(certificate, error.to_string(), WAY_OUT))?;
    let builder = match clients {
        ClientCertificates::Unrequested => builder.with_no_client_auth(),
        ClientCertificates::Optional(path) | ClientCertificates::Required(path) => {
            builder.with_client_cert_verifier(verifier(path, clients)?)
        }
    };
    let mut configuration = builder.with_single_cert(chain, key_der).map_err(|error| {
        let problem = format!("does not fit {}: {error}", certificate.display());
        CredentialError::new(key, problem, "name the certificate and the key of one pair")
    })?;
    configuration.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(Arc::new(configuration))
}

fn verifier(
    path: &Path,
    clients: ClientCertificates<'_>,
) -> Result<Arc<dyn ClientCertVerifier>, CredentialError> {
    let refuse = |problem: String| CredentialError::new(path, problem, WAY_OUT);
    let mut roots = RootCertStore::empty();
    for authority in certificates(path)? {
        roots.add(authority).map_err(|error| refuse(format!("holds no authority: {error}")))?;
    }
    let provider = Arc::new(default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = match clients {
        ClientCertificates::Optional(_) => builder.allow_unauthenticated(),
        ClientCertificates::Unrequested | ClientCertificates::Required(_) => builder,
    };
    builder.build().map_err(|error| refuse(error.to_string()))
}

/// The certificates of a file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CredentialError> {
    let bytes = read(path, Readers::All)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) | Err(_) => Err(CredentialError::new(path, "holds no certificate", WAY_OUT)),
    }
}

/// Rejects a certificate that is expired or not yet valid, because no client would accept it.
fn check_validity(path: &Path, certificate: &CertificateDer<'_>) -> Result<(), CredentialError> {
    let Ok(parsed) = Certificate::from_der(certificate) else {
        return Err(CredentialError::new(path, "holds no certificate", WAY_OUT));
    };
    let validity = parsed.tbs_certificate().validity();
    let valid = validity.not_before.to_system_time()..=validity.not_after.to_system_time();
    if valid.contains(&SystemTime::now()) {
        return Ok(());
    }
    let problem = format!("is valid from {} to {} only", validity.not_before, validity.not_after);
    Err(CredentialError::new(path, problem, "get a new certificate, or set the clock right"))
}

/// Names of hosts that a certificate is for (its subject's alternative names), e.g. `*.lab.example`.
pub(crate) fn host_names(certificate: &Path) -> Result<Vec<String>, CredentialError> {
    let chain = certificates(certificate)?;
    let names = Certificate::from_der(&chain[0]).ok().and_then(|parsed| {
        let extension = parsed.tbs_certificate().get_extension::<SubjectAltName>().ok()??.1;
        let dns = extension.0.iter().filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.to_string()),
            _ => None,
        });
        Some(dns.collect())
    });
    Ok(names.unwrap_or_default())
}

/// Name of a client's certificate: the common name of its subject if that is short and printable,
/// else its fingerprint. The handshake has verified its signature.
pub(crate) fn name_of(certificate: &CertificateDer<'_>) -> String {
    let fingerprint =
        || format!("sha256:{}", HEXLOWER.encode(digest(&SHA256, certificate).as_ref()));
    let common_name = Certificate::from_der(certificate).ok().and_then(|parsed| {
        let name = parsed.tbs_certificate().subject().common_name().ok()??;
        Some(name.value().into_owned())
    });
    let is_plain = |name: &String| {
        (1..=SUBJECT_CHARS_MAX).contains(&name.chars().count())
            && !name.chars().any(char::is_control)
    };
    common_name.filter(is_plain).unwrap_or_else(fingerprint)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    fn certificate(common_name: &str) -> CertificateDer<'static> {
        let mut parameters = CertificateParams::new(vec!["lab".into()]).expect("a host");
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        if !common_name.is_empty() {
            parameters.distinguished_name.push(DnType::CommonName, common_name);
        }
        let key = KeyPair::generate().expect("randomness");
        parameters.self_signed(&key).expect("it signs").der().clone()
    }

    #[test]
    fn certificate_name_is_subject_or_fingerprint() {
        assert_eq!(name_of(&certificate("anna of the lab")), "anna of the lab");
        for odd in ["", "two\nlines", &"x".repeat(65)] {
            let name = name_of(&certificate(odd));
            assert!(name.starts_with("sha256:") && name.len() == 7 + 64, "{name}");
        }
        let nonsense = CertificateDer::from(vec![1, 2, 3]);
        assert!(name_of(&nonsense).starts_with("sha256:"));
    }
}
