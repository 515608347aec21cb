//! `gilctl strategies`: what the lab can run.

use std::io::stdout;

use proto::v1::ListStrategiesResponse;

use super::Context;
use crate::client::Without;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::Output;
use crate::render::json::Turns;
use crate::render::{catalog as render, csv, json};

/// Asks and prints.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let catalog = context.with_lab(Without::Embed, async |lab| lab.strategies().await).await?;
    context.printer(stdout(), Turns::Hidden).text(&text(context, &catalog))?;
    context.hints.say("next: gilctl sweep --strategy NAME[,NAME...]");
    Ok(Exit::Fine)
}

fn text(context: &Context, catalog: &ListStrategiesResponse) -> String {
    let strategies = || catalog.strategies.iter().map(render::fields).collect::<Vec<_>>();
    match context.output {
        Output::Table => render::tables(catalog, context.style.ink),
        Output::Markdown => render::markdown(catalog),
        Output::Csv => csv::rows(strategies()),
        Output::Ndjson => render::lines(catalog).join("\n") + "\n",
        Output::Json => json::list("strategies", strategies()) + "\n",
    }
}
