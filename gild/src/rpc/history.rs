//! The gRPC methods of stored jobs: resume, delete, prune, export and import.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use proto::v1;
use strategies::program::limit::LimitError;
use tempfile::TempPath;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use crate::lab::access::{Access, Caller};
use crate::lab::error::LabError;
use crate::lab::history::{Prune, Retention};
use crate::limits::{
    FILE_CHUNK_BYTES, FILE_CHUNKS_BUFFERED, IMPORT_BYTES_MAX, TRANSFER_PAUSE_MAX,
    TRANSFER_TIME_MAX, TRANSFERS_MAX,
};
use crate::rpc::services::{Services, blocking};
use crate::rpc::status::exhausted;
use crate::rpc::status::invalid;
use crate::store::portable::{ExportError, temporary_file};
use crate::store::record::{Kind, Outdated};
use crate::wire::request::{EXPLORATIONS, SWEEPS, exploration_id, sweep_id};
use engine::jobs::owner::Owner;
use engine::limits::QUEUE_RETRY;

/// The sender of the parts of a file.
type Parts = mpsc::Sender<Result<v1::ExportSweepResponse, Status>>;

impl Services {
    /// See the service.
    pub(crate) async fn delete_sweep_job(
        &self,
        request: v1::DeleteSweepRequest,
        caller: Caller,
    ) -> Result<v1::DeleteSweepResponse, Status> {
        let id = sweep_id(&request.name).map_err(invalid)?.to_owned();
        self.delete_job(Kind::Sweep, id, caller).await?;
        Ok(v1::DeleteSweepResponse {})
    }

    /// See the service.
    pub(crate) async fn delete_exploration_job(
        &self,
        request: v1::DeleteExplorationRequest,
        caller: Caller,
    ) -> Result<v1::DeleteExplorationResponse, Status> {
        let id = exploration_id(&request.name).map_err(invalid)?.to_owned();
        self.delete_job(Kind::Exploration, id, caller).await?;
        Ok(v1::DeleteExplorationResponse {})
    }

    async fn delete_job(&self, kind: Kind, id: String, caller: Caller) -> Result<(), Status> {
        let lab = self.lab.clone();
        let delete = move || {
            lab.authorized(&caller, Access::Change, kind, &id)?;
            lab.delete(kind, &id)
        };
        blocking(delete).await
    }

    /// See the service. Only an admin prunes the jobs of others.
    pub(crate) async fn prune(
        &self,
        request: v1::PruneHistoryRequest,
        caller: &Caller,
    ) -> Result<v1::PruneHistoryResponse, Status> {
        let v1::PruneHistoryRequest { keep_duration_ns, keep_newest, dry_run, own_only } = request;
        let keep = Some(Duration::from_nanos(keep_duration_ns)).filter(|keep| !keep.is_zero());
        if keep.is_none() && keep_newest.is_none() {
            return Err(invalid(LimitError {
                field: "keep_duration_ns",
                value: "nothing".into(),
                reason: "leaves it open what is old".into(),
                way_out: "say how long to keep, or how many of the newest (keep_newest)".into(),
            }));
        }
        let lab = self.lab.clone();
        let owners = if own_only { caller.own() } else { caller.changeable() };
        let retention = Retention { keep, keep_newest, owners };
        let prune = if dry_run { Prune::DryRun } else { Prune::Delete };
        let gone = blocking(move || lab.prune(&retention, prune)).await?;
        let bytes = gone.iter().map(|one| one.bytes).sum();
        Ok(v1::PruneHistoryResponse { names: gone.iter().map(name).collect(), bytes })
    }

    /// See the service. An admin may resume the sweep of another owner, which stays its owner.
    pub(crate) async fn resume(
        &self,
        request: v1::ResumeSweepRequest,
        caller: Caller,
    ) -> Result<v1::ResumeSweepResponse, Status> {
        let (id, lab) = (sweep_id(&request.name).map_err(invalid)?.to_owned(), self.lab.clone());
        let owner = caller.owner.clone();
        let resume = move || {
            lab.authorized(&caller, Access::Change, Kind::Sweep, &id)?;
            lab.resume(&id)
        };
        let (record, attempts_missing) = blocking(resume).await?;
        tracing::info!(id = record.id, %owner, "resumed");
        Ok(v1::ResumeSweepResponse { sweep: Some(self.sweep(&record)?), attempts_missing })
    }

