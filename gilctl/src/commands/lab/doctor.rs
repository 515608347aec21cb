//! `gilctl doctor`: whether the lab's machine is fit to measure.

use std::io::stdout;

use proto::v1::{ExamineMachineResponse, Fitness};

use crate::cli::Output;
use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::render::format::csv;
use crate::render::lab::doctor;
use crate::render::sweep::json::Turns;

/// Examines the machine that the lab measures on, or this one.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
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
