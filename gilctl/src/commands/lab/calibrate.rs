//! `gilctl calibrate`: measures the cost of a real interpreter's steps.

use crate::cli::CalibrateFlags;
use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use view::request::flag::utf8;

/// Calibrates the interpreter and prints the result.
pub async fn run(context: &Context, flags: &CalibrateFlags) -> Result<Exit, Failure> {
    let python = flags.python.as_deref();
    let path = python.map(|path| utf8("--python", path)).transpose()?.unwrap_or_default();
    let fallback = Fallback::Scratch { pythons: flags.python.as_slice() };
    let answer = context.with_lab(fallback, async |lab| {
        context.hints.say("measuring an interpreter takes a few seconds");
        lab.calibrate(path).await
    });
    context.print(&answer.await?)?;
    Ok(Exit::Fine)
}
