//! `gilctl resume` and `gilctl rerun`: continue or repeat a stored sweep.

use crate::cli::history::{RerunFlags, ResumeFlags};
use crate::cli::target::Target;
use crate::client::failures::no_sweep;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::sweep::{FollowMode, follow_queued, submit};
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use view::render::format::quantity::counted;

/// Runs the missing attempts of a sweep.
pub async fn resume(context: &Context, flags: &ResumeFlags) -> Result<Exit, Failure> {
    let mode = FollowMode::of(flags.detach, flags.turns);
    let work = async |lab: &Lab| {
        let name = lab.resolve_sweep(&flags.which).await?;
        let resuming = async {
            let (sweep, missing) = lab.resume(&name).await?;
            let missing = counted(missing, "attempt");
            context.hints.say(&format!("sweep {} goes on: {missing} missing", ids::short(&name)));
            Ok(sweep)
        };
        // Followed from the first event, so that the output is that of the whole sweep.
        Box::pin(follow_queued(context, lab, resuming, mode)).await
    };
    context.with_lab(fallback(mode, &flags.which), work).await
}

/// Queues a new sweep with the same parameters.
pub async fn rerun(context: &Context, flags: &RerunFlags) -> Result<Exit, Failure> {
    let mode = FollowMode::of(flags.detach, flags.turns);
    let work = async |lab: &Lab| {
        let name = lab.resolve_sweep(&flags.which).await?;
        let sweep = lab.get(&name).await?.sweep.ok_or_else(|| no_sweep("GetSweep"))?;
        let mut spec = sweep.spec.ok_or_else(|| no_sweep("GetSweep"))?;
        spec.seed = (!flags.new_seed).then_some(sweep.seed);
        Box::pin(submit(context, lab, spec, mode)).await
    };
    context.with_lab(fallback(mode, &flags.which), work).await
}

fn fallback(mode: FollowMode, which: &Target) -> Fallback<'_> {
    match mode {
        FollowMode::Detach => Fallback::RefuseToDetach,
        FollowMode::PlanOnly | FollowMode::Follow(..) => Fallback::EmbedFor { which },
    }
}
