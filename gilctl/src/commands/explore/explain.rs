//! `gilctl explain`: which law or limit made a sweep's figures.

use std::io::stdout;

use crate::cli::Output;
use crate::cli::explore::ExplainFlags;
use crate::cli::to_request;
use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::render::explore::explanation as render;
use crate::render::sweep::json::Turns;

/// Asks and prints.
pub async fn run(context: &Context, flags: &ExplainFlags) -> Result<Exit, Failure> {
    let cell = to_request::cell(flags.cell.as_deref())?;
    let explaining = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let name = lab.resolve_sweep(&flags.id).await?;
        let answer = lab.explain(&name, cell).await?;
        Ok((name, answer))
    });
    let (name, answer) = explaining.await?;
    let text = match context.output {
        Output::Table => render::text(&answer, context.page),
        Output::Markdown => render::markdown(&answer),
        Output::Csv => render::rows(&name, &answer),
        Output::Json => render::document(&name, &answer) + "\n",
        Output::Ndjson => {
            render::lines(&name, &answer).into_iter().map(|line| line + "\n").collect()
        }
    };
    context.printer(stdout(), Turns::Hidden).text(&text)?;
    Ok(Exit::Fine)
}
