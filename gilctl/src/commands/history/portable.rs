//! `gilctl export` and `gilctl import`: a sweep as a file. An exported file appears as a whole or
//! not at all, and replaces an existing one only with `--force`. The content is opaque here.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write, stdin, stdout};
use std::path::Path;

use proto::v1::{ExportSweepResponse, Sweep};
use tokio::sync::{mpsc, oneshot};
use tonic::Streaming;

use crate::cli::history::{ExportFlags, ImportFlags};
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::history::files::whole_file::{WholeFile, at, check_absent};
use crate::commands::interrupts::{Interrupts, OnInterrupt};
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::output::next::Next;
use view::render::format::document::{OneLine, Record};
use view::render::format::quantity::bytes;
use view::render::history::sweeps;

/// Bytes per chunk of a file, the limit of the service.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that are read ahead of the lab.
const CHUNKS_AHEAD: usize = 4;

/// Writes a sweep's file to `--out` or stdout.
pub async fn export(context: &Context, flags: &ExportFlags) -> Result<Exit, Failure> {
    let Some(path) = &flags.out else {
        if stdout().is_terminal() {
            let message = "export: a terminal cannot show the file";
            return Err(Failure::new(Exit::Usage, message, "name one with --out, or use a pipe"));
        }
        fetch(context, flags, stdout()).await?;
        return Ok(Exit::Fine);
    };
    check_absent(path, flags.force)?;
    let mut interrupts = Interrupts::catch(OnInterrupt::Leave)?;
    let whole = WholeFile::create(path)?;
    let written = tokio::select! {
        written = fetch(context, flags, whole.file()) => written?,
        () = interrupts.next() => return Ok(Exit::Interrupted),
    };
    whole.keep(flags.force)?;
    let (path, size) = (path.display(), bytes(written as f64));
    context
        .hints
        .say(&format!("wrote {path}, {size}; another lab stores it with `gilctl import {path}`"));
    Ok(Exit::Fine)
}

async fn fetch(context: &Context, flags: &ExportFlags, out: impl Write) -> Result<u64, Failure> {
    let fetching = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let name = lab.resolve_sweep(&flags.which).await?;
        copy(lab.export(&name).await?, out).await
    });
    fetching.await
}

async fn copy(
    mut parts: Streaming<ExportSweepResponse>,
    mut out: impl Write,
) -> Result<u64, Failure> {
    let mut written = 0;
    while let Some(part) = parts.message().await? {
        out.write_all(&part.chunk)?;
        written += part.chunk.len() as u64;
    }
    out.flush()?;
    Ok(written)
}

/// Stores a sweep from a file.
pub async fn import(context: &Context, flags: &ImportFlags) -> Result<Exit, Failure> {
    let source = open(&flags.file)?;
    let work = async |lab: &Lab| send(lab, source, &flags.file).await;
    let sweep = context.with_lab(Fallback::Embed { pythons: &[] }, work).await?;
    let record = Record::new("imported", sweeps::fields(&sweep));
    context.print(&OneLine { text: ids::id(&sweep.name).to_owned(), record })?;
    context.next("", &Next::Show(ids::short(&sweep.name).to_owned()));
    Ok(Exit::Fine)
}

/// The source of the bytes.
enum Source {
    File(File),
    Stdin,
}

fn open(path: &Path) -> Result<Source, Failure> {
    if path.as_os_str() != "-" {
        return File::open(path).map(Source::File).map_err(|error| at(path, &error));
    }
    if stdin().is_terminal() {
        let message = "import: the file cannot be typed at a terminal";
        return Err(Failure::new(Exit::Usage, message, "name one, or use a pipe"));
    }
    Ok(Source::Stdin)
}

/// The result of reading, and the sender of the channel. After a read error the channel stays open,
/// so that the lab does not take the beginning of a file for the whole.
type Outcome = (io::Result<()>, mpsc::Sender<Vec<u8>>);

/// Reads the source and sends its chunks to the lab.
async fn send(lab: &Lab, source: Source, path: &Path) -> Result<Sweep, Failure> {
    let (parts, taken) = mpsc::channel(CHUNKS_AHEAD);
    let mut reading = start_reading(source, parts)?;
    let mut importing = Box::pin(lab.import(taken));
    tokio::select! {
        biased;
        read = &mut reading => if let Ok((Err(error), _parts)) = read {
            return Err(at(path, &error));
        },
        imported = &mut importing => return imported,
    }
    importing.await
}

/// Starts the reader thread. A blocked read of stdin cannot be cancelled: once the lab refuses the
/// file, gilctl exits without waiting for this thread.
fn start_reading(
    source: Source,
    parts: mpsc::Sender<Vec<u8>>,
) -> io::Result<oneshot::Receiver<Outcome>> {
    let (done, reading) = oneshot::channel();
    std::thread::Builder::new().name("reader".to_owned()).spawn(move || {
        let outcome = match source {
            Source::File(file) => read(file, &parts),
            Source::Stdin => read(stdin().lock(), &parts),
        };
        // The receiver is gone once the lab has answered.
        let _ = done.send((outcome, parts));
    })?;
    Ok(reading)
}

fn read(mut from: impl Read, parts: &mpsc::Sender<Vec<u8>>) -> io::Result<()> {
    loop {
        let mut part = Vec::with_capacity(CHUNK_BYTES);
        from.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut part)?;
        if part.is_empty() || parts.blocking_send(part).is_err() {
            return Ok(());
        }
    }
}
