//! A schedule as it was played: the picture, and whether threads came to the same end as the model.

use proto::v1::{ReplayScheduleResponse, Trace};

use crate::render::explore::{exploration, record};
use crate::render::format::color::{Color, Emphasis};
use crate::render::format::json::Field;
use crate::render::format::page::Width;
use crate::render::format::page::{Extent, Page};

/// Whether the model and the threads came to the same end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// They did.
    Alike,
    /// They did not.
    Apart,
}

/// What the answer says of both ends.
pub fn ends(answer: &ReplayScheduleResponse) -> Ends {
    let in_model = answer.trace.as_ref().map(|trace| trace.value);
    if in_model == Some(answer.value_on_threads) { Ends::Alike } else { Ends::Apart }
}

/// The picture for people.
pub fn text(answer: &ReplayScheduleResponse, page: Page) -> String {
    let trace = answer.trace.clone().unwrap_or_default();
    let mut lines = vec![heading(&trace), String::new()];
    // The script was typed a moment ago.
    lines.extend(exploration::drawn(&Trace { script: String::new(), ..trace }, page));
    let mark = if ends(answer) == Ends::Apart { Emphasis::Broken } else { Emphasis::None };
    lines.extend([String::new(), page.ink.paint(mark, &both(answer))]);
    lines.into_iter().map(|line| line + "\n").collect()
}

/// The picture for documents.
pub fn markdown(answer: &ReplayScheduleResponse) -> String {
    let page = Page { ink: Color::Plain, width: Width::Any, extent: Extent::Everything };
    let trace = answer.trace.clone().unwrap_or_default();
    let mut parts = vec![heading(&trace)];
    parts.extend(exploration::documented(&trace, page));
    parts.push(both(answer));
    parts.join("\n\n") + "\n"
}

/// The replay as named fields.
pub fn fields(answer: &ReplayScheduleResponse) -> Vec<Field> {
    let mut fields = vec![
        ("value", answer.trace.as_ref().map(|trace| trace.value.into())),
        ("value_on_threads", Some(answer.value_on_threads.into())),
        ("agrees", Some((ends(answer) == Ends::Alike).into())),
    ];
    fields.extend([("trace", answer.trace.as_ref().map(record::trace))]);
    fields
}

/// The question that the script's own words are: `unlocked 2x10 LS`.
pub fn question(script: &str) -> String {
    script.split_whitespace().skip(1).take(3).collect::<Vec<&str>>().join(" ")
}

fn heading(trace: &Trace) -> String {
    format!("replay · {}", question(&trace.script))
}

fn both(answer: &ReplayScheduleResponse) -> String {
    let in_model = answer.trace.as_ref().map_or_else(|| "?".into(), |it| it.value.to_string());
    format!("{in_model} in the model, {} on real threads", answer.value_on_threads)
}
