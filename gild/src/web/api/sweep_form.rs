//! The flags of `gilctl sweep` as JSON: what a form sends is read as if it had been typed, so that both
//! take the same values and refuse them in the same words.

use clap::{ArgMatches, Args as _, Command as Parser, FromArgMatches as _};
use proto::v1::SweepSpec;
use serde::Deserialize;
use serde_json::{Map, Value};
use view::request::sweep_flags::SweepFlags;
use view::request::sweep_spec;

use crate::web::problem::Problem;

/// Flags that say how gilctl follows a sweep, which a request does not.
const WITHOUT_EFFECT: [&str; 4] = ["detach", "dry-run", "no-plot", "turns"];
/// Most values of one flag.
const VALUES_MAX: usize = 1000;

/// The body of a request for a sweep.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SweepForm {
    /// Values by flag, without its dashes: a text, a number, `true`, or a list of texts and numbers.
    flags: Map<String, Value>,
    /// Plan and check only.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

impl SweepForm {
    /// The request.
    pub(crate) fn spec(&self) -> Result<SweepSpec, Problem> {
        let flags = SweepFlags::from_arg_matches(&self.matches()?);
        let flags = flags.map_err(|error| Problem::invalid(first_line(&error)))?;
        Ok(sweep_spec::spec(&flags)?)
    }

    fn matches(&self) -> Result<ArgMatches, Problem> {
        let command = Parser::new("sweep").no_binary_name(true);
        let command = SweepFlags::augment_args(command).disable_help_flag(true);
        let mut words = Vec::new();
        for (name, value) in &self.flags {
            if WITHOUT_EFFECT.contains(&name.as_str()) {
                let detail = format!("--{name}: changes nothing here; leave it out");
                return Err(Problem::invalid(detail));
            }
            words.extend(typed(name, value)?);
        }
        command.try_get_matches_from(words).map_err(|error| Problem::invalid(first_line(&error)))
    }
}

/// The words that a person would type for a flag.
fn typed(name: &str, value: &Value) -> Result<Vec<String>, Problem> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(format!("--{name}={text}")),
        Value::Number(number) => Ok(format!("--{name}={number}")),
        _ => {
            Err(Problem::invalid(format!("--{name}: {value} is not a text or a number; send one")))
        }
    };
    match value {
        Value::Null | Value::Bool(false) => Ok(Vec::new()),
        Value::Bool(true) => Ok(vec![format!("--{name}")]),
        Value::Array(values) if values.len() > VALUES_MAX => {
            let detail = format!("--{name}: {} values; send at most {VALUES_MAX}", values.len());
            Err(Problem::invalid(detail))
        }
        Value::Array(values) => values.iter().map(one).collect(),
        other => Ok(vec![one(other)?]),
    }
}

/// What clap says, without its usage.
fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines = text.lines().take_while(|line| !line.starts_with("Usage:"));
    let said: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
    said.join(" ").trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(body: &str) -> Result<SweepSpec, Problem> {
        serde_json::from_str::<SweepForm>(body).expect("a form").spec()
    }

    #[test]
    fn form_asks_for_what_the_same_flags_ask_for() {
        let asked = spec(
            r#"{"flags": {"strategy": ["gil,atomic", "unlocked"], "workers": "1..=3", "attempts": 7,
            "switch-interval": "5ms", "allow-starvation": true, "label": ["a b"], "pin": "pack"}}"#,
        );
        let asked = asked.expect("valid");
        assert_eq!(asked.strategies, ["gil", "atomic", "unlocked"]);
        assert_eq!((asked.workers, asked.attempts), (vec![1, 2, 3], Some(7)));
        assert_eq!(asked.switch_interval_ps, [5_000_000_000]);
        assert!(asked.allow_starvation && asked.labels == ["a b"]);
    }

    #[test]
    fn refusals_are_those_of_the_command_line() {
        let refusal = |body: &str| format!("{:?}", spec(body).expect_err("refused"));
        let workers = refusal(r#"{"flags": {"strategy": "gil", "workers": "8..=1"}}"#);
        assert!(workers.contains("--workers"), "{workers}");
        let unknown = refusal(r#"{"flags": {"strategy": "gil", "wrokers": "8"}}"#);
        assert!(unknown.contains("--wrokers") && unknown.contains("--workers"), "{unknown}");
        let missing = refusal(r#"{"flags": {}}"#);
        assert!(missing.contains("--strategy"), "{missing}");
        let idle = refusal(r#"{"flags": {"strategy": "gil", "detach": true}}"#);
        assert!(idle.contains("changes nothing"), "{idle}");
        let nested = refusal(r#"{"flags": {"strategy": {"gil": 1}}}"#);
        assert!(nested.contains("not a text"), "{nested}");
        let help = refusal(r#"{"flags": {"strategy": "gil", "help": true}}"#);
        assert!(help.contains("--help"), "{help}");
    }
}
