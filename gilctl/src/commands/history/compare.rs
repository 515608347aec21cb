//! `gilctl compare`: stored sweeps side by side. Whether they are comparable and what each pair of
//! cells comes to is the daemon's word.

use std::io::stdout;

use proto::v1::{CompareSweepsRequest, CompareSweepsResponse};

use crate::cli::Output;
use crate::cli::history::CompareFlags;
use crate::client::lab::{Fallback, Lab};
use crate::commands::clock::now_ns;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::render::history::comparison as render;
use crate::render::sweep::json::Turns;

/// Asks, prints, and says whether there was anything to compare.
pub async fn run(context: &Context, flags: &CompareFlags) -> Result<Exit, Failure> {
    let work = async |lab: &Lab| {
        // Looked up once, so that `latest` and `latest~1` are of one moment.
        let kept: Vec<String> = lab.list().await?.into_iter().map(|sweep| sweep.name).collect();
        let meant = |id: &String| ids::resolve(id, &kept).map(str::to_owned);
        let names = flags.ids.iter().map(meant).collect::<Result<Vec<String>, Failure>>()?;
        lab.compare(CompareSweepsRequest { names, force: flags.force }).await
    };
    let answer = context.with_lab(Fallback::Embed { pythons: &[] }, work).await?;
    context.printer(stdout(), Turns::Hidden).text(&text(context, &answer))?;
    context.hints.say(&next(&answer));
    // Neither a forbidden comparison nor grids without a common cell say anything about speed.
    Ok(if answer.cells.is_empty() { Exit::NotComparable } else { Exit::Fine })
}

fn text(context: &Context, answer: &CompareSweepsResponse) -> String {
    match context.output {
        Output::Table => render::table(answer, now_ns(), context.style.ink),
        Output::Markdown => render::markdown(answer, now_ns()),
        Output::Csv => render::csv(answer),
        Output::Ndjson => render::lines(answer).join("\n") + "\n",
        Output::Json => render::document(answer) + "\n",
    }
}

fn next(answer: &CompareSweepsResponse) -> String {
    let short: Vec<&str> = answer.sweeps.iter().map(|sweep| ids::short(&sweep.name)).collect();
    match (answer.cells.is_empty(), answer.differences.is_empty() || answer.forced) {
        (true, false) => {
            format!("next: gilctl compare {} --force compares nevertheless", short.join(" "))
        }
        (true, true) => {
            let first = short.first().copied().unwrap_or("latest");
            format!("next: gilctl rerun {first} asks for the first one's cells again")
        }
        (false, _) => format!("next: gilctl show {}", short.last().copied().unwrap_or("latest")),
    }
}
