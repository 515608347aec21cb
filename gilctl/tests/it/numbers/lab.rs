//! A daemon that answers every rpc with filled messages.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use nix::pty::{Winsize, openpty};
use prost::Message as _;
use proto::v1::WatchSweepRequest;
use tokio::runtime::Runtime;
use tonic::Status;
use tonic::transport::Server;

use crate::numbers::messages::Messages;
use crate::support::raw_server::{Explorations, Labs, RawAnswers, RawService, Sweeps};
use crate::support::server::{command, serve};

/// A running daemon.
#[derive(Debug)]
pub(crate) struct FilledLab {
    _runtime: Runtime,
    url: String,
}

impl FilledLab {
    /// A daemon whose whole numbers of 64 bits are all `whole`.
    pub(crate) fn of(whole: u64) -> Self {
        Self::with(whole, "x")
    }

    /// A daemon whose whole numbers of 64 bits are all `whole`, and whose texts are `text`.
    pub(crate) fn with(whole: u64, text: &'static str) -> Self {
        let messages = Arc::new(Messages::filled_with(whole, text));
        let router = Server::builder()
            .add_service(RawService::<Sweeps, _>::over(&messages))
            .add_service(RawService::<Explorations, _>::over(&messages))
            .add_service(RawService::<Labs, _>::over(&messages));
        let (runtime, url) = serve(router);
        Self { _runtime: runtime, url }
    }

    /// Runs gilctl against it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("gilctl runs")
    }

    /// The same with stdout on a terminal of so many columns: what is shown there.
    pub(crate) fn run_on_terminal(&self, columns: u16, arguments: &[&str]) -> String {
        self.run_on_terminal_with(columns, arguments, &[])
    }

    /// The same with variables.
    pub(crate) fn run_on_terminal_with(
        &self,
        columns: u16,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> String {
        shown_on_terminal(self.command(arguments), columns, variables)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        command(&self.url, arguments)
    }
}

/// Runs gilctl with stdout on a terminal of so many columns: what is shown there.
pub(crate) fn shown_on_terminal(
    mut gilctl: Command,
    columns: u16,
    variables: &[(&str, &str)],
) -> String {
    let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(&size, None).expect("a terminal");
    // What decides about colour, on a developer's machine or on a build server.
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"] {
        gilctl.env_remove(variable);
    }
    gilctl.env("TERM", "xterm").envs(variables.iter().copied());
    gilctl.stdin(Stdio::null()).stdout(terminal.slave).stderr(Stdio::null());
    let mut running = gilctl.spawn().expect("gilctl runs");
    // With the command goes the last of its side of the terminal.
    drop(gilctl);
    let (mut screen, mut shown) = (File::from(terminal.master), Vec::new());
    // Linux says that the other side is gone by an error.
    let _ = screen.read_to_end(&mut shown);
    running.wait().expect("it ends");
    String::from_utf8(shown).expect("text").replace("\r\n", "\n")
}

impl RawAnswers for Messages {
    fn answer(&self, path: &str, request: &[u8]) -> Result<Vec<Vec<u8>>, Status> {
        let is_watch = path.contains("/Watch");
        // Both requests to watch have the same fields.
        let asked = WatchSweepRequest::decode(request).unwrap_or_default();
        Ok(self.answers(path, if is_watch { asked.after_sequence } else { 0 }))
    }
}
