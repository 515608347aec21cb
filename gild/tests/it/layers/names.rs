//! Names: a type is defined once in a crate, and no module is another one's plural.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenTree};

use super::imports::tokens;
use super::source::{CRATES, Source};

/// Every type that a crate defines twice, and every module beside its plural.
pub(super) fn violations(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for (_, krate) in CRATES {
        let own = |source: &&Source| {
            !source.is_test() && source.module().is_some_and(|(of, _)| of == krate)
        };
        let mut types: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for source in sources.iter().filter(own) {
            for name in defined(&tokens(source)) {
                types.entry(name).or_default().push(&source.path);
            }
        }
        let twice = types.into_iter().filter(|(_, files)| files.len() > 1);
        found.extend(
            twice.map(|(name, files)| format!("{name} is defined in {}", files.join(", "))),
        );
    }
    let stems: BTreeSet<&str> =
        sources.iter().filter_map(|source| source.path.strip_suffix(".rs")).collect();
    let plurals = stems.iter().filter(|stem| stems.contains(format!("{stem}s").as_str()));
    found.extend(plurals.map(|stem| format!("{stem}.rs stands beside {stem}s.rs")));
    found
}

/// The types that these items define, also in modules within the file.
fn defined(trees: &[TokenTree]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, tree) in trees.iter().enumerate() {
        let TokenTree::Ident(word) = tree else { continue };
        let Some(TokenTree::Ident(name)) = trees.get(at + 1) else { continue };
        if ["struct", "enum", "trait", "type", "union"].iter().any(|kind| word == kind) {
            found.push(name.to_string());
        }
        if let (true, Some(TokenTree::Group(group))) = (word == "mod", trees.get(at + 2))
            && group.delimiter() == Delimiter::Brace
        {
            found.extend(defined(&group.stream().into_iter().collect::<Vec<_>>()));
        }
    }
    found
}
