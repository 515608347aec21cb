//! The board of a running sweep on a terminal that is resized, and on which Ctrl-C is typed.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command};

use anstream::adapter::strip_str;
use nix::pty::{OpenptyResult, Winsize, openpty};
use proto::v1::SweepState;
use tokio::runtime::Runtime;
use unicode_width::UnicodeWidthStr as _;

use crate::support::fake_sweeps::{FakeSweeps, serve_sweeps};
use crate::support::server::ServerBehavior;

const WIDE: u16 = 120;
const NARROW: u16 = 60;

/// gilctl in a session of its own, whose terminal is the other side of this one.
struct Terminal {
    _runtime: Runtime,
    screen: File,
    keyboard: File,
    /// The side of gilctl, to set its size.
    side: File,
    gilctl: Child,
    shown: Vec<u8>,
}

impl Terminal {
    /// Runs a sweep that goes on until it is cancelled.
    fn sweep(locale: &str) -> Self {
        let mut server = FakeSweeps::new(ServerBehavior::WaitsForCancel);
        server.state = SweepState::Cancelled;
        let (runtime, url) = serve_sweeps(server);
        let wide = Winsize { ws_row: 50, ws_col: WIDE, ws_xpixel: 0, ws_ypixel: 0 };
        let OpenptyResult { master, slave } = openpty(&wide, None).expect("a terminal");
        let descriptor = || File::from(slave.try_clone().expect("a descriptor"));
        let mut command = Command::new("setsid");
        command.args(["--ctty", env!("CARGO_BIN_EXE_gilctl"), "sweep", "--strategy", "gil"]);
        command.arg("--no-plot").env("GILCTL_SERVER", url);
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"] {
            command.env_remove(variable);
        }
        command.env("TERM", "xterm").env("LC_ALL", locale);
        let gilctl = command.stdin(descriptor()).stdout(descriptor()).stderr(descriptor()).spawn();
        let screen = File::from(master);
        let keyboard = screen.try_clone().expect("a descriptor");
        let gilctl = gilctl.expect("gilctl runs");
        let (side, shown) = (descriptor(), Vec::new());
        Self { _runtime: runtime, screen, keyboard, side, gilctl, shown }
    }

    /// Reads until a text was shown after that place; everything from there on.
    fn read_until(&mut self, text: &str, from: usize) -> String {
        loop {
            let shown = String::from_utf8_lossy(&self.shown[from..]).into_owned();
            if shown.contains(text) {
                return shown;
            }
            let mut part = [0; 4096];
            let length = self.screen.read(&mut part).unwrap_or(0);
            assert!(length > 0, "{text:?} is not in {shown}");
            self.shown.extend(&part[..length]);
        }
    }

    fn resize(&self, columns: u16) {
        let mut stty = Command::new("stty");
        stty.args(["cols", &columns.to_string()]);
        let status = stty.stdin(self.side.try_clone().expect("a descriptor")).status();
        assert!(status.expect("stty runs").success());
    }

    /// Types Ctrl-C and reads to the end: what was shown from that place on, and the exit code.
    fn interrupt(mut self, from: usize) -> (String, Option<i32>) {
        self.keyboard.write_all(&[3]).expect("it is typed");
        drop(self.side);
        // Linux says that the other side is gone by an error.
        let _ = self.screen.read_to_end(&mut self.shown);
        let shown = String::from_utf8_lossy(&self.shown[from..]).into_owned();
        (shown, self.gilctl.wait().expect("it ends").code())
    }
}

/// The lines without the codes that paint and move.
fn lines(shown: &str) -> Vec<String> {
    let plain = strip_str(shown).to_string();
    plain.split(['\n', '\r']).map(str::to_owned).collect()
}

/// The rows of a terminal of so many columns that the lines fill: the board is written without line
/// breaks, each of its lines filled up with spaces.
fn rows(shown: &str, columns: u16) -> Vec<String> {
    let row = |letters: &[char]| letters.iter().collect::<String>().trim_end().to_owned();
    let of = |line: String| -> Vec<String> {
        line.chars().collect::<Vec<_>>().chunks(columns.into()).map(row).collect()
    };
    lines(shown).into_iter().flat_map(of).collect()
}

/// What was printed after the board was removed.
fn after_board(shown: &str) -> &str {
    shown.rsplit("\u{1b}[2K").next().unwrap_or_default()
}

#[test]
fn board_of_a_resized_terminal_is_redrawn_whole_and_no_wider() {
    let mut terminal = Terminal::sweep("C.UTF-8");
    let first = terminal.read_until("RUNNING", 0);
    assert!(rows(&first, WIDE).iter().any(|row| row.width() > NARROW.into()), "{first}");
    let from = terminal.shown.len();
    terminal.resize(NARROW);
    let redrawn = rows(&terminal.read_until("RUNNING", from), NARROW);
    let at = redrawn.iter().position(|row| row.starts_with("sweep 4abcde")).expect("the board");
    let starts = ["sweep 4abcde", "2 workers", "Example CPU 3000", "", "STRATEGY"];
    for (row, start) in redrawn[at..].iter().zip(starts) {
        assert!(row.starts_with(start), "{start:?}: {redrawn:#?}");
    }
    let end = redrawn[at..].iter().position(|row| row.starts_with("RUNNING")).expect("the counts");
    let gils = redrawn[at..at + end].iter().filter(|row| row.starts_with("gil ")).count();
    assert_eq!(gils, 6, "{redrawn:#?}");
    let (shown, code) = terminal.interrupt(from);
    assert_eq!(code, Some(7), "{shown}");
    let wide = lines(after_board(&shown)).into_iter().find(|line| line.width() > NARROW.into());
    assert_eq!(wide, None, "{shown}");
}

#[test]
fn table_after_ctrl_c_is_whole() {
    let mut terminal = Terminal::sweep("C.UTF-8");
    terminal.read_until("RUNNING", 0);
    let from = terminal.shown.len();
    let (shown, code) = terminal.interrupt(from);
    assert_eq!(code, Some(7), "{shown}");
    let said = shown.find("cancelling; Ctrl-C again").expect("it is said");
    let after = lines(&shown[said..]);
    let table = after.iter().rposition(|line| line.starts_with("STRATEGY")).expect("a table");
    let rows = after[table..].iter().filter(|line| line.starts_with("gil ")).count();
    assert_eq!(rows, 6, "{shown}");
}

#[test]
fn board_where_the_locale_is_not_utf8_is_ascii() {
    let mut terminal = Terminal::sweep("C");
    terminal.read_until("RUNNING", 0);
    let (shown, code) = terminal.interrupt(0);
    assert_eq!(code, Some(7), "{shown}");
    assert!(shown.is_ascii(), "{shown}");
}
