//! Imports of a Rust source: every path in it that names a module, in `use` items and elsewhere,
//! outside test modules.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::Source;

/// Tokens of a source without its doc comments and what only test builds have.
pub(super) fn tokens(source: &Source) -> Vec<TokenTree> {
    let stream: TokenStream = source.text.parse().unwrap_or_else(|error| {
        panic!("{} is not Rust: {error}", source.path);
    });
    without_tests(stream)
}

/// A stream without its doc comments and what only test builds have.
pub(super) fn without_tests(stream: TokenStream) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let is = |tree: &TokenTree, char| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == char);
        let is_hash = is(&tree, '#');
        if is_hash && trees.peek().is_some_and(|next| is(next, '!')) {
            trees.next();
        }
        let attribute = match trees.peek() {
            Some(TokenTree::Group(group)) if is_hash => group.stream().to_string(),
            _ => String::new(),
        };
        if attribute.starts_with("doc =") {
            trees.next();
        } else if attribute == "cfg (test)" {
            skip_item(&mut trees);
        } else {
            kept.push(tree);
        }
    }
    kept
}

/// Up to the end of an item: a semicolon or a block.
fn skip_item(trees: &mut impl Iterator<Item = TokenTree>) {
    for tree in trees {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == ';' => return,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            _ => {}
        }
    }
}

/// Whether a word occurs outside test modules.
pub(super) fn has_word(trees: &[TokenTree], word: &str) -> bool {
    trees.iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => has_word(&without_tests(group.stream()), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Every path with at least two segments.
pub(super) fn paths(trees: &[TokenTree]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < trees.len() {
        match &trees[at] {
            TokenTree::Ident(ident) => {
                at = path(trees, at + 1, vec![ident.to_string()], &mut found);
            }
            TokenTree::Group(group) => {
                found.extend(paths(&without_tests(group.stream())));
                at += 1;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => at += 1,
        }
    }
    found
}

/// The rest of a path of which `segments` are read; where to go on.
fn path(
    trees: &[TokenTree],
    mut at: usize,
    mut segments: Vec<String>,
    found: &mut Vec<Vec<String>>,
) -> usize {
    while is_colon(trees.get(at)) && is_colon(trees.get(at + 1)) {
        match trees.get(at + 2) {
            Some(TokenTree::Ident(ident)) => {
                segments.push(ident.to_string());
                at += 3;
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                for part in inner.split(is_comma) {
                    if let Some(TokenTree::Ident(first)) = part.first() {
                        let mut longer = segments.clone();
                        longer.push(first.to_string());
                        path(part, 1, longer, found);
                    }
                }
                return at + 3;
            }
            _ => break,
        }
    }
    if segments.len() > 1 {
        found.push(segments);
    }
    at
}

fn is_colon(tree: Option<&TokenTree>) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}

fn is_comma(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ',')
}

/// For each module of a crate, the modules of the same crate that it imports from. The crate's root
/// is the empty name.
pub(super) fn graph(sources: &[Source], krate: &str) -> BTreeMap<String, BTreeSet<String>> {
    let own =
        |source: &&Source| !source.is_test() && source.module().is_some_and(|(of, _)| of == krate);
    let sources: Vec<_> = sources.iter().filter(own).collect();
    let name = |source: &Source| source.module().map(|(_, module)| module.join("::"));
    let modules: BTreeSet<String> = sources.iter().filter_map(|source| name(source)).collect();
    let mut graph = BTreeMap::new();
    for source in sources {
        let Some((_, module)) = source.module() else { continue };
        let targets = paths(&tokens(source));
        let targets = targets.iter().filter_map(|path| target(path, &module, &modules));
        let this = module.join("::");
        let targets: BTreeSet<_> = targets.filter(|target| *target != this).collect();
        graph.entry(this).or_insert_with(BTreeSet::new).extend(targets);
    }
    graph
}

/// The module that a path of `module` leads to, if it is one of `modules`; not the crate's root.
fn target(path: &[String], module: &[&str], modules: &BTreeSet<String>) -> Option<String> {
    let mut base: Vec<&str> = Vec::new();
    let mut rest: Vec<&str> = path.iter().map(String::as_str).collect();
    match rest[0] {
        "crate" => drop(rest.remove(0)),
        "self" | "super" => {
            base = module.to_vec();
            while rest.first() == Some(&"super") {
                base.pop();
                rest.remove(0);
            }
            if rest.first() == Some(&"self") {
                rest.remove(0);
            }
        }
        first => {
            let child = module.iter().copied().chain([first]).collect::<Vec<_>>().join("::");
            if !modules.contains(&child) {
                return None;
            }
            base = module.to_vec();
        }
    }
    let whole: Vec<&str> = base.into_iter().chain(rest).collect();
    let longest = (1..=whole.len()).rev().map(|length| whole[..length].join("::"));
    longest.into_iter().find(|name| modules.contains(name))
}
