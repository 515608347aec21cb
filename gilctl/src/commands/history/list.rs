//! `gilctl list`: stored sweeps and explorations.

use crate::client::lab::Fallback;
use crate::commands::clock::now_ns;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::listed::Jobs;
use crate::render::history::listing::Listing;

/// Fetches and prints the list.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let listed = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| lab.jobs().await);
    let Jobs { sweeps, explorations } = listed.await?;
    let (sweeps, explorations) = (sweeps.jobs, explorations.jobs);
    let listing = Listing { sweeps, explorations, now_ns: now_ns() };
    context.print(&listing)?;
    context.hints.say(if listing.is_empty() {
        "nothing yet; next: gilctl sweep --strategy gil"
    } else {
        "next: gilctl show ID, or latest"
    });
    Ok(Exit::Fine)
}
