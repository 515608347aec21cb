//! `gilctl compare`: stored sweeps side by side. The daemon decides whether they are comparable and
//! what each pair of cells comes to.

use gild::limits::COMPARED_MAX;
use proto::v1::{CompareSweepsRequest, CompareSweepsResponse};

use crate::cli::history::CompareFlags;
use crate::client::lab::{Fallback, Lab};
use crate::commands::below;
use crate::commands::below::Below;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::output::clock::now_ns;
use crate::output::next::Next;
use view::render::history::comparison::Comparison;
use view::request::parse::list::names;

/// Compares the sweeps and prints the comparison.
pub async fn run(context: &Context, flags: &CompareFlags) -> Result<Exit, Failure> {
    let by = names("--by", &flags.by)?;
    let work = async |lab: &Lab| {
        // Listed once, so that `latest` and `latest~1` belong to the same list.
        let (stored, latest) = (lab.list().await?.sweeps(), flags.owners.latest());
        let mut names = Vec::with_capacity(flags.ids.len());
        for typed in &flags.ids {
            names.push(lab.sweep_among(typed, latest, &stored).await?);
        }
        let request =
            CompareSweepsRequest { names: names.clone(), force: flags.force, by: by.clone() };
        let compared = lab.compare(request).await;
        compared.map_err(|failure| match named_twice(&flags.ids, &names) {
            Some(twice) if failure.exit() == Exit::Usage => twice,
            Some(_) | None => failure,
        })
    };
    // Pairs by other rules than those of a picture are not drawn.
    let is_drawn = !flags.no_plot && !flags.force && by.is_empty();
    let comparing = async |lab: &Lab| {
        let answer = work(lab).await?;
        let names: Vec<String> = answer.sweeps.iter().map(|sweep| sweep.name.clone()).collect();
        let below =
            if is_drawn && !answer.cells.is_empty() { Below::Picture } else { Below::Nothing };
        let picture = below.fetch(context, lab, names).await;
        Ok((answer, picture))
    };
    let fallback = Fallback::Embed { pythons: &[] };
    let (answer, picture) = context.with_lab(fallback, comparing).await?;
    let (done, next) = next(&answer);
    // A forbidden comparison has no pairs, and neither have grids without a common cell.
    let exit = if answer.cells.is_empty() { Exit::NotComparable } else { Exit::Fine };
    context.print(&Comparison { answer, now_ns: now_ns() })?;
    below::print(context, picture)?;
    context.next(done, &next);
    Ok(exit)
}

/// The refusal of two ids of one sweep, as they were typed.
fn named_twice(typed: &[String], names: &[String]) -> Option<Failure> {
    for (at, name) in names.iter().enumerate() {
        let Some(first) = names[..at].iter().position(|earlier| earlier == name) else { continue };
        let (first, second) = (typed[first].trim(), typed[at].trim());
        let message = if first == second {
            format!("compare: {second} is named twice")
        } else {
            format!("compare: {first} and {second} are one sweep, {}", ids::short(name))
        };
        let way_out = format!("name 2 to {COMPARED_MAX} sweeps, each once");
        return Some(Failure::new(Exit::Usage, message, way_out));
    }
    None
}

/// What the next command does, and the command.
fn next(answer: &CompareSweepsResponse) -> (&'static str, Next) {
    let short = answer.sweeps.iter().map(|sweep| ids::short(&sweep.name).to_owned());
    let short: Vec<String> = short.collect();
    let [first, last] = [short.first(), short.last()].map(|it| it.cloned().unwrap_or_default());
    let is_forbidden = !answer.differences.is_empty() && !answer.forced;
    // An older daemon does not say how many pairs there would be.
    let would_pair = answer.forced_pairs.map_or(is_forbidden, |pairs| pairs > 0);
    let forced = || Next::Compare { ids: short, by: answer.by.clone() };
    match (answer.cells.is_empty(), would_pair) {
        (true, true) if is_forbidden => ("--force compares nevertheless", forced()),
        (true, true) => ("--force pairs cells by what the sweeps have in common", forced()),
        (true, false) => ("rerun asks for the first one's cells again", Next::Rerun(first)),
        (false, _) => ("", Next::Show(last)),
    }
}
