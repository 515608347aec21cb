//! The lab inside gilctl: where its history is, and what keeps it from being had. The one place
//! where a lab is started here.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use engine::python::registry::Interpreters;
use gild::lab::error::StartError;
use gild::server::embedded::Embedded;
use gild::store;
use gild::store::Store;
use gild::store::error::HistoryError;
use gild::store::location::DataDir;

use crate::cli::Global;
use crate::error::Failure;
use crate::exit::Exit;

/// How long another lab may have the history: two sweeps at a shell follow each other.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is asked for meanwhile.
const RETRY: Duration = Duration::from_millis(100);

/// Where the history is, or a place that goes with it.
pub(super) fn place(flags: &Global, keeps: bool) -> Result<DataDir, HistoryError> {
    if !keeps {
        return DataDir::temporary();
    }
    let named = flags.data_dir.clone();
    Ok(DataDir::Kept(named.map_or_else(store::location::default_directory, Ok)?))
}

/// Opens it, waiting a while for another lab that has it.
pub(super) async fn open(place: DataDir, notice: impl Fn(&str)) -> Result<Store, HistoryError> {
    let deadline = Instant::now() + PATIENCE;
    let mut told = false;
    loop {
        match Store::open(place.clone()) {
            Err(HistoryError::InUse { holder, .. }) if Instant::now() < deadline => {
                if !told {
                    notice(&format!("waiting for another lab that has the history ({holder})"));
                    told = true;
                }
                tokio::time::sleep(RETRY).await;
            }
            opened => return opened,
        }
    }
}

/// Starts the lab; without a name it may run the interpreters that are on `PATH`.
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

/// What a history that cannot be had means for gilctl.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(super) fn failure(error: HistoryError) -> Failure {
    let exit = match error {
        HistoryError::InUse { .. } => Exit::QueueFull,
        _ => Exit::Unexpected,
    };
    Failure::new(exit, error.to_string(), "or keep nothing: --no-history")
}
