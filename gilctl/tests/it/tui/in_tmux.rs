//! Shell in a window of tmux, in which gilctl has a terminal of any size, and what its user sees there.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::outside_program::required;
use crate::real_lab::end_to_end::{Server, run};

/// Longest wait for a screen; it is there at once on an idle machine.
const DEADLINE: Duration = Duration::from_mins(1);
/// Time between two looks at the screen.
const POLL: Duration = Duration::from_millis(50);
/// What the shell writes when it waits for a command.
pub(crate) const PROMPT: &str = "ready$";
/// A bar below the window would take a row of it.
const SETTINGS: &str = "set -g status off\n";
/// What decides colours, characters and messages, and where the lab is.
const VARIABLES: [&str; 9] = [
    "RUST_BACKTRACE",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "GILCTL_SERVER",
    "GILCTL_CONFIG",
    "TMUX",
    "LC_CTYPE",
    "LANG",
];
/// Many turns of half a second: fifty attempts of 10 ms each.
const LONG: [&str; 13] = [
    "sweep",
    "--strategy",
    "atomic",
    "--tasks",
    "2",
    "--outside",
    "10ms",
    "--task-steps",
    "0..=19",
    "--attempts",
    "1000",
    "--detach",
    "--server",
];

/// A shell with job control in a window of its own tmux; dropping it ends both.
pub(crate) struct Window {
    directory: TempDir,
}

impl Window {
    /// A window of so many columns and rows, whose gilctl talks to the lab at `server`. `None` where tmux
    /// is missing, and the test is skipped.
    pub(crate) fn open((columns, rows): (u16, u16), server: &str) -> Option<Self> {
        let found = Command::new("tmux").arg("-V").stdout(Stdio::null()).status();
        required(found.is_ok_and(|it| it.success()).then_some(()), "tmux is not installed")?;
        let window = Self { directory: tempfile::tempdir().expect("a directory") };
        std::fs::write(window.file("settings"), SETTINGS).expect("written");
        let settings = window.file("settings").display().to_string();
        let mut tmux = window.tmux(&["-f", &settings, "new-session", "-d"]);
        for variable in VARIABLES {
            tmux.env_remove(variable);
        }
        tmux.env("LC_ALL", "C.UTF-8").env("PS1", format!("{PROMPT} ")).env("HISTFILE", "");
        tmux.env("GILCTL_SERVER", server).env("XDG_RUNTIME_DIR", window.directory.path());
        tmux.args(["-x", &columns.to_string(), "-y", &rows.to_string()]);
        let output = tmux.args(["bash", "--norc", "--noprofile", "-i"]).output();
        assert!(output.as_ref().is_ok_and(|it| it.status.success()), "{output:?}");
        window.until("a prompt", |screen| screen.last_line().starts_with(PROMPT));
        Some(window)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn tmux(&self, arguments: &[&str]) -> Command {
        let mut tmux = Command::new("tmux");
        tmux.arg("-S").arg(self.file("tmux.sock")).args(arguments);
        tmux
    }

    #[track_caller]
    fn asked(&self, arguments: &[&str]) -> String {
        let output = self.tmux(arguments).output().expect("tmux runs");
        let Output { status, stdout, stderr } = output;
        assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).expect("text")
    }

    /// Types a command and Enter.
    pub(crate) fn command(&self, line: &str) {
        self.asked(&["send-keys", "-l", line]);
        self.press("Enter");
    }

    /// Runs gilctl with these arguments.
    pub(crate) fn gilctl(&self, arguments: &str) {
        self.command(&format!("clear; {} {arguments}", env!("CARGO_BIN_EXE_gilctl")));
    }

    /// Sends a signal to the shell's only child, from outside of the terminal.
    pub(crate) fn signal(&self, signal: Signal) {
        let shell = self.asked(&["display-message", "-p", "#{pane_pid}"]).trim().to_owned();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
        let child = children.expect("a shell").trim().parse().expect("one child");
        kill(Pid::from_raw(child), signal).expect("it is there");
    }

    /// Presses a key by the name that tmux has for it.
    pub(crate) fn press(&self, key: &str) {
        self.asked(&["send-keys", key]);
    }

    /// Gives the window another size.
    pub(crate) fn resize(&self, (columns, rows): (u16, u16)) {
        let [columns, rows] = [columns, rows].map(|it| it.to_string());
        self.asked(&["resize-window", "-x", &columns, "-y", &rows]);
    }

    pub(crate) fn seen(&self) -> Seen {
        Seen(self.asked(&["capture-pane", "-p"]).lines().map(str::to_owned).collect())
    }

    /// Waits until the screen is so.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, is_so: impl Fn(&Seen) -> bool) -> Seen {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let seen = self.seen();
            if is_so(&seen) {
                return seen;
            }
            assert!(Instant::now() < deadline, "{what} did not come:\n{}", seen.0.join("\n"));
            std::thread::sleep(POLL);
        }
    }

    /// Checks that the shell has its terminal back: lines are edited, typed letters are echoed, the cursor
    /// is seen, and the alternate screen is left.
    #[track_caller]
    pub(crate) fn is_clean(&self) {
        self.until("a prompt", |screen| screen.last_line().starts_with(PROMPT));
        let flags = self.asked(&["display-message", "-p", "#{cursor_flag} #{alternate_on}"]);
        assert_eq!(flags.trim(), "1 0", "cursor and alternate screen");
        self.command("clear; stty -a");
        let seen = self.until("modes", |screen| {
            screen.has("cmin") || screen.has("min = 1") || screen.has("-extproc")
        });
        let text = seen.0.join(" ");
        let modes: Vec<&str> = text.split_whitespace().map(|it| it.trim_matches(';')).collect();
        for mode in ["icanon", "echo", "isig", "opost", "icrnl"] {
            assert!(modes.contains(&mode), "{mode} is off: {text}");
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]).output();
    }
}

/// The lines of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen(pub(crate) Vec<String>);

impl Seen {
    /// Whether some line holds this text.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.0.iter().any(|line| line.contains(text))
    }

    /// The last line that is not empty.
    pub(crate) fn last_line(&self) -> &str {
        self.0.iter().rev().find(|line| !line.trim().is_empty()).map_or("", String::as_str)
    }

    /// The attempts that the followed sweep has, as its first sentence says.
    pub(crate) fn attempts(&self) -> Option<u64> {
        let line = self.0.iter().find_map(|line| line.strip_prefix("RUNNING: "))?;
        line.split(' ').next()?.parse().ok()
    }
}

/// Starts a long sweep; its short id.
pub(crate) fn long_sweep(server: &Server) -> String {
    let output = run(&[&LONG[..], &[&server.unix()]].concat());
    let id = String::from_utf8(output.stdout).expect("an id");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let id = id.trim();
    id[id.len() - 6..].to_owned()
}
