//! `gilctl list`: stored sweeps and explorations.

use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::listed::Jobs;
use crate::output::clock::now_ns;
use crate::output::next::Next;
use crate::render::history::listing::Listing;

/// Fetches and prints the list.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let listed = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| lab.jobs().await);
    let Jobs { sweeps, explorations } = listed.await?;
    let (sweeps, explorations) = (sweeps.jobs, explorations.jobs);
    let names = sweeps.iter().map(|it| &it.name).chain(explorations.iter().map(|it| &it.name));
    let newest = names.map(|name| ids::short(name).to_owned()).next();
    let listing = Listing { sweeps, explorations, now_ns: now_ns() };
    context.print(&listing)?;
    match newest {
        Some(id) => context.next("", &Next::Show(id)),
        None => context.next("nothing yet", &Next::Sweep),
    }
    Ok(Exit::Fine)
}
