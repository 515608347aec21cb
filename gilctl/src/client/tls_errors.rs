//! TLS errors found in the source chain of an error. Connects nowhere and words nothing.

use std::error::Error;
use std::io;

use tokio_rustls::rustls;
use tokio_rustls::rustls::CertificateError;

/// The prefix with which rustls reports an alert of the peer. HTTP/2 passes on the text alone.
const ALERT: &str = "received fatal alert: ";

/// Why a TLS connection failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsError {
    /// The daemon's certificate has expired.
    Expired,
    /// The daemon's certificate is not valid yet.
    NotValidYet,
    /// No known authority signed the daemon's certificate.
    UnknownIssuer,
    /// The daemon's certificate names other hosts.
    WrongHost,
    /// The daemon's certificate is refused for another reason.
    Rejected(String),
    /// The daemon does not speak TLS.
    NotTls,
    /// The daemon requires a client certificate.
    ClientCertificateRequired,
    /// The client certificate has expired.
    ClientCertificateExpired,
    /// The daemon does not know the authority of the client certificate.
    ClientIssuerUnknown,
    /// The daemon ended the handshake with another alert.
    HandshakeRefused(String),
}

/// The TLS error that caused `error`, if there is one.
pub fn find(error: &(dyn Error + 'static)) -> Option<TlsError> {
    let found = error.downcast_ref::<rustls::Error>().or_else(|| inner(error));
    let here = found.and_then(classify).or_else(|| from_text(&error.to_string()));
    here.or_else(|| find(error.source()?))
}

/// The TLS error inside an I/O error, which is not part of the source chain.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    error.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()
}

fn classify(error: &rustls::Error) -> Option<TlsError> {
    match error {
        rustls::Error::InvalidCertificate(reason) => Some(daemon_certificate(reason)),
        rustls::Error::AlertReceived(alert) => Some(from_alert(&format!("{alert:?}"))),
        rustls::Error::InvalidMessage(_) => Some(TlsError::NotTls),
        _ => None,
    }
}

fn from_text(text: &str) -> Option<TlsError> {
    let (_, alert) = text.split_once(ALERT)?;
    Some(from_alert(alert.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(alert)))
}

fn daemon_certificate(reason: &CertificateError) -> TlsError {
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsError::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsError::NotValidYet
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsError::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsError::WrongHost
        }
        other => TlsError::Rejected(other.to_string()),
    }
}

/// The alert with which the daemon refused this client.
fn from_alert(alert: &str) -> TlsError {
    match alert {
        "CertificateRequired" | "HandshakeFailure" => TlsError::ClientCertificateRequired,
        "CertificateExpired" => TlsError::ClientCertificateExpired,
        "UnknownCA" | "DecryptError" => TlsError::ClientIssuerUnknown,
        other => TlsError::HandshakeRefused(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, InvalidMessage};

    use super::*;

    #[track_caller]
    fn finds(error: rustls::Error, wanted: TlsError) {
        let error = io::Error::new(io::ErrorKind::InvalidData, error);
        assert_eq!(find(&error), Some(wanted));
    }

    #[test]
    fn rustls_errors_are_classified() {
        use rustls::Error::{AlertReceived, InvalidCertificate};
        finds(InvalidCertificate(CertificateError::Expired), TlsError::Expired);
        finds(InvalidCertificate(CertificateError::NotValidYet), TlsError::NotValidYet);
        finds(InvalidCertificate(CertificateError::UnknownIssuer), TlsError::UnknownIssuer);
        finds(InvalidCertificate(CertificateError::NotValidForName), TlsError::WrongHost);
        let revoked = CertificateError::Revoked;
        finds(InvalidCertificate(revoked.clone()), TlsError::Rejected(revoked.to_string()));
        let alert = |alert, wanted| finds(AlertReceived(alert), wanted);
        alert(AlertDescription::CertificateRequired, TlsError::ClientCertificateRequired);
        alert(AlertDescription::CertificateExpired, TlsError::ClientCertificateExpired);
        alert(AlertDescription::UnknownCA, TlsError::ClientIssuerUnknown);
        let refused = TlsError::HandshakeRefused("InternalError".to_owned());
        alert(AlertDescription::InternalError, refused);
        let message = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
        finds(message, TlsError::NotTls);
    }

    #[test]
    fn alert_passed_on_as_text_by_http2_is_classified() {
        let passed_on = io::Error::other("connection error: received fatal alert: UnknownCA (48)");
        assert_eq!(find(&passed_on), Some(TlsError::ClientIssuerUnknown));
        assert_eq!(find(&io::Error::other("connection refused")), None);
    }
}
