//! Commands that look at sweeps and explorations which a lab keeps, or stop them: `list`, `show`,
//! `watch`, `cancel`. Those that change what is kept have files of their own.

use std::io::stdout;
use std::time::{SystemTime, UNIX_EPOCH};

use proto::v1::{Exploration, Sweep, SweepState};

use crate::cli::history::ShowFlags;
use crate::cli::parse::list::number;
use crate::cli::{Output, Target, WatchFlags};
use crate::client::explorations::no_exploration;
use crate::client::{Fallback, Lab, no_sweep};
use crate::commands::{Context, explore, sweep};
use crate::error::Failure;
use crate::exit::Exit;
use crate::follow::exploration_log::{ExplorationLog, ExplorationView};
use crate::follow::stream::OnInterrupt;
use crate::follow::sweep_log::SweepLog;
use crate::follow::sweep_view::SweepView;
use crate::ids;
use crate::ids::Kind;
use crate::render::explore::list;
use crate::render::format::grid::Grid;
use crate::render::format::{csv, enum_names};
use crate::render::history::list as render;
use crate::render::sweep::json::Turns;
use crate::render::sweep::record::Field;
use crate::render::sweep::{command_line, json};

/// `gilctl list`.
pub async fn list(context: &Context) -> Result<Exit, Failure> {
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
    let measured = || sweeps.iter().map(render::fields);
    let explored = || explorations.iter().map(list::fields);
    let grids = || {
        let now = now_ns();
        let first = !sweeps.is_empty() || explorations.is_empty();
        let first = first.then(|| render::grid(sweeps, now));
        let second = (!explorations.is_empty()).then(|| list::grid(explorations, now));
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
            let mut names = render::fields(&Sweep::default());
            names.extend(list::fields(&Exploration::default()));
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

/// The time, in nanoseconds since the Unix epoch.
pub fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// What `show` found.
enum Stored {
    Sweep(Box<SweepView>),
    Exploration(Box<ExplorationView>),
}

/// `gilctl show`.
pub async fn show(context: &Context, flags: &ShowFlags) -> Result<Exit, Failure> {
    if flags.as_command {
        return as_command(context, &flags.which).await;
    }
    let stored = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let name = lab.resolve(&flags.which.id).await?;
        Ok(match Kind::of(&name) {
            Kind::Sweep => Stored::Sweep(Box::new(stored(lab, &name).await?)),
            Kind::Exploration => {
                Stored::Exploration(Box::new(ExplorationView::new(lab.exploration(&name).await?)))
            }
        })
    });
    let (next, exit) = match stored.await? {
        Stored::Sweep(board) => {
            context.printer(stdout(), Turns::Hidden).whole(&board)?;
            (sweep::next(&board), board.exit())
        }
        Stored::Exploration(findings) => {
            let text = explore::whole(context, &findings);
            context.printer(stdout(), Turns::Hidden).text(&text)?;
            let short = ids::short(&findings.exploration.name);
            let watch = (!findings.has_ended()).then(|| format!("next: gilctl watch {short}"));
            (watch, findings.exit())
        }
    };
    if let Some(next) = next {
        context.hints.say(&next);
    }
    Ok(exit)
}

/// The command that asks for a sweep; an exploration has no grid.
async fn as_command(context: &Context, which: &Target) -> Result<Exit, Failure> {
    let spec = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| {
        let name = lab.resolve(&which.id).await?;
        if Kind::of(&name) == Kind::Exploration {
            let message = format!("--as-command: {} is an exploration", ids::short(&name));
            return Err(Failure::new(Exit::Usage, message, "name a sweep"));
        }
        let sweep = lab.get(&name).await?.sweep.ok_or_else(|| no_sweep("GetSweep"))?;
        Ok(sweep.spec.unwrap_or_default())
    });
    let line = command_line::command(&spec.await?);
    let text = match context.output {
        Output::Table | Output::Markdown | Output::Csv => line,
        Output::Ndjson => json::line("command", vec![("command", Some(line.into()))]),
        Output::Json => json::document_of(vec![("command", Some(line.into()))]),
    };
    context.printer(stdout(), Turns::Hidden).text(&(text + "\n"))?;
    Ok(Exit::Fine)
}

/// A sweep as it stands.
async fn stored(lab: &Lab, name: &str) -> Result<SweepView, Failure> {
    let answer = lab.get(name).await?;
    SweepView::from_answer(answer).ok_or_else(|| no_sweep("GetSweep"))
}

/// `gilctl watch`.
pub async fn watch(context: &Context, flags: &WatchFlags) -> Result<Exit, Failure> {
    let after = match &flags.after {
        Some(typed) => number("--after", typed, u64::MAX)?,
        None => 0,
    };
    let turns = sweep::turns(flags.turns);
    let watching = context.with_lab(Fallback::NothingRuns, async |lab| {
        let name = lab.resolve(&flags.which.id).await?;
        if Kind::of(&name) == Kind::Exploration {
            return watch_exploration(context, lab, &name, after).await;
        }
        let follower = follower(lab, &name, after).await?;
        let board = follower.board();
        if board.has_ended() && after + 1 == board.next_sequence {
            // Nothing comes after the end: what is stored is all there is.
            context.printer(stdout(), turns).whole(board)?;
            return Ok(board.exit());
        }
        Box::pin(sweep::follow(context, lab, follower, turns, OnInterrupt::Leave)).await
    });
    watching.await
}

/// From the beginning the board fills by events alone; from later on it starts with what is stored.
async fn follower(lab: &Lab, name: &str, after: u64) -> Result<SweepLog, Failure> {
    let answer = lab.get(name).await?;
    if after > 0 {
        let board = SweepView::from_answer(answer).ok_or_else(|| no_sweep("GetSweep"))?;
        return Ok(SweepLog::resume(board, after));
    }
    let sweep = answer.sweep.ok_or_else(|| no_sweep("GetSweep"))?;
    Ok(SweepLog::new(sweep, 0))
}

async fn watch_exploration(
    context: &Context,
    lab: &Lab,
    name: &str,
    after: u64,
) -> Result<Exit, Failure> {
    let mut exploration = lab.exploration(name).await?;
    let findings = ExplorationView::new(exploration.clone());
    if findings.has_ended() && after + 1 == exploration.next_sequence {
        context.printer(stdout(), Turns::Hidden).text(&explore::whole(context, &findings))?;
        return Ok(findings.exit());
    }
    if after == 0 {
        // From the beginning events alone fill it.
        exploration.set_state(SweepState::Queued);
        exploration.outcomes.clear();
    }
    let tracker = ExplorationLog::new(exploration, after);
    let watched = explore::follow(context, lab, tracker, OnInterrupt::Leave).await?;
    Ok(watched.exit())
}

/// `gilctl cancel`.
pub async fn cancel(context: &Context, which: &Target) -> Result<Exit, Failure> {
    let cancelled = context.with_lab(Fallback::NothingRuns, async |lab| {
        let name = lab.resolve(&which.id).await?;
        let state = match Kind::of(&name) {
            Kind::Sweep => lab.cancel(&name).await?.ok_or_else(|| no_sweep("CancelSweep"))?.state(),
            Kind::Exploration => {
                let answer = lab.cancel_exploration(&name).await?;
                answer.ok_or_else(|| no_exploration("CancelExploration"))?.state()
            }
        };
        Ok((name, state))
    });
    let (name, state) = cancelled.await?;
    let (noun, short, state) =
        (Kind::of(&name).noun(), ids::short(&name), enum_names::state(state));
    context.hints.say(&format!("{noun} {short} is {state}; next: gilctl show {short}"));
    Ok(Exit::Fine)
}
