//! `gilctl strategies`: the catalogue of the lab, or bodies instruction by instruction.

use crate::cli::StrategiesFlags;
use crate::cli::to_request;
use crate::cli::to_request::Listings;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::next::Next;
use view::render::lab::bodies::{Bodies, Body};

/// The catalogue needs neither history nor interpreter.
const FALLBACK: Fallback<'static> = Fallback::Scratch { pythons: &[] };

/// Fetches and prints the catalogue or the bodies.
pub async fn run(context: &Context, flags: &StrategiesFlags) -> Result<Exit, Failure> {
    if flags.body.is_empty() {
        return catalog(context).await;
    }
    let listings = to_request::listings(flags)?;
    let bodies = context.with_lab(FALLBACK, async |lab| fetch(lab, listings).await).await?;
    context.print(&bodies)?;
    context.hints.say("site: checks whether it must switch; tick: counts the step; |: the window");
    Ok(Exit::Fine)
}

async fn catalog(context: &Context) -> Result<Exit, Failure> {
    let catalog = context.with_lab(FALLBACK, async |lab| lab.strategies().await).await?;
    context.print(&catalog)?;
    context.next("", &Next::Sweep);
    Ok(Exit::Fine)
}

async fn fetch(lab: &Lab, listings: Listings) -> Result<Bodies, Failure> {
    let mut bodies = Vec::with_capacity(listings.bodies.len());
    for name in listings.bodies {
        let answer = lab.body(name.clone(), listings.eras.clone()).await?;
        bodies.push(Body { name, answer });
    }
    Ok(Bodies(bodies))
}
