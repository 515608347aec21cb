//! `gilctl status`: the state of a daemon's lab.

use crate::client::lab::Fallback;
use crate::commands::clock::now_ns;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::render::lab::status::Status;

/// Fetches and prints the state.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let lab = context.with_lab(Fallback::NothingRuns, async |lab| lab.status().await).await?;
    let next = match lab.running.as_str() {
        "" => "next: gilctl list".to_owned(),
        name => format!("next: gilctl watch {}", ids::short(name)),
    };
    context.print(&Status { lab, now_ns: now_ns() })?;
    context.hints.say(&next);
    Ok(Exit::Fine)
}
