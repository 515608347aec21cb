//! Layers of settings below the command line: the environment and the config file, as text per key
//! with its origin. Parses no value.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use clap::Arg;

use crate::daemon::settings::file;
use crate::daemon::settings::file::{Entry, Written};
use crate::daemon::settings::origin::{CONFIG, Origin, SettingsError, Takes, key_of};
use view::suggest::{self, SIMILARITY_MIN};

/// Prefix of the variables.
const PREFIX: &str = "GILD_";
/// Prefix of the variables that only debug builds read.
const DEBUGGING: &str = "GILD_DEBUG_";

/// Value of a key in a layer.
#[derive(Debug, Clone)]
pub struct LayerValue {
    /// As they were written.
    pub values: Vec<String>,
    /// Where.
    pub origin: Origin,
}

/// Values by key.
pub type Layer = BTreeMap<String, LayerValue>;

/// The variable of a key: `GILD_LOG_FORMAT` of `log-format`.
pub(crate) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('-', "_"))
}

/// The layer of a config file; an unknown key or a wrong type is an error, which names the command that
/// prints `all` keys.
///
/// # Errors
///
/// The error names the file, the line, the key and the way out.
pub fn of_file(path: &Path, keys: &[Arg], all: &'static str) -> Result<Layer, SettingsError> {
    let given = file::read(path)?.into_iter().map(|Entry { key, line, written }| {
        let origin = Origin::File { path: path.to_owned(), line };
        let Some(arg) = keys.iter().find(|arg| key_of(arg) == key) else {
            let nearest = nearest(&key, keys, SIMILARITY_MIN);
            return Err(SettingsError::UnknownKey { at: origin, key, nearest, all });
        };
        match values(&key, written, Takes::of(arg)) {
            Ok(values) => Ok((key, LayerValue { values, origin })),
            Err(problem) => Err(SettingsError::Value { at: origin, problem }),
        }
    });
    given.collect()
}

/// The values of a key, or the problem with them.
fn values(key: &str, written: Written, takes: Takes) -> Result<Vec<String>, String> {
    let wanted = match takes {
        Takes::One => "one value in quotes",
        Takes::Switch => "true or false",
        Takes::Many => "a list of values in quotes, e.g. [\"one\", \"two\"]",
    };
    let refused = |found: &str| Err(format!("{key}: {found} is refused; write {wanted}"));
    match (takes, written) {
        (Takes::One | Takes::Many, Written::One(value)) => Ok(vec![value]),
        (Takes::Many, Written::Many(values)) => Ok(values),
        (Takes::Switch, Written::Switch(switch)) => Ok(vec![switch.to_string()]),
        (_, Written::Other(found)) => refused(found),
        (_, Written::One(value)) => refused(&format!("`{value}`")),
        (_, Written::Switch(switch)) => refused(&format!("`{switch}`")),
        (_, Written::Many(_)) => refused("a list"),
    }
}

fn nearest(key: &str, keys: &[Arg], least: f64) -> Option<String> {
    suggest::nearest(key, keys.iter().map(key_of), least).map(str::to_owned)
}

/// Variables whose names resemble that of a key, with that key's variable. Other variables with the
/// prefix are ignored, because orchestrators define their own, e.g. `GILD_PORT`.
pub(crate) fn misspelt(names: impl Iterator<Item = String>, keys: &[Arg]) -> Vec<(String, String)> {
    const ALIKE: f64 = 0.85;
    let ours = |name: &str| name == variable_of(CONFIG) || name.starts_with(DEBUGGING);
    let misspelt = names.filter(|name| !ours(name)).filter_map(|name| {
        let key = name.strip_prefix(PREFIX)?.to_lowercase().replace('_', "-");
        let known = variable_of(&nearest(&key, keys, ALIKE)?);
        (known != name).then_some((name, known))
    });
    misspelt.collect()
}

/// The layer of the environment.
pub(crate) fn of_environment(
    keys: &[Arg],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Layer, SettingsError> {
    let mut given = Layer::new();
    for arg in keys {
        let name = variable_of(key_of(arg));
        // The customary variable applies if ours is not set.
        let customary = (key_of(arg) == "log").then(|| "RUST_LOG".to_owned());
        let found = [Some(name), customary].into_iter().flatten().find_map(|name| {
            let value = variable(&name).filter(|value| !value.is_empty())?;
            Some((name, value))
        });
        let Some((name, value)) = found else { continue };
        let origin = Origin::Environment(name);
        let Ok(text) = value.into_string() else {
            let problem = format!("{}: is not valid UTF-8", key_of(arg));
            return Err(SettingsError::Value { at: origin, problem });
        };
        let values = match Takes::of(arg) {
            Takes::One | Takes::Switch => vec![text],
            Takes::Many => text.split(':').map(str::to_owned).collect(),
        };
        given.insert(key_of(arg).to_owned(), LayerValue { values, origin });
    }
    Ok(given)
}
