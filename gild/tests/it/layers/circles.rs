//! Import circles between the files of a crate, and between the folders at each level.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::graph;
use super::source::{CRATES, Source};

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Every circle of every crate, as a line.
pub(super) fn circles(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for (_, krate) in CRATES {
        let files = graph(sources, krate);
        found.extend(components(&files).into_iter().map(|circle| line(krate, "files", &circle)));
        for level in levels(&files) {
            let folders = folded(&files, &level);
            let circles = components(&folders).into_iter();
            // A circle of files that lie beside each other was reported as such.
            let of_folders =
                circles.filter(|circle| circle.iter().any(|name| is_folder(&files, name)));
            found.extend(of_folders.map(|circle| line(krate, "folders", &circle)));
        }
    }
    found
}

fn line(krate: &str, kind: &str, circle: &[String]) -> String {
    format!("{krate}: {kind} import each other in a circle: {}", circle.join(", "))
}

fn is_folder(files: &Graph, name: &str) -> bool {
    files.keys().any(|file| file.starts_with(&format!("{name}::")))
}

/// The folders that have modules in them; the crate's root is the empty name.
fn levels(files: &Graph) -> BTreeSet<String> {
    let mut levels = BTreeSet::from([String::new()]);
    for file in files.keys() {
        let ends = file.match_indices("::").map(|(end, _)| file[..end].to_owned());
        levels.extend(ends);
    }
    levels
}

/// The imports between the entries of one folder.
fn folded(files: &Graph, level: &str) -> Graph {
    let entry = |module: &str| -> Option<String> {
        let prefix = if level.is_empty() { String::new() } else { format!("{level}::") };
        let rest = module.strip_prefix(&prefix)?;
        let first = rest.split("::").next().filter(|first| !first.is_empty())?;
        Some(format!("{prefix}{first}"))
    };
    let mut folders = Graph::new();
    for (from, targets) in files {
        for (from, to) in targets.iter().filter_map(|to| Some((entry(from)?, entry(to)?))) {
            if from != to {
                folders.entry(from).or_default().insert(to);
            }
        }
    }
    folders
}

/// Sets of more than one node that all reach each other.
fn components(graph: &Graph) -> Vec<Vec<String>> {
    let reached: BTreeMap<_, _> = graph.keys().map(|node| (node, reachable(graph, node))).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (node, targets) in &reached {
        let is_back =
            |other: &&String| reached.get(other).is_some_and(|back| back.contains(node.as_str()));
        let circle: Vec<String> = targets.iter().filter(is_back).cloned().collect();
        if targets.contains(node.as_str()) && circle.iter().all(|one| seen.insert(one.clone())) {
            found.push(circle);
        }
    }
    found
}

fn reachable(graph: &Graph, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(node) = open.pop() {
        for next in graph.get(&node).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    reached
}
