//! Commands about stored sweeps and explorations.

mod compare;
mod delete;
mod label;
mod list;
mod other_parameters;
mod plot;
mod portable;
mod report;
mod report_in_browser;
mod resume;
mod show;
mod trace;

use tonic::Code;

use crate::support::fake_history::FakeHistory;
use crate::support::fake_sweeps::{FakeSweeps, run};
use crate::support::server::ServerBehavior;

/// Runs gilctl against a lab with that history: exit code, stdout, stderr.
fn with(history: &FakeHistory, arguments: &[&str]) -> (Option<i32>, String, String) {
    run(sweeps_with(history), arguments)
}

/// A lab with that history.
fn sweeps_with(history: &FakeHistory) -> FakeSweeps {
    FakeSweeps { history: history.clone(), ..FakeSweeps::new(ServerBehavior::Serves) }
}

/// A history that refuses each change.
fn refusing(code: Code) -> FakeHistory {
    FakeHistory { refuses: Some(code), ..FakeHistory::default() }
}
