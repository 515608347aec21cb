//! Context of a command: the global flags, the terminal and the environment, examined once.

use std::io;
use std::io::Write;

use crate::cli::{Global, Output};
use crate::client::lab::{Fallback, Lab};
use crate::error::Failure;
use crate::output::hints::Hints;
use crate::output::printer::Printer;
use crate::output::progress::ProgressTarget;
use crate::render::format::color::{Color, OutputKind};
use crate::render::format::page::{Extent, Page, Width};
use crate::render::sweep::columns::Columns;
use crate::render::sweep::json::Turns;
use crate::render::sweep::table::Style;

/// A table is not squeezed below this.
const WIDTH_LEAST: usize = 100;

/// What every command knows of the world.
#[derive(Debug)]
pub struct Context {
    flags: Global,
    pub(super) output: Output,
    pub(super) style: Style,
    pub(super) live_style: Style,
    pub(super) page: Page,
    pub(super) hints: Hints,
    pub(super) audience: ProgressTarget,
}

impl Context {
    /// Looks at the terminal and the environment, once.
    pub fn new(flags: Global) -> Self {
        let no_color = std::env::var("NO_COLOR").ok();
        let ink = |reader| Color::choose(flags.color, no_color.as_deref(), reader);
        let columns = if flags.verbose { Columns::Every } else { Columns::Usual };
        let width = match terminal_columns(io::stdout()) {
            Some(width) if !flags.verbose => Width::Most(width.max(WIDTH_LEAST)),
            Some(_) | None => Width::Any,
        };
        // A picture or a sentence is set for the terminal as it is.
        let page_width = terminal_columns(io::stdout()).map_or(Width::Any, Width::Most);
        let live_width = terminal_columns(io::stderr()).map_or(Width::Any, Width::Most);
        let (out, err) = (reader(&io::stdout()), reader(&io::stderr()));
        let audience = match (err, flags.quiet) {
            (OutputKind::Person, false) => ProgressTarget::Watching,
            _ => ProgressTarget::Absent,
        };
        let extent = match (out, columns) {
            (OutputKind::Person, Columns::Usual) => Extent::Screenful,
            (OutputKind::Person, Columns::Every) | (OutputKind::Program, _) => Extent::Everything,
        };
        Self {
            output: flags.output,
            style: Style { ink: ink(out), width, columns },
            page: Page { ink: ink(out), width: page_width, extent },
            live_style: Style { ink: ink(err), width: live_width, columns },
            hints: Hints::choose(&flags),
            audience,
            flags,
        }
    }

    /// A printer of the chosen format.
    pub fn printer<W: Write>(&self, out: W, turns: Turns) -> Printer<W> {
        Printer::new(out, self.output, turns, self.style)
    }

    /// Finds a lab, uses it, and leaves nothing of it running.
    pub async fn with_lab<T>(
        &self,
        without: Fallback<'_>,
        work: impl AsyncFnOnce(&Lab) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let lab = Lab::connect(&self.flags, without, |notice| self.hints.say(notice)).await?;
        self.hints.detail(&format!("the lab is {}", lab.place()));
        let done = work(&lab).await.map_err(|failure| lab.why(failure));
        lab.close().await;
        done
    }
}

fn reader(stream: &impl io::IsTerminal) -> OutputKind {
    if stream.is_terminal() { OutputKind::Person } else { OutputKind::Program }
}

fn terminal_columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    terminal_size::terminal_size_of(stream).map(|(width, _)| width.0.into())
}
