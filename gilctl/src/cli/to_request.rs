//! Requests from typed flags. A flag that was left out leaves its field empty: defaults and limits
//! are the daemon's.

use proto::v1::{ExplorationSpec, PruneHistoryRequest};

use crate::cli::StrategiesFlags;
use crate::cli::explore::{ExploreFlags, QuestionFlags, WitnessFlags};
use crate::cli::history::{Bounds, PruneFlags};
use view::request::flag::optional;
use view::request::parse::ValueError;
use view::request::parse::duration::age_nanoseconds;
use view::request::parse::list::{names, small_number};

/// Which bodies are to be listed, each as all of these eras see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listings {
    /// Names of bodies.
    pub bodies: Vec<String>,
    /// Names of eras; none for the lab's choice.
    pub eras: Vec<String>,
}

/// The listings that were typed.
pub fn listings(flags: &StrategiesFlags) -> Result<Listings, ValueError> {
    Ok(Listings { bodies: names("--body", &flags.body)?, eras: names("--era", &flags.era)? })
}

/// The exploration that was typed.
pub fn exploration(flags: &ExploreFlags) -> Result<ExplorationSpec, ValueError> {
    Ok(ExplorationSpec { exact: flags.exact, ..question(&flags.question)? })
}

/// The exploration that looks for one value.
pub fn witness(flags: &WitnessFlags) -> Result<ExplorationSpec, ValueError> {
    let value = small_number("--value", &flags.value)?;
    Ok(ExplorationSpec { value: Some(value), ..question(&flags.question)? })
}

fn question(flags: &QuestionFlags) -> Result<ExplorationSpec, ValueError> {
    let maybe =
        |flag, typed: &Option<String>| optional(typed.as_deref(), |it| small_number(flag, it));
    let named = |flag, typed: &Option<String>| {
        let way_out = "leave it out for the default";
        Ok(optional(typed.as_deref(), |it| word(flag, it, way_out))?.unwrap_or_default())
    };
    Ok(ExplorationSpec {
        strategy: word("--strategy", &flags.strategy, "`gilctl strategies` lists them")?,
        era: named("--era", &flags.era)?,
        switch_ticks: maybe("--switch-ticks", &flags.switch_ticks)?,
        workers: maybe("--workers", &flags.workers)?,
        increments: maybe("--increments", &flags.increments)?,
        body: named("--body", &flags.body)?,
        steps: named("--steps", &flags.steps)?,
        scheduler: named("--scheduler", &flags.scheduler)?,
        q: named("--q", &flags.q)?,
        k: maybe("--k", &flags.k)?,
        phase: maybe("--phase", &flags.phase)?,
        exact: false,
        value: None,
    })
}

/// The bounds of the history that were typed.
pub fn prune(flags: &PruneFlags) -> Result<PruneHistoryRequest, ValueError> {
    let Bounds { keep, keep_newest } = &flags.bounds;
    let keep_duration_ns =
        optional(keep.as_deref(), |text| match age_nanoseconds("--keep", text)? {
            // On the wire 0 stands for any age.
            0 => Err(ValueError::new(
                "--keep",
                text,
                "is not a bound",
                "forget all with --keep-newest 0",
            )),
            nanos => Ok(nanos),
        })?;
    Ok(PruneHistoryRequest {
        keep_duration_ns: keep_duration_ns.unwrap_or_default(),
        keep_newest: optional(keep_newest.as_deref(), |text| small_number("--keep-newest", text))?,
        dry_run: flags.consent.dry_run,
        own_only: !flags.all,
    })
}

/// The cell that was typed.
pub fn cell(typed: Option<&str>) -> Result<Option<u32>, ValueError> {
    optional(typed, |text| small_number("--cell", text))
}

/// Any word: which ones there are is the daemon's to say.
fn word(flag: &'static str, text: &str, way_out: &str) -> Result<String, ValueError> {
    match text.trim() {
        "" => Err(ValueError::new(flag, "", "is empty", way_out)),
        word => Ok(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_arrives_word_by_word() {
        let text = |text: &str| Some(text.to_owned());
        let question = QuestionFlags {
            strategy: "gil".into(),
            workers: text("3"),
            increments: text("1_000"),
            era: text(" 2.7 "),
            switch_ticks: text("100"),
            body: text("call"),
            scheduler: text("switch-q"),
            q: text("1/20"),
            ..QuestionFlags::default()
        };
        let wanted = ExplorationSpec {
            strategy: "gil".into(),
            era: "2.7".into(),
            switch_ticks: Some(100),
            workers: Some(3),
            increments: Some(1000),
            body: "call".into(),
            scheduler: "switch-q".into(),
            q: "1/20".into(),
            value: Some(2),
            ..ExplorationSpec::default()
        };
        let flags = WitnessFlags { value: "2".into(), question, svg: None };
        assert_eq!(witness(&flags), Ok(wanted));
        let question = QuestionFlags { strategy: "atomic".into(), ..QuestionFlags::default() };
        let flags = ExploreFlags { question, exact: true, ..ExploreFlags::default() };
        let spec = exploration(&flags).expect("valid");
        assert_eq!((spec.workers, spec.scheduler.as_str(), spec.exact), (None, "", true));
    }
}
