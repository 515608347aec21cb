//! Terminal: taken in raw mode with its alternate screen, and given back as it was, also by an error, a
//! panic and a suspension.

use std::io::{self, IsTerminal as _, Stdout, stdin, stdout};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::style::force_color_output;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;

use view::render::format::color::Color;

/// Whether the terminal is in raw mode now. One for the process, as the terminal is: a panic of any thread
/// gives it back.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The terminal of stdin and stdout; dropping it gives the terminal back.
#[derive(Debug)]
pub struct LiveTerminal {
    backend: CrosstermBackend<Stdout>,
    /// What it shows; unknown after a stop.
    drawn: Option<Buffer>,
}

/// Why the terminal cannot be taken, in words; `None` if it can.
pub fn unusable() -> Option<&'static str> {
    // It cannot move its cursor.
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    match (stdin().is_terminal(), stdout().is_terminal(), is_dumb) {
        (_, false, _) => Some("stdout is not one"),
        (false, true, _) => Some("stdin is not one"),
        (true, true, true) => Some("TERM=dumb cannot draw"),
        (true, true, false) => None,
    }
}

impl LiveTerminal {
    /// Takes the terminal.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be put into raw mode or written to; then it is as it was.
    pub fn take(color: Color) -> io::Result<Self> {
        HOOK.call_once(restore_before_panics);
        // The colours were chosen by --color, NO_COLOR and the terminal together.
        force_color_output(color == Color::Ansi);
        enter().inspect_err(|_| give_back())?;
        Ok(Self { backend: CrosstermBackend::new(stdout()), drawn: None })
    }

    /// Draws a screen that `fill` makes for the columns and rows that the terminal has now: what differs
    /// from the last one, or all of it if there is none of this size.
    ///
    /// # Errors
    ///
    /// Fails if the terminal cannot be written to.
    pub fn draw(&mut self, fill: impl FnOnce((u16, u16)) -> Buffer) -> io::Result<()> {
        let size = self.backend.size()?;
        let buffer = fill((size.width, size.height));
        let last = self.drawn.take().filter(|drawn| drawn.area == buffer.area);
        if last.is_none() {
            self.backend.clear()?;
        }
        let drawn = last.unwrap_or_else(|| Buffer::empty(buffer.area));
        self.backend.draw(drawn.diff(&buffer).into_iter())?;
        Backend::flush(&mut self.backend)?;
        self.drawn = Some(buffer);
        Ok(())
    }

    /// Gives the terminal back and stops the process group as Ctrl-Z of a shell's job does. Where no shell
    /// could continue it, the system does not stop it.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        kill(Pid::from_raw(0), Signal::SIGTSTP).map_err(io::Error::from)
    }

    /// Takes the terminal again after a stop, in which the shell may have changed it, and forgets what was
    /// drawn.
    pub fn take_again(&mut self) -> io::Result<()> {
        give_back();
        self.drawn = None;
        enter()
    }
}

impl Drop for LiveTerminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    IS_TAKEN.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen, Hide)
}

/// Leaves the alternate screen and raw mode, and shows the cursor. An error means that the terminal is gone.
fn give_back() {
    if IS_TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

fn restore_before_panics() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        give_back();
        report(what);
    }));
}
