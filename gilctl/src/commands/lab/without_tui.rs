//! `gilctl top` and `gilctl watch --tui` of a gilctl that was built without the live terminal.

use crate::cli::WatchFlags;
use crate::commands::context::Context;
use crate::error::Failure;
use crate::exit::Exit;

/// How to build it.
const WAY_OUT: &str = "build it in with `cargo build --release -p gilctl --features tui`";

/// Refuses.
#[expect(clippy::unused_async, reason = "as the command that it stands for")]
pub async fn run(_: &Context) -> Result<Exit, Failure> {
    let message = "`gilctl top`: this gilctl was built without the feature `tui`";
    Err(Failure::new(Exit::Usage, message, WAY_OUT))
}

/// Refuses.
#[expect(clippy::unused_async, reason = "as the command that it stands for")]
pub async fn job(_: &Context, _: &WatchFlags) -> Result<Exit, Failure> {
    let message = "--tui: this gilctl was built without the feature `tui`";
    Err(Failure::new(Exit::Usage, message, WAY_OUT))
}
