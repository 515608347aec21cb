//! `gilctl resume` and `gilctl rerun`: more of a sweep that is kept, and then as `gilctl sweep`.

use crate::cli::history::{RerunFlags, ResumeFlags};
use crate::client::failures::no_sweep;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::commands::sweep::{FollowMode, stay, submit};
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::render::format::quantity::counted;

/// Runs what is missing of a sweep.
pub async fn resume(context: &Context, flags: &ResumeFlags) -> Result<Exit, Failure> {
    let presence = FollowMode::of(flags.detach, flags.turns);
    let work = async |lab: &Lab| {
        let name = lab.resolve_sweep(&flags.which.id).await?;
        let (sweep, missing) = lab.resume(&name).await?;
        let missing = counted(missing, "attempt");
        context.hints.say(&format!("sweep {} goes on: {missing} missing", ids::short(&name)));
        // What is stored is told first, so that the output is that of the whole sweep.
        Box::pin(stay(context, lab, sweep, presence)).await
    };
    context.with_lab(without(presence), work).await
}

/// Asks for the same sweep once more.
pub async fn rerun(context: &Context, flags: &RerunFlags) -> Result<Exit, Failure> {
    let presence = FollowMode::of(flags.detach, flags.turns);
    let work = async |lab: &Lab| {
        let name = lab.resolve_sweep(&flags.which.id).await?;
        let sweep = lab.get(&name).await?.sweep.ok_or_else(|| no_sweep("GetSweep"))?;
        let mut spec = sweep.spec.ok_or_else(|| no_sweep("GetSweep"))?;
        spec.seed = (!flags.new_seed).then_some(sweep.seed);
        Box::pin(submit(context, lab, spec, presence)).await
    };
    context.with_lab(without(presence), work).await
}

fn without(presence: FollowMode) -> Fallback<'static> {
    match presence {
        FollowMode::Detach => Fallback::RefuseToDetach,
        FollowMode::PlanOnly | FollowMode::Follow(_) => Fallback::Embed { pythons: &[] },
    }
}
