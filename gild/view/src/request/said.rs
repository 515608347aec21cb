//! Fields of the wire as a user types them: the flag of a field, its values in the unit of the flag, and
//! a daemon's sentence about fields in those terms.

use std::collections::HashMap;

use engine::plan::check::effect::FIELDS;

use crate::ids;
use crate::request::parse::duration::{show, show_nanoseconds};
use crate::request::parse::percent::show_permille;
use crate::request::wire_field::{FLAGLESS, flag_of};

/// Fields of requests other than a sweep's that a sentence may name.
const OTHER_FIELDS: [&str; 3] = ["after_sequence", "keep_duration_ns", "keep_newest"];

/// A limit that a request breaks, as a daemon says it.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The field that breaks it.
    pub field: &'a str,
    /// The sentence, with or without the field before it.
    pub sentence: &'a str,
    /// The value and its limits by themselves; a daemon of an earlier version sends none.
    pub parts: Option<&'a HashMap<String, String>>,
}

impl Said<'_> {
    /// The sentence about the flag that was typed, in the unit that was typed.
    pub fn as_typed(&self) -> String {
        let Self { field, sentence, parts } = *self;
        let said = sentence.strip_prefix(field).and_then(|rest| rest.strip_prefix(": "));
        let said = said.unwrap_or(sentence);
        let part = |name| Some(parts?.get(name)?.as_str());
        // The value is the user's own, and is not to be searched for fields.
        let value = part("value").filter(|value| said.starts_with(value)).unwrap_or_default();
        let mut rest = said[value.len()..].to_owned();
        if let (Some(low), Some(high)) = (part("low"), part("high")) {
            let limits = |low: &str, high: &str| format!("from {low} to {high}");
            let typed = limits(&in_unit(field, low), &in_unit(field, high));
            rest = rest.replacen(&limits(low, high), &typed, 1);
        }
        let words = fields_as_flags(&rest);
        let value = in_unit(field, ids::id(value));
        if FLAGLESS.contains(&field) {
            return format!("{value}{words}");
        }
        format!("{}: {value}{words}", flag_of(field))
    }
}

/// A text with the flag in place of each field that has underscores; other fields are words as well.
pub fn fields_as_flags(text: &str) -> String {
    let is_field = |word: &str| {
        word.contains('_')
            && (OTHER_FIELDS.contains(&word) || FIELDS.iter().any(|row| row.field == word))
    };
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_-/.".contains(letter);
    let mut typed = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (word, end) = match rest.find(|letter| !is_part(letter)) {
            Some(end) => (&rest[..end], end + rest[end..].chars().next().map_or(0, char::len_utf8)),
            None => (rest, rest.len()),
        };
        if is_field(word) {
            typed.push_str(&flag_of(word));
        } else {
            typed.push_str(word);
        }
        typed.push_str(&rest[word.len()..end]);
        rest = &rest[end..];
    }
    typed
}

/// A value of a field that counts in a unit, as it is typed; any other as it is.
fn in_unit(field: &str, value: &str) -> String {
    let typed = value.parse::<u64>().ok().and_then(|number| {
        if field.ends_with("_permille") {
            let percent = show_permille(u32::try_from(number).ok()?);
            return Some(percent.replace(".0%", "%"));
        }
        if field.ends_with("_ns") {
            return Some(show_nanoseconds(number));
        }
        field.ends_with("_ps").then(|| show(number))
    });
    typed.unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(parts: &[(&str, &str)]) -> HashMap<String, String> {
        parts.iter().map(|(name, part)| ((*name).to_owned(), (*part).to_owned())).collect()
    }

    #[test]
    fn limits_are_in_the_unit_of_the_flag() {
        let typed = |field, value: &str, low: &str, high: &str| {
            let sentence = format!(
                "{field}: {value} is outside the limits; choose a value from {low} to {high}"
            );
            let parts = [("value", value), ("low", low), ("high", high)];
            let parts = metadata(&parts);
            Said { field, sentence: &sentence, parts: Some(&parts) }.as_typed()
        };
        assert_eq!(
            typed("precision_permille", "600", "1", "500"),
            "--precision: 60% is outside the limits; choose a value from 0.1% to 50%"
        );
        assert_eq!(
            typed("inside_ns", "2000000000", "0", "1000000000"),
            "--inside: 2 s is outside the limits; choose a value from 0 to 1 s"
        );
        assert_eq!(
            typed("reads_percent", "150", "0", "99"),
            "--reads: 150 is outside the limits; choose a value from 0 to 99"
        );
    }

    #[test]
    fn fields_within_a_sentence_are_flags_and_what_was_typed_stays() {
        let parts = metadata(&[("value", "/a/io_ns")]);
        let said = Said {
            field: "pythons",
            sentence: "pythons: /a/io_ns needs duration_ns, (io_workers) or /duration_ns",
            parts: Some(&parts),
        };
        assert_eq!(
            said.as_typed(),
            "--python: /a/io_ns needs --duration, (--io-workers) or /duration_ns"
        );
        assert_eq!(fields_as_flags("io_ns"), "--io");
        assert_eq!(fields_as_flags("lock_free µ io_every,"), "lock_free µ --io-every,");
    }

    #[test]
    fn names_of_resources_are_ids() {
        let parts = metadata(&[("value", "sweeps/abc")]);
        let sentence = "names: sweeps/abc comes twice; name 2 to 8 sweeps, each once";
        let said = Said { field: "names", sentence, parts: Some(&parts) };
        assert_eq!(said.as_typed(), "abc comes twice; name 2 to 8 sweeps, each once");
    }
}
