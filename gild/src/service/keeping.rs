//! The gRPC methods about what is kept: resume, forget, prune, export and import.

use std::io::{Read, Write};
use std::time::Duration;

use proto::v1;
use strategies::workload::LimitError;
use tempfile::TempPath;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::{Services, blocking, invalid};
use crate::config::{FILE_CHUNK_BYTES, IMPORT_BYTES_MAX, IMPORT_PAUSE_MAX, WATCH_BUFFER};
use crate::history::{ExportError, Kind, Record, temporary_file};
use crate::lab::{LabError, Prune, Retention};
use crate::owner::Owner;
use crate::wire::request::{EXPLORATIONS, SWEEPS, exploration_id, sweep_id};

impl Services {
    /// See the service.
    pub(super) async fn forget(
        &self,
        request: v1::DeleteSweepRequest,
    ) -> Result<v1::DeleteSweepResponse, Status> {
        let (id, lab) = (sweep_id(&request.name).map_err(invalid)?.to_owned(), self.lab.clone());
        blocking(move || lab.forget(Kind::Sweep, &id)).await?;
        Ok(v1::DeleteSweepResponse {})
    }

    /// See the service.
    pub(super) async fn forget_exploration(
        &self,
        request: v1::DeleteExplorationRequest,
    ) -> Result<v1::DeleteExplorationResponse, Status> {
        let id = exploration_id(&request.name).map_err(invalid)?.to_owned();
        let lab = self.lab.clone();
        blocking(move || lab.forget(Kind::Exploration, &id)).await?;
        Ok(v1::DeleteExplorationResponse {})
    }

    /// See the service.
    pub(super) async fn prune(
        &self,
        request: v1::PruneHistoryRequest,
    ) -> Result<v1::PruneHistoryResponse, Status> {
        let v1::PruneHistoryRequest { keep_duration_ns, keep_newest, dry_run } = request;
        let keep = Some(Duration::from_nanos(keep_duration_ns)).filter(|keep| !keep.is_zero());
        if keep.is_none() && keep_newest.is_none() {
            return Err(invalid(LimitError {
                field: "keep_duration_ns",
                value: "nothing".into(),
                reason: "leaves it open what is old".into(),
                way_out: "say how long to keep, or how many of the newest (keep_newest)".into(),
            }));
        }
        let (lab, retention) = (self.lab.clone(), Retention { keep, keep_newest });
        let prune = if dry_run { Prune::DryRun } else { Prune::Forget };
        let (gone, bytes) = blocking(move || lab.prune(retention, prune)).await?;
        Ok(v1::PruneHistoryResponse { names: gone.iter().map(name).collect(), bytes })
    }

    /// See the service. Whoever may reach the lab may go on with what another began; its owner
    /// stays.
    pub(super) async fn resume(
        &self,
        request: v1::ResumeSweepRequest,
        owner: Owner,
    ) -> Result<v1::ResumeSweepResponse, Status> {
        let (id, lab) = (sweep_id(&request.name).map_err(invalid)?.to_owned(), self.lab.clone());
        let (record, attempts_missing) = blocking(move || lab.resume(&id)).await?;
        tracing::info!(id = record.id, %owner, "resumed");
        Ok(v1::ResumeSweepResponse { sweep: Some(self.told(&record)?), attempts_missing })
    }

    /// See the service.
    pub(super) async fn export(
        &self,
        request: v1::ExportSweepRequest,
    ) -> Result<ReceiverStream<Result<v1::ExportSweepResponse, Status>>, Status> {
        let (id, lab) = (sweep_id(&request.name).map_err(invalid)?.to_owned(), self.lab.clone());
        let file = blocking(move || lab.export(&id)).await?;
        let (chunks, stream) = mpsc::channel(WATCH_BUFFER);
        tokio::task::spawn_blocking(move || send(&file, &chunks));
        Ok(ReceiverStream::new(stream))
    }

    /// See the service.
    pub(super) async fn import(
        &self,
        mut request: Streaming<v1::ImportSweepRequest>,
        owner: Owner,
    ) -> Result<v1::ImportSweepResponse, Status> {
        // Never closed.
        let _place = self.imports.acquire().await;
        let path = blocking(|| Ok(temporary_file()?)).await?;
        let mut file = std::fs::OpenOptions::new().write(true).open(&path).map_err(unwritten)?;
        let mut bytes = 0;
        while let Some(v1::ImportSweepRequest { chunk }) = next_part(&mut request).await? {
            bytes += chunk.len() as u64;
            if bytes > IMPORT_BYTES_MAX {
                return Err(invalid(LimitError {
                    field: "chunk",
                    value: format!("a file of {bytes} bytes and more"),
                    reason: format!("is larger than {IMPORT_BYTES_MAX} bytes"),
                    way_out: "import files that `gilctl export` wrote".into(),
                }));
            }
            file.write_all(&chunk).map_err(unwritten)?;
        }
        drop(file);
        let lab = self.lab.clone();
        let record = blocking(move || lab.import(path, owner)).await?;
        Ok(v1::ImportSweepResponse { sweep: Some(self.told(&record)?) })
    }
}

/// The next part of a file; whoever sends none gives the place to others.
async fn next_part<T>(parts: &mut Streaming<T>) -> Result<Option<T>, Status> {
    let late = |_| {
        let limit_s = IMPORT_PAUSE_MAX.as_secs();
        Status::deadline_exceeded(format!(
            "no part of the file came within {limit_s} s; import it again, over a faster line"
        ))
    };
    tokio::time::timeout(IMPORT_PAUSE_MAX, parts.message()).await.map_err(late)?
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn unwritten(error: std::io::Error) -> Status {
    super::status(LabError::from(ExportError::NoFile(error.to_string())))
}

fn name(record: &Record) -> String {
    match record.kind {
        Kind::Sweep => format!("{SWEEPS}{}", record.id),
        Kind::Exploration => format!("{EXPLORATIONS}{}", record.id),
    }
}

/// Sends a file in parts, until the end or until nobody wants it any more.
fn send(path: &TempPath, chunks: &mpsc::Sender<Result<v1::ExportSweepResponse, Status>>) {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) => return drop(chunks.blocking_send(Err(unwritten(error)))),
    };
    loop {
        let mut chunk = Vec::with_capacity(FILE_CHUNK_BYTES);
        let part = match (&file).take(FILE_CHUNK_BYTES as u64).read_to_end(&mut chunk) {
            Ok(0) => return,
            Ok(_) => Ok(v1::ExportSweepResponse { chunk }),
            Err(error) => Err(unwritten(error)),
        };
        let is_over = part.is_err();
        if chunks.blocking_send(part).is_err() || is_over {
            return;
        }
    }
}
