//! `gilctl witness`: how a value comes out, or that it never does.

use std::path::Path;

use crate::cli::explore::WitnessFlags;
use crate::cli::parse::ValueError;
use crate::cli::to_request;
use crate::client::{Fallback, Intent};
use crate::commands::Context;
use crate::commands::explore;
use crate::commands::explore::Followed;
use crate::error::Failure;
use crate::exit::Exit;
use crate::follow::exploration_log::{ExplorationLog, ExplorationView};
use crate::follow::stream::OnInterrupt;
use crate::render::explore::{header, svg};

/// Looks for the value and draws what was found.
pub async fn run(context: &Context, flags: &WitnessFlags) -> Result<Exit, Failure> {
    let spec = to_request::witness(flags)?;
    let svg = flags.svg.as_deref();
    svg.map(writable).transpose()?;
    let asked = spec.value.unwrap_or_default();
    let looking = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let exploration = lab.explore(spec, Intent::Run).await?;
        let tracker = ExplorationLog::new(exploration, 0);
        explore::follow(context, lab, tracker, OnInterrupt::CancelThenLeave).await
    });
    match looking.await? {
        Followed::Left(exit) => Ok(exit),
        Followed::ToTheEnd(findings) if findings.is_in_vain() => Err(in_vain(&findings, asked)),
        Followed::ToTheEnd(findings) => match (&findings.exploration.trace, svg) {
            (None, _) if findings.exit() == Exit::Fine => Err(undrawn(asked)),
            (Some(trace), Some(path)) => {
                draw(path, &svg::diagram(&header::title(&findings), trace))?;
                context.hints.say(&format!("drawn to {}", path.display()));
                Ok(findings.exit())
            }
            (None | Some(_), _) => Ok(findings.exit()),
        },
    }
}

/// It can be, but the search for a schedule is bounded more narrowly than the count.
fn undrawn(asked: u32) -> Failure {
    let message = format!("{asked} can come out, but the lab names no schedule that leads to it");
    Failure::new(Exit::Unexpected, message, "ask for fewer increments or workers")
}

/// A clear no; the daemon says why.
fn in_vain(findings: &ExplorationView, asked: u32) -> Failure {
    let message = match findings.exploration.verdict.as_str() {
        "" => format!("no schedule ends with {asked}"),
        verdict => verdict.to_owned(),
    };
    Failure::new(Exit::NotFound, message, "")
}

/// Refuses a place for a drawing before a search that may take minutes.
pub fn writable(path: &Path) -> Result<(), Failure> {
    let refuse = |problem: &str, way_out: &str| {
        let shown = path.to_string_lossy();
        Err(ValueError::new("--svg", &shown, problem, way_out).into())
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if path.as_os_str().is_empty() || path.is_dir() {
        return refuse("is no file", "name a file, e.g. race.svg");
    }
    match directory {
        Some(directory) if !directory.is_dir() => {
            refuse("is in no directory that exists", "create that first")
        }
        _ => Ok(()),
    }
}

/// Writes a drawing.
pub fn draw(path: &Path, svg: &str) -> Result<(), Failure> {
    std::fs::write(path, svg).map_err(|error| {
        let message = format!("{} cannot be written: {error}", path.display());
        Failure::new(Exit::Unexpected, message, "choose another place for --svg")
    })
}
