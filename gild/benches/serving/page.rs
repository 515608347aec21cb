//! The lines that are printed, and the page that they make. Measures nothing.

use std::path::Path;

use engine::sys::host::Host;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// A page on its way.
pub(crate) struct Page(Vec<String>);

impl Page {
    pub(crate) fn new() -> Self {
        let Host { cpu_model, cores, kernel, profile, .. } = Host::detect();
        let mut page = Self(Vec::new());
        page.line("# Serving, measured");
        page.line("");
        page.line(
            "Written by `cargo bench -p gild --bench serving -- --write docs/serving-measured.md`.",
        );
        page.line(&format!("{cpu_model}, {cores} cores, {kernel}, {profile}."));
        page
    }

    /// One line more.
    pub(crate) fn line(&mut self, text: &str) {
        println!("{text}");
        self.0.push(text.to_owned());
    }

    /// A heading with what its figures are.
    pub(crate) fn part(&mut self, title: &str, about: &str) {
        for text in ["", &format!("## {title}"), "", about, ""] {
            self.line(text);
        }
    }

    /// A figure over rounds: its median, its quartiles, its least and its greatest.
    pub(crate) fn figure(&mut self, name: &str, mut rounds: Vec<f64>, digits: usize, unit: &str) {
        rounds.sort_unstable_by(f64::total_cmp);
        let last = rounds.len() - 1;
        let quarter =
            |of: usize| f64::midpoint(rounds[last * of / 4], rounds[(last * of).div_ceil(4)]);
        let (low, high) = (rounds[0], rounds[last]);
        let [first, median, third] = [1, 2, 3].map(quarter);
        self.line(&format!(
            "- {name}: **{median:.digits$}**{unit}, quartiles {first:.digits$} and \
             {third:.digits$} [{low:.digits$} to {high:.digits$}] of {} rounds",
            rounds.len()
        ));
    }

    /// Writes it where it was asked for.
    pub(crate) fn end(self) {
        let Some(path) = std::env::args().skip_while(|arg| arg != "--write").nth(1) else { return };
        // Paths are relative to the workspace, where cargo was called.
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
        let text = self.0.join("\n") + "\n";
        std::fs::write(root.join(path), text).expect("the page can be written");
    }
}

/// Processor time of this process so far, in seconds.
pub(crate) fn cpu_s() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process knows its own");
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    seconds(usage.user_time()) + seconds(usage.system_time())
}
