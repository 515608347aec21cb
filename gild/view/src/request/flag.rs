//! Flag of a sweep: how typed text becomes a field of the request, and how the field becomes text
//! again. One row names the flag, its kind, and the field on both sides; `F` is the type of the
//! typed flags.

use std::path::{Path, PathBuf};

use proto::v1::SweepSpec;

use crate::request::parse::ValueError;
use crate::request::parse::duration::{nanoseconds, picoseconds, show, show_nanoseconds};
use crate::request::parse::list::{
    durations, names, number, numbers, requests, small_number, small_numbers,
};
use crate::request::parse::percent::{permille, show_permille};

/// The field of the typed flags.
type Typed<F, T> = fn(&F) -> &T;
/// The field of the request.
type Asked<T> = fn(&mut SweepSpec) -> &mut T;

/// A flag, with its two dashes, and its kind.
pub struct Flag<F: 'static>(pub &'static str, pub FlagKind<F>);

/// Text of a flag, and the unit of its field.
pub enum FlagKind<F: 'static> {
    /// Names with commas between them.
    Names(Typed<F, Vec<String>>, Asked<Vec<String>>),
    /// Words, each with the flag before it.
    Words(Typed<F, Vec<String>>, Asked<Vec<String>>),
    /// Paths, each with the flag before it.
    Paths(Typed<F, Vec<PathBuf>>, Asked<Vec<String>>),
    /// Whole numbers of 32 bits, and ranges of them.
    SmallNumbers(Typed<F, Vec<String>>, Asked<Vec<u32>>),
    /// Whole numbers, and ranges of them.
    Numbers(Typed<F, Vec<String>>, Asked<Vec<u64>>),
    /// Durations in nanoseconds.
    Durations(Typed<F, Vec<String>>, Asked<Vec<u64>>),
    /// Durations in picoseconds.
    Intervals(Typed<F, Vec<String>>, Asked<Vec<u64>>),
    /// Durations in nanoseconds, and names of requests in a field of their own.
    Requests(Typed<F, Vec<String>>, Asked<Vec<u64>>, Asked<Vec<String>>),
    /// A whole number.
    Number(Typed<F, Option<String>>, Asked<Option<u64>>),
    /// A whole number of 32 bits.
    SmallNumber(Typed<F, Option<String>>, Asked<Option<u32>>),
    /// A duration in nanoseconds.
    Duration(Typed<F, Option<String>>, Asked<Option<u64>>),
    /// A percentage, in thousandths.
    Percent(Typed<F, Option<String>>, Asked<Option<u32>>),
    /// One of a few names, which the wire numbers; 0 stands for none.
    Choice(fn(&F) -> i32, Asked<i32>, fn(i32) -> Option<String>),
    /// A flag without a value.
    Switch(Typed<F, bool>, Asked<bool>),
}

impl<F> Flag<F> {
    /// Reads what was typed into the request. The error names the flag.
    pub fn read(&self, flags: &F, spec: &mut SweepSpec) -> Result<(), ValueError> {
        let Self(flag, kind) = self;
        match kind {
            FlagKind::Names(typed, asked) => *asked(spec) = names(flag, typed(flags))?,
            FlagKind::Words(typed, asked) => asked(spec).clone_from(typed(flags)),
            FlagKind::Paths(typed, asked) => {
                let paths = typed(flags).iter().map(|path| utf8(flag, path));
                *asked(spec) = paths.collect::<Result<_, _>>()?;
            }
            FlagKind::SmallNumbers(typed, asked) => {
                *asked(spec) = small_numbers(flag, typed(flags))?;
            }
            FlagKind::Numbers(typed, asked) => {
                *asked(spec) = numbers(flag, typed(flags), u64::MAX)?;
            }
            FlagKind::Durations(typed, asked) => {
                *asked(spec) = durations(flag, typed(flags), nanoseconds)?;
            }
            FlagKind::Intervals(typed, asked) => {
                *asked(spec) = durations(flag, typed(flags), picoseconds)?;
            }
            FlagKind::Requests(typed, lengths, calls) => {
                (*lengths(spec), *calls(spec)) = requests(flag, typed(flags))?;
            }
            FlagKind::Number(typed, asked) => {
                *asked(spec) =
                    optional(typed(flags).as_deref(), |text| number(flag, text, u64::MAX))?;
            }
            FlagKind::SmallNumber(typed, asked) => {
                *asked(spec) = optional(typed(flags).as_deref(), |text| small_number(flag, text))?;
            }
            FlagKind::Duration(typed, asked) => {
                *asked(spec) = optional(typed(flags).as_deref(), |text| nanoseconds(flag, text))?;
            }
            FlagKind::Percent(typed, asked) => {
                *asked(spec) = optional(typed(flags).as_deref(), |text| permille(flag, text))?;
            }
            FlagKind::Choice(typed, asked, _) => *asked(spec) = typed(flags),
            FlagKind::Switch(typed, asked) => *asked(spec) = *typed(flags),
        }
        Ok(())
    }

