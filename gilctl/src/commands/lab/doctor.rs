//! `gilctl doctor`: whether the lab's machine is fit to measure.

use proto::v1::Fitness;

use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::next::Next;

/// Examines the machine of the lab, which is this one if the lab is embedded.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let embed = Fallback::Embed { pythons: &[] };
    let answer = context.with_lab(embed, async |lab| lab.examine().await).await?;
    context.print(&answer)?;
    if answer.examined.iter().any(|it| it.fitness() == Fitness::Bad) {
        context.next("figures mean little until what is bad is mended", &Next::Doctor);
        return Ok(Exit::AssertFailed);
    }
    context.next("", &Next::Sweep);
    Ok(Exit::Fine)
}
