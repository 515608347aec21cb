//! `gilctl trace`: a stored sweep or witness as a file for programs that show traces.

use std::io::{self, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use proto::v1::{Sweep, SweepEvent};

use crate::cli::history::{TraceFlags, TraceForm};
use crate::client::failures::no_sweep;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::history::files::whole_file::{check_absent, write_all};
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids::{self, Kind};
use view::follow::exploration_log::ExplorationView;
use view::render::format::quantity::{bytes, counted};
use view::render::timeline::data::Timeline;
use view::render::timeline::{chrome, firefox, sweep, witness};

/// The ending of a file of either form.
const JSON: &str = ".json";
/// The ending of a file that is compressed.
const COMPRESSED: &str = ".gz";

/// Fetches the job, and writes its timeline.
pub async fn run(context: &Context, flags: &TraceFlags) -> Result<Exit, Failure> {
    let path = flags.out.as_path();
    let form = flags.format.map_or_else(|| form(path), Ok)?;
    check_absent(path, flags.force)?;
    let fetching = async |lab: &Lab| {
        let name = lab.resolve(&flags.which).await?;
        match Kind::of(&name) {
            Kind::Sweep => of_sweep(lab, &name).await,
            Kind::Exploration => of_exploration(lab, &name).await,
        }
    };
    let timeline = context.with_lab(Fallback::Embed { pythons: &[] }, fetching).await?;
    let text = match form {
        TraceForm::Chrome => chrome::text(&timeline),
        TraceForm::Firefox => firefox::text(&timeline).map_err(io::Error::from)?,
    };
    let file = if is_compressed(path) { compressed(&text)? } else { text.into_bytes() };
    let size = bytes(file.len() as f64);
    write_all(&[(path.to_owned(), file)], flags.force)?;
    let slices = timeline.tracks.iter().map(|track| track.slices.len() as u64).sum();
    let (slices, reader) = (counted(slices, "slice"), reader(form));
    context.hints.say(&format!("wrote {}, {slices}, {size}; {reader} shows it", path.display()));
    Ok(Exit::Fine)
}

/// The form that the ending of a file's name says.
fn form(path: &Path) -> Result<TraceForm, Failure> {
    let name = path.to_string_lossy().to_lowercase();
    let plain = name.strip_suffix(COMPRESSED);
    match (plain.unwrap_or(&name).strip_suffix(JSON), plain) {
        (None, _) => {
            let shown = path.display();
            let message = format!("--out: {shown}: only .json and .json.gz say what the file is");
            let way_out = "name one of these, or add --format chrome or --format firefox";
            Err(Failure::new(Exit::Usage, message, way_out))
        }
        (Some(_), None) => Ok(TraceForm::Chrome),
        (Some(_), Some(_)) => Ok(TraceForm::Firefox),
    }
}

fn is_compressed(path: &Path) -> bool {
    path.to_string_lossy().to_lowercase().ends_with(COMPRESSED)
}

/// The text in the form of gzip, without name and time, so that one text gives the same bytes.
fn compressed(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

fn reader(form: TraceForm) -> &'static str {
    match form {
        TraceForm::Chrome => "https://ui.perfetto.dev",
        TraceForm::Firefox => "https://profiler.firefox.com",
    }
}

async fn of_sweep(lab: &Lab, name: &str) -> Result<Timeline, Failure> {
    let stored = lab.get(name).await?.sweep.ok_or_else(|| no_sweep("GetSweep"))?;
    let events = events(lab, &stored).await?;
    let timeline = sweep::timeline(stored, events)
        .map_err(|error| Failure::new(Exit::Unexpected, error.to_string(), ""))?;
    if timeline.tracks.iter().all(|track| track.slices.is_empty()) {
        let short = ids::short(name);
        let message = format!("trace: {short} has no turn so far");
        return Err(Failure::new(
            Exit::Usage,
            message,
            format!("`gilctl watch {short}` waits for them"),
        ));
    }
    Ok(timeline)
}

/// The events that a sweep has now; of one that runs there will be more.
async fn events(lab: &Lab, sweep: &Sweep) -> Result<Vec<SweepEvent>, Failure> {
    let last = sweep.next_sequence.saturating_sub(1);
    let mut events = Vec::new();
    if last == 0 {
        return Ok(events);
    }
    let mut stream = lab.watch(&sweep.name, 0).await?;
    while let Some(message) = stream.message().await? {
        let event = message.event.unwrap_or_default();
        let is_last = event.sequence >= last;
        events.push(event);
        if is_last {
            break;
        }
    }
    Ok(events)
}

async fn of_exploration(lab: &Lab, name: &str) -> Result<Timeline, Failure> {
    let view = ExplorationView::new(lab.exploration(name).await?);
    witness::timeline(&view).ok_or_else(|| {
        let message = format!("trace: {} is an exploration without a schedule", ids::short(name));
        let way_out = "`gilctl witness` with the same flags and --value finds one: name that";
        Failure::new(Exit::Usage, message, way_out)
    })
}
