//! Exit codes in the documentation: the tables are those made from the lists of both programs.

use std::path::PathBuf;

use gilctl::exit;
use gild::daemon;

fn page(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).expect("the page is in the repository")
}

/// The table of a page between the markers of `program`.
#[track_caller]
fn table(page: &str, program: &str) -> String {
    let start = format!("<!-- exit codes: {program} -->\n");
    let (_, rest) = page.split_once(&start).expect("the table begins with a marker");
    let (table, _) = rest.split_once("<!-- end -->").expect("the table ends with a marker");
    table.to_owned()
}

#[test]
fn readme_lists_the_exit_codes_of_gilctl() {
    assert_eq!(table(&page("README.md"), "gilctl"), exit::markdown());
}

#[test]
fn exit_code_page_lists_the_codes_of_both_programs() {
    let page = page("docs/exit-codes.md");
    assert_eq!(table(&page, "gilctl"), exit::markdown());
    assert_eq!(table(&page, "gild"), daemon::cli::exit::markdown());
}
