//! `gilctl doctor`: whether the lab's machine is fit to measure.

use proto::v1::Fitness;

use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;

/// Examines the machine of the lab, which is this one if the lab is embedded.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let embed = Fallback::Embed { pythons: &[] };
    let answer = context.with_lab(embed, async |lab| lab.examine().await).await?;
    context.print(&answer)?;
    context.hints.say("next: gilctl sweep --strategy gil");
    let is_bad = answer.examined.iter().any(|it| it.fitness() == Fitness::Bad);
    Ok(if is_bad { Exit::AssertFailed } else { Exit::Fine })
}
