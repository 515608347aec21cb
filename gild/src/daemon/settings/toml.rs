//! TOML of the settings, as `check-config` prints it: a config file with equal values and the origin of
//! each line.

use crate::daemon::settings::load::{Effective, LoadedSettings};
use crate::daemon::settings::origin::Takes;

/// The settings as TOML; a key that is not set is a comment.
pub fn to_toml(loaded: &LoadedSettings) -> String {
    let file = match &loaded.file {
        Some(path) => format!("# config file: {}\n", path.display()),
        None => "# config file: none\n".to_owned(),
    };
    let lines: Vec<_> = loaded.effective.iter().map(line).collect();
    let width = lines.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0);
    lines
        .into_iter()
        .fold(file, |page, (text, origin)| page + &format!("{text:width$}  # {origin}\n"))
}

fn line(effective: &Effective) -> (String, String) {
    let Effective { key, values, takes, origin } = effective;
    let text = match (takes, values.as_slice()) {
        (Takes::One, []) => format!("# {key}: not set"),
        (Takes::One, [value, ..]) => format!("{key} = {}", quoted(value)),
        (Takes::Switch, values) => format!("{key} = {}", values.concat()),
        (Takes::Many, values) => {
            let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
            format!("{key} = [{}]", values.join(", "))
        }
    };
    (text, origin.to_string())
}

/// A TOML string: TOML accepts all escapes of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
