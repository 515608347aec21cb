//! Embedded lab: opens the history and starts the lab inside gilctl.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use engine::python::registry::Interpreters;
use gild::lab::error::StartError;
use gild::server::embedded::Embedded;
use gild::store::Store;
use gild::store::error::HistoryError;
use gild::store::location::DataDir;

use crate::cli::Global;
use crate::cli::access::{Access, Purpose};
use crate::error::Failure;
use crate::exit::Exit;

/// How long a command that writes waits for a lab that has the history open: as long as a lab takes
/// to store its last events and end, so that one gilctl can follow another in a script.
const ENDING_GRACE: Duration = Duration::from_secs(1);
/// Interval between attempts to open it meanwhile.
const RETRY: Duration = Duration::from_millis(20);

/// The directory of the history, or a temporary one.
pub(super) fn place(flags: &Global, keeps: bool) -> Result<DataDir, HistoryError> {
    if !keeps {
        return DataDir::temporary();
    }
    DataDir::kept(flags.data_dir.clone())
}

/// Opens the history as the command needs it: at once to read, whether another lab has it open or
/// not; without a place in it for a search that another lab keeps out; to write only if no other lab
/// has it open.
pub(super) async fn open(
    place: DataDir,
    purpose: Purpose,
    notice: &dyn Fn(&str),
) -> Result<Store, HistoryError> {
    let holder = format!("gilctl {}", purpose.command);
    if place.shown().is_none() {
        return Store::open_as(&holder, place);
    }
    match purpose.access {
        Access::Reads => Store::open_to_read(place),
        Access::Searches => match (Store::open_as(&holder, place.clone()), place.holder()) {
            (Err(_), Some(holder)) => {
                notice(&format!(
                    "another lab has the history open ({holder}): what is found is not stored"
                ));
                Store::temporary()
            }
            (opened, _) => opened,
        },
        Access::Writes => {
            let deadline = Instant::now() + ENDING_GRACE;
            loop {
                match Store::open_as(&holder, place.clone()) {
                    Err(HistoryError::InUse { .. }) if Instant::now() < deadline => {
                        tokio::time::sleep(RETRY).await;
                    }
                    opened => return opened,
                }
            }
        }
    }
}

/// Starts the lab with these interpreters, or with those on `PATH` if none is named.
pub(super) async fn start(
    history: Store,
    pythons: &[PathBuf],
    purpose: Purpose,
) -> Result<Embedded, Failure> {
    let interpreters = match pythons {
        [] => Interpreters::on_path(),
        named => Interpreters::named(named.iter().cloned()),
    };
    Embedded::start(history, interpreters).await.map_err(|error| match error {
        StartError::History(error) => failure(error, purpose),
        StartError::Scheduler(_) | StartError::System(_) => Failure::new(
            Exit::Unexpected,
            format!("the embedded lab: {error}"),
            "start `gild serve`",
        ),
    })
}

/// The failure of a history that cannot be opened.
pub(super) fn failure(error: HistoryError, purpose: Purpose) -> Failure {
    match (error, purpose.access) {
        (HistoryError::InUse { holder, .. }, _) => in_use(&holder, purpose),
        (error @ HistoryError::BeingRead { .. }, _) => {
            Failure::new(Exit::QueueFull, error.to_string(), "")
        }
        (error, Access::Reads) => Failure::new(Exit::Unexpected, error.to_string(), ""),
        (error, Access::Searches | Access::Writes) => {
            let way_out = match purpose.command {
                "sweep" | "tour" | "explore" | "witness" => "or keep nothing: --no-history",
                _ => "",
            };
            Failure::new(Exit::Unexpected, error.to_string(), way_out)
        }
    }
}

/// The failure of a command that would change a history which another lab has open.
pub(super) fn in_use(holder: &str, purpose: Purpose) -> Failure {
    let command = purpose.command;
    let message =
        format!("`{command}` changes the history, and another lab has it open ({holder})");
    let first = match (socket(holder), command) {
        (Some(socket), _) => format!("use that lab with --server {socket}"),
        (None, "cancel") => "stop it there with Ctrl-C, or by SIGTERM to that process".to_owned(),
        (None, _) => "wait until it has ended".to_owned(),
    };
    let others = match command {
        "cancel" => "",
        "sweep" | "tour" => {
            ", choose another directory with --data-dir, or keep nothing with --no-history"
        }
        _ => ", or choose another directory with --data-dir",
    };
    Failure::new(Exit::QueueFull, message, first + others)
}

/// The address of a daemon in the description of a process that has a history open.
fn socket(holder: &str) -> Option<&str> {
    let (_, rest) = holder.split_once(" at unix://")?;
    let path = rest.rsplit_once(", since ").map_or(rest, |(path, _)| path);
    let start = holder.len() - rest.len() - "unix://".len();
    holder.get(start..start + "unix://".len() + path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_names_the_holder_and_a_way_out_that_fits_it() {
        let said = |holder: &str, command| {
            let refused = in_use(holder, Purpose { command, access: Access::Writes });
            assert_eq!(refused.exit(), Exit::QueueFull);
            format!("{refused:?}")
        };
        let daemon =
            "process 7, gild serve at unix:///run/a, b/gild.sock, since 2026-11-29T00:00:00Z";
        for command in ["resume", "cancel"] {
            let text = said(daemon, command);
            assert!(text.contains("--server unix:///run/a, b/gild.sock"), "{text}");
            assert!(!text.contains("gild.sock, since 2026-11-29T00:00:00Z,"), "{text}");
        }
        let gilctl = "process 7, gilctl sweep, since 2026-11-29T00:00:00Z";
        assert!(said(gilctl, "sweep").contains("--no-history"));
        let cancel = said(gilctl, "cancel");
        assert!(
            cancel.contains("process 7, gilctl sweep") && cancel.contains("Ctrl-C"),
            "{cancel}"
        );
    }

    /// A command that follows another in a script finds the other ending.
    #[tokio::test]
    async fn writer_waits_for_a_lab_that_is_ending_and_not_for_another() {
        let directory = tempfile::tempdir().expect("a directory");
        let place = DataDir::Kept(directory.path().to_owned());
        let purpose = Purpose { command: "sweep", access: Access::Writes };
        let open = || open(place.clone(), purpose, &|_| {});
        let ending = Store::open_as("gilctl sweep", place.clone()).expect("it is free");
        let mut opening = std::pin::pin!(open());
        tokio::select! {
            biased;
            _ = &mut opening => panic!("it is in use"),
            () = std::future::ready(()) => {}
        }
        drop(ending);
        let _open = opening.await.expect("the other has ended");
        let refused = open().await.expect_err("it is in use");
        assert!(matches!(&refused, HistoryError::InUse { .. }), "{refused}");
    }
}
