//! Reports in Chromium, driven by `gilctl/tests/browser/report.js` under `node`: on narrow and wide, light and dark
//! screens, without script, and on paper.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::report::{fine, home, report, text};
use crate::browser::{browser, node};
use crate::support::markup::texts;

const SWEEP: &str =
    "sweep --strategy unlocked,fair-mutex --workers 1..=4 --tasks 20 --attempts 10 --seed 42";
const LOAD: &str =
    "sweep --strategy unlocked,fair-mutex --workers 1,2 --duration 10ms --attempts 5";
/// The kinds of pictures, each with the sweeps that give it for certain.
const KINDS: [(&str, &[&str]); 7] = [
    ("ratios", &["latest~2", "latest~1"]),
    ("rate", &["latest~1"]),
    ("right", &["latest~1"]),
    ("outcomes", &["latest~1"]),
    ("rounds", &["latest~1"]),
    ("shares", &["latest"]),
    ("waits", &["latest"]),
];

/// What the script finds in these pages, a line each.
#[track_caller]
fn faults(mut node: Command, browser: &Path, pages: &[PathBuf]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/report.js");
    let output = node.arg(script).arg(browser).args(pages).output().expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn reports_with_every_picture_have_no_fault_in_a_browser() {
    let (Some(browser), Some(node)) = (browser(), node()) else { return };
    let home = home();
    for sweep in [SWEEP, SWEEP, LOAD] {
        fine(&home, &sweep.split(' ').collect::<Vec<_>>());
    }
    let compared = report(&home, &["latest~2", "latest~1"], "compared.html");
    let load = report(&home, &["latest"], "load.html");
    let drawn = [text(&compared), text(&load)].map(|page| texts(&page, "summary")).concat();
    for (kind, ids) in KINDS {
        let document = ["--picture", kind, "--output", "json"];
        let document = fine(&home, &[&["plot"], ids, &document[..]].concat());
        let document: Value = serde_json::from_str(&document).expect("JSON");
        let title = document["title"].as_str().expect("a title");
        assert!(drawn.iter().any(|it| it.starts_with(title)), "{title}: {drawn:?}");
    }
    let found = faults(node, &browser, &[compared, load]);
    assert!(found.is_empty(), "{found}");
}

/// A page with one of each fault.
const FAULTY: &str = "<!DOCTYPE html><html lang='en'><title>Faults</title>
    <style>body{background:rgb(17,17,17)}</style><main><h1>Faults</h1>
    <div style='width:2000px'>wide</div><img src='http://127.0.0.1:9/absent.png'/>
    <script>console.warn('planted'); document.querySelector('h1').append('!'); absent();</script>
    <figure><svg width='200' height='50' viewBox='0 0 200 50' role='img'><title>Drawn</title>
    <rect class='page' width='200' height='50' style='fill:rgb(255,255,255)'/>
    <text x='5' y='10' font-size='8'>small</text>
    <text x='5' y='30' font-size='12' style='fill:rgb(200,200,200)'>pale</text>
    <text x='100' y='30' font-size='12'>over</text><text x='110' y='30' font-size='12'>under</text>
    <text x='190' y='45' font-size='12'>beyond</text></svg></figure></main></html>";

#[test]
fn every_fault_of_a_page_is_found() {
    let (Some(browser), Some(node)) = (browser(), node()) else { return };
    let home = home();
    let page = home.path().join("faulty.html");
    std::fs::write(&page, FAULTY).expect("written");
    let found = faults(node, &browser, &[page]);
    for fault in [
        "faulty: another text without script",
        "faulty: is printed dark",
        "360 light: scrolls ",
        "1440 dark: scrolls ",
        "console: planted",
        "error: absent is not defined",
        "asks for http://127.0.0.1:9/absent.png",
        "axe image-alt: ",
        "Drawn: \"small\" is 8.0 px high",
        "Drawn: \"pale\" has a contrast of 1.7",
        "Drawn: \"over\" is over \"under\"",
        "Drawn: \"beyond\" is cut",
    ] {
        assert!(found.contains(fault), "{fault}: {found}");
    }
}
