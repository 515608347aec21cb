//! `gilctl explain`: the laws and limits behind a sweep's figures.

use crate::cli::explore::ExplainFlags;
use crate::cli::to_request;
use crate::client::lab::Fallback;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use view::render::explore::explanation::Explanation;

/// Fetches and prints the explanation.
pub async fn run(context: &Context, flags: &ExplainFlags) -> Result<Exit, Failure> {
    let cell = to_request::cell(flags.cell.as_deref())?;
    let explaining = context.with_lab(Fallback::EmbedFor { which: &flags.which }, async |lab| {
        let name = lab.resolve_sweep(&flags.which).await?;
        let answer = lab.explain(&name, cell).await?;
        Ok(Explanation { name, answer })
    });
    context.print(&explaining.await?)?;
    Ok(Exit::Fine)
}
