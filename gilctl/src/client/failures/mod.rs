//! Failures of calls: a gRPC status, a TLS error or an incomplete answer as a [`Failure`], worded
//! in terms of the flags that were typed.

use tonic::{Code, Status};
use tonic_types::{FieldViolation, StatusExt};

use crate::client::address::Address;
use crate::client::failures::transport::Breakage;
use crate::client::tls_errors;
use crate::client::tls_errors::TlsError;
use crate::error::Failure;
use crate::exit::{Exit, is_broken_connection};
use view::request::said::{Said, fields_as_flags};

pub mod transport;

/// How messages name the daemon; [`Failure::at`] puts its address behind it.
const DAEMON: &str = "the daemon";
/// The way out where daemon and client do not understand each other.
const VERSIONS: &str = "are gild and gilctl of one version?";

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        from_status(&status)
    }
}

impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Self {
        let exit = match error {
            TlsError::NotTls => Exit::Unreachable,
            _ => Exit::Denied,
        };
        let (message, way_out) = tls_message(&error);
        Self::new(exit, message, way_out)
    }
}

/// The failure of a call, with each violation under the name of its flag.
pub fn from_status(status: &Status) -> Failure {
    // A daemon often refuses a certificate only after the handshake, during the first call.
    if let Some(error) = std::error::Error::source(status).and_then(tls_errors::find) {
        return error.into();
    }
    answered(status, violations(status, as_typed))
}

/// The failure of a call whose violations are quoted as the daemon words them, because they are
/// about a script and not about a flag.
pub fn verbatim(status: &Status) -> Failure {
    answered(status, violations(status, |said| said.sentence.to_owned()))
}

/// The failure of a connection attempt.
pub(super) fn unreachable(address: &Address, cause: &tonic::transport::Error) -> Failure {
    if let Some(error) = tls_errors::find(cause) {
        return error.into();
    }
    let breakage = Breakage::of(cause);
    let message = format!("no daemon answers at {}: {}", address.shown(), breakage.in_words());
    Failure::new(Exit::Unreachable, message, breakage.way_out())
}

/// The failure of a call that was answered without the sweep.
pub fn no_sweep(rpc: &str) -> Failure {
    incomplete(rpc, "a sweep")
}

/// The failure of a call that was answered without the exploration.
pub fn no_exploration(rpc: &str) -> Failure {
    incomplete(rpc, "an exploration")
}

/// The failure of a call whose answer lacks its main part.
pub fn incomplete(rpc: &str, missing: &str) -> Failure {
    let message = format!("the daemon answered {rpc} without {missing}");
    Failure::new(Exit::Unexpected, message, VERSIONS)
}

fn answered(status: &Status, details: Vec<String>) -> Failure {
    let exit = Exit::from_status(status);
    if let Some(breakage) = broken(status) {
        return lost(breakage);
    }
    let message = match (status.message(), details.as_slice()) {
        ("", _) => format!("{DAEMON} gives no reason ({})", status.code()),
        // A single violation is the whole message.
        (message, [only]) if is_violation(message, status) => only.clone(),
        (message, _) => fields_as_flags(message),
    };
    let way_out = way_out(exit, status, &message);
    Failure::with_details(exit, message, details, way_out)
}

/// What happened to the connection of a call, if that is why it failed. A daemon's own answer that it
/// is unavailable has no source.
fn broken(status: &Status) -> Option<Breakage> {
    let cause = std::error::Error::source(status)?;
    is_broken_connection(status).then(|| Breakage::of(cause))
}

/// Why a stream failed whose daemon closed it before the last event, as one that shuts down does.
pub const STREAM_ENDED_EARLY: &str = "the stream ended early";

/// Why a call failed, in words: what happened to its connection, or what the daemon answered.
pub fn cause(status: &Status) -> String {
    broken(status).map_or_else(|| status.message().to_owned(), |it| it.in_words().to_owned())
}

/// The failure of a call whose connection broke.
fn lost(breakage: Breakage) -> Failure {
    let message = format!("{DAEMON} cannot be reached: {}", breakage.in_words());
    Failure::new(Exit::Unreachable, message, breakage.way_out())
}

