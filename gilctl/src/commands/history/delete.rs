//! `gilctl delete` and `gilctl prune`: what a lab keeps no longer.

use std::io::stdout;

use proto::v1::{PruneHistoryRequest, PruneHistoryResponse};

use crate::cli::Output;
use crate::cli::history::{DeleteFlags, PruneFlags};
use crate::cli::to_request;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::ids::Kind;
use crate::render::format::csv;
use crate::render::format::json;
use crate::render::format::json::Field;
use crate::render::format::quantity::{bytes, counted};
use crate::render::history::deleted as render;
use crate::render::sweep::json::Turns;

/// Forgets sweeps and explorations by name. All names are understood before the first is forgotten.
pub async fn delete(context: &Context, flags: &DeleteFlags) -> Result<Exit, Failure> {
    let mut gone = Vec::new();
    let deleting = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        for name in named(lab, &flags.ids).await? {
            lab.delete(&name).await?;
            gone.push(name);
        }
        Ok(())
    });
    let deleted = deleting.await;
    // What is gone is gone, also where another one could not be forgotten.
    if !gone.is_empty() {
        print(context, &gone, vec![])?;
        context.hints.say(&format!("forgot {}; next: gilctl list", what(&gone)));
    }
    deleted.map(|()| Exit::Fine)
}

/// One by its name, several by their number.
fn what(names: &[String]) -> String {
    match names {
        [one] => format!("{} {}", Kind::of(one).noun(), ids::short(one)),
        several => counted(several.len() as u64, "item"),
    }
}

/// The resource names that were meant, each once.
async fn named(lab: &Lab, typed: &[String]) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = Vec::with_capacity(typed.len());
    for id in typed {
        let name = lab.resolve(id).await?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Forgets what is old.
pub async fn prune(context: &Context, flags: &PruneFlags) -> Result<Exit, Failure> {
    let request = to_request::prune(flags)?;
    let pruning =
        context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| lab.prune(request).await);
    let pruned = pruning.await?;
    let totals =
        vec![("bytes", Some(pruned.bytes.into())), ("dry_run", Some(request.dry_run.into()))];
    print(context, &pruned.names, totals)?;
    context.hints.say(&said(&pruned, &request));
    Ok(Exit::Fine)
}

fn said(pruned: &PruneHistoryResponse, request: &PruneHistoryRequest) -> String {
    let count = what(&pruned.names);
    let size = bytes(pruned.bytes as f64);
    match (pruned.names.is_empty(), request.dry_run) {
        (true, _) => "nothing is beyond the bounds; next: gilctl list".to_owned(),
        (false, true) => format!("would forget {count}, {size}; leave --dry-run out to do it"),
        (false, false) => format!("forgot {count}, {size}; next: gilctl list"),
    }
}

fn print(context: &Context, names: &[String], totals: Vec<Field>) -> Result<(), Failure> {
    let records = || names.iter().map(|name| render::fields(name)).collect::<Vec<_>>();
    let text = match context.output {
        Output::Table if names.is_empty() => String::new(),
        Output::Table => render::grid(names).lines(context.style.ink).join("\n") + "\n",
        Output::Markdown => render::grid(names).markdown(),
        Output::Csv => csv::headed(&render::fields(""), records()),
        Output::Ndjson => {
            records().into_iter().map(|it| json::line("forgotten", it) + "\n").collect()
        }
        Output::Json => {
            let all = records().into_iter().map(json::object).collect::<Vec<_>>();
            let mut fields = vec![("forgotten", Some(all.into()))];
            fields.extend(totals);
            json::document_of(fields) + "\n"
        }
    };
    Ok(context.printer(stdout(), Turns::Hidden).text(&text)?)
}
