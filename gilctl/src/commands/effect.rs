//! Effect of flags: one table of what each flag of each command touches. A flag that can change
//! nothing in what was typed is refused; one that touches some cells only is noted.
//!
//! What a field of a sweep's request touches is the engine's table,
//! [`engine::plan::check::effect::FIELDS`].

use engine::limits::PRECISE_FROM_ROUNDS;
use engine::plan::check::effect::{PartialEffect, partial_effects};
use gild::wire::sweep::spec::sweep_spec;

use crate::cli::history::{ExportFlags, RerunFlags, ResumeFlags};
use crate::cli::settings::TypedFlags;
use crate::cli::{Command, Flags, WatchFlags};
use crate::client::address::{Address, Scheme};
use crate::error::Failure;
use crate::exit::Exit;
use view::render::sweep::columns::Columns;
use view::request::output::Output;
use view::request::sweep_flags::SweepFlags;
use view::request::sweep_spec;
use view::request::wire_field::flag_of;

/// What a flag touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Touches {
    /// Whatever the command does.
    Always,
    /// Cells, by the engine's table.
    Cells,
    /// An exploration; the lab refuses what its strategy or its scheduler does not have.
    Question,
    /// The lines of a job that is followed with `--output ndjson`.
    Lines,
    /// The picture below a table.
    Picture,
    /// A document on stdout.
    Document,
    /// The table of a sweep, on a terminal or in Markdown.
    Table,
    /// What `latest` means.
    Latest,
    /// The history of a lab inside gilctl.
    History,
    /// The port of a daemon.
    Port,
    /// The daemon's address, which `--embedded` overrules.
    Address,
    /// The terminal, where a table is to be shown.
    Screen,
    /// Nothing.
    Nothing,
}

/// The flags of every command.
const GLOBAL: [(&str, Touches); 12] = [
    ("server", Touches::Address),
    ("token-file", Touches::Port),
    ("ca", Touches::Port),
    ("cert", Touches::Port),
    ("key", Touches::Port),
    ("embedded", Touches::Address),
    ("data-dir", Touches::History),
    ("no-history", Touches::History),
    ("output", Touches::Document),
    ("columns", Touches::Table),
    // Both also change the progress on stderr.
    ("color", Touches::Always),
    ("quiet", Touches::Always),
];
/// Flags that touch whatever their command does.
const ALWAYS: [(&str, &[&str]); 20] = [
    ("sweep", &["detach", "dry-run"]),
    ("strategies", &["body", "era"]),
    ("calibrate", &["python"]),
    ("explore", &["exact", "detach", "dry-run"]),
    ("witness", &["value", "svg"]),
    ("replay", &["svg"]),
    ("explain", &["cell"]),
    ("list", &["state", "owner", "label", "limit"]),
    ("show", &["as-command"]),
    ("plot", &["picture", "cell", "svg", "vega"]),
    ("trace", &["format"]),
    ("watch", &["after"]),
    ("resume", &["detach"]),
    ("rerun", &["detach", "new-seed"]),
    ("label", &["none"]),
    // Permissions: whether they are needed shows when the command runs.
    ("compare", &["force", "by"]),
    ("delete", &["dry-run", "yes"]),
    ("prune", &["dry-run", "yes", "keep", "keep-newest", "all"]),
    ("ui", &["no-open"]),
    ("man", &["dir"]),
];
/// The same for what a file is written to.
const FILES: [&str; 2] = ["out", "force"];
/// Commands that write such a file.
const WRITING: [&str; 3] = ["report", "trace", "export"];
/// Commands that follow a sweep.
const FOLLOWING: [&str; 4] = ["sweep", "watch", "resume", "rerun"];
/// Other commands with a table of a sweep.
const SHOWING: [&str; 2] = ["show", "top"];
/// Commands that draw a picture below their table on a terminal.
const DRAWING: [&str; 2] = ["sweep", "compare"];
/// Commands that print no document.
const NO_DOCUMENT: [&str; 11] = [
    "cancel",
    "label",
    "report",
    "trace",
    "export",
    "tour",
    "schema",
    "top",
    "ui",
    "completions",
    "man",
];
/// The command that shows the settings, and so every flag.
const CONFIG: &str = "config";
/// Commands that ask no lab.
const NO_LAB: [&str; 3] = ["schema", "completions", "man"];
/// Flags of an exploration's question.
const QUESTION: [&str; 11] = [
    "strategy",
    "workers",
    "increments",
    "steps",
    "body",
    "era",
    "switch-ticks",
    "scheduler",
    "q",
    "k",
    "phase",
];

