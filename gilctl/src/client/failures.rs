//! Failures of calls: a gRPC status, a TLS error or an incomplete answer as a [`Failure`], worded
//! in terms of the flags that were typed.

use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::client::address::Address;
use crate::client::tls_errors;
use crate::client::tls_errors::TlsError;
use crate::error::Failure;
use crate::exit::{Exit, is_broken_connection};

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
    answered(status, violations(status, |_, said| said.to_owned()))
}

/// The failure of a connection attempt.
pub(super) fn unreachable(address: &Address, cause: &tonic::transport::Error) -> Failure {
    if let Some(error) = tls_errors::find(cause) {
        return error.into();
    }
    let message = format!("no daemon answers at {} ({})", address.shown(), root_cause(cause));
    Failure::new(Exit::Unreachable, message, "start `gild serve`, or leave --server out")
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
pub(super) fn incomplete(rpc: &str, missing: &str) -> Failure {
    let message = format!("the daemon answered {rpc} without {missing}");
    Failure::new(Exit::Unexpected, message, VERSIONS)
}

fn answered(status: &Status, details: Vec<String>) -> Failure {
    let exit = Exit::from_status(status);
    let message = match status.message() {
        "" => format!("the daemon answered {:?}", status.code()),
        _ if is_broken_connection(status) => {
            format!("the daemon cannot be reached: {}", status.message())
        }
        // A single violation is the whole message.
        message => match details.as_slice() {
            [only] if only.ends_with(message) || message.ends_with(without_flag(only)) => {
                only.clone()
            }
            _ => message.to_owned(),
        },
    };
    Failure::with_details(exit, message, details, way_out(exit, status))
}

/// The violations of each field, as `word` words them.
fn violations(status: &Status, word: fn(&str, &str) -> String) -> Vec<String> {
    let Some(refused) = status.get_details_bad_request() else {
        return Vec::new();
    };
    refused.field_violations.iter().map(|it| word(&it.field, &it.description)).collect()
}

/// A violation without its flag.
fn without_flag(violation: &str) -> &str {
    violation.split_once(": ").map_or(violation, |(_, said)| said)
}

/// The description of a field, under the name of the flag that was typed.
fn as_typed(field: &str, description: &str) -> String {
    let said = description.strip_prefix(field).and_then(|rest| rest.strip_prefix(": "));
    let said = said.unwrap_or(description);
    // The content of a file has no flag.
    if ["", "chunk"].contains(&field) {
        return said.to_owned();
    }
    format!("{}: {said}", flag_of(field))
}

/// The flag of a field of a request, as it is typed; what is computed from several fields has none and
/// stays as it is.
pub fn flag_of(field: &str) -> String {
    match field {
        "strategies" => "--strategy".to_owned(),
        "eras" => "--era".to_owned(),
        "bodies" => "--body".to_owned(),
        "io_calls" => "--io".to_owned(),
        "python" | "pythons" => "--python".to_owned(),
        "after_sequence" => "--after".to_owned(),
        "keep_duration_ns" => "--keep".to_owned(),
        _ if field.contains(' ') || ["cells", "spec", "name", "names"].contains(&field) => {
            field.to_owned()
        }
        _ => {
            let units = ["_ns", "_ps", "_percent", "_permille", "_per_s"];
            let bare = units.iter().find_map(|unit| field.strip_suffix(unit));
            let name = bare.unwrap_or(field);
            format!("--{}", name.replace('_', "-"))
        }
    }
}

fn way_out(exit: Exit, status: &Status) -> String {
    match exit {
        Exit::QueueFull => match status.get_details_retry_info().and_then(|i| i.retry_delay) {
            Some(delay) => format!("try again in {} s", delay.as_secs().max(1)),
            None => "try again later".to_owned(),
        },
        Exit::Unexpected if status.code() == Code::Unimplemented => VERSIONS.to_owned(),
        Exit::NotFound => "`gilctl list` shows what there is".to_owned(),
        Exit::Unreachable => "start `gild serve`, or leave --server out".to_owned(),
        Exit::Denied => "ask the operator of the daemon for access".to_owned(),
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

/// The innermost source of an error.
fn root_cause(error: &dyn std::error::Error) -> &dyn std::error::Error {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic_types::{ErrorDetails, FieldViolation};

    use super::*;

    fn text(failure: &Failure) -> String {
        match failure {
            Failure::Message(message) => message.to_string(),
            Failure::BrokenPipe => String::new(),
        }
    }

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
