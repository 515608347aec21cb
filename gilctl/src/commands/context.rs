//! Context of a command: the global flags, the terminal and the environment, examined once.

use std::cell::Cell;
use std::io;
use std::io::{IsTerminal as _, stdout};

use anstream::AutoStream;

use crate::cli::Global;
use crate::cli::access::{Access, Purpose};
use crate::client::lab::{Fallback, Lab};
use crate::error::Failure;
use crate::output::hints::Hints;
use crate::output::next::Next;
use crate::output::progress::ProgressTarget;
use crate::output::screen::{Screen, terminal_columns};
#[cfg(feature = "tui")]
use crate::tui::draw::look::Look;
use view::render::format::color::Color;
use view::render::format::document;
use view::render::format::document::Document;
use view::render::format::page::{Extent, Page, Width};
use view::render::picture::text::page::Charset;
use view::render::sweep::columns::Columns;
use view::render::sweep::json::Turns;
use view::render::sweep::printer::Printer;
use view::render::sweep::table::Style;
use view::request::output::Output;

/// The flags and the surroundings that every command needs.
#[derive(Debug)]
pub struct Context {
    flags: Global,
    purpose: Purpose,
    pub(super) output: Output,
    style: Style,
    pub(super) live_style: Style,
    page: Page,
    pub(super) hints: Hints,
    pub(super) progress_target: ProgressTarget,
    /// Whether the lab that was connected to last keeps its jobs.
    keeps_jobs: Cell<bool>,
}

