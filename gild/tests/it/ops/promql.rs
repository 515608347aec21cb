//! Reader of the part of Prometheus' query language that the dashboard and the rules use: every
//! selector with its labels and the function around it. Refuses all else, so that a wrong
//! expression fails. Precedence is left out: it changes no name.

/// Functions of a range of samples.
const OF_RANGES: [&str; 5] = ["rate", "increase", "deriv", "min_over_time", "max_over_time"];
/// Functions of the samples at one moment.
pub(super) const OF_MOMENTS: [&str; 2] = ["absent", "label_values"];
/// Aggregations over labels.
const AGGREGATIONS: [&str; 4] = ["sum", "min", "max", "count"];
/// Words between two operands.
const BINARY: [&str; 13] =
    ["and", "or", "unless", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/"];
/// Symbols of several characters before those of one.
const SYMBOLS: [&str; 22] = [
    "==", "!=", "<=", ">=", "=~", "!~", "=", "<", ">", "+", "-", "*", "/", "(", ")", "{", "}", "[",
    "]", ",", ":", "@",
];

/// A metric as an expression names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector {
    pub(super) name: String,
    /// Labels that are matched.
    pub(super) labels: Vec<String>,
    /// The function directly around it.
    pub(super) function: Option<String>,
}

/// What an expression names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) selectors: Vec<Selector>,
    /// Labels that an aggregation keeps; `None` without one.
    pub(super) kept: Option<Vec<String>>,
}

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Query, String> {
    let mut parser = Parser { words: words(text)?, at: 0, query: Query::default() };
    parser.expression(None)?;
    match parser.next() {
        None => Ok(parser.query),
        Some(rest) => Err(format!("{rest:?} is left over in {text}")),
    }
}

/// Names, numbers, durations, texts with their quotes, and symbols.
fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut rest, mut found) = (text.trim_start(), Vec::new());
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '.';
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' {
            rest[1..].find('"').ok_or("a text has no end")? + 2
        } else if is_word(first) {
            rest.find(|it| !is_word(it)).unwrap_or(rest.len())
        } else {
            let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
            symbol.ok_or_else(|| format!("{first:?} in {text}"))?.len()
        };
        found.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

fn is_name(word: &str) -> bool {
    word.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
}

struct Parser {
    words: Vec<String>,
    at: usize,
    query: Query,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        self.at += 1;
        self.words.get(self.at - 1).cloned()
    }

    /// Takes this word if it is the next one.
    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.peek() == Some(word);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        let found = self.peek().map(ToOwned::to_owned);
        self.takes(word).then_some(()).ok_or_else(|| format!("{found:?} in place of {word:?}"))
    }

    /// Operands with operators between them, as an argument of `function` if there is one.
    fn expression(&mut self, function: Option<&str>) -> Result<(), String> {
        self.operand(function)?;
        while self.peek().is_some_and(|word| BINARY.contains(&word)) {
            self.at += 1;
            self.operand(None)?;
        }
        Ok(())
    }

    fn operand(&mut self, function: Option<&str>) -> Result<(), String> {
        let word = self.next().ok_or("an operand is missing")?;
        match word.as_str() {
            "(" => {
                self.expression(None)?;
                self.expect(")")
            }
            name if AGGREGATIONS.contains(&name) => self.aggregation(),
            name if self.peek() == Some("(") => self.call(name),
            name if is_name(name) => self.selector(name, function),
            number if number.parse::<f64>().is_ok() => Ok(()),
            other => Err(format!("{other:?} in place of an operand")),
        }
    }

    fn aggregation(&mut self) -> Result<(), String> {
        let kept = if self.takes("by") { self.names()? } else { Vec::new() };
        self.query.kept = Some(kept);
        self.expect("(")?;
        self.expression(None)?;
        self.expect(")")
    }

    fn call(&mut self, name: &str) -> Result<(), String> {
        if !OF_RANGES.contains(&name) && !OF_MOMENTS.contains(&name) {
            return Err(format!("{name} is not a known function"));
        }
        self.expect("(")?;
        self.expression(Some(name))?;
        if name == "label_values" {
            self.expect(",")?;
            let label = self.next().filter(|label| is_name(label));
            self.query.kept = Some(vec![label.ok_or("label_values has no label")?]);
        }
        self.expect(")")
    }

    /// Names in parentheses.
    fn names(&mut self) -> Result<Vec<String>, String> {
        self.expect("(")?;
        let mut names = Vec::new();
        while !self.takes(")") {
            names.push(self.next().filter(|name| is_name(name)).ok_or("a label is missing")?);
            self.takes(",");
        }
        Ok(names)
    }

    fn selector(&mut self, name: &str, function: Option<&str>) -> Result<(), String> {
        let labels = if self.takes("{") { self.matchers()? } else { Vec::new() };
        let has_range = self.takes("[");
        if has_range {
            let range = self.next().unwrap_or_default();
            let number = range.trim_end_matches(|it: char| "smhd".contains(it));
            number.parse::<u32>().map_err(|error| format!("range {range:?}: {error}"))?;
            self.expect("]")?;
        }
        if has_range != function.is_some_and(|name| OF_RANGES.contains(&name)) {
            return Err(format!("{name} in {function:?}: a range is missing, or too much"));
        }
        let (name, function) = (name.to_owned(), function.map(ToOwned::to_owned));
        self.query.selectors.push(Selector { name, labels, function });
        Ok(())
    }

    /// Labels of the matchers up to the closing brace.
    fn matchers(&mut self) -> Result<Vec<String>, String> {
        let mut labels = Vec::new();
        while !self.takes("}") {
            labels.push(self.next().filter(|name| is_name(name)).ok_or("a label is missing")?);
            let operator = self.next().unwrap_or_default();
            let value = self.next().unwrap_or_default();
            if !["=", "!=", "=~", "!~"].contains(&operator.as_str()) || !value.starts_with('"') {
                return Err(format!("{labels:?} {operator} {value} is not a matcher"));
            }
            self.takes(",");
        }
        Ok(labels)
    }
}

#[test]
fn expression_yields_its_selectors_with_labels_and_functions() {
    let query = parse(r#"sum by (state) (rate(ends_total{job=~"$job"}[5m])) / 2 > up"#);
    let selector = |name: &str, labels: &[&str], function: Option<&str>| Selector {
        name: name.to_owned(),
        labels: labels.iter().map(|&label| label.to_owned()).collect(),
        function: function.map(ToOwned::to_owned),
    };
    let selectors = vec![selector("ends_total", &["job"], Some("rate")), selector("up", &[], None)];
    assert_eq!(query, Ok(Query { selectors, kept: Some(vec!["state".to_owned()]) }));
}

#[test]
fn wrong_expression_is_refused() {
    for wrong in [
        "",
        "a +",
        "rate(a)",
        "a[5m]",
        "rate(a[5m)",
        "rate(a[five])",
        "rte(a[5m])",
        "a{b}",
        "a{b=c}",
        r#"a{b="c"#,
        "a b",
        "(a",
        "sum by state (a)",
        "a ? b",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}