/// The row of a flag of a command, by its long name; `None` if there is none.
pub fn touches(command: &str, flag: &str) -> Option<Touches> {
    let always = ALWAYS.iter().any(|(of, flags)| *of == command && flags.contains(&flag));
    let global = GLOBAL.iter().find(|(global, _)| *global == flag).map(|(_, touches)| *touches);
    match flag {
        "verbose" => Some(Touches::Always),
        "origin" if command == CONFIG => Some(Touches::Always),
        _ if command == CONFIG => global.map(|_| Touches::Always),
        _ if always => Some(Touches::Always),
        _ if WRITING.contains(&command) && FILES.contains(&flag) => Some(Touches::Always),
        "no-plot" if DRAWING.contains(&command) => Some(Touches::Picture),
        "tui" => Some(Touches::Screen),
        "turns" if FOLLOWING.contains(&command) => Some(Touches::Lines),
        "all" if command != "prune" => Some(Touches::Latest),
        _ if command == "sweep" && is_field(flag) => Some(Touches::Cells),
        _ if ["explore", "witness"].contains(&command) && QUESTION.contains(&flag) => {
            Some(Touches::Question)
        }
        _ if NO_LAB.contains(&command) => global.map(without_lab),
        _ => global,
    }
}

/// What is left of a flag of every command where no lab is asked.
fn without_lab(touches: Touches) -> Touches {
    match touches {
        Touches::Address | Touches::Port | Touches::History => Touches::Nothing,
        touches => touches,
    }
}

fn is_field(flag: &str) -> bool {
    let fields = &engine::plan::check::effect::FIELDS;
    fields.iter().any(|row| flag_of(row.field).strip_prefix("--") == Some(flag))
}

/// Refuses what was typed in vain; what touches only a part is returned as notes.
///
/// # Errors
///
/// The failure names the flag, what it touches, and the way out.
pub fn check(flags: &Flags, typed: &TypedFlags) -> Result<Vec<String>, Failure> {
    let Some(command) = &flags.command else { return Ok(Vec::new()) };
    let name = command.purpose().command;
    if name == CONFIG {
        return Ok(Vec::new());
    }
    if let Some(flag) = typed.first(|flag| touches(name, flag) == Some(Touches::Nothing)) {
        let about = format!("`{name}` asks no lab");
        return Err(Failure::without_effect(&format!("--{flag}"), &about, "leave it out"));
    }
    let mut notes = check_lab(flags, typed)?;
    if typed.has("output") && NO_DOCUMENT.contains(&name) {
        let about = format!("`{name}` prints no document");
        return Err(Failure::without_effect("--output", &about, "leave it out"));
    }
    if let Some(columns) = &flags.global.columns {
        columns.parse::<Columns>().map_err(|why| {
            Failure::new(Exit::Usage, format!("--columns: {columns}: {}", why.0), why.1)
        })?;
        // Those of the config file are for the commands that have them.
        if typed.has("columns") {
            check_columns(command, name, flags.global.output)?;
        }
    }
    if let Some(why) = without_lines(command, flags.global.output) {
        return Err(Failure::without_effect(
            "--turns",
            "it adds lines to what is followed with --output ndjson",
            why,
        ));
    }
    if let Some(why) = without_picture(command, typed, flags.global.output) {
        return Err(Failure::without_effect(
            "--no-plot",
            "it leaves out the picture below a table",
            why,
        ));
    }
    if let Command::Watch(WatchFlags { tui: true, .. }) = command
        && typed.has("output")
        && flags.global.output != Output::Table
    {
        let about = "it draws a screen, and --output prints a document";
        return Err(Failure::without_effect("--tui", about, "leave either out"));
    }
    if let Command::Explore(flags) = command
        && flags.exact
        && flags.dry_run
    {
        let about = "it prints every digit of what a search counts, and --dry-run searches nothing";
        return Err(Failure::without_effect("--exact", about, "leave either out"));
    }
    if let Some(ids) = counted_for_all(command)
        && !ids.iter().any(|id| id.trim().starts_with("latest"))
    {
        let about = format!("it says whose jobs `latest` counts, and {} is an id", ids.join(" "));
        return Err(Failure::without_effect("--all", &about, "leave it out"));
    }
    if let Command::Sweep(flags) = command {
        notes.extend(check_cells(flags)?);
    }
    Ok(notes)
}

