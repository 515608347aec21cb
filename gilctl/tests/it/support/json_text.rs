//! JSON as it is spelled: cut at its brackets and commas, so that each scalar keeps its letters.

use std::fmt;

/// A document cut at its brackets and commas, with each scalar as it is spelled.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Json<'a> {
    Object(Vec<(&'a str, Json<'a>)>),
    Array(Vec<Json<'a>>),
    Scalar(&'a str),
}

impl<'a> Json<'a> {
    /// A document without spaces between its parts, as gilctl prints it.
    #[track_caller]
    pub(crate) fn of(text: &'a str) -> Self {
        let (json, rest) = Self::read(text);
        assert!(rest.is_empty(), "{rest} after a document");
        json
    }

    /// Calls `visit` with the name of each scalar (that of its list in a list) and its spelling.
    pub(crate) fn each_scalar(&self, visit: &mut impl FnMut(&'a str, &'a str)) {
        self.visit("", visit);
    }

    fn visit(&self, name: &'a str, visit: &mut impl FnMut(&'a str, &'a str)) {
        match self {
            Self::Object(fields) => {
                for (name, value) in fields {
                    value.visit(name.trim_matches('"'), visit);
                }
            }
            Self::Array(items) => items.iter().for_each(|item| item.visit(name, visit)),
            Self::Scalar(text) => visit(name, text),
        }
    }

    /// A value, and the text after it.
    fn read(text: &'a str) -> (Self, &'a str) {
        match text.as_bytes().first() {
            Some(b'{') => {
                let (items, rest) = list(&text[1..], '}', |text| {
                    let (name, rest) = split_scalar(text);
                    let (value, rest) = Self::read(rest.strip_prefix(':').expect("a colon"));
                    ((name, value), rest)
                });
                (Self::Object(items), rest)
            }
            Some(b'[') => {
                let (items, rest) = list(&text[1..], ']', Self::read);
                (Self::Array(items), rest)
            }
            Some(_) | None => {
                let (scalar, rest) = split_scalar(text);
                (Self::Scalar(scalar), rest)
            }
        }
    }
}

/// Items up to the closing bracket, and the text after it.
fn list<'a, T>(
    text: &'a str,
    end: char,
    read: impl Fn(&'a str) -> (T, &'a str),
) -> (Vec<T>, &'a str) {
    let (mut items, mut rest) = (Vec::new(), text);
    loop {
        if let Some(rest) = rest.strip_prefix(end) {
            return (items, rest);
        }
        let (item, after) = read(rest.strip_prefix(',').unwrap_or(rest));
        items.push(item);
        rest = after;
    }
}

/// A string with its quotes, a number or a word, and the text after it.
fn split_scalar(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let end = if bytes.first() == Some(&b'"') {
        let mut at = 1;
        while bytes[at] != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        at + 1
    } else {
        text.find([',', ']', '}']).unwrap_or(text.len())
    };
    text.split_at(end)
}

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(text) => f.write_str(text),
            Self::Array(items) => {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
            Self::Object(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{name}:{value}")).collect();
                write!(f, "{{{}}}", fields.join(","))
            }
        }
    }
}
