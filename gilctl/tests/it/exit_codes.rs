//! Exit codes in the documentation: the tables equal those of the help of both programs.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::CommandFactory as _;
use gilctl::exit;

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

/// The exit codes in the help of gild, which has two of them on a line, as a table.
fn table_of_gild() -> String {
    let help = gild::daemon::cli::Flags::command().render_help().to_string();
    let (_, codes) = help.split_once("Exit codes:\n").expect("the help lists them");
    let (codes, _) = codes.split_once("\n\n").expect("examples follow");
    let mut rows: Vec<(u32, String)> = Vec::new();
    for column in codes.lines().flat_map(|line| line.split("    ")) {
        let Some((code, meaning)) = column.trim().split_once("  ") else { continue };
        rows.push((code.parse().expect("a number"), meaning.trim().to_owned()));
    }
    rows.sort();
    let mut table = String::from("| code | meaning |\n|---|---|\n");
    for (code, meaning) in rows {
        let _ = writeln!(table, "| {code} | {meaning} |");
    }
    table
}

#[test]
fn readme_lists_the_exit_codes_of_gilctl() {
    assert_eq!(table(&page("README.md"), "gilctl"), exit::markdown());
}

#[test]
fn exit_code_page_lists_the_codes_of_both_programs() {
    let page = page("docs/exit-codes.md");
    assert_eq!(table(&page, "gilctl"), exit::markdown());
    assert_eq!(table(&page, "gild"), table_of_gild());
}
