//! Log of the daemon: its filter, its format, and changes of the filter while the daemon runs. Always
//! written to standard error, which the parent process redirects.

use std::io::IsTerminal;

use parking_lot::Mutex;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use crate::daemon::cli::Settings;
use crate::daemon::cli::values::{LogFilter, LogFormat};
use crate::daemon::reload::{Change, Reload};

/// The running log.
#[derive(Debug)]
pub struct Log {
    filter: Handle<Targets, Registry>,
    current: Mutex<LogFilter>,
}

/// Starts the log of this process; may be called once. Colours are for terminals only.
pub fn start(settings: &Settings) -> Log {
    let terminal = std::io::stderr().is_terminal();
    let colourful = terminal && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(colourful);
    let lines = match settings.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Auto if terminal => lines.boxed(),
        LogFormat::Json | LogFormat::Auto => lines.json().with_ansi(false).boxed(),
    };
    let (layer, filter) = reload::Layer::new(settings.log.filter());
    tracing_subscriber::registry().with(layer).with(lines).init();
    Log { filter, current: Mutex::new(settings.log.clone()) }
}

impl Reload for std::sync::Arc<Log> {
    fn keys(&self) -> &'static [&'static str] {
        &["log"]
    }

    fn prepare(&self, settings: &Settings) -> Result<Vec<Change>, String> {
        let current = self.current.lock().clone();
        if current == settings.log {
            return Ok(Vec::new());
        }
        let (log, new) = (Self::clone(self), settings.log.clone());
        let what = format!("log: {current} -> {new}");
        let make = move || {
            // Fails only after the subscriber is gone, and then nothing is logged.
            let _ = log.filter.reload(new.filter());
            *log.current.lock() = new;
        };
        Ok(vec![Change { what, make: Box::new(make) }])
    }
}
