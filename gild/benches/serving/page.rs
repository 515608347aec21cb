//! The lines that are printed, and the page that they make. Measures nothing.

use std::path::Path;

use engine::sys::host::Host;

/// A page on its way.
pub(super) struct Page(Vec<String>);

impl Page {
    pub(super) fn new() -> Self {
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
    pub(super) fn line(&mut self, text: &str) {
        println!("{text}");
        self.0.push(text.to_owned());
    }

    /// A heading with what its figures are.
    pub(super) fn part(&mut self, title: &str, about: &str) {
        for text in ["", &format!("## {title}"), "", about, ""] {
            self.line(text);
        }
    }

    /// A figure over rounds: its median, its least and its greatest.
    pub(super) fn figure(&mut self, name: &str, mut rounds: Vec<f64>, digits: usize, unit: &str) {
        rounds.sort_unstable_by(f64::total_cmp);
        let (low, high) = (rounds[0], rounds[rounds.len() - 1]);
        let median = f64::midpoint(rounds[(rounds.len() - 1) / 2], rounds[rounds.len() / 2]);
        self.line(&format!(
            "- {name}: **{median:.digits$}**{unit} [{low:.digits$} to {high:.digits$}] of {} \
             rounds",
            rounds.len()
        ));
    }

    /// Writes it where it was asked for.
    pub(super) fn end(self) {
        let Some(path) = std::env::args().skip_while(|arg| arg != "--write").nth(1) else { return };
        // Paths are relative to the workspace, where cargo was called.
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
        let text = self.0.join("\n") + "\n";
        std::fs::write(root.join(path), text).expect("the page can be written");
    }
}
