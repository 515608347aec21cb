//! `gilctl calibrate`: what a real interpreter's steps cost.

use std::io::stdout;

use proto::v1::CalibratePythonResponse;

use crate::cli::to_request;
use crate::cli::{CalibrateFlags, Output};
use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::render::format::csv;
use crate::render::format::json;
use crate::render::lab::calibration as render;
use crate::render::sweep::json::Turns;

/// Asks, waits and prints.
pub async fn run(context: &Context, flags: &CalibrateFlags) -> Result<Exit, Failure> {
    let python = flags.python.as_deref();
    let asked = python.map(to_request::interpreter).transpose()?.unwrap_or_default();
    let without = Fallback::Scratch { pythons: flags.python.as_slice() };
    let answer = context.with_lab(without, async |lab| {
        context.hints.say("measuring an interpreter takes a few seconds");
        lab.calibrate(asked).await
    });
    let answer = answer.await?;
    context.printer(stdout(), Turns::Hidden).text(&text(context, &answer))?;
    Ok(Exit::Fine)
}

fn text(context: &Context, answer: &CalibratePythonResponse) -> String {
    match context.output {
        Output::Table => render::table(answer, context.style.ink),
        Output::Markdown => render::markdown(answer),
        Output::Csv => csv::rows(vec![render::fields(answer)]),
        Output::Ndjson => json::line("calibration", render::fields(answer)) + "\n",
        Output::Json => json::document_of(render::fields(answer)) + "\n",
    }
}
