//! The table: a statement a line, in Markdown. Decides nothing.

use std::process::ExitCode;

use engine::sys::host::Host;

use crate::real::Reals;

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Holds,
    HoldsNot,
}

impl From<bool> for Outcome {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::HoldsNot }
    }
}

/// A statement with what was measured here.
#[derive(Debug)]
pub(crate) struct Row {
    /// What a faithful GIL owes.
    pub(crate) claim: &'static str,
    /// How that is checked, with the limits.
    pub(crate) check: &'static str,
    /// What was seen, with counts or intervals.
    pub(crate) measured: String,
    pub(crate) outcome: Outcome,
    /// Why, where the figure alone does not say.
    pub(crate) why: &'static str,
}

/// A further table.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) text: String,
    pub(crate) outcome: Option<Outcome>,
}

/// All rows.
#[derive(Debug)]
pub(crate) struct Report {
    rows: Vec<(u8, Row)>,
    /// What follows the table.
    pub(crate) sections: Vec<Section>,
    interpreters: String,
}

impl Report {
    pub(crate) fn new(reals: &Reals) -> Self {
        Self { rows: Vec::new(), sections: Vec::new(), interpreters: reals.versions() }
    }

    pub(crate) fn push(&mut self, number: u8, row: Row) {
        self.rows.push((number, row));
    }

    pub(crate) fn markdown(&self) -> String {
        let Host { cpu_model, cores, kernel, .. } = Host::detect();
        let mut lines = vec![
            "# How faithful the GIL is".to_owned(),
            String::new(),
            "Written by `cargo bench -p gild --bench fidelity -- --write docs/fidelity.md`. \
             Statements 1 to 4, 6 and 7 are also tests (`strategies/tests/it/programs.rs`, \
             `era.rs`). Medians come with 95 % bootstrap intervals; ratios and orders are the \
             result, times are this machine's."
                .to_owned(),
            String::new(),
            format!("{cpu_model}, {cores} cores, {kernel}; interpreters: {}.", self.interpreters),
            String::new(),
            "| # | statement | how it is checked | measured here | holds | why |".to_owned(),
            "|---|---|---|---|---|---|".to_owned(),
        ];
        for (number, Row { claim, check, measured, outcome, why }) in &self.rows {
            let holds = word(*outcome);
            lines.push(format!("| {number} | {claim} | {check} | {measured} | {holds} | {why} |"));
        }
        for Section { title, text, .. } in &self.sections {
            lines.extend([String::new(), format!("## {title}"), String::new(), text.clone()]);
        }
        lines.join("\n") + "\n"
    }

    /// An error if anything does not hold.
    pub(crate) fn exit_code(&self) -> ExitCode {
        let rows = self.rows.iter().map(|(number, row)| (number.to_string(), row.outcome));
        let sections = self.sections.iter();
        let sections =
            sections.filter_map(|section| Some((section.title.to_owned(), section.outcome?)));
        let failed: Vec<_> = rows
            .chain(sections)
            .filter(|(_, outcome)| *outcome == Outcome::HoldsNot)
            .map(|(name, _)| name)
            .collect();
        if failed.is_empty() {
            return ExitCode::SUCCESS;
        }
        eprintln!("fidelity: does not hold: {}", failed.join(", "));
        ExitCode::FAILURE
    }
}

pub(crate) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "yes",
        Outcome::HoldsNot => "**no**",
    }
}
