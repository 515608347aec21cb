//! Values of JSON documents. Many readers of JSON (jq, JavaScript, pandas) hold every number in a
//! double, which changes whole numbers beyond 2^53 silently. So a `u64` converts to no value by
//! itself: each field says whether it is written with [`Value::digits`] or with [`Value::number`].

use std::fmt;

use serde_json::{Map, Number, Value as Json};

/// Greatest whole number that is written as a JSON number, 2^53 - 1: up to here a double holds
/// each whole number, and no other rounds to it.
pub const WHOLE_MAX: u64 = (1 << 53) - 1;

/// A value of a JSON document, without a whole number beyond [`WHOLE_MAX`].
#[derive(Debug, Clone, PartialEq)]
pub struct Value(Json);

impl Value {
    /// A whole number without a limit below 2^53, such as a seed or a time since 1970: always a
    /// string of its decimal digits, so that a field has one type.
    pub fn digits(whole: u64) -> Self {
        Self(Json::String(whole.to_string()))
    }

    /// A whole number whose limit lies below 2^53: a JSON number. What breaks the limit, such as a
    /// faulty lab's answer, is a string of its digits rather than another number.
    pub fn number(whole: u64) -> Self {
        if whole > WHOLE_MAX { Self::digits(whole) } else { Self(whole.into()) }
    }

    /// An object; what is absent is left out.
    pub fn object(fields: impl IntoIterator<Item = (&'static str, Option<Self>)>) -> Self {
        let present = |(name, value): (&'static str, Option<Self>)| {
            value.map(|value| (name.to_owned(), value.0))
        };
        Self(Json::Object(fields.into_iter().filter_map(present).collect::<Map<_, _>>()))
    }

    /// The value of a field that does not apply, where it must be there.
    pub fn null() -> Self {
        Self(Json::Null)
    }

    /// Whether it is a number that JSON cannot hold, such as a mean of nothing.
    pub fn is_null(&self) -> bool {
        self.0.is_null()
    }

    /// The value as a cell of CSV: a string without quotes, all else as JSON spells it.
    pub fn into_text(self) -> String {
        match self.0 {
            Json::String(text) => text,
            value => value.to_string(),
        }
    }
}

impl fmt::Display for Value {
    /// The value as compact JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self(value.into())
    }
}

impl From<u32> for Value {
    fn from(whole: u32) -> Self {
        Self(whole.into())
    }
}

impl From<f64> for Value {
    /// Null if it is not finite.
    fn from(number: f64) -> Self {
        Self(Number::from_f64(number).map_or(Json::Null, Json::Number))
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().map(Into::into).collect()
    }
}

impl FromIterator<Self> for Value {
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        Self(Json::Array(items.into_iter().map(|item| item.0).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_number_is_a_number_only_up_to_its_limit() {
        assert_eq!(Value::number(WHOLE_MAX).to_string(), "9007199254740991");
        assert_eq!(Value::number(WHOLE_MAX + 1).to_string(), "\"9007199254740992\"");
        assert_eq!(Value::number(u64::MAX).to_string(), "\"18446744073709551615\"");
        assert_eq!(Value::digits(7).to_string(), "\"7\"");
        assert_eq!(Value::digits(7).into_text(), "7");
        // The next two whole numbers share a double, which is why the limit is this one.
        let [this, next] = [WHOLE_MAX + 1, WHOLE_MAX + 2].map(|whole| whole as f64);
        assert_eq!(this.to_bits(), next.to_bits());
    }

    #[test]
    fn absent_fields_are_left_out_and_what_is_no_number_is_null() {
        let fields = [("a", Some(vec![1_u32].into())), ("b", None), ("c", Some(f64::NAN.into()))];
        assert_eq!(Value::object(fields).to_string(), r#"{"a":[1],"c":null}"#);
        assert!(Value::from(f64::INFINITY).is_null() && !Value::from("").is_null());
    }
}
