//! Fake history of a lab: export, import, deletion, resumption.

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use proto::v1::sweep_event::Happening;
use proto::v1::{
    CompareSweepsResponse, ExportSweepRequest, ExportSweepResponse, ImportSweepRequest,
    ImportSweepResponse, PruneHistoryResponse, ResumeSweepRequest, ResumeSweepResponse, Sweep,
    SweepEvent, SweepState,
};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Request, Response, Status, Streaming};

pub(crate) type FileStream =
    Pin<Box<dyn Stream<Item = Result<ExportSweepResponse, Status>> + Send>>;

/// The answers and the requests that were received.
#[derive(Debug, Clone, Default)]
pub(crate) struct FakeHistory {
    pub(crate) refuses: Option<Code>,
    pub(crate) log: Option<Vec<SweepEvent>>,
    pub(crate) pruned: PruneHistoryResponse,
    pub(crate) compared: CompareSweepsResponse,
    /// The exported file.
    pub(crate) file: Vec<u8>,
    pub(crate) breaks: bool,
    pub(crate) hangs: bool,
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
    pub(crate) imported: Arc<Mutex<Vec<u8>>>,
}

impl FakeHistory {
    pub(crate) fn record(&self, asked: &impl std::fmt::Debug) {
        self.requests.lock().expect("no panic").push(format!("{asked:?}"));
    }

    pub(crate) fn requests(&self) -> String {
        self.requests.lock().expect("no panic").join("\n")
    }

    pub(crate) fn answer<T>(
        &self,
        asked: &impl std::fmt::Debug,
        answer: T,
    ) -> Result<Response<T>, Status> {
        self.record(asked);
        match self.refuses {
            Some(code) => Err(Status::new(code, "sweep 4abcde runs")),
            None => Ok(Response::new(answer)),
        }
    }

    pub(crate) fn resume(
        &self,
        request: &Request<ResumeSweepRequest>,
        sweep: Sweep,
    ) -> Result<Response<ResumeSweepResponse>, Status> {
        // The log ends with its first end until the sweep runs again.
        let is_end = |it: &SweepEvent| matches!(it.happening, Some(Happening::Ended(_)));
        let first_end = self.log.iter().flatten().find(|it| is_end(it));
        let next_sequence = first_end.map_or(1, |it| it.sequence + 1);
        let sweep = Some(Sweep { state: SweepState::Queued.into(), next_sequence, ..sweep });
        self.answer(request.get_ref(), ResumeSweepResponse { sweep, attempts_missing: 1 })
    }

    pub(crate) fn export(
        &self,
        request: &Request<ExportSweepRequest>,
    ) -> Result<Response<FileStream>, Status> {
        let part = |bytes: &[u8]| Ok(ExportSweepResponse { chunk: bytes.to_vec() });
        let mut parts: Vec<Result<_, Status>> = self.file.chunks(3).map(part).collect();
        parts.extend(self.breaks.then(|| Err(Status::data_loss("the log is damaged"))));
        let parts = tokio_stream::iter(parts);
        let parts: FileStream = if self.hangs {
            Box::pin(parts.chain(tokio_stream::pending()))
        } else {
            Box::pin(parts)
        };
        self.answer(request.get_ref(), parts)
    }

    pub(crate) async fn import(
        &self,
        mut parts: Streaming<ImportSweepRequest>,
        sweep: Sweep,
    ) -> Result<Response<ImportSweepResponse>, Status> {
        if self.refuses.is_none() {
            while let Some(part) = parts.message().await? {
                assert!(part.chunk.len() <= 64 << 10, "a part is too large");
                self.imported.lock().expect("no panic").extend(part.chunk);
            }
        }
        self.answer(&"import", ImportSweepResponse { sweep: Some(sweep) })
    }
}
