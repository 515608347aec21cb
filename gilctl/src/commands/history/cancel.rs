//! `gilctl cancel`: stops a sweep or an exploration.

use crate::cli::target::Target;
use crate::client::failures::{no_exploration, no_sweep};
use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::ids::Kind;
use crate::output::next::Next;
use view::render::format::enum_names;

/// Cancels the item and reports its state.
pub async fn run(context: &Context, target: &Target) -> Result<Exit, Failure> {
    let cancelled = context.with_lab(Fallback::NothingRuns, async |lab| {
        let name = lab.resolve(target).await?;
        let state = match Kind::of(&name) {
            Kind::Sweep => lab.cancel(&name).await?.ok_or_else(|| no_sweep("CancelSweep"))?.state(),
            Kind::Exploration => {
                let answer = lab.cancel_exploration(&name).await?;
                answer.ok_or_else(|| no_exploration("CancelExploration"))?.state()
            }
        };
        Ok((name, state))
    });
    let (name, state) = cancelled.await?;
    let (noun, short, state) =
        (Kind::of(&name).noun(), ids::short(&name), enum_names::state(state));
    context.next(&format!("{noun} {short} is {state}"), &Next::Show(short.to_owned()));
    Ok(Exit::Fine)
}