    /// See the service.
    pub(crate) async fn export(
        &self,
        request: v1::ExportSweepRequest,
        caller: Caller,
    ) -> Result<ReceiverStream<Result<v1::ExportSweepResponse, Status>>, Status> {
        let (id, lab) = (sweep_id(&request.name).map_err(invalid)?.to_owned(), self.lab.clone());
        let permit = permit(&self.permits.exports)?;
        let export = move || {
            lab.authorized(&caller, Access::Read, Kind::Sweep, &id)?;
            lab.export(&id)
        };
        let file = blocking(export).await?;
        let (parts, stream) = mpsc::channel(FILE_CHUNKS_BUFFERED);
        tokio::spawn(async move {
            let end = tokio::time::timeout(TRANSFER_TIME_MAX, send(file, &parts)).await;
            drop(permit);
            if let Err(status) = end.unwrap_or_else(|_| Err(late())) {
                // Without the error, the parts that were sent would look like the whole file.
                let _ = parts.send(Err(status)).await;
            }
        });
        Ok(ReceiverStream::new(stream))
    }

    /// See the service.
    pub(crate) async fn import(
        &self,
        request: Streaming<v1::ImportSweepRequest>,
        owner: Owner,
    ) -> Result<v1::ImportSweepResponse, Status> {
        let _permit = permit(&self.permits.imports)?;
        let received = tokio::time::timeout(TRANSFER_TIME_MAX, receive(request)).await;
        let (path, lab) = (received.map_err(|_| late())??, self.lab.clone());
        let record = blocking(move || lab.import(path, owner)).await?;
        Ok(v1::ImportSweepResponse { sweep: Some(self.sweep(&record)?) })
    }
}

/// A permit for a transfer. Refused if none is free: waiting would delay other requests of the same
/// connection.
fn permit(permits: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Status> {
    let message =
        format!("{TRANSFERS_MAX} files are on their way already; wait until one is there");
    Arc::clone(permits).try_acquire_owned().map_err(|_| exhausted(message, QUEUE_RETRY))
}

/// Writes the received parts to a file.
async fn receive(mut request: Streaming<v1::ImportSweepRequest>) -> Result<TempPath, Status> {
    let open = || {
        let path = temporary_file()?;
        let file = std::fs::OpenOptions::new().write(true).open(&path);
        Ok((file.map_err(unwritable)?, path))
    };
    let (mut file, path) = blocking(open).await?;
    let mut bytes = 0;
    while let Some(v1::ImportSweepRequest { chunk }) = next_part(&mut request).await? {
        bytes += chunk.len() as u64;
        check_part(chunk.len(), bytes).map_err(invalid)?;
        let write = move || {
            file.write_all(&chunk).map_err(unwritable)?;
            Ok(file)
        };
        file = blocking(write).await?;
    }
    Ok(path)
}

/// Whether a part of a file, after which it has so many bytes, can be taken.
fn check_part(part: usize, bytes: u64) -> Result<(), LimitError> {
    let refused = |value: String, reason: String| {
        let way_out = "import files that `gilctl export` wrote".into();
        Err(LimitError { field: "chunk", value, reason, way_out })
    };
    match part {
        0 => refused("an empty part".into(), "is not a part of a file".into()),
        _ if bytes > IMPORT_BYTES_MAX => refused(
            format!("a file of {bytes} bytes and more"),
            format!("is larger than {IMPORT_BYTES_MAX} bytes"),
        ),
        _ => Ok(()),
    }
}

/// The next part of a file; a client that sends none in time loses its permit.
async fn next_part<T>(parts: &mut Streaming<T>) -> Result<Option<T>, Status> {
    tokio::time::timeout(TRANSFER_PAUSE_MAX, parts.message()).await.map_err(|_| late())?
}

fn late() -> Status {
    let (pause_s, whole_s) = (TRANSFER_PAUSE_MAX.as_secs(), TRANSFER_TIME_MAX.as_secs());
    Status::deadline_exceeded(format!(
        "a part of a file may take {pause_s} s, and a file {whole_s} s; try again over a faster line"
    ))
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn unwritable(error: std::io::Error) -> LabError {
    LabError::from(ExportError::NoFile(error.to_string()))
}

fn name(one: &Outdated) -> String {
    match one.kind {
        Kind::Sweep => format!("{SWEEPS}{}", one.id),
        Kind::Exploration => format!("{EXPLORATIONS}{}", one.id),
    }
}

/// Sends a file in parts, until the end or until the client is gone. No thread waits for the client.
async fn send(path: TempPath, parts: &Parts) -> Result<(), Status> {
    let mut file = blocking(move || std::fs::File::open(&path).map_err(unwritable)).await?;
    loop {
        let read = move || {
            let mut chunk = Vec::with_capacity(FILE_CHUNK_BYTES);
            let part = (&file).take(FILE_CHUNK_BYTES as u64).read_to_end(&mut chunk);
            part.map_err(unwritable)?;
            Ok((file, chunk))
        };
        let chunk;
        (file, chunk) = blocking(read).await?;
        if chunk.is_empty() {
            return Ok(());
        }
        let sent = parts.send(Ok(v1::ExportSweepResponse { chunk }));
        if tokio::time::timeout(TRANSFER_PAUSE_MAX, sent).await.map_err(|_| late())?.is_err() {
            return Ok(());
        }
    }
}
