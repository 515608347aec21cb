//! `gilctl delete` and `gilctl prune`: remove stored sweeps and explorations, after a confirmation. What is
//! to be deleted is found by reading, so that a question without an answer keeps no lab waiting.

use std::io::{IsTerminal as _, Write as _, stderr, stdin};
use std::time::Duration;

use proto::v1::PruneHistoryRequest;

use crate::cli::history::{Consent, DeleteFlags, PruneFlags};
use crate::cli::to_request;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::ids::Kind;
use crate::output::hints::write_line;
use crate::output::next::Next;
use view::listed::{Jobs, has_ended};
use view::render::format::color::Color;
use view::render::format::enum_names;
use view::render::format::json::Field;
use view::render::format::quantity::{bytes, counted};
use view::render::format::value::Value;
use view::render::history::deleted::{Deleted, DeletedItem, grid};

/// Most items that a question or a refusal lists.
const ITEMS_SHOWN_MAX: usize = 20;
/// Pause after each deletion of very many, below a daemon's limit of requests per second.
const PACE: Duration = Duration::from_millis(10);
/// Deletions without a pause.
const BURST: usize = 1000;

/// Deletes sweeps and explorations by name. All names are resolved, and refused if one of them cannot be
/// deleted, before the first is.
pub async fn delete(context: &Context, flags: &DeleteFlags) -> Result<Exit, Failure> {
    let find = async |lab: &Lab| {
        let jobs = lab.jobs().await?;
        let names = resolve_all(&jobs, flags)?;
        for name in &names {
            check_deletable(&jobs, name)?;
        }
        Ok(DeletedItem::all(names, &jobs))
    };
    let named = context.with_lab_to_read(find).await?;
    let what = described(&named);
    if flags.consent.dry_run {
        context.print(&Deleted { items: named, totals: Vec::new() })?;
        context.hints.say(&format!("would delete {what}; leave --dry-run out to do it"));
        return Ok(Exit::Fine);
    }
    confirm(flags.consent, "delete", &named, &what).await?;
    delete_all(context, named, Vec::new(), &what).await
}

/// Deletes items one after the other, and prints those that were.
async fn delete_all(
    context: &Context,
    items: Vec<DeletedItem>,
    totals: Vec<Field>,
    what: &str,
) -> Result<Exit, Failure> {
    let (count, mut deleted) = (items.len(), Vec::new());
    let deleting = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        for item in items {
            lab.delete(&item.name).await?;
            deleted.push(item);
            if deleted.len() > BURST {
                tokio::time::sleep(PACE).await;
            }
        }
        Ok(())
    });
    let done = deleting.await;
    // Printed even if a later item could not be deleted.
    if !deleted.is_empty() {
        let hint = match deleted.len() {
            all if all == count => format!("deleted {what}"),
            some => format!("deleted {some} of {}", counted(count as u64, "item")),
        };
        context.print(&Deleted { items: deleted, totals })?;
        context.next(&hint, &Next::List);
    }
    done.map(|()| Exit::Fine)
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

/// Refuses what the lab would refuse, before anything is listed or deleted.
fn check_deletable(jobs: &Jobs, name: &str) -> Result<(), Failure> {
    let Some((owner, state, may_change)) = jobs.facts(name) else { return Ok(()) };
    let job = format!("{} {}", Kind::of(name).noun(), ids::short(name));
    if !may_change {
        let message = format!("delete: {job} belongs to {owner}; nothing was deleted");
        let way_out = "its owner, or an admin of the lab, can delete it";
        return Err(Failure::new(Exit::Denied, message, way_out));
    }
    if !has_ended(state) {
        let message = format!(
            "delete: {job} has not ended, it is {}; nothing was deleted",
            enum_names::state(state)
        );
        let way_out = format!("`gilctl cancel {}` ends it", ids::short(name));
        return Err(Failure::new(Exit::Usage, message, way_out));
    }
    Ok(())
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

/// Deletes what exceeds the bounds. After a question exactly what it listed is deleted, and not what
/// exceeds the bounds by the time of the answer.
pub async fn prune(context: &Context, flags: &PruneFlags) -> Result<Exit, Failure> {
    let request = to_request::prune(flags)?;
    if flags.consent.yes {
        let pruning = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
            let jobs = lab.jobs().await?;
            let pruned = lab.prune(request).await?;
            Ok((DeletedItem::all(pruned.names, &jobs), pruned.bytes))
        });
        let (items, size) = pruning.await?;
        let what = format!("{}, {}", described(&items), bytes(size as f64));
        let hint = if items.is_empty() { NOTHING.to_owned() } else { format!("deleted {what}") };
        context.print(&Deleted { items, totals: totals(size, false) })?;
        context.next(&hint, &Next::List);
        return Ok(Exit::Fine);
    }
    let listing = context.with_lab_to_read(async |lab| {
        let jobs = lab.jobs().await?;
        let would = lab.prune(PruneHistoryRequest { dry_run: true, ..request }).await?;
        Ok((DeletedItem::all(would.names, &jobs), would.bytes))
    });
    let (items, size) = listing.await?;
    let what = format!("{}, {}", described(&items), bytes(size as f64));
    if items.is_empty() || request.dry_run {
        let is_empty = items.is_empty();
        context.print(&Deleted { items, totals: totals(size, request.dry_run) })?;
        if is_empty {
            context.next(NOTHING, &Next::List);
        } else {
            context.hints.say(&format!("would delete {what}; leave --dry-run out to do it"));
        }
        return Ok(Exit::Fine);
    }
    confirm(flags.consent, "prune", &items, &what).await?;
    delete_all(context, items, totals(size, false), &what).await
}

const NOTHING: &str = "nothing exceeds the bounds";

fn totals(size: u64, dry_run: bool) -> Vec<Field> {
    vec![("bytes", Some(Value::number(size))), ("dry_run", Some(dry_run.into()))]
}
