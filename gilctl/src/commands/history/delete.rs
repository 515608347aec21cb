//! `gilctl delete` and `gilctl prune`: remove stored sweeps and explorations.

use proto::v1::{PruneHistoryRequest, PruneHistoryResponse};

use crate::cli::history::{DeleteFlags, PruneFlags};
use crate::cli::to_request;
use crate::client::lab::{Fallback, Lab};
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::ids::Kind;
use crate::render::format::quantity::{bytes, counted};
use crate::render::format::value::Value;
use crate::render::history::deleted::Deleted;

/// Deletes sweeps and explorations by name. All names are resolved before the first is deleted.
pub async fn delete(context: &Context, flags: &DeleteFlags) -> Result<Exit, Failure> {
    let mut names = Vec::new();
    let deleting = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        for name in resolve_all(lab, &flags.ids).await? {
            lab.delete(&name).await?;
            names.push(name);
        }
        Ok(())
    });
    let deleted = deleting.await;
    // Printed even if a later item could not be deleted.
    if !names.is_empty() {
        let hint = format!("deleted {}; next: gilctl list", described(&names));
        context.print(&Deleted { names, totals: Vec::new() })?;
        context.hints.say(&hint);
    }
    deleted.map(|()| Exit::Fine)
}

/// A single item by its id, several by their number.
fn described(names: &[String]) -> String {
    match names {
        [one] => format!("{} {}", Kind::of(one).noun(), ids::short(one)),
        several => counted(several.len() as u64, "item"),
    }
}

/// The resource names of the typed ids, each once.
async fn resolve_all(lab: &Lab, typed: &[String]) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = Vec::with_capacity(typed.len());
    for id in typed {
        let name = lab.resolve(id).await?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Deletes what exceeds the bounds.
pub async fn prune(context: &Context, flags: &PruneFlags) -> Result<Exit, Failure> {
    let request = to_request::prune(flags)?;
    let pruning =
        context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| lab.prune(request).await);
    let pruned = pruning.await?;
    let hint = prune_hint(&pruned, &request);
    let totals = vec![
        ("bytes", Some(Value::number(pruned.bytes))),
        ("dry_run", Some(request.dry_run.into())),
    ];
    context.print(&Deleted { names: pruned.names, totals })?;
    context.hints.say(&hint);
    Ok(Exit::Fine)
}

fn prune_hint(pruned: &PruneHistoryResponse, request: &PruneHistoryRequest) -> String {
    let items = described(&pruned.names);
    let size = bytes(pruned.bytes as f64);
    match (pruned.names.is_empty(), request.dry_run) {
        (true, _) => "nothing exceeds the bounds; next: gilctl list".to_owned(),
        (false, true) => format!("would delete {items}, {size}; leave --dry-run out to do it"),
        (false, false) => format!("deleted {items}, {size}; next: gilctl list"),
    }
}
