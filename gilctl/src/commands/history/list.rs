//! `gilctl list`: stored sweeps and explorations.

use std::io::stdout;

use proto::v1::{Exploration, Sweep};

use crate::cli::Output;
use crate::client::lab::Fallback;
use crate::commands::clock::now_ns;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids::Kind;
use crate::render::explore::list as explorations;
use crate::render::format::grid::Grid;
use crate::render::format::json::Field;
use crate::render::format::{csv, json};
use crate::render::history::list as sweeps;
use crate::render::sweep::json::Turns;

/// `gilctl list`.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let listing = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        Ok((lab.list().await?, lab.explorations().await?))
    });
    let (sweeps, explorations) = listing.await?;
    let text = lists(context, &sweeps, &explorations);
    context.printer(stdout(), Turns::Hidden).text(&text)?;
    context.hints.say(if sweeps.is_empty() && explorations.is_empty() {
        "nothing yet; next: gilctl sweep --strategy gil"
    } else {
        "next: gilctl show ID, or latest"
    });
    Ok(Exit::Fine)
}

/// Sweeps, and below them explorations where there are any: they have hardly a column in common.
fn lists(context: &Context, sweeps: &[Sweep], explorations: &[Exploration]) -> String {
    let measured = || sweeps.iter().map(sweeps::fields);
    let explored = || explorations.iter().map(explorations::fields);
    let grids = || {
        let now = now_ns();
        let first = !sweeps.is_empty() || explorations.is_empty();
        let first = first.then(|| sweeps::grid(sweeps, now));
        let second = (!explorations.is_empty()).then(|| explorations::grid(explorations, now));
        first.into_iter().chain(second).collect::<Vec<Grid>>()
    };
    let join = |texts: Vec<String>| texts.join("\n");
    match context.output {
        Output::Table => {
            let text = |grid: &Grid| grid.lines(context.style.ink).join("\n") + "\n";
            join(grids().iter().map(text).collect())
        }
        Output::Markdown => join(grids().iter().map(Grid::markdown).collect()),
        Output::Csv => {
            let of = |kind: Kind| move |fields: Vec<Field>| kinded(kind, fields);
            let sweeps = measured().map(of(Kind::Sweep));
            let all = sweeps.chain(explored().map(of(Kind::Exploration)));
            let mut names = sweeps::fields(&Sweep::default());
            names.extend(explorations::fields(&Exploration::default()));
            csv::headed(&kinded(Kind::Sweep, distinct(names)), all)
        }
        Output::Ndjson => {
            let sweeps = measured().map(|fields| json::line("listed", fields));
            let explorations = explored().map(|fields| json::line("listed_exploration", fields));
            sweeps.chain(explorations).map(|line| line + "\n").collect()
        }
        Output::Json => {
            let both = [("sweeps", measured().collect()), ("explorations", explored().collect())];
            json::lists(both) + "\n"
        }
    }
}

fn kinded(kind: Kind, mut fields: Vec<Field>) -> Vec<Field> {
    fields.push(("kind", Some(kind.noun().into())));
    fields
}

/// The fields without those whose name came before.
fn distinct(fields: Vec<Field>) -> Vec<Field> {
    let mut kept: Vec<Field> = Vec::with_capacity(fields.len());
    for field in fields {
        if kept.iter().all(|(name, _)| *name != field.0) {
            kept.push(field);
        }
    }
    kept
}
