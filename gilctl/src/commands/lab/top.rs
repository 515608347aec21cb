//! `gilctl top` and `gilctl watch --tui`: the jobs of a lab, or one of them, on a live terminal.

use crate::cli::WatchFlags;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::interrupts::{Interrupts, OnInterrupt};
use crate::commands::stream::leave;
use crate::error::Failure;
use crate::exit::Exit;
use crate::tui::job_log::JobLog;
use crate::tui::run::run as show;
use crate::tui::state::State;
use crate::tui::terminal;

/// Shows the jobs until a key quits.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    check("`gilctl top`", "`gilctl list` and `gilctl watch latest` print lines instead")?;
    context.with_lab(Fallback::Stored, async |lab| top(context, lab).await).await
}

async fn top(context: &Context, lab: &Lab) -> Result<Exit, Failure> {
    let mut interrupts = Interrupts::catch(OnInterrupt::Leave)?;
    show(lab, State::of_jobs(), &context.look(lab), interrupts.next()).await?;
    Ok(Exit::Fine)
}

/// Shows one job until a key quits; its exit code if it has ended.
pub async fn job(context: &Context, flags: &WatchFlags) -> Result<Exit, Failure> {
    let way_out = format!("`gilctl watch {}` without --tui prints it", flags.which.id);
    check("`gilctl watch --tui`", &way_out)?;
    let showing = async |lab: &Lab| {
        let name = lab.resolve(&flags.which).await?;
        let mut interrupts = Interrupts::catch(OnInterrupt::Leave)?;
        let state = State::of_job(&name);
        let state = show(lab, state, &context.look(lab), interrupts.next()).await?;
        Ok(match state.job() {
            Some(JobLog::Sweep(log)) if log.view().has_ended() => Exit::of_sweep(log.view()),
            Some(JobLog::Exploration(log)) if log.view().has_ended() => {
                Exit::of_exploration(log.view())
            }
            _ => leave(context, lab, &name),
        })
    };
    context.with_lab(Fallback::Stored, showing).await
}

/// Refuses what is not a terminal.
fn check(command: &str, way_out: &str) -> Result<(), Failure> {
    match terminal::unusable() {
        None => Ok(()),
        Some(why) => {
            let message = format!("{command} needs a terminal, and {why}");
            Err(Failure::new(Exit::Usage, message, way_out))
        }
    }
}