    /// The words that ask for the field of that request; none for a field at its default. The
    /// request is left as it is.
    pub fn words(&self, spec: &mut SweepSpec) -> Vec<String> {
        match &self.1 {
            FlagKind::Names(_, asked) => self.list(asked(spec)),
            FlagKind::Words(_, asked) | FlagKind::Paths(_, asked) => {
                asked(spec).iter().flat_map(|word| self.one(word.clone())).collect()
            }
            FlagKind::SmallNumbers(_, asked) => self.list(asked(spec)),
            FlagKind::Numbers(_, asked) => self.list(asked(spec)),
            FlagKind::Durations(_, asked) => self.list(&shown(asked(spec), show_nanoseconds)),
            FlagKind::Intervals(_, asked) => self.list(&shown(asked(spec), show)),
            FlagKind::Requests(_, lengths, calls) => {
                let mut all = shown(lengths(spec), show_nanoseconds);
                all.extend(calls(spec).iter().cloned());
                self.list(&all)
            }
            FlagKind::Number(_, asked) => self.maybe(asked(spec).map(|number| number.to_string())),
            FlagKind::SmallNumber(_, asked) => {
                self.maybe(asked(spec).map(|number| number.to_string()))
            }
            FlagKind::Duration(_, asked) => {
                self.maybe(asked(spec).map(|ns| compact(&show_nanoseconds(ns))))
            }
            FlagKind::Percent(_, asked) => self.maybe(asked(spec).map(show_permille)),
            FlagKind::Choice(_, asked, name) => self.maybe(name(*asked(spec))),
            FlagKind::Switch(_, asked) => {
                asked(spec).then(|| self.0.to_owned()).into_iter().collect()
            }
        }
    }

    fn list<T: ToString>(&self, values: &[T]) -> Vec<String> {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        self.maybe((!values.is_empty()).then(|| values.join(",")))
    }

    fn maybe(&self, value: Option<String>) -> Vec<String> {
        value.map(|value| self.one(value)).unwrap_or_default()
    }

    /// The flag with its value. A value that looks like a flag is tied to it.
    fn one(&self, value: String) -> Vec<String> {
        if value.starts_with('-') {
            return vec![format!("{}={value}", self.0)];
        }
        vec![self.0.to_owned(), value]
    }
}

/// Reads a flag that may be left out.
pub fn optional<T>(
    typed: Option<&str>,
    read: impl FnOnce(&str) -> Result<T, ValueError>,
) -> Result<Option<T>, ValueError> {
    typed.map(read).transpose()
}

/// A path as text; the wire carries text.
pub fn utf8(flag: &'static str, path: &Path) -> Result<String, ValueError> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        let way_out = "name it by a link whose path is";
        ValueError::new(flag, &path.to_string_lossy(), "is not UTF-8", way_out)
    })
}

fn shown(values: &[u64], show: fn(u64) -> String) -> Vec<String> {
    values.iter().map(|value| compact(&show(*value))).collect()
}

/// A duration as one word.
fn compact(shown: &str) -> String {
    shown.replace(' ', "")
}