/// The violations of each field, as `word` words them.
fn violations(status: &Status, word: fn(&Said<'_>) -> String) -> Vec<String> {
    let Some(refused) = status.get_details_bad_request() else {
        return Vec::new();
    };
    let info = status.get_details_error_info().filter(|_| refused.field_violations.len() == 1);
    let parts = info.as_ref().map(|info| &info.metadata);
    let said =
        |it: &FieldViolation| word(&Said { field: &it.field, sentence: &it.description, parts });
    refused.field_violations.iter().map(said).collect()
}

fn as_typed(said: &Said<'_>) -> String {
    said.as_typed()
}

/// Whether a message says what its only violation says.
fn is_violation(message: &str, status: &Status) -> bool {
    let says = |it: &FieldViolation| {
        it.description.ends_with(message) || message.ends_with(&it.description)
    };
    let refused = status.get_details_bad_request();
    refused.is_some_and(|refused| refused.field_violations.iter().all(says))
}

/// The way out of a failure whose message names none by itself.
fn way_out(exit: Exit, status: &Status, message: &str) -> String {
    let retry = status.get_details_retry_info().and_then(|info| info.retry_delay);
    match exit {
        Exit::QueueFull if retry.is_some() => {
            let seconds = retry.map_or(1, |delay| delay.as_secs().max(1));
            let says_so = message.contains("try again");
            if says_so {
                format!("that may take {seconds} s")
            } else {
                format!("try again in {seconds} s")
            }
        }
        _ if message.contains("; ") => String::new(),
        Exit::QueueFull => "try again later".to_owned(),
        Exit::Unexpected if status.code() == Code::Unimplemented => VERSIONS.to_owned(),
        Exit::NotFound => "`gilctl list` shows what there is".to_owned(),
        Exit::Unreachable => "start `gild serve`, or leave --server out".to_owned(),
        Exit::Denied => "ask the operator of the daemon for access".to_owned(),
        Exit::Unexpected => "the log of the lab may say more".to_owned(),
        _ => String::new(),
    }
}

fn tls_message(error: &TlsError) -> (String, &'static str) {
    let (message, way_out) = match error {
        TlsError::Expired => ("the daemon's certificate has expired", "get it a new one"),
        TlsError::NotValidYet => {
            ("the daemon's certificate is not valid yet", "compare the clocks")
        }
        TlsError::UnknownIssuer => (
            "no authority of --ca vouches for the daemon's certificate",
            "name the file of the one that does",
        ),
        TlsError::WrongHost => (
            "the daemon's certificate is for other hosts than the one in --server",
            "use a name that it has",
        ),
        TlsError::Rejected(reason) => {
            return (format!("the daemon's certificate is refused: {reason}"), "get it a new one");
        }
        TlsError::NotTls => {
            ("the daemon does not speak TLS there", "write http:// if that is meant")
        }
        TlsError::ClientCertificateRequired => (
            "the daemon asks for a certificate",
            "add --cert FILE and --key FILE of one that it knows the authority of",
        ),
        TlsError::ClientCertificateExpired => ("our certificate has expired", "get a new one"),
        TlsError::ClientIssuerUnknown => (
            "the daemon does not know the authority of our certificate",
            "get one of those that its --client-ca names",
        ),
        TlsError::HandshakeRefused(alert) => {
            return (format!("the daemon refused the handshake: {alert}"), "look into its log");
        }
    };
    (message.to_owned(), way_out)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic_types::ErrorDetails;

    use super::*;
    use crate::error::tests::text;

    #[test]
    fn violations_of_several_fields_are_listed_one_per_line() {
        let details = ErrorDetails::with_bad_request(vec![
            FieldViolation::new("workers", "0 is outside the limits 1 to 64"),
            FieldViolation::new("strategies", "strategies: gill is unknown; did you mean gil?"),
        ]);
        let status = Status::with_error_details(Code::InvalidArgument, "refused", details);
        let failure = from_status(&status);
        assert_eq!(failure.exit(), Exit::Usage);
        assert_eq!(
            text(&failure),
            "gilctl: refused\n  --workers: 0 is outside the limits 1 to 64\n  \
             --strategy: gill is unknown; did you mean gil?"
        );
    }

    #[test]
    fn full_queue_names_the_retry_delay() {
        let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(4)));
        let status = Status::with_error_details(Code::ResourceExhausted, "queue full", details);
        assert_eq!(text(&status.into()), "gilctl: queue full; try again in 4 s");
    }

    #[test]
    fn tls_errors_name_cause_exit_and_way_out() {
        #[track_caller]
        fn says(error: TlsError, exit: Exit, message: &str) {
            let failure = Failure::from(error);
            assert_eq!(failure.exit(), exit);
            assert!(text(&failure).contains(message), "{}", text(&failure));
        }
        says(TlsError::Expired, Exit::Denied, "has expired; get it");
        says(TlsError::NotValidYet, Exit::Denied, "the clocks");
        says(TlsError::UnknownIssuer, Exit::Denied, "of --ca vouches");
        says(TlsError::WrongHost, Exit::Denied, "other hosts");
        says(TlsError::Rejected("revoked".into()), Exit::Denied, "is refused");
        let required = TlsError::ClientCertificateRequired;
        says(required, Exit::Denied, "asks for a certificate; add --cert");
        says(TlsError::ClientCertificateExpired, Exit::Denied, "our certificate has expired");
        says(TlsError::ClientIssuerUnknown, Exit::Denied, "does not know the authority");
        let refused = TlsError::HandshakeRefused("InternalError".into());
        says(refused, Exit::Denied, "refused the handshake: InternalError");
        says(TlsError::NotTls, Exit::Unreachable, "does not speak TLS there; write http://");
    }
}
