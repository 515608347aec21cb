//! Every variant of the errors that an operator reads at `gild`. A new variant fails to compile until it
//! has a sample.

use std::io;
use std::path::PathBuf;

use engine::jobs::scheduler::error::StartError as LaneError;
use gild::daemon::activation::ActivationError;
use gild::daemon::certs::CertsError;
use gild::daemon::failure::Failure;
use gild::daemon::settings::file::FileError;
use gild::daemon::settings::origin::{Origin, SettingsError};
use gild::lab::error::StartError;
use gild::server::auth::secret_file::CredentialError;
use gild::server::error::ServeError;
use gild::store::error::HistoryError;
use gild::store::sqlite::backup::BackupError;
use strategies::program::limit::LimitError;

use crate::errors::check;
use crate::errors::lab::{histories, samples};

fn path() -> PathBuf {
    PathBuf::from("/etc/gild.toml")
}

fn refused() -> io::Error {
    io::Error::other("it is full")
}

fn limit() -> LimitError {
    LimitError::range("lanes", 9, 1, 2)
}

fn credential() -> CredentialError {
    CredentialError { path: path(), problem: "is empty".into(), way_out: "add a token".into() }
}

/// An error of the transport as a server that stops has it.
fn transport() -> tonic::transport::Error {
    tonic::transport::Endpoint::from_shared("no address at all").expect_err("it is none")
}

fn files() -> Vec<(FileError, &'static str)> {
    use FileError as E;
    samples!(FileError {
        E::Unreadable { .. } => E::Unreadable { path: path(), source: refused() }, names "gild.toml";
        E::TooLarge { .. } => E::TooLarge { path: path() }, names "gild.toml";
        E::Syntax { .. } => E::Syntax { path: path(), line: 3, problem: "no value".into() },
            names "gild.toml:3";
    })
}

fn settings() -> Vec<(SettingsError, &'static str)> {
    use SettingsError as E;
    let at = || Origin::File { path: path(), line: 3 };
    let usage = clap::Error::raw(clap::error::ErrorKind::UnknownArgument, "--lane; use --lanes");
    samples!(SettingsError {
        E::Usage(_) => E::Usage(usage), names "--lane";
        E::File(_) => E::File(FileError::TooLarge { path: path() }), names "gild.toml";
        E::UnknownKey { .. } => E::UnknownKey {
            at: at(),
            key: "lane".into(),
            nearest: Some("lanes".into()),
            all: "gild check-config",
        }, names "lane";
        E::Value { .. } => E::Value { at: at(), problem: limit().to_string() }, names "9";
    })
}

fn serving() -> Vec<(ServeError, &'static str)> {
    use ServeError as E;
    let address = || "127.0.0.1:7000".to_owned();
    samples!(ServeError {
        E::InUse { .. } => E::InUse { address: address() }, names "127.0.0.1:7000";
        E::Bind { .. } => E::Bind { address: address(), source: refused() }, names "127.0.0.1:7000";
        E::Credentials(_) => E::Credentials(credential()), names "gild.toml";
        E::Thread(_) => E::Thread(refused()), names "it is full";
        E::Transport(_) => E::Transport(transport()), names "stopped";
    })
}

fn backups() -> Vec<(BackupError, &'static str)> {
    use BackupError as E;
    samples!(BackupError {
        E::History(_) => E::History(HistoryError::Gone), names "closed";
        E::NoHistory(_) => E::NoHistory(path()), names "gild.toml";
        E::Exists(_) => E::Exists(path()), names "gild.toml";
        E::HasHistory(_) => E::HasHistory(path()), names "gild.toml";
        E::File { .. } => E::File { path: path(), reason: "it is full".into() }, names "gild.toml";
    })
}

fn starts() -> Vec<(StartError, &'static str)> {
    use StartError as E;
    let lanes = samples!(LaneError {
        LaneError::Limit(_) => LaneError::Limit(limit()), names "9";
        LaneError::Thread(_) => LaneError::Thread(refused()), names "it is full";
    });
    let mut all = samples!(StartError {
        E::History(_) => E::History(HistoryError::Gone), names "closed";
        E::Scheduler(_) => E::Scheduler(LaneError::Limit(limit())), names "9";
        E::System(_) => E::System(refused()), names "it is full";
    });
    all.extend(lanes.into_iter().map(|(error, names)| (E::Scheduler(error), names)));
    all
}

#[test]
fn every_failure_of_the_daemon_is_plain_names_its_cause_and_has_a_way_out() {
    use Failure as E;
    let activations = samples!(ActivationError {
        ActivationError::TooMany(_) => ActivationError::TooMany(3), names "3";
        ActivationError::WrongKind(_) => ActivationError::WrongKind(4), names "4";
        ActivationError::Twice(_) => ActivationError::Twice(5), names "5";
    });
    let certs = samples!(CertsError {
        CertsError::Name(_) => CertsError::Name(limit()), names "9";
        CertsError::File { .. } => CertsError::File { path: path(), source: refused() },
            names "gild.toml";
        CertsError::Make(_) => CertsError::Make(rcgen::Error::CouldNotParseCertificate),
            names "cannot be made";
    });
    let own = samples!(Failure {
        E::Settings(_) => E::Settings(SettingsError::File(FileError::TooLarge { path: path() })),
            names "gild.toml";
        E::Typed(_) => E::Typed(limit().to_string()), names "--lanes: 9";
        E::Activation(_) => E::Activation(ActivationError::TooMany(3)), names "3";
        E::Serve(_) => E::Serve(ServeError::Thread(refused())), names "it is full";
        E::Certs(_) => E::Certs(CertsError::Name(limit())), names "9";
        E::History(_) => E::History(HistoryError::Gone), names "closed";
        E::Backup(_) => E::Backup(BackupError::Exists(path())), names "gild.toml";
        E::Lane(_) => E::Lane(LaneError::Thread(refused())), names "it is full";
        E::System(_) => E::System(refused()), names "it is full";
    });
    let mut all: Vec<(Failure, &str)> = own;
    all.extend(activations.into_iter().map(|(error, names)| (E::Activation(error), names)));
    all.extend(certs.into_iter().map(|(error, names)| (E::Certs(error), names)));
    all.extend(settings().into_iter().map(|(error, names)| (E::Settings(error), names)));
    let files = files().into_iter().map(|(error, names)| (SettingsError::File(error), names));
    all.extend(files.map(|(error, names)| (E::Settings(error), names)));
    all.extend(serving().into_iter().map(|(error, names)| (E::Serve(error), names)));
    all.extend(backups().into_iter().map(|(error, names)| (E::Backup(error), names)));
    all.extend(histories().into_iter().map(|(error, names)| (E::History(error), names)));
    all.extend(starts().into_iter().map(|(error, names)| (error.into(), names)));
    for (error, names) in all {
        let said = error.to_string();
        check(&said);
        assert!(said.contains(names), "{names}: {said}");
    }
}
