//! Layers of the workspace: folder rules, import circles, sizes, names and prose, held by reading
//! the sources. Each check takes sources as values, so that self-tests can plant a violation.

mod circles;
mod imports;
mod names;
mod prose;
mod rules;
mod size;
mod source;

use source::{Source, workspace};

/// Fails with every violation on a line of its own.
#[track_caller]
fn check(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

/// A small tree of sources, in which a self-test plants its violation.
fn tree(files: &[(&str, &str)]) -> Vec<Source> {
    let source = |&(path, text): &(&str, &str)| Source { path: path.into(), text: text.into() };
    files.iter().map(source).collect()
}

#[test]
fn folders_import_only_lower_ones() {
    check(&rules::violations(&workspace()));
}

#[test]
fn modules_form_no_import_circle() {
    check(&circles::circles(&workspace()));
}

#[test]
fn threads_and_processes_start_only_in_listed_files() {
    check(&rules::starts(&workspace()));
}

#[test]
fn unsafe_code_stays_in_its_folder() {
    check(&rules::unsafe_code(&workspace()));
}

#[test]
fn files_and_folders_keep_their_limits() {
    check(&size::long_files(&workspace()));
    check(&size::large_folders());
}

#[test]
fn names_are_unique_within_a_crate() {
    check(&names::violations(&workspace()));
}

#[test]
fn prose_avoids_listed_words_and_forms() {
    check(&prose::violations(&workspace()));
}

#[test]
fn upward_import_is_reported() {
    let (cli, job) = (("gild/src/daemon/cli.rs", ""), ("gild/engine/src/jobs/job.rs", ""));
    let wire = tree(&[cli, ("gild/src/wire/planted.rs", "use crate::daemon::{cli, exit};")]);
    assert_eq!(rules::violations(&wire).len(), 1);
    let inline = "fn f() { crate::jobs::job::g() }";
    let stats = tree(&[job, ("gild/engine/src/stats/planted.rs", inline)]);
    assert_eq!(rules::violations(&stats).len(), 1);
    let lab = tree(&[("gild/src/lab/planted.rs", "use tonic::Status;")]);
    assert_eq!(rules::violations(&lab).len(), 1);
}

#[test]
fn unsafe_code_outside_its_folder_is_reported() {
    let text = "fn f() { g(|| unsafe { h() }) }\n#[cfg(test)]\nmod tests { unsafe fn i() {} }";
    let files = ["gild/src/lab/planted.rs", "strategies/src/machine/native/planted.rs"];
    let found = rules::unsafe_code(&tree(&files.map(|path| (path, text))));
    assert_eq!(found, ["gild/src/lab/planted.rs may not use `unsafe`"]);
    let tests =
        tree(&[("gild/src/lab/planted.rs", "#[cfg(test)]\nmod tests { unsafe fn f() {} }")]);
    assert_eq!(rules::unsafe_code(&tests), Vec::<String>::new());
}

#[test]
fn import_of_a_test_module_is_allowed() {
    let text = "#[cfg(test)]\nmod tests { use crate::daemon::cli; }";
    let tree = tree(&[("gild/src/daemon/cli.rs", ""), ("gild/src/wire/planted.rs", text)]);
    assert_eq!(rules::violations(&tree), Vec::<String>::new());
}

#[test]
fn circle_of_files_is_reported() {
    let (a, b) = ("use super::b::B;", "fn f() -> crate::wire::a::A { loop {} }");
    let tree = tree(&[("gild/src/wire/a.rs", a), ("gild/src/wire/b.rs", b)]);
    assert_eq!(circles::circles(&tree).len(), 1);
}

#[test]
fn circle_of_folders_is_reported() {
    let tree = tree(&[
        ("gild/src/wire/x/a.rs", "use crate::wire::y::b::B;"),
        ("gild/src/wire/y/b.rs", ""),
        ("gild/src/wire/y/c.rs", "use crate::wire::x::d::D;"),
        ("gild/src/wire/x/d.rs", ""),
    ]);
    assert_eq!(circles::circles(&tree).len(), 1);
}

#[test]
fn circle_through_a_facade_is_reported() {
    let facade = "mod b;\npub use self::b::B;\npub struct A;";
    let tree =
        tree(&[("gild/src/wire/a/mod.rs", facade), ("gild/src/wire/a/b.rs", "use super::A;")]);
    assert_eq!(circles::circles(&tree).len(), 1);
}

#[test]
fn thread_in_an_unlisted_file_is_reported() {
    let text = "fn f() { std::thread::spawn(|| ()); }";
    assert_eq!(rules::starts(&tree(&[("gild/src/wire/planted.rs", text)])).len(), 1);
    let text = "use std::process::Command;\nfn f() { Command::new(\"ls\"); }";
    assert_eq!(rules::starts(&tree(&[("gild/src/wire/planted.rs", text)])).len(), 1);
}

#[test]
fn banned_word_and_form_are_reported() {
    let word = concat!("//! A file for who", "ever reads it.\n");
    let head = "//! What a file does.\n";
    let form = concat!("fn f() -> &'static str { \"this is ", "no number\" }");
    for text in [word, head, form] {
        let found = prose::violations(&tree(&[("gild/src/planted.rs", text)]));
        assert_eq!(found.len(), 1, "{found:?}");
    }
    let longer = "fn f() -> &'static str { \"it is no longer there; there is no other\" }";
    assert_eq!(prose::violations(&tree(&[("gild/src/planted.rs", longer)])), Vec::<String>::new());
}

#[test]
fn long_file_is_reported() {
    let long = "\n".repeat(size::LINES_MAX + 1);
    assert_eq!(size::long_files(&tree(&[("gild/src/wire/planted.rs", &long)])).len(), 1);
}

#[test]
fn type_defined_twice_is_reported() {
    let inner = "mod inner { enum Twice {} }";
    let tree = tree(&[("gild/src/a.rs", "pub struct Twice;"), ("gild/src/wire/b.rs", inner)]);
    assert_eq!(names::violations(&tree).len(), 1);
}

#[test]
fn module_beside_its_plural_is_reported() {
    let tree = tree(&[("gild/src/wire/lane.rs", ""), ("gild/src/wire/lanes.rs", "")]);
    assert_eq!(names::violations(&tree).len(), 1);
}
