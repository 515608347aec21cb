//! An exploration as a whole, for people: what was asked, what was found, and the daemon's one
//! sentence as the last line.

use proto::v1::Trace;

use crate::follow::exploration_log::ExplorationView;
use crate::render::explore::{diagram, header, narrative, outcomes};
use crate::render::format::color::{Color, Emphasis};
use crate::render::format::enum_names;
use crate::render::format::page::Width;
use crate::render::format::page::{Extent, Page};
use crate::render::format::wrap;

/// Text is not set wider than this: a long sentence is read across lines more easily.
const SENTENCE_COLUMNS: usize = 100;

/// Header, table or picture, verdict.
pub fn text(findings: &ExplorationView, page: Page) -> String {
    let mut lines = header::lines(findings, page);
    lines.push(String::new());
    if let Some(trace) = &findings.exploration.trace {
        lines.extend(drawn(trace, page));
        lines.push(String::new());
    } else if !findings.exploration.outcomes.is_empty() {
        lines.extend(outcomes::table(findings, page));
        lines.push(String::new());
    }
    lines.extend(footer(findings, page));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// The same for documents.
pub fn markdown(findings: &ExplorationView) -> String {
    let page = Page { ink: Color::Plain, width: Width::Any, extent: Extent::Everything };
    let mut parts = vec![header::lines(findings, page).join("\n\n")];
    if let Some(trace) = &findings.exploration.trace {
        parts.extend(documented(trace, page));
    } else if !findings.exploration.outcomes.is_empty() {
        parts.push(outcomes::markdown(findings).trim_end().to_owned());
    }
    parts.extend(footer(findings, page));
    parts.join("\n\n") + "\n"
}

/// A trace's picture and what is said of it, for people.
pub fn drawn(trace: &Trace, page: Page) -> Vec<String> {
    let most = sentence_columns(page);
    let mut lines = diagram::lines(trace, page);
    let mut say = |text: &str| lines.extend(wrap::wrapped(text, most));
    if !trace.losses.is_empty() {
        say(narrative::LEGEND);
    }
    lines.push(String::new());
    for sentence in narrative::losses(trace, page.extent) {
        lines.extend(wrap::wrapped(&sentence, most));
    }
    lines.extend(wrap::wrapped(&narrative::ending(trace), most));
    if !trace.script.is_empty() {
        // On one line, however long: it is copied.
        lines.extend([String::new(), command(trace)]);
    }
    lines
}

/// The same as parts of a document.
pub fn documented(trace: &Trace, page: Page) -> Vec<String> {
    let mut picture = diagram::lines(trace, page);
    if !trace.losses.is_empty() {
        picture.push(narrative::LEGEND.to_owned());
    }
    let mut parts = vec![format!("```text\n{}\n```", picture.join("\n"))];
    let mut sentences = narrative::losses(trace, page.extent);
    sentences.push(narrative::ending(trace));
    parts.push(sentences.iter().map(|it| format!("- {it}")).collect::<Vec<String>>().join("\n"));
    if !trace.script.is_empty() {
        parts.push(format!("```sh\n{}\n```", command(trace)));
    }
    parts
}

fn command(trace: &Trace) -> String {
    format!("gilctl replay {}", enum_names::one_line(&trace.script))
}

fn footer(findings: &ExplorationView, page: Page) -> Vec<String> {
    let exploration = &findings.exploration;
    let mut lines = Vec::new();
    if findings.id().is_some() && (!findings.has_ended() || exploration.verdict.is_empty()) {
        let known = exploration.outcomes.len();
        let values = if known == 1 { "value" } else { "values" };
        lines.push(format!("{}: {known} {values} found", enum_names::state(exploration.state())));
    }
    if !exploration.error.is_empty() {
        let error = format!("error: {}", exploration.error);
        lines.push(page.ink.paint(Emphasis::Broken, &error));
    }
    lines.extend(wrap::wrapped(&exploration.verdict, sentence_columns(page)));
    lines
}

fn sentence_columns(page: Page) -> usize {
    match page.width {
        Width::Most(most) => most.min(SENTENCE_COLUMNS),
        Width::Any => usize::MAX,
    }
}