/// Flags about where the lab is.
fn check_lab(flags: &Flags, typed: &TypedFlags) -> Result<Vec<String>, Failure> {
    let global = &flags.global;
    let server = global.server.as_deref().filter(|_| !global.embedded);
    for flag in ["data-dir", "no-history"] {
        if let (true, Some(server)) = (typed.has(flag), server) {
            return Err(Failure::other_history(&format!("--{flag}"), server));
        }
    }
    // What the environment names is overruled by either flag.
    if typed.has("no-history") && typed.has("data-dir") {
        return Err(Failure::new(
            Exit::Usage,
            "--no-history cannot be used with --data-dir: one keeps nothing, the other says where",
            "leave one out",
        ));
    }
    let has_port = server.is_some_and(|server| {
        Address::parse(server).map_or(true, |address| address.scheme() != Scheme::Socket)
    });
    for flag in ["token-file", "ca", "cert", "key"] {
        if typed.has(flag) && !has_port {
            let about = "it opens a daemon's port, and no http:// or https:// server is named";
            return Err(Failure::without_effect(
                &format!("--{flag}"),
                about,
                "name one with --server, or leave it out",
            ));
        }
    }
    let is_overruled = global.embedded && typed.has("server");
    let note = "--server changes nothing beside --embedded, which runs the lab inside gilctl";
    Ok(is_overruled.then(|| note.to_owned()).into_iter().collect())
}

/// Refuses columns where no table of a sweep is printed.
fn check_columns(command: &Command, name: &str, output: Output) -> Result<(), Failure> {
    let detaches = match command {
        Command::Sweep(flags) => flags.detach,
        Command::Resume(flags) => flags.detach,
        Command::Rerun(flags) => flags.detach,
        Command::Show(flags) => flags.as_command,
        _ => false,
    };
    let about = if !FOLLOWING.contains(&name) && !SHOWING.contains(&name) {
        format!("`{name}` prints no table of a sweep")
    } else if detaches {
        "no table is printed".to_owned()
    } else if !matches!(output, Output::Table | Output::Markdown) {
        "documents have every field".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::without_effect("--columns", &about, "leave it out"))
}

/// Why `--turns` adds no line, if it is there: the way out.
fn without_lines(command: &Command, output: Output) -> Option<&'static str> {
    let (turns, leaves) = match command {
        Command::Sweep(flags) => (flags.turns, flags.detach || flags.dry_run),
        Command::Watch(WatchFlags { turns, .. }) => (*turns, false),
        Command::Resume(ResumeFlags { turns, detach, .. })
        | Command::Rerun(RerunFlags { turns, detach, .. }) => (*turns, *detach),
        _ => (false, false),
    };
    match (turns, leaves, output) {
        (true, true, _) => Some("leave it out, or --detach and --dry-run: they follow nothing"),
        (true, false, Output::Table | Output::Json | Output::Csv | Output::Markdown) => {
            Some("add --output ndjson, or leave it out")
        }
        (true, false, Output::Ndjson) | (false, ..) => None,
    }
}