impl Context {
    /// Examines the terminal and the environment for a command with this purpose.
    pub fn new(flags: Global, purpose: Purpose) -> Self {
        let out_color = Color::choose(flags.color, AutoStream::choice(&io::stdout()));
        let err_color = Color::choose(flags.color, AutoStream::choice(&io::stderr()));
        let usual = if flags.verbose { Columns::Every } else { Columns::Usual };
        // What cannot be read was refused before.
        let chosen = flags.columns.as_ref().and_then(|typed| typed.parse().ok());
        let columns = chosen.unwrap_or(usual);
        let width = terminal_columns(io::stdout()).map_or(Width::Any, Width::Most);
        let live_width = terminal_columns(io::stderr()).map_or(Width::Any, Width::Most);
        let (is_out, is_err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        // A bar moves the cursor.
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let progress_target = match (is_err && !is_dumb, flags.quiet) {
            (true, false) => ProgressTarget::Terminal,
            (false, false) => ProgressTarget::Lines,
            (_, true) => ProgressTarget::None,
        };
        let extent = match (is_out, flags.verbose) {
            (true, false) => Extent::Screenful,
            (true, true) | (false, _) => Extent::Everything,
        };
        Self {
            output: flags.output,
            style: Style { color: out_color, width, columns },
            page: Page { color: out_color, width, extent },
            live_style: Style { color: err_color, width: live_width, columns },
            hints: Hints::choose(&flags),
            progress_target,
            keeps_jobs: Cell::new(false),
            purpose,
            flags,
        }
    }

    /// The same for a command that another one runs: it prints tables, and neither hints nor progress.
    #[must_use]
    pub fn of_step(&self) -> Self {
        let mut flags = self.flags.clone();
        (flags.quiet, flags.output, flags.columns) = (true, Output::Table, None);
        Self::new(flags, self.purpose)
    }

    /// How a live terminal on stdout is set.
    #[cfg(feature = "tui")]
    pub fn look(&self, lab: &Lab) -> Look {
        let Style { color, columns, .. } = self.style;
        let extent = if self.flags.verbose { Extent::Everything } else { Extent::Screenful };
        let location = lab.location().to_owned();
        Look { color, charset: Self::charset(), columns, extent, location }
    }

    /// How wide lines on stdout may be.
    pub fn width(&self) -> Width {
        self.page.width
    }

    /// Whether later commands find what this one ran, as far as flags decide it.
    pub fn keeps_history(&self) -> bool {
        !self.flags.no_history
    }

    /// Whether a person may be asked: not with `--quiet`.
    pub fn asks(&self) -> bool {
        !self.flags.quiet
    }

    /// A printer of sweeps in the chosen format, onto stdout.
    pub fn printer(&self, turns: Turns) -> Printer<Screen> {
        let charset = self.table_columns().map_or(Charset::Unicode, |_| Self::charset());
        Printer::new(Screen::new(stdout(), charset), self.output, turns, self.style)
    }

    /// The width of the terminal that a table is printed on, in characters; `None` where stdout is no
    /// terminal, or carries something else.
    pub fn table_columns(&self) -> Option<usize> {
        match (self.output, self.page.width) {
            // It may have been resized since.
            (Output::Table, Width::Most(width)) => {
                Some(terminal_columns(io::stdout()).unwrap_or(width))
            }
            (Output::Table, Width::Any)
            | (Output::Ndjson | Output::Json | Output::Csv | Output::Markdown, _) => None,
        }
    }

    /// Which characters the terminal has, by the locale.
    pub fn charset() -> Charset {
        let value = |name: &str| std::env::var(name).ok();
        let [all, ctype, lang] = ["LC_ALL", "LC_CTYPE", "LANG"].map(value);
        Charset::of_locale([all.as_deref(), ctype.as_deref(), lang.as_deref()])
    }

    /// Prints a document in the chosen format to stdout.
    pub fn print(&self, document: &impl Document) -> io::Result<()> {
        self.write(&document::text(document, self.output, self.page))
    }

    /// Refuses columns that were chosen of an exploration.
    ///
    /// # Errors
    ///
    /// The failure names the flag and the id.
    pub fn refuse_columns(&self, id: &str) -> Result<(), Failure> {
        if !self.flags.typed.has("columns") {
            return Ok(());
        }
        let about = format!("{id} is an exploration");
        Err(Failure::without_effect("--columns", &about, "leave it out"))
    }

    /// Writes a text to stdout at once.
    pub fn write(&self, text: &str) -> io::Result<()> {
        self.printer(Turns::Hidden).text(text)
    }

    /// Connects to a lab, passes it to `work`, and stops it afterwards if it is embedded.
    pub async fn with_lab<T>(
        &self,
        fallback: Fallback<'_>,
        work: impl AsyncFnOnce(&Lab) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let notice = |line: &str| self.hints.say(line);
        let lab = Lab::connect(&self.flags, self.purpose, fallback, &notice).await?;
        self.work_in(lab, work).await
    }

    /// The same for a part of a command that only reads, so that no other lab has to wait meanwhile.
    pub async fn with_lab_to_read<T>(
        &self,
        work: impl AsyncFnOnce(&Lab) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let purpose = Purpose { access: Access::Reads, ..self.purpose };
        let fallback = Fallback::Embed { pythons: &[] };
        let lab = Lab::connect(&self.flags, purpose, fallback, &|_| ()).await?;
        self.work_in(lab, work).await
    }

    /// Says what was done, which may be empty, and names the next useful command if that can work.
    pub fn next(&self, done: &str, next: &Next) {
        let next = next.line(&self.flags, self.keeps_jobs.get());
        let next = next.map(|line| format!("next: {line}"));
        let done = Some(done.to_owned()).filter(|done| !done.is_empty());
        let said: Vec<String> = [done, next].into_iter().flatten().collect();
        if !said.is_empty() {
            self.hints.say(&said.join("; "));
        }
    }

    async fn work_in<T>(
        &self,
        lab: Lab,
        work: impl AsyncFnOnce(&Lab) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.hints.detail(&format!("the lab is {}", lab.location()));
        self.keeps_jobs.set(lab.keeps_jobs());
        let done = work(&lab).await.map_err(|failure| lab.explain_failure(failure));
        lab.close().await;
        done
    }
}
