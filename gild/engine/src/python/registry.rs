//! Registry of the interpreters that a lab may run: named at its start, probed on first use. No
//! other can be named later.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use strategies::program::limit::LimitError;

use crate::python::error::PythonError;
use crate::python::interpreter::Interpreter;

/// A list of interpreters; clones are the same list.
#[derive(Debug, Clone, Default)]
pub struct Interpreters(Arc<[Slot]>);

#[derive(Debug)]
struct Slot {
    path: PathBuf,
    probed: OnceLock<Result<Interpreter, PythonError>>,
}

impl Interpreters {
    /// Those at these paths, each once; nothing is run yet.
    pub fn named(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut slots: Vec<Slot> = Vec::new();
        for path in paths {
            if !slots.iter().any(|slot| slot.path == path) {
                slots.push(Slot { path, probed: OnceLock::new() });
            }
        }
        Self(slots.into())
    }

    /// The one on `PATH`, if there is one.
    pub fn on_path() -> Self {
        Self::named(Interpreter::on_path())
    }

    /// The paths as they were given.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|slot| slot.path.as_path())
    }

    /// Asks each who it is; the first that does not answer well is the error. Takes as long as the
    /// slowest answers, and asks none twice.
    pub fn probe(&self) -> Result<(), PythonError> {
        self.0.iter().try_for_each(|slot| slot.probed().map(drop))
    }

    /// The interpreters of these paths, or all for none, with their places in the list.
    pub fn choose(&self, wanted: &[String]) -> Result<Vec<(usize, Interpreter)>, LimitError> {
        let places = match wanted {
            [] => (0..self.0.len()).collect(),
            wanted => wanted.iter().map(|path| self.place(path)).collect::<Result<Vec<_>, _>>()?,
        };
        if places.is_empty() {
            return Err(LimitError {
                field: "pythons",
                value: "no interpreter".into(),
                reason: "is known to this lab, and `cpython` needs one".into(),
                way_out:
                    "put python3 on PATH or name one with --python PATH where the lab runs inside \
                          gilctl, or start the daemon as `gild serve --python PATH`"
                        .into(),
            });
        }
        let chosen = places.into_iter().map(|place| match self.0[place].probed() {
            Ok(interpreter) => Ok((place, interpreter.clone())),
            Err(error) => Err(unusable(&self.0[place].path, &error)),
        });
        chosen.collect()
    }

    /// The interpreter at a place that [`Interpreters::choose`] gave.
    pub fn at(&self, place: usize) -> Result<&Interpreter, PythonError> {
        self.0[place].probed()
    }

    fn place(&self, wanted: &str) -> Result<usize, LimitError> {
        let found = self.paths().position(|path| path == Path::new(wanted));
        found.ok_or_else(|| {
            let known: Vec<_> = self.paths().map(|path| path.display().to_string()).collect();
            let way_out = match known.as_slice() {
                [] => "start the lab with it, or run one inside gilctl with --embedded".to_owned(),
                known => format!("choose one of {}", known.join(", ")),
            };
            LimitError {
                field: "pythons",
                value: format!("`{wanted}`"),
                reason: "is not an interpreter that this lab was started with".into(),
                way_out: way_out.into(),
            }
        })
    }
}

/// The error of an interpreter as that of the value that named it.
fn unusable(path: &Path, error: &PythonError) -> LimitError {
    let (path, said) = (path.display().to_string(), error.to_string());
    let about = said.strip_prefix(&format!("interpreter {path}: "));
    let (reason, way_out) = about.unwrap_or(&said).rsplit_once("; ").unwrap_or((&said, ""));
    let reason = match about {
        Some(_) => reason.to_owned(),
        None => format!("cannot be used: {reason}"),
    };
    LimitError { field: "pythons", value: path, reason, way_out: way_out.into() }
}

impl Slot {
    fn probed(&self) -> Result<&Interpreter, PythonError> {
        self.probed.get_or_init(|| Interpreter::probe(&self.path)).as_ref().map_err(Clone::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lab_without_interpreters_names_the_option() {
        let error = Interpreters::default().choose(&[]).expect_err("there is none");
        assert_eq!(error.field, "pythons");
        assert!(error.way_out.to_string().contains("--python PATH"), "{error}");
    }

    #[test]
    fn unregistered_interpreter_is_refused() {
        let list = Interpreters::named(["/a/python".into(), "/a/python".into(), "b".into()]);
        assert_eq!(list.paths().count(), 2);
        let error = list.choose(&["/bin/sh".into()]).expect_err("not in the list");
        assert!(error.to_string().ends_with("choose one of /a/python, b"), "{error}");
    }

    #[test]
    fn missing_interpreter_is_refused() {
        let list = Interpreters::named(["/nowhere/python".into()]);
        assert!(matches!(list.probe(), Err(PythonError::Missing { .. })));
        let error = list.choose(&[]).expect_err("it is not there");
        assert_eq!((error.field, error.value.as_str()), ("pythons", "/nowhere/python"));
    }
}
