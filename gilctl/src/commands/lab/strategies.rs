//! `gilctl strategies`: what the lab can run, or some bodies instruction by instruction.

use std::io::stdout;

use proto::v1::ListStrategiesResponse;

use crate::cli::to_request;
use crate::cli::to_request::Listings;
use crate::cli::{Output, StrategiesFlags};
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::render::format::csv;
use crate::render::format::json;
use crate::render::lab::bodies::Body;
use crate::render::lab::{bodies, catalog};
use crate::render::sweep::json::Turns;

/// Nothing here runs an interpreter.
const EMBED: Fallback<'static> = Fallback::Scratch { pythons: &[] };

/// Asks and prints.
pub async fn run(context: &Context, flags: &StrategiesFlags) -> Result<Exit, Failure> {
    if flags.body.is_empty() {
        return everything(context).await;
    }
    let wanted = to_request::listings(flags)?;
    let bodies = context.with_lab(EMBED, async |lab| bodies(lab, wanted).await).await?;
    context.printer(stdout(), Turns::Hidden).text(&listed(context, &bodies))?;
    context.hints.say("site: looks whether it must switch; tick: counts the step; |: the window");
    Ok(Exit::Fine)
}

async fn everything(context: &Context) -> Result<Exit, Failure> {
    let catalog = context.with_lab(EMBED, async |lab| lab.strategies().await).await?;
    context.printer(stdout(), Turns::Hidden).text(&text(context, &catalog))?;
    context.hints.say("next: gilctl sweep --strategy NAME[,NAME...]");
    Ok(Exit::Fine)
}

async fn bodies(lab: &Lab, wanted: Listings) -> Result<Vec<Body>, Failure> {
    let mut bodies = Vec::with_capacity(wanted.bodies.len());
    for name in wanted.bodies {
        let answer = lab.body(name.clone(), wanted.eras.clone()).await?;
        bodies.push(Body { name, answer });
    }
    Ok(bodies)
}

fn text(context: &Context, catalog: &ListStrategiesResponse) -> String {
    let strategies = || catalog.strategies.iter().map(catalog::fields).collect::<Vec<_>>();
    match context.output {
        Output::Table => catalog::tables(catalog, context.style.ink),
        Output::Markdown => catalog::markdown(catalog),
        Output::Csv => csv::rows(strategies()),
        Output::Ndjson => catalog::lines(catalog).join("\n") + "\n",
        Output::Json => json::list("strategies", strategies()) + "\n",
    }
}

fn listed(context: &Context, bodies: &[Body]) -> String {
    let lines = |fields| json::line("listing", fields) + "\n";
    match context.output {
        Output::Table => bodies::blocks(bodies, context.style.ink),
        Output::Markdown => bodies::markdown(bodies),
        Output::Csv => csv::rows(bodies::instructions(bodies)),
        Output::Ndjson => bodies::records(bodies).into_iter().map(lines).collect(),
        Output::Json => json::list("listings", bodies::records(bodies)) + "\n",
    }
}
