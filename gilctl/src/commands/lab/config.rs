//! `gilctl config`: the settings as they apply. No lab is asked.

use crate::cli::settings::document::{ShownOrigin, ShownSettings};
use crate::cli::settings::{ConfigAction, ConfigFlags};
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;

/// Prints each setting with its value, and where it comes from.
pub fn run(context: &Context, flags: ConfigFlags) -> Result<Exit, Failure> {
    let ConfigFlags { action: ConfigAction::Show, origin, shown: (settings, file) } = flags;
    let origin = if origin { ShownOrigin::Column } else { ShownOrigin::DocumentsOnly };
    context.print(&ShownSettings { settings, origin })?;
    let file = file.map_or_else(|| "none".to_owned(), |path| path.display().to_string());
    context.hints.say(&format!("config file: {file}"));
    Ok(Exit::Fine)
}
