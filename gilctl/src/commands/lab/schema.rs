//! `gilctl schema`: what a document of this version may have. No lab is asked.

use std::io::{self, Write as _};

use crate::cli::schema::SchemaFlags;
use crate::error::Failure;
use crate::exit::Exit;
use view::render::schema::text;

/// Prints the schema.
pub fn run(flags: SchemaFlags) -> Result<Exit, Failure> {
    io::stdout().write_all(text(flags.name).as_bytes())?;
    Ok(Exit::Fine)
}
