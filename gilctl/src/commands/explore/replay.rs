//! `gilctl replay`: a schedule once more, in the model and on real threads.

use std::io::{Read as _, stdin, stdout};

use crate::cli::Output;
use crate::cli::explore::ReplayFlags;
use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::commands::explore::svg_file;
use crate::error::Failure;
use crate::exit::Exit;
use crate::render::explore::replay as render;
use crate::render::explore::replay::Ends;
use crate::render::explore::{record, svg};
use crate::render::format::json;
use crate::render::sweep::json::Turns;

/// Most bytes of a script that are read: far beyond the longest schedule that can be played.
const SCRIPT_BYTES_MAX: u64 = 2 << 20;
/// Stands for stdin.
const STDIN: &str = "-";

/// Reads the script, asks and prints.
pub async fn run(context: &Context, flags: &ReplayFlags) -> Result<Exit, Failure> {
    let script = script(&flags.script)?;
    let path = flags.svg.as_deref();
    path.map(svg_file::check).transpose()?;
    let without = Fallback::Scratch { pythons: &[] };
    let answer = context.with_lab(without, async |lab| lab.replay(script).await).await?;
    let text = match context.output {
        Output::Table => render::text(&answer, context.page),
        Output::Markdown => render::markdown(&answer),
        Output::Csv => record::moves(&answer.trace.clone().unwrap_or_default()),
        Output::Ndjson | Output::Json => json::line("replay", render::fields(&answer)) + "\n",
    };
    context.printer(stdout(), Turns::Hidden).text(&text)?;
    if let (Some(path), Some(trace)) = (path, &answer.trace) {
        svg_file::write(path, &svg::diagram(&render::question(&trace.script), trace))?;
        context.hints.say(&format!("drawn to {}", path.display()));
    }
    Ok(match render::ends(&answer) {
        Ends::Alike => Exit::Fine,
        Ends::Apart => Exit::PromiseBroken,
    })
}

/// The words of the script, from the command line or from stdin.
fn script(words: &[String]) -> Result<String, Failure> {
    let typed = words.join(" ");
    let text = if typed.trim() == STDIN { read()? } else { typed };
    let text = text.split_whitespace().collect::<Vec<&str>>().join(" ");
    if text.is_empty() {
        let way_out = "`gilctl witness` prints one";
        return Err(Failure::new(Exit::Usage, "the script is empty", way_out));
    }
    Ok(text)
}

fn read() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = stdin().lock().take(SCRIPT_BYTES_MAX + 1).read_to_end(&mut bytes);
    let unreadable = |error| {
        Failure::new(Exit::Unexpected, format!("stdin: {error}"), "type the script instead")
    };
    read.map_err(unreadable)?;
    if bytes.len() as u64 > SCRIPT_BYTES_MAX {
        let message = format!("the script on stdin is longer than {SCRIPT_BYTES_MAX} bytes");
        return Err(Failure::new(Exit::Usage, message, "send the one line of a script alone"));
    }
    String::from_utf8(bytes).map_err(|_| {
        let message = "the script on stdin is no text";
        Failure::new(Exit::Usage, message, "send the one line of a script alone")
    })
}
