//! File of `--svg` or `--vega`.

use std::path::Path;

use crate::error::Failure;
use crate::exit::Exit;
use view::request::parse::ValueError;

/// Refuses an unusable path before a search that may take minutes.
pub fn check(flag: &'static str, path: &Path) -> Result<(), Failure> {
    let refuse = |problem: &str, way_out: &str| {
        let shown = path.to_string_lossy();
        Err(ValueError::new(flag, &shown, problem, way_out).into())
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if path.as_os_str().is_empty() || path.is_dir() {
        return refuse("is not a file name", "name a file, e.g. race.svg");
    }
    match directory {
        Some(directory) if !directory.is_dir() => {
            refuse("is in a directory that does not exist", "create that first")
        }
        _ => Ok(()),
    }
}

/// Writes the drawing.
pub fn write(flag: &str, path: &Path, drawing: &str) -> Result<(), Failure> {
    std::fs::write(path, drawing).map_err(|error| {
        let message = format!("{} cannot be written: {error}", path.display());
        Failure::new(Exit::Unexpected, message, format!("choose another place for {flag}"))
    })
}
