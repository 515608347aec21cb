//! Options of this benchmark.

use std::path::PathBuf;

use crate::fuzz::target::Target;

/// Default number of inputs: a minute's.
const DEFAULT_INPUTS: u64 = 500_000;
/// Default seed.
const DEFAULT_SEED: u64 = 1;

/// What was typed.
#[derive(Debug)]
pub(crate) struct Options {
    /// Number of inputs in addition to the corpus.
    pub(crate) inputs: u64,
    /// What they follow from.
    pub(crate) seed: u64,
    /// The number of the first: with one input, a finding is made again.
    pub(crate) from: u64,
    /// One target alone.
    pub(crate) only: Option<Target>,
    /// Where inputs are kept: findings, and one for each signature that is new.
    pub(crate) corpus: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments; what cargo itself adds is ignored.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (inputs, seed) = (DEFAULT_INPUTS, DEFAULT_SEED);
        let mut options = Self { inputs, seed, from: 0, only: None, corpus: None };
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{flag}: needs a value"));
            match flag.as_str() {
                "--bench" => {}
                "--inputs" => options.inputs = number(&flag, &value()?)?,
                "--seed" => options.seed = number(&flag, &value()?)?,
                "--from" => options.from = number(&flag, &value()?)?,
                "--only" => options.only = Some(target(&value()?)?),
                "--corpus" => options.corpus = Some(value()?.into()),
                other => {
                    return Err(format!(
                        "{other}: choose --inputs N, --seed N, --from N, --only TARGET, --corpus \
                         DIR"
                    ));
                }
            }
        }
        Ok(options)
    }
}

fn number(flag: &str, text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{flag}: `{text}` is not a whole number"))
}

fn target(name: &str) -> Result<Target, String> {
    let found = Target::ALL.into_iter().find(|target| target.name() == name);
    let known = Target::ALL.map(Target::name).join(", ");
    found.ok_or_else(|| format!("--only: `{name}` is not a target; choose one of {known}"))
}
