//! Validation of environment and file by the parser of the flag of that name. Each value is parsed by
//! itself, so that an error names its origin.

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use strategies::program::limit::LimitError;

use crate::daemon::settings::layers::{Layer, LayerValue};
use crate::daemon::settings::origin::{SettingsError, Takes};

/// Parses each value with its flag's parser; `help` is the command that says what values there are.
///
/// # Errors
///
/// The error names the origin of the first value that is refused, the value and the way out.
pub fn check(flags: &Command, help: &str, given: &Layer) -> Result<(), SettingsError> {
    for (key, LayerValue { values, origin }) in given {
        let arg = flags.get_arguments().find(|arg| arg.get_long() == Some(key));
        let switch = arg.is_some_and(|arg| Takes::of(arg) == Takes::Switch);
        for value in values {
            let problem = if switch {
                let fine = ["true", "false"].contains(&value.as_str());
                (!fine).then(|| format!("{key}: `{value}` is refused; write true or false"))
            } else {
                let typed = ["gild".to_owned(), format!("--{key}={value}")];
                flags
                    .clone()
                    .try_get_matches_from(typed)
                    .err()
                    .and_then(|e| problem(key, value, help, &e))
            };
            if let Some(problem) = problem {
                return Err(SettingsError::Value { at: origin.clone(), problem });
            }
        }
    }
    Ok(())
}

/// The problem with a value; `None` if only a related flag is missing, which is checked later with all
/// settings.
fn problem(key: &str, value: &str, help: &str, error: &clap::Error) -> Option<String> {
    use std::error::Error as _;
    match error.kind() {
        ErrorKind::MissingRequiredArgument | ErrorKind::ArgumentConflict => None,
        _ => match error.source() {
            Some(limit) if limit.is::<LimitError>() => Some(limit.to_string()),
            Some(reason) => {
                Some(format!("{key}: `{value}` is refused: {reason}; `{help}` says what it takes"))
            }
            None => Some(format!(
                "{key}: `{value}` is refused; {}",
                possible(error).unwrap_or_else(|| format!("`{help}` says what it takes"))
            )),
        },
    }
}

/// The possible values, if they are a list.
fn possible(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::ValidValue)? {
        ContextValue::Strings(all) if !all.is_empty() => {
            Some(format!("choose one of {}", all.join(", ")))
        }
        _ => None,
    }
}
