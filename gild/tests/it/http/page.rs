//! The page in Chromium, driven by `gild/tests/browser/page.js` under `node`, against a daemon over TLS that asks for
//! a token: each of its pages on a narrow light and a wide dark screen, a connection that is cut, and a daemon that
//! is killed and started again.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::auth::fixtures::{Files, LOOPBACK, TOKEN, certificates};
use crate::browser::{browser, node};
use crate::daemon::Daemon;
use crate::http::forwarder::Forwarder;

/// Each page once, and both outages: what is narrow is light, what is wide is dark.
const SCREENS: [&str; 4] = ["--screen", "360-light", "--screen", "1440-dark"];
/// Names a folder in which the screenshots are kept; without it they are not made.
const SCREENSHOTS: &str = "SCREENSHOTS";

/// A daemon behind a port that can be cut.
struct Stage {
    files: Files,
    forwarder: Forwarder,
    daemon: Option<Daemon>,
}

impl Stage {
    fn new() -> Self {
        let files = Files::new();
        certificates(&files);
        files.tokens();
        let daemon = Daemon::start(&flags(&files).each_ref().map(String::as_str));
        let forwarder = Forwarder::to(&daemon.port());
        Self { files, forwarder, daemon: Some(daemon) }
    }

    /// Does to the daemon or its connections what the script asks for.
    fn obey(&mut self, order: &str) {
        let running = self.daemon.take().expect("one is always put back");
        let next = match order {
            "kill" => {
                let flags = flags(&self.files);
                Daemon::start_in(running.kill(), &flags.each_ref().map(String::as_str))
            }
            _ => running,
        };
        match order {
            "cut" => self.forwarder.cut(),
            "kill" | "mend" => self.forwarder.lead_to(&next.port()),
            _ => panic!("the script asks for {order:?}"),
        }
        self.daemon = Some(next);
    }

    /// What the script found: names of walks, and faults.
    fn walk(&mut self, mut node: Command, browser: &Path, options: &[&str]) -> [Vec<String>; 2] {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/page.js");
        node.arg(script).args(options).args(["--certificate", &self.files.shown("server.pem")]);
        if let Some(folder) = std::env::var_os(SCREENSHOTS) {
            node.arg("--screenshots").arg(PathBuf::from(folder));
        }
        let url = format!("https://localhost:{}", self.forwarder.port);
        node.arg(browser).args([&url, TOKEN]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut script = node.spawn().expect("it starts");
        let found = self.follow(&mut script);
        assert!(script.wait().expect("it runs").success(), "the script failed");
        let found: Value = serde_json::from_str(&found).expect("JSON");
        ["walked", "faults"].map(|name| {
            let texts = found[name].as_array().expect("a list").iter();
            texts.map(|text| text.as_str().expect("a text").to_owned()).collect()
        })
    }

    /// Obeys the script until it prints its document.
    fn follow(&mut self, script: &mut Child) -> String {
        let mut answers = script.stdin.take().expect("piped");
        for line in BufReader::new(script.stdout.take().expect("piped")).lines() {
            let line = line.expect("text");
            if line.starts_with('{') {
                return line;
            }
            self.obey(&line);
            writeln!(answers, "done").expect("it waits");
        }
        panic!("the script ended without a document");
    }
}

fn flags(files: &Files) -> [String; 8] {
    let [listen, address] = LOOPBACK.map(str::to_owned);
    let named = |name: &str| files.shown(name);
    let [cert, key, tokens] = ["--tls-cert", "--tls-key", "--token-file"].map(str::to_owned);
    let files = ["server.pem", "server-key.pem", "tokens"].map(named);
    let [certificate, own_key, token_file] = files;
    [listen, address, cert, certificate, key, own_key, tokens, token_file]
}

#[test]
fn page_over_tls_has_no_fault_and_misses_no_event_of_an_outage() {
    let (Some(browser), Some(node)) = (browser(), node()) else { return };
    let options = [&SCREENS[..], &["--outages"]].concat();
    let [walked, faults] = Stage::new().walk(node, &browser, &options);
    assert!(faults.is_empty(), "{faults:#?}\nwalked: {walked:#?}");
    for walk in ["sign in", "witness", "compare", "download", "cancel"] {
        for screen in ["360-light", "1440-dark"] {
            assert!(walked.contains(&format!("{walk} {screen}")), "{walked:?}");
        }
    }
    for outage in ["cut", "kill"] {
        assert!(walked.contains(&format!("{outage} 1440-dark")), "{walked:?}");
    }
}

/// One of each fault: of the console, of scripts, of accessibility, of the width, of a request to another host, which
/// the policy of the page refuses, and a stream that loses an event.
const PLANTED: &str = r"
    const Plain = window.EventSource;
    window.EventSource = class extends Plain {
        addEventListener(kind, listener) {
            super.addEventListener(kind, (event) => event.lastEventId === '4' || listener(event));
        }
    };
    window.addEventListener('load', () => {
        console.warn('planted');
        const wide = document.createElement('div');
        wide.append('wide');
        wide.style.width = '2000px';
        document.body.append(wide, document.createElement('input'));
        setTimeout(() => absent(), 0);
        fetch('http://127.0.0.1:9/absent').catch(() => {});
    });
";

#[test]
fn every_fault_that_is_planted_in_the_page_is_found() {
    let (Some(browser), Some(node)) = (browser(), node()) else { return };
    let mut stage = Stage::new();
    let plant = stage.files.write("plant.js", PLANTED, 0o600);
    let options = ["--plant", &plant, "--screen", "360-light", "--outages"];
    let walks = ["--walk", "sign in", "--walk", "cut"];
    let [_, faults] = stage.walk(node, &browser, &[&options[..], &walks].concat());
    for fault in [
        "console: planted",
        "error: absent is not defined",
        "sign-in: scrolls ",
        "sign-in: axe label: ",
        "Connecting to 'http://127.0.0.1:9/absent'",
        "cut: the page saw the events 2,3,5",
    ] {
        let is_found = faults.iter().any(|found| found.contains(fault));
        assert!(is_found, "{fault}: {faults:#?}");
    }
}
