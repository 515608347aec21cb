//! `gilctl list`: stored sweeps and explorations.

use proto::v1::SweepState;

use crate::cli::history::ListFlags;
use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ids;
use crate::output::clock::now_ns;
use crate::output::next::Next;
use view::listed::{Jobs, labels};
use view::render::format::enum_names;
use view::render::history::listing::Listing;
use view::request::parse::list::number;

/// More jobs than a history keeps.
const LIMIT_MAX: u64 = 1_000_000;

/// The jobs that were asked for.
struct Filter<'a> {
    states: &'a [String],
    owner: Option<&'a str>,
    label: Option<&'a str>,
    limit: usize,
}

impl<'a> Filter<'a> {
    fn new(flags: &'a ListFlags) -> Result<Self, Failure> {
        let limit = flags.limit.as_deref().map(|typed| number("--limit", typed, LIMIT_MAX));
        let limit = limit
            .transpose()?
            .map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let (owner, label) = (flags.owner.as_deref(), flags.label.as_deref());
        Ok(Self { states: &flags.state, owner, label, limit })
    }

    /// Whether a job of that state, that owner and those labels was asked for.
    fn has(&self, state: SweepState, owner: &str, labels: &[String]) -> bool {
        let state = enum_names::state(state);
        let is_state = |typed: &String| typed.eq_ignore_ascii_case(state);
        (self.states.is_empty() || self.states.iter().any(is_state))
            && self.owner.is_none_or(|typed| typed == owner)
            && self.label.is_none_or(|typed| labels.iter().any(|label| label == typed))
    }
}

/// Fetches and prints the list.
pub async fn run(context: &Context, flags: &ListFlags) -> Result<Exit, Failure> {
    let filter = Filter::new(flags)?;
    let listed = context.with_lab(Fallback::Embed { pythons: &[] }, async |lab| lab.jobs().await);
    let Jobs { sweeps, explorations } = listed.await?;
    let is_empty = sweeps.jobs.is_empty() && explorations.jobs.is_empty();
    let (mut sweeps, mut explorations) = (sweeps.jobs, explorations.jobs);
    sweeps.retain(|it| filter.has(it.state(), &it.owner, labels(it)));
    explorations.retain(|it| filter.has(it.state(), &it.owner, &[]));
    sweeps.truncate(filter.limit);
    explorations.truncate(filter.limit);
    let names = sweeps.iter().map(|it| &it.name).chain(explorations.iter().map(|it| &it.name));
    let newest = names.map(|name| ids::short(name).to_owned()).next();
    let listing = Listing { sweeps, explorations, now_ns: now_ns() };
    context.print(&listing)?;
    match newest {
        Some(id) => context.next("", &Next::Show(id)),
        None if is_empty => context.next("nothing yet", &Next::Sweep),
        None => context.hints.say("no job is left by --state, --owner, --label and --limit"),
    }
    Ok(Exit::Fine)
}
