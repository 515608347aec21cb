//! The log: what is said, how it looks, and how that changes while the daemon runs. Always on
//! standard error: whoever starts the daemon decides where it goes.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::daemon::cli::Settings;
use crate::daemon::cli::values::{LogFilter, LogFormat};
use crate::daemon::reload::{Change, Reload};

/// The log, once it is started.
#[derive(Debug)]
pub struct Log {
    filter: Handle<EnvFilter, Registry>,
    said: Mutex<LogFilter>,
}

/// Starts the log of this process; there is one. Colours are for terminals only.
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
    Log { filter, said: Mutex::new(settings.log.clone()) }
}

impl Reload for std::sync::Arc<Log> {
    fn keys(&self) -> &'static [&'static str] {
        &["log"]
    }

    fn prepare(&self, settings: &Settings) -> Result<Vec<Change>, String> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if said == settings.log {
            return Ok(Vec::new());
        }
        let (log, new) = (Self::clone(self), settings.log.clone());
        let what = format!("log: {said} -> {new}");
        let make = move || {
            // Fails only once the subscriber is gone, and then nobody logs.
            let _ = log.filter.reload(new.filter());
            *log.said.lock().unwrap_or_else(PoisonError::into_inner) = new;
        };
        Ok(vec![Change { what, make: Box::new(make) }])
    }
}
