//! Value types of settings, checked when they are parsed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use strategies::program::limit::LimitError;
use tracing_subscriber::filter::Targets;

use crate::limits::{DRAIN_TIMEOUT, DRAIN_TIMEOUT_MAX, DRAIN_TIMEOUT_MIN};

/// Format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// Text.
    Text,
    /// One JSON document per line.
    Json,
}

/// Filter of the log: a level, or target=level, with commas between, as [`Targets`] reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".into())
    }
}

impl LogFilter {
    /// The filter.
    pub fn filter(&self) -> Targets {
        // The text was accepted by the same parser when it was set.
        self.0.parse().unwrap_or_default()
    }
}

impl FromStr for LogFilter {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let refused = |reason: String| LimitError {
            field: "log",
            value: format!("`{text}`"),
            reason,
            way_out: "name a level (error, warn, info, debug, trace, off) or target=level, with \
                      commas between"
                .into(),
        };
        match text.parse::<Targets>() {
            _ if text.trim().is_empty() => Err(refused("is empty".into())),
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(refused(format!("is not a log filter: {error}"))),
        }
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Longest time that a stop may take, from [`DRAIN_TIMEOUT_MIN`] to [`DRAIN_TIMEOUT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainTimeout(Duration);

impl Default for DrainTimeout {
    fn default() -> Self {
        Self(DRAIN_TIMEOUT)
    }
}

impl DrainTimeout {
    /// The time.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl FromStr for DrainTimeout {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let way_out = format!(
            "choose a time from {} to {}",
            Self(DRAIN_TIMEOUT_MIN),
            Self(DRAIN_TIMEOUT_MAX)
        );
        let refused = |reason: String| LimitError {
            field: "drain-timeout",
            value: format!("`{text}`"),
            reason,
            way_out: way_out.clone().into(),
        };
        let time = humantime::parse_duration(text)
            .map_err(|error| refused(format!("is not a time with a unit: {error}")))?;
        if (DRAIN_TIMEOUT_MIN..=DRAIN_TIMEOUT_MAX).contains(&time) {
            Ok(Self(time))
        } else {
            Err(refused("is outside the limits".into()))
        }
    }
}

impl fmt::Display for DrainTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.as_secs(), self.0.subsec_millis()) {
            (seconds, 0) => write!(f, "{seconds}s"),
            _ => write!(f, "{}ms", self.0.as_millis()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drain_timeout_has_limits_and_a_unit() {
        let read = |text: &str| text.parse::<DrainTimeout>().map(DrainTimeout::get);
        assert_eq!(read("1500ms"), Ok(Duration::from_millis(1500)));
        assert_eq!(read(&DrainTimeout::default().to_string()), Ok(DRAIN_TIMEOUT));
        for refused in ["10ms", "1h"] {
            let error = read(refused).expect_err("outside").to_string();
            assert_eq!(
                error,
                format!(
                    "drain-timeout: `{refused}` is outside the limits; choose a time from 500ms \
                     to 90s"
                )
            );
        }
        let error = read("7").expect_err("seven what?").to_string();
        assert!(error.starts_with("drain-timeout: `7` is not a time with a unit"), "{error}");
    }

    #[test]
    fn invalid_log_filter_is_rejected() {
        for fine in ["info", "warn,gild=debug", "engine::jobs::scheduler=trace", "off"] {
            assert_eq!(fine.parse::<LogFilter>().expect(fine).to_string(), fine);
        }
        for (refused, because) in [("gild=loud", "is not a log filter"), ("", "is empty")] {
            let error = refused.parse::<LogFilter>().expect_err(refused).to_string();
            assert!(error.contains(because) && error.contains("name a level"), "{error}");
        }
    }
}
