//! Run of the live terminal: keys, events of the lab and the clock in, effects and drawings out.

use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

use crossterm::event::{Event as Input, EventStream as InputStream};
use nix::sys::signal::Signal as SignalNumber;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};
use tokio_stream::StreamExt as _;

use crate::client::lab::Lab;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::clock::now_ns;
use crate::tui::draw::draw;
use crate::tui::draw::look::Look;
use crate::tui::event::{Effect, Event};
use crate::tui::feed::{Requests, connected};
use crate::tui::keys::meaning;
use crate::tui::state::State;
use crate::tui::terminal::LiveTerminal;

/// Least time between two drawings of what the lab sends, because an embedded lab measures on the same
/// cores. Keys are answered at once.
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);
/// Time between two looks at the clock.
const TICK_INTERVAL: Duration = Duration::from_secs(1);
/// Longest wait for the stop after Ctrl-Z: the system does not stop a process that no shell could continue.
const STOP_GRACE: Duration = Duration::from_millis(200);

/// Shows the state until a key or `stop` ends it; the state then. The terminal is given back before it
/// returns.
///
/// # Errors
///
/// Fails if the terminal cannot be taken, read or drawn on.
pub async fn run(
    lab: &Lab,
    state: State,
    look: &Look,
    stop: impl Future<Output = ()>,
) -> Result<State, Failure> {
    let (feed, requests, arriving) = connected();
    let mut show = Show::new(state, look, requests, arriving).map_err(|error| failure(&error))?;
    // Boxed, because it is large for the stack.
    let feeding = Box::pin(feed.run(lab));
    tokio::select! {
        ended = show.go_on() => ended.map_err(|error| failure(&error))?,
        () = feeding => {}
        () = stop => {}
    }
    Ok(show.state)
}

/// The terminal with what is shown on it, and all that changes it.
struct Show<'a> {
    terminal: LiveTerminal,
    state: State,
    look: &'a Look,
    requests: Requests,
    arriving: mpsc::Receiver<Event>,
    keys: InputStream,
    continued: Signal,
    redraws: Interval,
    ticks: Interval,
    is_due: bool,
}

impl<'a> Show<'a> {
    fn new(
        state: State,
        look: &'a Look,
        requests: Requests,
        arriving: mpsc::Receiver<Event>,
    ) -> io::Result<Self> {
        let continued = signal(SignalKind::from_raw(SignalNumber::SIGCONT as i32))?;
        let [redraws, ticks] = [REDRAW_INTERVAL, TICK_INTERVAL].map(|period| {
            let mut interval = interval(period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        });
        let terminal = LiveTerminal::take(look.color)?;
        let keys = InputStream::new();
        let is_due = true;
        Ok(Self {
            terminal,
            state,
            look,
            requests,
            arriving,
            keys,
            continued,
            redraws,
            ticks,
            is_due,
        })
    }

    /// Goes on until a key quits.
    async fn go_on(&mut self) -> io::Result<()> {
        for effect in self.state.begin() {
            self.requests.pass(&effect);
        }
        self.draw()?;
        loop {
            tokio::select! {
                input = self.keys.next() => {
                    let input = input.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
                    if self.input(input).await?.is_break() {
                        return Ok(());
                    }
                    self.draw()?;
                }
                Some(event) = self.arriving.recv() => {
                    if self.apply(event).await?.is_break() {
                        return Ok(());
                    }
                }
                _ = self.ticks.tick() => {
                    if self.apply(Event::Tick { now_ns: now_ns() }).await?.is_break() {
                        return Ok(());
                    }
                }
                Some(()) = self.continued.recv() => {
                    self.terminal.take_again()?;
                    self.draw()?;
                }
                _ = self.redraws.tick(), if self.is_due => self.draw()?,
            }
        }
    }

    async fn input(&mut self, input: Input) -> io::Result<ControlFlow<()>> {
        match input {
            Input::Key(key) => match meaning(key) {
                Some(key) => self.apply(Event::Key(key)).await,
                None => Ok(ControlFlow::Continue(())),
            },
            // The next drawing asks for the size.
            _ => Ok(ControlFlow::Continue(())),
        }
    }

    async fn apply(&mut self, event: Event) -> io::Result<ControlFlow<()>> {
        self.is_due = true;
        for effect in self.state.apply(event) {
            match effect {
                Effect::Quit => return Ok(ControlFlow::Break(())),
                Effect::Suspend => self.suspend().await?,
                effect => self.requests.pass(&effect),
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn suspend(&mut self) -> io::Result<()> {
        self.terminal.suspend()?;
        // Whether it was stopped or not, it goes on.
        let _ = timeout(STOP_GRACE, self.continued.recv()).await;
        self.terminal.take_again()
    }

    fn draw(&mut self) -> io::Result<()> {
        let (state, look) = (&self.state, self.look);
        let mut most = 0;
        self.terminal.draw(|size| {
            let canvas = draw(state, look, size);
            most = canvas.scroll_most;
            canvas.buffer
        })?;
        self.state.apply(Event::Scrollable { most });
        self.is_due = false;
        Ok(())
    }
}

fn failure(error: &io::Error) -> Failure {
    Failure::new(Exit::Unexpected, format!("the terminal: {error}"), "`gilctl list` needs none")
}
