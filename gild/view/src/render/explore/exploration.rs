//! Document of an exploration: the request, the outcomes or the trace, and the daemon's verdict as
//! the last line.

use proto::v1::Trace;

use crate::follow::exploration_log::ExplorationView;
use crate::render::explore::{diagram, header, narrative, outcomes, record};
use crate::render::format::color::{Color, Emphasis};
use crate::render::format::document::{Document, Record};
use crate::render::format::enum_names;
use crate::render::format::json::Field;
use crate::render::format::page::Width;
use crate::render::format::page::{Extent, Page};
use crate::render::format::wrap::sentence;

impl Document for ExplorationView {
    /// Header, table of outcomes or diagram of the trace, verdict.
    fn table(&self, page: Page) -> String {
        let mut lines = header::lines(self, page);
        lines.push(String::new());
        if let Some(trace) = &self.exploration.trace {
            lines.extend(trace_lines(trace, page));
            lines.push(String::new());
        } else if !self.exploration.outcomes.is_empty() {
            lines.extend(outcomes::table(self, page));
            lines.push(String::new());
        }
        lines.extend(footer(self, page));
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn markdown(&self) -> String {
        let page = Page { color: Color::Plain, width: Width::Any, extent: Extent::Everything };
        let mut parts = vec![header::lines(self, page).join("\n\n")];
        if let Some(trace) = &self.exploration.trace {
            parts.extend(trace_markdown(trace, page));
        } else if !self.exploration.outcomes.is_empty() {
            parts.push(outcomes::markdown(self).trim_end().to_owned());
        }
        parts.extend(footer(self, page));
        parts.join("\n\n") + "\n"
    }

    fn csv(&self) -> String {
        record::rows(self)
    }

    fn records(&self) -> Vec<Record> {
        record::records(self)
    }

    fn fields(&self) -> Vec<Field> {
        record::fields(self)
    }
}

/// A trace's diagram and the sentences below it.
pub(super) fn trace_lines(trace: &Trace, page: Page) -> Vec<String> {
    let mut lines = diagram::lines(trace, page);
    let mut say = |text: &str| lines.extend(sentence(text, page.width));
    if !trace.losses.is_empty() {
        say(narrative::LEGEND);
    }
    lines.push(String::new());
    for loss in narrative::losses(trace, page.extent) {
        lines.extend(sentence(&loss, page.width));
    }
    lines.extend(sentence(&narrative::ending(trace), page.width));
    if !trace.script.is_empty() {
        // One line, however long, because it is copied.
        lines.extend([String::new(), command(trace)]);
    }
    lines
}

/// The same as paragraphs of Markdown.
pub(super) fn trace_markdown(trace: &Trace, page: Page) -> Vec<String> {
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

fn footer(view: &ExplorationView, page: Page) -> Vec<String> {
    let exploration = &view.exploration;
    let mut lines = Vec::new();
    if view.id().is_some() && (!view.has_ended() || exploration.verdict.is_empty()) {
        let known = exploration.outcomes.len();
        let values = if known == 1 { "value" } else { "values" };
        lines.push(format!("{}: {known} {values} found", enum_names::state(exploration.state())));
    }
    if !exploration.error.is_empty() {
        let error = sentence(&format!("error: {}", exploration.error), page.width);
        lines.extend(error.iter().map(|line| page.color.paint(Emphasis::Broken, line)));
    }
    lines.extend(sentence(&exploration.verdict, page.width));
    lines
}
