//! Failure of a command: an exit code, a message, details and a way out.

use std::fmt;
use std::io;

use crate::exit::Exit;
use view::request::parse::ValueError;

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A failure with a message.
    Message(Box<Message>),
    /// The reader of stdout closed the pipe; gilctl exits without a message.
    BrokenPipe,
}

/// A message, its details and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    exit: Exit,
    text: String,
    details: Vec<String>,
    way_out: String,
}

impl Failure {
    /// A failure with a message and a way out, which may be empty.
    pub fn new(exit: Exit, message: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self::with_details(exit, message, Vec::new(), way_out)
    }

    /// A failure with details, which are shown one per line.
    pub fn with_details(
        exit: Exit,
        message: impl Into<String>,
        details: Vec<String>,
        way_out: impl Into<String>,
    ) -> Self {
        let (text, way_out) = (message.into(), way_out.into());
        Self::Message(Box::new(Message { exit, text, details, way_out }))
    }

    /// The refusal of a flag that can change nothing in what was typed: what it is about, the way out.
    pub fn without_effect(flag: &str, about: &str, way_out: impl Into<String>) -> Self {
        Self::new(Exit::Usage, format!("{flag}: changes nothing here: {about}"), way_out)
    }

    /// The refusal of a history that was named beside a daemon.
    pub fn other_history(flag: &str, daemon: &str) -> Self {
        let about = format!("the daemon at {daemon} keeps its own history");
        let way_out = "leave it out, or run a lab inside gilctl with --embedded";
        Self::without_effect(flag, &about, way_out)
    }

    /// The same failure, with the address of the daemon that it is about.
    #[must_use]
    pub fn at(mut self, address: &str) -> Self {
        const DAEMON: &str = "the daemon ";
        if let Self::Message(message) = &mut self
            && let Some(rest) = message.text.strip_prefix(DAEMON)
        {
            message.text = format!("{DAEMON}at {address} {rest}");
        }
        self
    }

    /// What went wrong, in one line without the way out; empty for a broken pipe.
    pub fn reason(&self) -> &str {
        match self {
            Self::Message(message) => &message.text,
            Self::BrokenPipe => "",
        }
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Message(message) => message.exit,
            Self::BrokenPipe => Exit::Fine,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gilctl: {}", self.text)?;
        if !self.way_out.is_empty() {
            write!(f, "; {}", self.way_out)?;
        }
        // A detail that repeats the message is left out.
        for detail in self.details.iter().filter(|detail| **detail != self.text) {
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

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::BrokenPipe;
        }
        Self::new(Exit::Unexpected, format!("stdout: {error}"), "send it elsewhere")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The text of a failure; nothing of a broken pipe.
    pub(crate) fn text(failure: &Failure) -> String {
        match failure {
            Failure::Message(message) => message.to_string(),
            Failure::BrokenPipe => String::new(),
        }
    }

    #[test]
    fn broken_pipe_exits_0_without_message() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.exit(), text(&failure)), (Exit::Fine, String::new()));
    }
}
