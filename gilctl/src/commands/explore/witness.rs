//! `gilctl witness`: a schedule that ends with a value, or the proof that there is none.

use crate::cli::explore::WitnessFlags;
use crate::cli::to_request;
use crate::client::lab::{Fallback, Intent};
use crate::commands::context::Context;
use crate::commands::explore::exploration::{Followed, follow};
use crate::commands::explore::svg_file;
use crate::commands::interrupts::{Interrupts, OnInterrupt};
use crate::error::Failure;
use crate::exit::Exit;
use view::follow::exploration_log::{ExplorationLog, ExplorationView};
use view::render::explore::{header, svg};

/// Searches for the schedule, prints it and draws it.
pub async fn run(context: &Context, flags: &WitnessFlags) -> Result<Exit, Failure> {
    let spec = to_request::witness(flags)?;
    let svg = flags.svg.as_deref();
    svg.map(|path| svg_file::check("--svg", path)).transpose()?;
    let value = spec.value.unwrap_or_default();
    let searching = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let mut interrupts = Interrupts::catch(OnInterrupt::CancelThenLeave)?;
        let exploration = interrupts.defer(Box::pin(lab.explore(spec, Intent::Run))).await?;
        follow(context, lab, ExplorationLog::new(exploration, 0), interrupts).await
    });
    match searching.await? {
        Followed::Left(exit) => Ok(exit),
        Followed::ToTheEnd(view) if view.is_unreachable() => Err(unreachable(&view, value)),
        Followed::ToTheEnd(view) => match (&view.exploration.trace, svg) {
            (None, _) if Exit::of_exploration(&view) == Exit::Fine => Err(without_trace(value)),
            (Some(trace), Some(path)) => {
                svg_file::write("--svg", path, &svg::diagram(&header::title(&view), trace))?;
                context.hints.say(&format!("drawn to {}", path.display()));
                Ok(Exit::of_exploration(&view))
            }
            (None | Some(_), _) => Ok(Exit::of_exploration(&view)),
        },
    }
}

/// A daemon of a version without closed forms counts further than it searches for schedules.
fn without_trace(value: u32) -> Failure {
    let message = format!("the daemon's version searches no schedule to {value} at this size");
    let way_out = "search in gilctl with --embedded, or ask for fewer increments or workers";
    Failure::new(Exit::Unexpected, message, way_out)
}

/// No schedule leads to the value; the daemon's verdict is the reason.
fn unreachable(view: &ExplorationView, value: u32) -> Failure {
    let (message, way_out) = match view.exploration.verdict.as_str() {
        "" => {
            (format!("no schedule ends with {value}"), "`gilctl explore` lists what can come out")
        }
        // It says what can come out.
        verdict => (verdict.to_owned(), ""),
    };
    Failure::new(Exit::NotFound, message, way_out)
}
