//! Document of a replayed schedule: its diagram, and the final values in the model and on threads.

use proto::v1::{ReplayScheduleResponse, Trace};

use crate::render::explore::{exploration, header, record};
use crate::render::format::color::{Color, Emphasis};
use crate::render::format::document::{Document, Record};
use crate::render::format::json::Field;
use crate::render::format::page::Width;
use crate::render::format::page::{Extent, Page};
use crate::render::format::wrap::sentence;

/// Whether model and threads ended with the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// The values are equal.
    Equal,
    /// The values differ.
    Different,
}

/// Whether both final values in the answer are equal.
pub fn agreement(answer: &ReplayScheduleResponse) -> Agreement {
    let in_model = answer.trace.as_ref().map(|trace| trace.value);
    match in_model {
        Some(value) if value == answer.value_on_threads => Agreement::Equal,
        Some(_) | None => Agreement::Different,
    }
}

impl Document for ReplayScheduleResponse {
    fn table(&self, page: Page) -> String {
        let trace = self.trace.clone().unwrap_or_default();
        let mut lines = sentence(&heading(&trace), page.width);
        lines.extend(header::model(&trace.model, page.width));
        lines.push(String::new());
        // The script was typed a moment ago.
        let unscripted = Trace { script: String::new(), ..trace };
        lines.extend(exploration::trace_lines(&unscripted, page));
        let emphasis = match agreement(self) {
            Agreement::Equal => Emphasis::None,
            Agreement::Different => Emphasis::Broken,
        };
        lines.push(String::new());
        let values = sentence(&both_values(self), page.width);
        lines.extend(values.iter().map(|line| page.color.paint(emphasis, line)));
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn markdown(&self) -> String {
        let page = Page { color: Color::Plain, width: Width::Any, extent: Extent::Everything };
        let trace = self.trace.clone().unwrap_or_default();
        let mut parts = vec![heading(&trace)];
        parts.extend(header::model(&trace.model, Width::Any));
        parts.extend(exploration::trace_markdown(&trace, page));
        parts.push(both_values(self));
        parts.join("\n\n") + "\n"
    }

    /// A row per move.
    fn csv(&self) -> String {
        record::moves(&self.trace.clone().unwrap_or_default())
    }

    fn records(&self) -> Vec<Record> {
        vec![Record::new("replay", fields(self))]
    }

    fn fields(&self) -> Vec<Field> {
        [("kind", Some("replay".into()))].into_iter().chain(fields(self)).collect()
    }
}

fn fields(answer: &ReplayScheduleResponse) -> Vec<Field> {
    vec![
        ("value", answer.trace.as_ref().map(|trace| trace.value.into())),
        ("value_on_threads", Some(answer.value_on_threads.into())),
        ("agrees", Some((agreement(answer) == Agreement::Equal).into())),
        ("trace", answer.trace.as_ref().map(record::trace)),
    ]
}

/// The question in a script's own words, e.g. `unlocked 2x10 LS`.
pub fn question(script: &str) -> String {
    script.split_whitespace().skip(1).take(3).collect::<Vec<&str>>().join(" ")
}

fn heading(trace: &Trace) -> String {
    format!("replay · {}", question(&trace.script))
}

fn both_values(answer: &ReplayScheduleResponse) -> String {
    let in_model = answer.trace.as_ref().map_or_else(|| "?".into(), |it| it.value.to_string());
    format!("{in_model} in the model, {} on real threads", answer.value_on_threads)
}
