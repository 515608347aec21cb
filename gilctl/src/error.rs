//! Why a command ends early: an exit code, one line, and what to do about it.

use std::fmt;
use std::io;

use crate::exit::Exit;

/// The end of a command that could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Something to tell.
    Message(Box<Message>),
    /// Whoever read stdout has gone; there is nobody to tell.
    BrokenPipe,
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
        Self::with_details(exit, message, Vec::new(), way_out)
    }

    /// A failure with details, a line each.
    pub fn with_details(
        exit: Exit,
        message: impl Into<String>,
        details: Vec<String>,
        way_out: impl Into<String>,
    ) -> Self {
        let (message, way_out) = (message.into(), way_out.into());
        Self::Message(Box::new(Message { exit, message, details, way_out }))
    }

    /// How gilctl ends.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Message(told) => told.exit,
            Self::BrokenPipe => Exit::Fine,
        }
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

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::BrokenPipe;
        }
        Self::new(Exit::Unexpected, format!("stdout: {error}"), "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(failure: &Failure) -> String {
        match failure {
            Failure::Message(told) => told.to_string(),
            Failure::BrokenPipe => String::new(),
        }
    }

    #[test]
    fn a_broken_pipe_is_silent() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.exit(), told(&failure)), (Exit::Fine, String::new()));
    }
}
