//! Why gilctl and a daemon do not trust each other, in words: what TLS says in error chains.
//! Connects nowhere.

use std::error::Error;
use std::io;

use tokio_rustls::rustls;
use tokio_rustls::rustls::CertificateError;

use crate::error::Failure;
use crate::exit::Exit;

/// How rustls begins what the other side said of us. HTTP/2 passes on the words alone.
const ALERT: &str = "received fatal alert: ";

/// What to tell if TLS is why a call or a connection failed.
pub fn failure(error: &(dyn Error + 'static)) -> Option<Failure> {
    let found = error.downcast_ref::<rustls::Error>().or_else(|| inside(error));
    let here = found.and_then(of_tls).or_else(|| of_words(&error.to_string()));
    here.or_else(|| failure(error.source()?))
}

/// An I/O error does not show what it holds as its source.
fn inside<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    error.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()
}

fn of_tls(error: &rustls::Error) -> Option<Failure> {
    match error {
        rustls::Error::InvalidCertificate(reason) => Some(bad_certificate(reason)),
        rustls::Error::AlertReceived(alert) => Some(alerted(&format!("{alert:?}"))),
        rustls::Error::InvalidMessage(_) => {
            let message = "the daemon does not speak TLS there";
            Some(Failure::new(Exit::Unreachable, message, "write http:// if that is meant"))
        }
        _ => None,
    }
}

fn of_words(said: &str) -> Option<Failure> {
    let (_, alert) = said.split_once(ALERT)?;
    Some(alerted(alert.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(alert)))
}

fn bad_certificate(reason: &CertificateError) -> Failure {
    let (message, way_out) = match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("the daemon's certificate has expired".to_owned(), "get it a new one")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("the daemon's certificate is not valid yet".to_owned(), "compare the clocks")
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            "no authority of --ca vouches for the daemon's certificate".to_owned(),
            "name the file of the one that does",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "the daemon's certificate is for other hosts than the one in --server".to_owned(),
            "use a name that it has",
        ),
        other => (format!("the daemon's certificate is refused: {other}"), "get it a new one"),
    };
    Failure::new(Exit::Denied, message, way_out)
}

/// What the daemon says of us.
fn alerted(alert: &str) -> Failure {
    let (message, way_out) = match alert {
        "CertificateRequired" | "HandshakeFailure" => (
            "the daemon asks for a certificate".to_owned(),
            "add --cert FILE and --key FILE of one that it knows the authority of",
        ),
        "CertificateExpired" => ("our certificate has expired".to_owned(), "get a new one"),
        "UnknownCA" | "DecryptError" => (
            "the daemon does not know the authority of our certificate".to_owned(),
            "get one of those that its --client-ca names",
        ),
        other => (format!("the daemon refused the handshake: {other}"), "look into its log"),
    };
    Failure::new(Exit::Denied, message, way_out)
}

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, InvalidMessage};

    use super::*;

    #[track_caller]
    fn tells(error: rustls::Error, exit: Exit, message: &str) {
        let error = io::Error::new(io::ErrorKind::InvalidData, error);
        let found = failure(&error).expect("TLS is the reason");
        assert_eq!(found.exit(), exit);
        let Failure::Message(told) = found else { panic!("silent") };
        assert!(told.to_string().contains(message), "{told}");
    }

    #[test]
    fn each_cause_has_its_words() {
        use rustls::Error::{AlertReceived, InvalidCertificate};
        tells(InvalidCertificate(CertificateError::Expired), Exit::Denied, "has expired; get it");
        tells(InvalidCertificate(CertificateError::NotValidYet), Exit::Denied, "the clocks");
        tells(InvalidCertificate(CertificateError::UnknownIssuer), Exit::Denied, "of --ca vouches");
        tells(InvalidCertificate(CertificateError::NotValidForName), Exit::Denied, "other hosts");
        tells(InvalidCertificate(CertificateError::Revoked), Exit::Denied, "is refused");
        let alert = |alert, words| tells(AlertReceived(alert), Exit::Denied, words);
        alert(AlertDescription::CertificateRequired, "asks for a certificate; add --cert");
        alert(AlertDescription::CertificateExpired, "our certificate has expired");
        alert(AlertDescription::UnknownCA, "does not know the authority");
        alert(AlertDescription::InternalError, "refused the handshake: InternalError");
        let message = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
        tells(message, Exit::Unreachable, "does not speak TLS there; write http://");
    }

    #[test]
    fn words_that_come_through_http2_are_known_too() {
        let passed_on = io::Error::other("connection error: received fatal alert: UnknownCA (48)");
        let Some(Failure::Message(told)) = failure(&passed_on) else { panic!("not known") };
        assert!(told.to_string().contains("does not know the authority"), "{told}");
        assert_eq!(failure(&io::Error::other("connection refused")), None);
    }
}
