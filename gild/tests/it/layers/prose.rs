//! Prose: words and forms that texts of the project avoid.

use proc_macro2::TokenTree;

use super::imports::{tokens, without_tests};
use super::source::Source;

/// Words that no source uses. Spelled in halves, since this file is read too.
const WORDS: [&str; 6] = [
    concat!("who", "ever"),
    concat!("some", "body"),
    concat!("no", "body"),
    concat!("every", "body"),
    concat!("to", "ld"),
    concat!("besi", "des"),
];

/// First words that no module head has: the first word names the thing.
const HEADS: [&str; 7] = ["What", "How", "Who", "Where", "When", "Whether", "Why"];

/// Every use of a listed word, module head or form.
pub(super) fn violations(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in (1..).zip(source.text.lines()) {
            let at = |what: &str| format!("{}:{number}: {what}", source.path);
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
            if let Some(word) = words.find(|word| is_listed(word)) {
                found.push(at(&format!("avoid the word {word:?}")));
            }
        }
        if source.is_rust() {
            found.extend(head(source));
            found.extend(messages(source));
        }
    }
    found
}

fn is_listed(word: &str) -> bool {
    WORDS.iter().any(|listed| listed.eq_ignore_ascii_case(word))
}

/// A module head that begins with a question word.
fn head(source: &Source) -> Option<String> {
    let first = source.text.lines().next()?.strip_prefix("//! ")?;
    let word = first.split(|c: char| !c.is_ascii_alphabetic()).next()?;
    let is_question = HEADS.contains(&word);
    is_question.then(|| format!("{}: its head begins with {word:?}", source.path))
}

/// Messages of the form "x is no y", for "x is not a valid y".
fn messages(source: &Source) -> Vec<String> {
    let mut literals = Vec::new();
    collect(&tokens(source), &mut literals);
    let form = literals.into_iter().filter(|text| has_form(text));
    form.map(|text| format!("{}: message {text} has the form \"is no\"", source.path)).collect()
}

fn collect(trees: &[TokenTree], literals: &mut Vec<String>) {
    for tree in trees {
        match tree {
            TokenTree::Literal(literal) => literals.push(literal.to_string()),
            TokenTree::Group(group) => {
                collect(&without_tests(group.stream()), literals);
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

fn has_form(literal: &str) -> bool {
    let words: Vec<&str> = literal.split_whitespace().collect();
    literal.starts_with('"')
        && words.windows(4).any(|four| {
            four[1..3] == ["is", "no"] && !four[0].ends_with("here") && four[3] != "longer"
        })
}