/// Why there is no picture that `--no-plot` could leave out, if it is there: the way out.
fn without_picture(command: &Command, typed: &TypedFlags, output: Output) -> Option<&'static str> {
    let follows_nothing = matches!(command, Command::Sweep(flags) if flags.detach || flags.dry_run);
    let is_paired_otherwise =
        matches!(command, Command::Compare(flags) if flags.force || !flags.by.is_empty());
    match (typed.has("no-plot"), output) {
        (true, _) if follows_nothing => Some("leave it out: --detach and --dry-run draw nothing"),
        (true, _) if is_paired_otherwise => Some("leave it out: --force and --by draw nothing"),
        (true, Output::Ndjson | Output::Json | Output::Csv | Output::Markdown) => {
            Some("leave it out: only a table has one")
        }
        (true, Output::Table) | (false, _) => None,
    }
}

/// The typed ids, if `--all` is to say what `latest` among them means.
fn counted_for_all(command: &Command) -> Option<Vec<&str>> {
    let which = match command {
        Command::Explain(flags) => &flags.which,
        Command::Show(flags) => &flags.which,
        Command::Trace(flags) => &flags.which,
        Command::Watch(flags) => &flags.which,
        Command::Resume(flags) => &flags.which,
        Command::Rerun(flags) => &flags.which,
        Command::Cancel(which) | Command::Export(ExportFlags { which, .. }) => which,
        Command::Plot(flags) => return several(flags.owners.all, &flags.ids),
        Command::Report(flags) => return several(flags.owners.all, &flags.ids),
        Command::Compare(flags) => return several(flags.owners.all, &flags.ids),
        Command::Delete(flags) => return several(flags.owners.all, &flags.ids),
        _ => return None,
    };
    which.owners.all.then(|| vec![which.id.as_str()])
}

fn several(all: bool, ids: &[String]) -> Option<Vec<&str>> {
    all.then(|| ids.iter().map(String::as_str).collect())
}

/// Flags of the grid, by the engine's table. A name that this version does not know is the lab's to
/// refuse.
fn check_cells(flags: &SweepFlags) -> Result<Vec<String>, Failure> {
    let Ok(spec) = sweep_spec::spec(flags) else { return Ok(Vec::new()) };
    if spec.precision_permille.is_some()
        && let Some(attempts) = spec.attempts.filter(|attempts| *attempts <= PRECISE_FROM_ROUNDS)
    {
        let about = format!(
            "it ends a cell early from {PRECISE_FROM_ROUNDS} rounds on, and {attempts} attempts make \
             at most {attempts}"
        );
        let way_out = "ask for more with --attempts, or leave it out";
        return Err(Failure::without_effect("--precision", &about, way_out));
    }
    let Ok(request) = sweep_spec(Some(spec.clone())) else { return Ok(Vec::new()) };
    let words = sweep_spec::words(&spec);
    let mut notes = Vec::new();
    for effect in partial_effects(&request) {
        let PartialEffect { field, about, way_out, is_noted, strategies } = effect;
        let flag = flag_of(field);
        if strategies.is_empty() && !is_noted {
            let value = words.iter().skip_while(|word| **word != flag).nth(1);
            let shown = value.filter(|value| !value.starts_with("--"));
            let shown = shown.map(|value| format!("{flag} {value}")).unwrap_or(flag);
            let message = format!("{shown} changes nothing in this sweep: it is about {about}");
            return Err(Failure::new(Exit::Usage, message, way_out));
        }
        let cells = match strategies.as_slice() {
            [] => "no cell".to_owned(),
            named => format!("the cells of {} only", named.join(", ")),
        };
        notes.push(format!("{flag} changes {cells}: it is about {about}"));
    }
    Ok(notes)
}
