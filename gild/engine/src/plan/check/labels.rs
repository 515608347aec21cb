//! Check of a sweep's labels: how many, how long, and of which characters.

use strategies::program::limit::LimitError;

use crate::limits::{LABEL_CHARS_MAX, LABELS_MAX};

/// What a label may hold beside letters and digits.
const SIGNS: &str = " ._-+:/=#";
const WAY_OUT: &str = "choose letters and digits, spaces between them, underscores and any of \
                       . - + : / = #, beginning with a letter or digit";

/// Refuses labels that break a limit.
///
/// # Errors
///
/// The error names the first label that is too long or has another character, or how many there are.
pub fn check(labels: &[String]) -> Result<(), LimitError> {
    let refused = |value: String, reason: String, way_out: &str| {
        Err(LimitError { field: "labels", value, reason, way_out: way_out.into() })
    };
    if labels.len() > LABELS_MAX {
        let reason = format!("are more than the limit of {LABELS_MAX}");
        let way_out = "name fewer, each once";
        return refused(format!("{} labels", labels.len()), reason, way_out);
    }
    for label in labels {
        let shown = format!("`{label}`");
        if let Some(why) = unfit(label) {
            return refused(shown, why, WAY_OUT);
        }
        if label.len() > LABEL_CHARS_MAX {
            let reason = format!(
                "has {} characters, which is beyond the limit of {LABEL_CHARS_MAX}",
                label.len()
            );
            return refused(shown, reason, "shorten it, or make it several labels");
        }
    }
    Ok(())
}

/// Why a label's characters are refused, if they are.
fn unfit(label: &str) -> Option<String> {
    if label.is_empty() {
        return Some("is empty".into());
    }
    let is_fit = |letter: &char| letter.is_ascii_alphanumeric() || SIGNS.contains(*letter);
    if let Some(other) = label.chars().find(|letter| !is_fit(letter)) {
        return Some(format!("has {other:?}, which is not a character of a label"));
    }
    if !label.starts_with(|letter: char| letter.is_ascii_alphanumeric()) {
        return Some("begins with neither a letter nor a digit".into());
    }
    (label.ends_with(' ') || label.contains("  "))
        .then(|| "has a space that is not between two words".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(labels: &[&str]) -> Option<String> {
        let labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
        check(&labels).err().map(|error| error.to_string())
    }

    #[test]
    fn labels_within_their_limits_are_accepted() {
        let longest = "x".repeat(LABEL_CHARS_MAX);
        for labels in [&["before the fix", "v1.2-rc+3", "host:a/b=c #7"][..], &[&longest], &[]] {
            assert_eq!(said(labels), None, "{labels:?}");
        }
        assert_eq!(said(&["a", "b", "c", "d", "e", "f", "g", "h"]), None);
    }

    #[test]
    fn labels_beyond_a_limit_are_refused_by_name() {
        let long = "x".repeat(LABEL_CHARS_MAX + 1);
        for (labels, reason) in [
            (&["a", "b", "c", "d", "e", "f", "g", "h", "i"][..], "labels: 9 labels are more than"),
            (&["a", ""], "labels: `` is empty"),
            (&[&long], "has 33 characters, which is beyond the limit of 32"),
            (&["caf\u{e9}"], "`caf\u{e9}` has '\u{e9}', which is not a character of a label"),
            (&["a,b"], "has ',', which is not"),
            (&["-a"], "`-a` begins with neither"),
            (&["a "], "has a space that is not between two words"),
            (&["a  b"], "has a space that is not between two words"),
        ] {
            let said = said(labels).unwrap_or_default();
            assert!(said.contains(reason), "{labels:?}: {said}");
            assert!(
                said.contains("; choose ") || said.contains("; shorten") || said.contains("; name")
            );
        }
    }
}
