//! Why the daemon cannot run, and the exit code that says so to scripts. Prints nothing.

use std::io;
use std::process::ExitCode;

use crate::daemon::activation::ActivationError;
use crate::daemon::certs::CertsError;
use crate::daemon::settings::origin::SettingsError;
use crate::server::error::ServeError;
use crate::store::error::HistoryError;
use engine::jobs::scheduler::error;

/// How the daemon ends, as the help lists it; the numbers are those of sysexits.h where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Something nobody thought of.
    Unexpected = 1,
    /// What was typed is refused.
    Usage = 2,
    /// Somebody listens there already.
    InUse = 69,
    /// A socket or the history cannot be created.
    CannotCreate = 73,
    /// The disk is full, or the history is damaged.
    Disk = 74,
    /// What stands in the environment or the config file is refused, or what a service manager
    /// handed over.
    Configuration = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why the daemon cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There are no settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// What was typed is well-formed and still cannot be had.
    #[error("--{0}")]
    Typed(String),
    /// What the service manager handed over is of no use.
    #[error(transparent)]
    Activation(#[from] ActivationError),
    /// A socket cannot be had, or failed.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Certificates cannot be made.
    #[error(transparent)]
    Certs(#[from] CertsError),
    /// The history cannot be had, or cannot go on.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// There is no lane on these terms.
    #[error(transparent)]
    Lane(#[from] error::StartError),
    /// The system refuses a thread, a signal or a runtime.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Failure {
    /// The exit code.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Settings(SettingsError::Usage(_))
            | Self::Typed(_)
            | Self::Certs(CertsError::Name(_))
            | Self::Lane(error::StartError::Limit(_)) => Exit::Usage,
            Self::Settings(_) | Self::Activation(_) | Self::Serve(ServeError::Credentials(_)) => {
                Exit::Configuration
            }
            Self::Serve(ServeError::InUse { .. }) => Exit::InUse,
            Self::Serve(ServeError::Bind { .. }) | Self::Certs(CertsError::File { .. }) => {
                Exit::CannotCreate
            }
            Self::History(error) => exit_of_history(error),
            Self::Serve(ServeError::Transport(_) | ServeError::Thread(_))
            | Self::Certs(CertsError::Make(_))
            | Self::Lane(error::StartError::Thread(_))
            | Self::System(_) => Exit::Unexpected,
        }
    }
}

const fn exit_of_history(error: &HistoryError) -> Exit {
    match error {
        HistoryError::NoPlace | HistoryError::CannotOpen { .. } => Exit::CannotCreate,
        HistoryError::InUse { .. } => Exit::InUse,
        HistoryError::Newer { .. } | HistoryError::Foreign { .. } => Exit::Configuration,
        HistoryError::Full { .. } | HistoryError::Damaged { .. } => Exit::Disk,
        HistoryError::NotFound(_)
        | HistoryError::NoRoom { .. }
        | HistoryError::Suspended
        | HistoryError::Unreadable(_)
        | HistoryError::Gone
        | HistoryError::Failed { .. } => Exit::Unexpected,
    }
}

impl From<crate::lab::error::StartError> for Failure {
    fn from(error: crate::lab::error::StartError) -> Self {
        match error {
            crate::lab::error::StartError::History(error) => Self::History(error),
            crate::lab::error::StartError::Scheduler(error) => Self::Lane(error),
            crate::lab::error::StartError::System(error) => Self::System(error),
        }
    }
}
