//! Options of this benchmark.

use std::path::PathBuf;

/// What was typed.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Interpreters to hold against; without any, the one on `PATH`.
    pub(crate) pythons: Vec<PathBuf>,
    /// Numbers of statements; empty for all of them and what follows.
    pub(crate) only: Vec<u8>,
    /// Whether the tables beside real interpreters are wanted although statements were named.
    pub(crate) beside: bool,
    /// A further place for the table.
    pub(crate) write: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments; what cargo itself adds is ignored.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{flag}: needs a value"));
            match flag.as_str() {
                "--bench" => {}
                "--python" => options.pythons.push(value()?.into()),
                "--beside" => options.beside = true,
                "--write" => options.write = Some(value()?.into()),
                "--only" => options.only = numbers(&value()?)?,
                other => {
                    return Err(format!(
                        "{other}: choose --python PATH, --only N,N, --beside, --write FILE"
                    ));
                }
            }
        }
        Ok(options)
    }

    /// Whether a statement is to be checked.
    pub(crate) fn wants(&self, number: u8) -> bool {
        self.only.is_empty() || self.only.contains(&number)
    }
}

fn numbers(list: &str) -> Result<Vec<u8>, String> {
    let number = |text: &str| text.trim().parse().ok().filter(|n| (1..=23).contains(n));
    let read = |text| number(text).ok_or(format!("--only: `{text}` is not a number from 1 to 23"));
    list.split(',').map(read).collect()
}
