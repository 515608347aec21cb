//! `gilctl status` and `gilctl doctor`: how a lab is doing, and whether its machine is fit to
//! measure.

use std::io::stdout;

use proto::v1::{ExamineMachineResponse, Fitness, Lab};

use super::Context;
use super::kept::now_ns;
use crate::client::Without;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::Output;
use crate::ids;
use crate::render::json::Turns;
use crate::render::{csv, examination, json, status as render};

/// Says how the daemon is doing.
pub async fn status(context: &Context) -> Result<Exit, Failure> {
    let asking = context.with_lab(Without::NothingRuns, async |lab| lab.status().await);
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
    let asking = context.with_lab(Without::Embed { pythons: &[] }, async |lab| lab.examine().await);
    let answer = asking.await?;
    context.printer(stdout(), Turns::Hidden).text(&examined(context, &answer))?;
    let is_bad = answer.examined.iter().any(|it| it.fitness() == Fitness::Bad);
    context.hints.say("next: gilctl sweep --strategy gil");
    Ok(if is_bad { Exit::AssertFailed } else { Exit::Fine })
}

fn examined(context: &Context, answer: &ExamineMachineResponse) -> String {
    let records = || answer.examined.iter().map(examination::fields).collect::<Vec<_>>();
    match context.output {
        Output::Table => examination::table(answer, context.style.ink),
        Output::Markdown => examination::markdown(answer),
        Output::Csv => csv::rows(records()),
        Output::Ndjson => examination::lines(answer).join("\n") + "\n",
        Output::Json => examination::document(answer) + "\n",
    }
}
