//! `gilctl replay`: replays a schedule in the model and on real threads.

use std::io::{Read as _, stdin};

use crate::cli::explore::ReplayFlags;
use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::commands::explore::svg_file;
use crate::error::Failure;
use crate::exit::Exit;
use gild::limits::PART_BYTES_MAX;
use view::render::explore::replay::{Agreement, agreement, question};
use view::render::explore::svg;

const WAY_OUT: &str = "send only the one line of a script";
/// Most bytes of a script, which must fit a message: far beyond the longest that can be replayed.
const SCRIPT_BYTES_MAX: u64 = PART_BYTES_MAX as u64;
/// The argument that stands for stdin.
const STDIN: &str = "-";

/// Reads the script, replays it and prints the result.
pub async fn run(context: &Context, flags: &ReplayFlags) -> Result<Exit, Failure> {
    let script = script(&flags.script)?;
    let path = flags.svg.as_deref();
    path.map(|path| svg_file::check("--svg", path)).transpose()?;
    let fallback = Fallback::Scratch { pythons: &[] };
    let answer = context.with_lab(fallback, async |lab| lab.replay(script).await).await?;
    context.print(&answer)?;
    if let (Some(path), Some(trace)) = (path, &answer.trace) {
        svg_file::write("--svg", path, &svg::diagram(&question(&trace.script), trace))?;
        context.hints.say(&format!("drawn to {}", path.display()));
    }
    Ok(match agreement(&answer) {
        Agreement::Equal => Exit::Fine,
        Agreement::Different => Exit::PromiseBroken,
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
    if text.len() as u64 > SCRIPT_BYTES_MAX {
        return Err(too_long("the script"));
    }
    Ok(text)
}

fn too_long(script: &str) -> Failure {
    let message = format!("{script} is longer than {SCRIPT_BYTES_MAX} bytes");
    Failure::new(Exit::Usage, message, WAY_OUT)
}

fn read() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = stdin().lock().take(SCRIPT_BYTES_MAX + 1).read_to_end(&mut bytes);
    let unreadable = |error| {
        Failure::new(Exit::Unexpected, format!("stdin: {error}"), "type the script instead")
    };
    read.map_err(unreadable)?;
    if bytes.len() as u64 > SCRIPT_BYTES_MAX {
        return Err(too_long("the script on stdin"));
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::new(Exit::Usage, "the script on stdin is not valid UTF-8", WAY_OUT))
}
