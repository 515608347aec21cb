//! `gilctl witness`: how a value comes out, or that it never does.

use crate::cli::explore::WitnessFlags;
use crate::cli::to_request;
use crate::client::lab::{Fallback, Intent};
use crate::commands::context::Context;
use crate::commands::explore::exploration;
use crate::commands::explore::exploration::Followed;
use crate::commands::explore::svg_file;
use crate::commands::stream::OnInterrupt;
use crate::error::Failure;
use crate::exit::Exit;
use crate::follow::exploration_log::{ExplorationLog, ExplorationView};
use crate::render::explore::{header, svg};

/// Looks for the value and draws what was found.
pub async fn run(context: &Context, flags: &WitnessFlags) -> Result<Exit, Failure> {
    let spec = to_request::witness(flags)?;
    let svg = flags.svg.as_deref();
    svg.map(svg_file::check).transpose()?;
    let asked = spec.value.unwrap_or_default();
    let looking = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let exploration = lab.explore(spec, Intent::Run).await?;
        let tracker = ExplorationLog::new(exploration, 0);
        exploration::follow(context, lab, tracker, OnInterrupt::CancelThenLeave).await
    });
    match looking.await? {
        Followed::Left(exit) => Ok(exit),
        Followed::ToTheEnd(findings) if findings.is_unreachable() => Err(in_vain(&findings, asked)),
        Followed::ToTheEnd(findings) => match (&findings.exploration.trace, svg) {
            (None, _) if findings.exit() == Exit::Fine => Err(undrawn(asked)),
            (Some(trace), Some(path)) => {
                svg_file::write(path, &svg::diagram(&header::title(&findings), trace))?;
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
