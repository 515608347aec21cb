//! `gilctl status` and `gilctl doctor`: how a lab is doing, and whether its machine is fit to
//! measure.

use std::io::stdout;

use proto::v1::{ExamineMachineResponse, Fitness, Lab};

use crate::cli::Output;
use crate::client::Fallback;
use crate::commands::Context;
use crate::commands::show::now_ns;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::render::format::csv;
use crate::render::lab::{doctor, status as render};
use crate::render::sweep::json;
use crate::render::sweep::json::Turns;

/// Says how the daemon is doing.
pub async fn status(context: &Context) -> Result<Exit, Failure> {
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

/// Examines the machine that the lab measures on, or this one.
pub async fn doctor(context: &Context) -> Result<Exit, Failure> {
    let asking =
        context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| lab.examine().await);
    let answer = asking.await?;
    context.printer(stdout(), Turns::Hidden).text(&examined(context, &answer))?;
    let is_bad = answer.examined.iter().any(|it| it.fitness() == Fitness::Bad);
    context.hints.say("next: gilctl sweep --strategy gil");
    Ok(if is_bad { Exit::AssertFailed } else { Exit::Fine })
}

fn examined(context: &Context, answer: &ExamineMachineResponse) -> String {
    let records = || answer.examined.iter().map(doctor::fields).collect::<Vec<_>>();
    match context.output {
        Output::Table => doctor::table(answer, context.style.ink),
        Output::Markdown => doctor::markdown(answer),
        Output::Csv => csv::rows(records()),
        Output::Ndjson => doctor::lines(answer).join("\n") + "\n",
        Output::Json => doctor::document(answer) + "\n",
    }
}
