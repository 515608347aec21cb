//! `gilctl delete` and `gilctl prune`: remove stored sweeps and explorations, after a confirmation.

use std::io::{IsTerminal as _, Write as _, stderr, stdin};

use proto::v1::PruneHistoryRequest;

use crate::cli::history::{Consent, DeleteFlags, PruneFlags};
use crate::cli::to_request;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::ids::Kind;
use crate::listed::Jobs;
use crate::output::hints::write_line;
use crate::render::format::color::Color;
use crate::render::format::quantity::{bytes, counted};
use crate::render::format::value::Value;
use crate::render::history::deleted::{Deleted, DeletedItem, grid};

/// Most items that a question or a refusal lists.
const ITEMS_SHOWN_MAX: usize = 20;

/// Deletes sweeps and explorations by name. All names are resolved before the first is deleted.
pub async fn delete(context: &Context, flags: &DeleteFlags) -> Result<Exit, Failure> {
    let mut items = Vec::new();
    let deleting = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let jobs = lab.jobs().await?;
        let named = DeletedItem::all(resolve_all(&jobs, flags)?, &jobs);
        if flags.consent.dry_run {
            items = named;
            return Ok(());
        }
        confirm(flags.consent, "delete", &named, &described(&named)).await?;
        for item in named {
            lab.delete(&item.name).await?;
            items.push(item);
        }
        Ok(())
    });
    let deleted = deleting.await;
    // Printed even if a later item could not be deleted.
    if !items.is_empty() {
        let what = described(&items);
        context.print(&Deleted { items, totals: Vec::new() })?;
        context.hints.say(&if flags.consent.dry_run {
            format!("would delete {what}; leave --dry-run out to do it")
        } else {
            format!("deleted {what}; next: gilctl list")
        });
    }
    deleted.map(|()| Exit::Fine)
}

/// A single item by its id, several by their number.
fn described(items: &[DeletedItem]) -> String {
    match items {
        [one] => format!("{} {}", Kind::of(&one.name).noun(), ids::short(&one.name)),
        several => counted(several.len() as u64, "item"),
    }
}

/// The resource names of the typed ids, each once.
fn resolve_all(jobs: &Jobs, flags: &DeleteFlags) -> Result<Vec<String>, Failure> {
    let (candidates, latest) = (jobs.candidates(), flags.owners.latest());
    let mut names: Vec<String> = Vec::with_capacity(flags.ids.len());
    for id in &flags.ids {
        let name = ids::resolve(id, latest, &candidates)?;
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Asks on a terminal whether to delete; refuses where there is none, unless `--yes` was given.
async fn confirm(
    consent: Consent,
    command: &str,
    items: &[DeletedItem],
    what: &str,
) -> Result<(), Failure> {
    if consent.yes {
        return Ok(());
    }
    let mut lines = grid(&items[..items.len().min(ITEMS_SHOWN_MAX)]).lines(Color::Plain);
    if items.len() > ITEMS_SHOWN_MAX {
        lines.push(format!("and {} more", items.len() - ITEMS_SHOWN_MAX));
    }
    if !stdin().is_terminal() {
        let message =
            format!("{command}: nothing was deleted; stdin is not a terminal to confirm on");
        let way_out = format!("add --yes to delete {what}, or --dry-run to list all of it:");
        return Err(Failure::with_details(Exit::Usage, message, lines, way_out));
    }
    for line in &lines {
        write_line(line);
    }
    let _ = write!(stderr(), "Delete {what}? It cannot be undone. [y/N] ");
    let read = tokio::task::spawn_blocking(|| {
        let mut typed = String::new();
        stdin().read_line(&mut typed).map(|_| typed)
    });
    let typed = read.await.map_err(std::io::Error::from).flatten()?;
    match typed.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new(Exit::SweepStopped, format!("{command}: nothing was deleted"), "")),
    }
}

/// Deletes what exceeds the bounds.
pub async fn prune(context: &Context, flags: &PruneFlags) -> Result<Exit, Failure> {
    let request = to_request::prune(flags)?;
    let pruning = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        prune_in(lab, flags.consent, request).await
    });
    let (items, size) = pruning.await?;
    let (what, dry_run) = (described(&items), request.dry_run);
    let hint = match (items.is_empty(), dry_run) {
        (true, _) => "nothing exceeds the bounds; next: gilctl list".to_owned(),
        (false, true) => {
            format!("would delete {what}, {}; leave --dry-run out to do it", bytes(size as f64))
        }
        (false, false) => format!("deleted {what}, {}; next: gilctl list", bytes(size as f64)),
    };
    let totals = vec![("bytes", Some(Value::number(size))), ("dry_run", Some(dry_run.into()))];
    context.print(&Deleted { items, totals })?;
    context.hints.say(&hint);
    Ok(Exit::Fine)
}

/// The items that were or would be deleted, and their size in bytes.
async fn prune_in(
    lab: &Lab,
    consent: Consent,
    request: PruneHistoryRequest,
) -> Result<(Vec<DeletedItem>, u64), Failure> {
    let jobs = lab.jobs().await?;
    let items = |names| DeletedItem::all(names, &jobs);
    if !request.dry_run && !consent.yes {
        let would = lab.prune(PruneHistoryRequest { dry_run: true, ..request }).await?;
        let named = items(would.names);
        if named.is_empty() {
            return Ok((named, 0));
        }
        let what = format!("{}, {}", described(&named), bytes(would.bytes as f64));
        confirm(consent, "prune", &named, &what).await?;
    }
    let pruned = lab.prune(request).await?;
    Ok((items(pruned.names), pruned.bytes))
}
