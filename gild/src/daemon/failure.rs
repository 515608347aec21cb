//! Failures of the daemon, and the exit code of each. Prints nothing.

use std::io;

use crate::daemon::activation::ActivationError;
use crate::daemon::certs::CertsError;
use crate::daemon::cli::exit::Exit;
use crate::daemon::settings::origin::SettingsError;
use crate::server::error::ServeError;
use crate::store::error::HistoryError;
use crate::store::sqlite::backup::BackupError;
use engine::jobs::scheduler::error;

/// Failure of the daemon.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The settings cannot be loaded.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A flag is well-formed and cannot be applied.
    #[error("--{0}")]
    Typed(String),
    /// The inherited sockets cannot be used.
    #[error(transparent)]
    Activation(#[from] ActivationError),
    /// A socket cannot be bound, or failed.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Certificates cannot be created.
    #[error(transparent)]
    Certs(#[from] CertsError),
    /// The history cannot be opened, or has failed.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The history cannot be backed up or restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The lanes cannot be started with these settings.
    #[error(transparent)]
    Lane(#[from] error::StartError),
    /// The system refused a thread, a signal handler or a runtime.
    #[error(
        "the system refused what a daemon needs: {0}; end another program, or raise the process limit"
    )]
    System(#[from] io::Error),
}

impl Failure {
    /// The exit code.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Settings(SettingsError::Usage(_))
            | Self::Typed(_)
            | Self::Certs(CertsError::Name(_))
            | Self::Lane(error::StartError::Limit(_))
            | Self::Backup(
                BackupError::NoHistory(_) | BackupError::Exists(_) | BackupError::HasHistory(_),
            ) => Exit::Usage,
            Self::Settings(_) | Self::Activation(_) | Self::Serve(ServeError::Credentials(_)) => {
                Exit::Configuration
            }
            Self::Serve(ServeError::InUse { .. }) => Exit::InUse,
            Self::Serve(ServeError::Bind { .. })
            | Self::Certs(CertsError::File { .. })
            | Self::Backup(BackupError::File { .. }) => Exit::CannotCreate,
            Self::History(error) | Self::Backup(BackupError::History(error)) => {
                exit_of_history(error)
            }
            Self::Serve(ServeError::Transport(_) | ServeError::Thread(_))
            | Self::Certs(CertsError::Make(_))
            | Self::Lane(error::StartError::Thread(_))
            | Self::System(_) => Exit::Unexpected,
        }
    }
}

const fn exit_of_history(error: &HistoryError) -> Exit {
    match error {
        HistoryError::NoPlace
        | HistoryError::CannotOpen { .. }
        | HistoryError::CannotRead { .. } => Exit::CannotCreate,
        HistoryError::InUse { .. } | HistoryError::BeingRead { .. } => Exit::InUse,
        HistoryError::Newer { .. } | HistoryError::Foreign { .. } => Exit::Configuration,
        HistoryError::Full { .. }
        | HistoryError::Damaged { .. }
        | HistoryError::LogMissing { .. } => Exit::Disk,
        HistoryError::NotFound(_)
        | HistoryError::NoRoom { .. }
        | HistoryError::ReadOnly { .. }
        | HistoryError::NotFollowed { .. }
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
