//! `gilctl status`: the state of a daemon's lab, or of the history where no daemon answers.

use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::output::clock::now_ns;
use crate::output::next::Next;
use view::render::lab::status::Status;

/// Fetches and prints the state.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let lab = context.with_lab(Fallback::Stored, async |lab| lab.status().await).await?;
    let next = match lab.running.as_str() {
        "" => Next::List,
        name => Next::Watch(ids::short(name).to_owned()),
    };
    context.print(&Status { lab, now_ns: now_ns() })?;
    context.next("", &next);
    Ok(Exit::Fine)
}
