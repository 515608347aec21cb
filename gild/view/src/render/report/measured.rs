//! Facts on how a sweep was measured: machine, seed, order, versions, and the command that asks for it again.

use proto::v1::Sweep;
use time::OffsetDateTime;

use crate::follow::sweep_view::SweepView;
use crate::ids;
use crate::render::format::enum_names;
use crate::render::format::quantity::counted;
use crate::render::sweep::command_line;
use crate::render::sweep::header;

/// A name and what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The name.
    pub name: &'static str,
    /// What is known.
    pub text: String,
}

/// What is known of a sweep's measurement; what is not known is left out.
pub fn facts(board: &SweepView) -> Vec<Fact> {
    let sweep = &board.sweep;
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    let all = [
        ("Sweep", known(ids::id(&sweep.name).to_owned())),
        ("State", known(state(board))),
        ("Created", date(sweep.create_time_ns)),
        ("Machine", sweep.machine.as_ref().map(header::machine)),
        ("Cells", known(counted(board.rows.len() as u64, "cell"))),
        ("In common", known(header::in_common(board))),
        ("Interpreters", known(interpreters(board))),
        ("Seed", known(sweep.seed.to_string())),
        ("Order", known(enum_names::order(sweep.order()).to_owned())),
        ("Pin", known(enum_names::pin(sweep.pin()).to_owned())),
        ("Imported from", known(sweep.imported_from.clone())),
        ("Report by", Some(format!("gilctl {}", env!("CARGO_PKG_VERSION")))),
    ];
    let fact = |(name, text): (&'static str, Option<String>)| Some(Fact { name, text: text? });
    all.into_iter().filter_map(fact).collect()
}

/// The command that asks for the same sweep, also where the lab drew its seed.
pub fn sweep_command(sweep: &Sweep) -> String {
    let mut spec = sweep.spec.clone().unwrap_or_default();
    spec.seed.get_or_insert(sweep.seed);
    command_line::command(&spec)
}

fn state(board: &SweepView) -> String {
    let state = enum_names::state(board.state).to_lowercase();
    let (done, asked) = (board.attempts(), board.attempts_requested());
    let runs = match board.sweep.runs {
        0 | 1 => String::new(),
        runs => format!(", in {runs} runs"),
    };
    format!("{state}, {done} of {asked} attempts{runs}")
}

/// The day in UTC; `None` for a time that no calendar has.
fn date(time_ns: u64) -> Option<String> {
    let seconds = i64::try_from(time_ns / 1_000_000_000).ok().filter(|seconds| *seconds > 0)?;
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    Some(format!("{}-{:02}-{:02} (UTC)", time.year(), u8::from(time.month()), time.day()))
}

fn interpreters(board: &SweepView) -> String {
    let mut versions: Vec<String> = Vec::new();
    for row in board.rows.iter().filter(|row| !row.cell.python_version.is_empty()) {
        let version = format!("CPython {}", row.cell.python_version);
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_is_that_of_the_time() {
        assert_eq!(date(1_700_000_000_000_000_000).as_deref(), Some("2023-11-14 (UTC)"));
        assert_eq!(date(0), None);
        assert!(date(u64::MAX).is_some());
    }
}
