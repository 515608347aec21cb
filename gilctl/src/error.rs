//! Why a command ends early: an exit code, one line, and what to do about it.

use std::fmt;
use std::io;

use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::cli::parse::ValueError;
use crate::client::tls_errors;
use crate::exit::{Exit, is_broken_connection};

/// The end of a command that could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Something to tell.
    Message(Box<Message>),
    /// Whoever read stdout has gone; there is nobody to tell.
    NobodyReads,
}

/// What is told: the message, details a line each, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    exit: Exit,
    message: String,
    details: Vec<String>,
    way_out: String,
}

impl Failure {
    /// A failure with its way out; an empty one says nothing.
    pub fn new(exit: Exit, message: impl Into<String>, way_out: impl Into<String>) -> Self {
        let (message, way_out) = (message.into(), way_out.into());
        Self::Message(Box::new(Message { exit, message, details: Vec::new(), way_out }))
    }

    /// What a call answered, in terms of flags.
    pub fn from_status(status: &Status) -> Self {
        // Whoever is refused by TLS often hears of it only on the first call.
        if let Some(failure) = std::error::Error::source(status).and_then(tls_errors::failure) {
            return failure;
        }
        Self::answered(status, violations(status, as_typed))
    }

    /// What a call answered, word for word: of a script there are no flags to speak of.
    pub fn verbatim(status: &Status) -> Self {
        Self::answered(status, violations(status, |_, said| said.to_owned()))
    }

    fn answered(status: &Status, details: Vec<String>) -> Self {
        let exit = Exit::from_status(status);
        let message = match status.message() {
            "" => format!("the daemon answered {:?}", status.code()),
            _ if is_broken_connection(status) => {
                format!("the daemon cannot be reached: {}", status.message())
            }
            // A single violation is the whole message.
            message => match details.as_slice() {
                [only] if only.ends_with(message) || message.ends_with(said(only)) => only.clone(),
                _ => message.to_owned(),
            },
        };
        let way_out = way_out(exit, status);
        Self::Message(Box::new(Message { exit, message, details, way_out }))
    }

    /// How gilctl ends.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Message(told) => told.exit,
            Self::NobodyReads => Exit::Fine,
        }
    }
}

/// What is wrong with each field, as `said` puts it.
fn violations(status: &Status, said: fn(&str, &str) -> String) -> Vec<String> {
    let Some(refused) = status.get_details_bad_request() else {
        return Vec::new();
    };
    refused.field_violations.iter().map(|v| said(&v.field, &v.description)).collect()
}

/// A violation without its flag.
fn said(violation: &str) -> &str {
    violation.split_once(": ").map_or(violation, |(_, said)| said)
}

/// What the daemon says of a field, under the name of the flag that was typed.
fn as_typed(field: &str, description: &str) -> String {
    let said = description.strip_prefix(field).and_then(|rest| rest.strip_prefix(": "));
    let said = said.unwrap_or(description);
    let flag = match field {
        // Of a file there is no flag to speak of.
        "" | "chunk" => return said.to_owned(),
        "strategies" => "--strategy".to_owned(),
        "eras" => "--era".to_owned(),
        "bodies" => "--body".to_owned(),
        "io_calls" => "--io".to_owned(),
        "python" | "pythons" => "--python".to_owned(),
        "after_sequence" => "--after".to_owned(),
        _ if field.contains(' ') || ["cells", "spec", "name", "names"].contains(&field) => {
            field.to_owned()
        }
        _ => {
            let units = ["_ns", "_ps", "_percent", "_permille", "_per_s"];
            let bare = units.iter().find_map(|unit| field.strip_suffix(unit));
            let name = bare.unwrap_or(field);
            format!("--{}", name.replace('_', "-"))
        }
    };
    format!("{flag}: {said}")
}

fn way_out(exit: Exit, status: &Status) -> String {
    match exit {
        Exit::QueueFull => match status.get_details_retry_info().and_then(|i| i.retry_delay) {
            Some(delay) => format!("try again in {} s", delay.as_secs().max(1)),
            None => "try again later".to_owned(),
        },
        Exit::Unexpected if status.code() == Code::Unimplemented => {
            "are gild and gilctl of one version?".to_owned()
        }
        Exit::NotFound => "`gilctl list` shows what there is".to_owned(),
        Exit::Unreachable => "start `gild serve`, or leave --server out".to_owned(),
        Exit::Denied => "ask whoever runs the daemon for access".to_owned(),
        _ => String::new(),
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gilctl: {}", self.message)?;
        if !self.way_out.is_empty() {
            write!(f, "; {}", self.way_out)?;
        }
        // A daemon that says the same in its message and in its details is quoted once.
        for detail in self.details.iter().filter(|detail| **detail != self.message) {
            write!(f, "\n  {detail}")?;
        }
        Ok(())
    }
}

impl From<ValueError> for Failure {
    fn from(error: ValueError) -> Self {
        Self::new(Exit::Usage, error.to_string(), "")
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::from_status(&status)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::NobodyReads;
        }
        Self::new(Exit::Unexpected, format!("stdout: {error}"), "")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic_types::{ErrorDetails, FieldViolation};

    use super::*;

    fn told(failure: &Failure) -> String {
        match failure {
            Failure::Message(told) => told.to_string(),
            Failure::NobodyReads => String::new(),
        }
    }

    #[test]
    fn violations_stand_one_a_line() {
        let details = ErrorDetails::with_bad_request(vec![
            FieldViolation::new("workers", "0 is outside the limits 1 to 64"),
            FieldViolation::new("strategies", "strategies: gill is unknown; did you mean gil?"),
        ]);
        let status = Status::with_error_details(Code::InvalidArgument, "refused", details);
        let failure = Failure::from_status(&status);
        assert_eq!(failure.exit(), Exit::Usage);
        assert_eq!(
            told(&failure),
            "gilctl: refused\n  --workers: 0 is outside the limits 1 to 64\n  \
             --strategy: gill is unknown; did you mean gil?"
        );
    }

    #[test]
    fn a_full_queue_says_when_to_come_back() {
        let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(4)));
        let status = Status::with_error_details(Code::ResourceExhausted, "queue full", details);
        assert_eq!(told(&status.into()), "gilctl: queue full; try again in 4 s");
    }

    #[test]
    fn a_broken_pipe_is_silent() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.exit(), told(&failure)), (Exit::Fine, String::new()));
    }
}
