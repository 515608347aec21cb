//! Reload of settings while the daemon runs, all or nothing: each hook first prepares its changes, and
//! they are applied only if no hook rejects the settings.

use std::ffi::OsString;
use std::fmt;

use crate::daemon::cli::Settings;
use crate::daemon::settings::load::{Effective, LoadedSettings, load};
use crate::daemon::settings::origin::SettingsError;
use crate::server::auth::credentials::Credentials;

/// A prepared change, which cannot fail.
pub struct Change {
    /// Description for the log, e.g. `log: info -> debug`.
    pub what: String,
    /// Applies it.
    pub make: Box<dyn FnOnce() + Send>,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Change").field(&self.what).finish()
    }
}

/// A hook that applies new settings.
pub trait Reload: Send + Sync {
    /// The keys that it applies; all others need a restart.
    fn keys(&self) -> &'static [&'static str];
    /// Prepares the changes of new settings, and of new contents of the files that they name. Changes
    /// nothing yet. The error names the key.
    fn prepare(&self, settings: &Settings) -> Result<Vec<Change>, String>;
}

impl Reload for Credentials {
    fn keys(&self) -> &'static [&'static str] {
        &[]
    }

    fn prepare(&self, _settings: &Settings) -> Result<Vec<Change>, String> {
        let Some(reread) = self.reread().map_err(|error| error.to_string())? else {
            return Ok(Vec::new());
        };
        let files: Vec<_> = reread.files().iter().map(|file| file.display().to_string()).collect();
        let what = format!("read again: {}", files.join(", "));
        Ok(vec![Change { what, make: Box::new(move || reread.apply()) }])
    }
}

/// Error of a reload, which changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The sources are rejected.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A hook rejects the new settings.
    #[error("{0}")]
    Refused(String),
}

/// Result of a reload.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reloaded {
    /// What changed.
    pub changed: Vec<String>,
    /// Keys whose new values apply after a restart only.
    pub needs_restart: Vec<String>,
}

/// Reloads all sources on request.
pub struct Reloader {
    arguments: Vec<OsString>,
    /// The settings at the start.
    started: Vec<Effective>,
    hooks: Vec<Box<dyn Reload>>,
}

impl Reloader {
    /// A reloader of the settings of these arguments.
    pub fn new(
        arguments: Vec<OsString>,
        loaded: &LoadedSettings,
        hooks: Vec<Box<dyn Reload>>,
    ) -> Self {
        Self { arguments, started: loaded.effective.clone(), hooks }
    }

    /// Adds a hook.
    pub fn add(&mut self, hook: Box<dyn Reload>) {
        self.hooks.push(hook);
    }

    /// Reads all sources again and applies what can be applied.
    pub fn reload(&self) -> Result<Reloaded, ReloadError> {
        let new = load(&self.arguments, |name| std::env::var_os(name))?;
        let prepared: Result<Vec<_>, _> =
            self.hooks.iter().map(|hook| hook.prepare(&new.settings)).collect();
        let changes = prepared.map_err(ReloadError::Refused)?.into_iter().flatten();
        let mut reloaded = Reloaded { needs_restart: self.fixed(&new), ..Reloaded::default() };
        for Change { what, make } in changes {
            make();
            reloaded.changed.push(what);
        }
        Ok(reloaded)
    }

    /// Keys that no hook applies and that were other at the start.
    fn fixed(&self, new: &LoadedSettings) -> Vec<String> {
        let applied: Vec<_> = self.hooks.iter().flat_map(|hook| hook.keys()).collect();
        let was = |key: &str| self.started.iter().find(|old| old.key == key).map(|old| &old.values);
        let is_other = |now: &&Effective| was(&now.key) != Some(&now.values);
        let others = new.effective.iter().filter(is_other).map(|now| now.key.clone());
        others.filter(|key| !applied.contains(&&key.as_str())).collect()
    }
}

impl fmt::Debug for Reloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloader").field("arguments", &self.arguments).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts what it applies, and refuses a log filter of `off`.
    #[derive(Clone, Default)]
    struct Hook(Arc<AtomicUsize>);

    impl Reload for Hook {
        fn keys(&self) -> &'static [&'static str] {
            &["log"]
        }

        fn prepare(&self, settings: &Settings) -> Result<Vec<Change>, String> {
            if settings.log.to_string() == "off" {
                return Err("log: off is too quiet".into());
            }
            let applied = Arc::clone(&self.0);
            let make = move || {
                applied.fetch_add(1, Ordering::Relaxed);
            };
            Ok(vec![Change { what: format!("log: {}", settings.log), make: Box::new(make) }])
        }
    }

    struct Fixture {
        _directory: tempfile::TempDir,
        file: std::path::PathBuf,
        reloader: Reloader,
        applied: Arc<AtomicUsize>,
    }

    impl Fixture {
        fn start() -> Self {
            let directory = tempfile::tempdir().expect("a directory");
            let file = directory.path().join("gild.toml");
            std::fs::write(&file, "drain-timeout = \"2s\"\n").expect("ours");
            let arguments: Vec<OsString> =
                vec!["gild".into(), "serve".into(), "--config".into(), file.clone().into()];
            let loaded = load(&arguments, |_| None).expect("it is fine");
            let (hook, quiet) = (Hook::default(), Hook::default());
            let applied = Arc::clone(&hook.0);
            let hooks: Vec<Box<dyn Reload>> = vec![Box::new(hook), Box::new(quiet)];
            let reloader = Reloader::new(arguments, &loaded, hooks);
            Self { _directory: directory, file, reloader, applied }
        }

        fn reload(&self, text: &str) -> Result<Reloaded, ReloadError> {
            std::fs::write(&self.file, text).expect("ours");
            self.reloader.reload()
        }

        fn applied(&self) -> usize {
            self.applied.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn change_without_hook_needs_restart() {
        let fixture = Fixture::start();
        let text = "log = \"warn\"\ndrain-timeout = \"3s\"\n";
        let reloaded = fixture.reload(text).expect("it is fine");
        assert_eq!(reloaded.changed, ["log: warn", "log: warn"]);
        assert_eq!(reloaded.needs_restart, ["drain-timeout"]);
        assert_eq!(fixture.applied(), 1);
    }

    #[test]
    fn rejected_reload_applies_nothing() {
        let fixture = Fixture::start();
        for (text, wanted) in [
            ("log = \"off\"", "log: off is too quiet"),
            ("lag = \"warn\"", "lag: there is no such key"),
            ("drain-timeout = \"1h\"", "1h` is outside the limits"),
        ] {
            let error = fixture.reload(text).expect_err("it is refused").to_string();
            assert!(error.contains(wanted), "{error}");
        }
        assert_eq!(fixture.applied(), 0);
    }
}
