//! Chromium, and `node` with the packages that drive it. `node` looks in `NODE_PATH` too.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::outside_program::required;

/// Names under which systems have Chromium.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// What the scripts need beyond the browser.
const PACKAGES: [&str; 2] = ["playwright-core", "axe-core"];

/// The browser's program; without one the test is skipped.
#[track_caller]
pub(crate) fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let files = BROWSERS.iter().flat_map(|name| {
        std::env::split_paths(&path).map(|folder| folder.join(name)).collect::<Vec<_>>()
    });
    let found = files.into_iter().find(|file| file.is_file());
    required(found, "chromium is not installed")
}

/// `node`, which finds the packages; without them the test is skipped.
#[track_caller]
pub(crate) fn node() -> Option<Command> {
    let needed = PACKAGES.map(|name| format!("require('{name}')")).join(";");
    let mut trial = Command::new("node");
    trial.args(["-e", &needed]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let found = trial.status().is_ok_and(|status| status.success());
    let missing = "node does not find playwright-core and axe-core; install them, and name the folder \
                   with them as NODE_PATH";
    required(found.then(|| Command::new("node")), missing)
}
