//! What the environment and the config file say, as text for each key. Knows where it stands, not
//! what it means.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use clap::Arg;

use crate::daemon::settings::file;
use crate::daemon::settings::file::{Entry, Written};
use crate::daemon::settings::origin::{CONFIG, Origin, SettingsError, Takes, key_of};

/// How a variable's name begins.
const PREFIX: &str = "GILD_";
/// How those begin that only debug builds read.
const DEBUGGING: &str = "GILD_DEBUG_";

/// What somebody but the command line says about a key.
#[derive(Debug, Clone)]
pub(crate) struct LayerValue {
    pub(crate) values: Vec<String>,
    pub(crate) origin: Origin,
}

/// By key.
pub(crate) type Layer = BTreeMap<String, LayerValue>;

/// The variable of a key: `GILD_LOG_FORMAT` of `log-format`.
pub(crate) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('-', "_"))
}

/// What the file says; an unknown key or a wrong type is refused.
pub(crate) fn of_file(path: &Path, keys: &[Arg]) -> Result<Layer, SettingsError> {
    let given = file::read(path)?.into_iter().map(|Entry { key, line, written }| {
        let origin = Origin::File { path: path.to_owned(), line };
        let Some(arg) = keys.iter().find(|arg| key_of(arg) == key) else {
            let nearest = nearest(&key, keys);
            return Err(SettingsError::UnknownKey { at: origin, key, nearest });
        };
        match values(&key, written, Takes::of(arg)) {
            Ok(values) => Ok((key, LayerValue { values, origin })),
            Err(problem) => Err(SettingsError::Value { at: origin, problem }),
        }
    });
    given.collect()
}

/// The values of a key that takes so many; or what is wrong with them.
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

fn nearest(key: &str, keys: &[Arg]) -> Option<String> {
    nearest_by(key, keys, 0.7)
}

/// The key that is spelled most alike, if it is so much alike, from 0 to 1.
fn nearest_by(key: &str, keys: &[Arg], least: f64) -> Option<String> {
    let alike = |known: &str| strsim::jaro_winkler(key, known);
    let known = keys.iter().map(key_of).filter(|known| alike(known) >= least);
    known.max_by(|a, b| alike(a).total_cmp(&alike(b))).map(str::to_owned)
}

/// Variables that are almost those of a key, and which ones those are. Others may begin alike and
/// be none of ours: an orchestrator sets `GILD_PORT` for a service of that name.
pub(crate) fn misspelt(names: impl Iterator<Item = String>, keys: &[Arg]) -> Vec<(String, String)> {
    const ALIKE: f64 = 0.85;
    let ours = |name: &str| name == variable_of(CONFIG) || name.starts_with(DEBUGGING);
    let misspelt = names.filter(|name| !ours(name)).filter_map(|name| {
        let key = name.strip_prefix(PREFIX)?.to_lowercase().replace('_', "-");
        let known = variable_of(&nearest_by(&key, keys, ALIKE)?);
        (known != name).then_some((name, known))
    });
    misspelt.collect()
}

/// What the environment says.
pub(crate) fn of_environment(
    keys: &[Arg],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Layer, SettingsError> {
    let mut given = Layer::new();
    for arg in keys {
        let name = variable_of(key_of(arg));
        // The variable that everybody knows; ours wins.
        let known = (key_of(arg) == "log").then(|| "RUST_LOG".to_owned());
        let said = [Some(name), known].into_iter().flatten().find_map(|name| {
            let value = variable(&name).filter(|value| !value.is_empty())?;
            Some((name, value))
        });
        let Some((name, value)) = said else { continue };
        let origin = Origin::Environment(name);
        let Ok(text) = value.into_string() else {
            let problem = format!("{}: is no text; write it in UTF-8", key_of(arg));
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
