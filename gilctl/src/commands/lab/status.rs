//! `gilctl status` and `gilctl doctor`: how a lab is doing, and whether its machine is fit to
//! measure.

use std::io::stdout;

use proto::v1::Lab;

use crate::cli::Output;
use crate::client::lab::Fallback;
use crate::commands::clock::now_ns;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::render::format::csv;
use crate::render::format::json;
use crate::render::lab::status as render;
use crate::render::sweep::json::Turns;

/// Says how the daemon is doing.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let asking = context.with_lab(Fallback::NothingRuns, async |lab| lab.status().await);
    let lab = asking.await?;
    context.printer(stdout(), Turns::Hidden).text(&described(context, &lab))?;
    context.hints.say(&match lab.running.as_str() {
        "" => "next: gilctl list".to_owned(),
        name => format!("next: gilctl watch {}", ids::short(name)),
    });
    Ok(Exit::Fine)
}

fn described(context: &Context, lab: &Lab) -> String {
    match context.output {
        Output::Table => render::table(lab, now_ns(), context.style.ink),
        Output::Markdown => render::grid(lab, now_ns()).markdown(),
        Output::Csv => csv::rows(vec![render::fields(lab)]),
        Output::Ndjson => json::line("status", render::fields(lab)) + "\n",
        Output::Json => json::document_of(render::fields(lab)) + "\n",
    }
}
