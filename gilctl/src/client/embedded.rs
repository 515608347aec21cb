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
use crate::error::Failure;
use crate::exit::Exit;

/// Longest wait for a history that another lab has open.
const LOCK_TIMEOUT: Duration = Duration::from_mins(1);
/// Interval between attempts to open it.
const RETRY: Duration = Duration::from_millis(100);

/// The directory of the history, or a temporary one.
pub(super) fn place(flags: &Global, keeps: bool) -> Result<DataDir, HistoryError> {
    if !keeps {
        return DataDir::temporary();
    }
    DataDir::kept(flags.data_dir.clone())
}

/// Opens the history, waiting up to a minute for another lab that has it open.
pub(super) async fn open(place: DataDir, notice: &dyn Fn(&str)) -> Result<Store, HistoryError> {
    let deadline = Instant::now() + LOCK_TIMEOUT;
    let mut noticed = false;
    loop {
        match Store::open(place.clone()) {
            Err(HistoryError::InUse { holder, .. }) if Instant::now() < deadline => {
                if !noticed {
                    notice(&format!("waiting for another lab that has the history ({holder})"));
                    noticed = true;
                }
                tokio::time::sleep(RETRY).await;
            }
            opened => return opened,
        }
    }
}

/// Starts the lab with these interpreters, or with those on `PATH` if none is named.
pub(super) async fn start(history: Store, pythons: &[PathBuf]) -> Result<Embedded, Failure> {
    let interpreters = match pythons {
        [] => Interpreters::on_path(),
        named => Interpreters::named(named.iter().cloned()),
    };
    Embedded::start(history, interpreters).await.map_err(|error| match error {
        StartError::History(error) => failure(error),
        StartError::Scheduler(_) | StartError::System(_) => Failure::new(
            Exit::Unexpected,
            format!("the embedded lab: {error}"),
            "start `gild serve`",
        ),
    })
}

/// The failure of a history that cannot be opened.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(super) fn failure(error: HistoryError) -> Failure {
    let exit = match error {
        HistoryError::InUse { .. } => Exit::QueueFull,
        _ => Exit::Unexpected,
    };
    Failure::new(exit, error.to_string(), "or keep nothing: --no-history")
}
