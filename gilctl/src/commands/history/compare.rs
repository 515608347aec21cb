//! `gilctl compare`: stored sweeps side by side. The daemon decides whether they are comparable and
//! what each pair of cells comes to.

use proto::v1::{CompareSweepsRequest, CompareSweepsResponse};

use crate::cli::history::CompareFlags;
use crate::client::lab::{Fallback, Lab};
use crate::commands::clock::now_ns;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::render::history::comparison::Comparison;

/// Compares the sweeps and prints the comparison.
pub async fn run(context: &Context, flags: &CompareFlags) -> Result<Exit, Failure> {
    let work = async |lab: &Lab| {
        // Listed once, so that `latest` and `latest~1` belong to the same list.
        let (stored, latest) = (lab.list().await?.sweeps(), flags.owners.latest());
        let resolve = |id: &String| ids::resolve(id, latest, &stored).map(str::to_owned);
        let names = flags.ids.iter().map(resolve).collect::<Result<Vec<String>, Failure>>()?;
        lab.compare(CompareSweepsRequest { names, force: flags.force }).await
    };
    let answer = context.with_lab(Fallback::Embed { pythons: &[] }, work).await?;
    let next = next(&answer);
    // A forbidden comparison has no pairs, and neither have grids without a common cell.
    let exit = if answer.cells.is_empty() { Exit::NotComparable } else { Exit::Fine };
    context.print(&Comparison { answer, now_ns: now_ns() })?;
    context.hints.say(&next);
    Ok(exit)
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
