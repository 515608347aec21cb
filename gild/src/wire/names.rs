//! Names of the wire: each becomes a type, or is refused together with the nearest known name.

use strategies::catalog::Name;
use strategies::program::bodies::BodyName;
use strategies::program::body_spec::CustomBody;
use strategies::program::era::Era;
use strategies::program::limit::LimitError;
use strategies::program::workload::{Lengths, Request};

use engine::plan::spec::{EraSelector, StrategySelector};
use engine::plan::subject::CPYTHON;
use view::suggest::{self, SIMILARITY_MIN};

/// The name that selects every value.
pub(crate) const ALL: &str = "all";

/// A value that has a name on the wire.
pub(crate) trait Named: Sized {
    /// The value of that name.
    fn parse(name: &str) -> Result<Self, LimitError>;

    /// Its name.
    fn name(&self) -> String;
}

impl Named for StrategySelector {
    fn parse(name: &str) -> Result<Self, LimitError> {
        if name == ALL {
            return Ok(Self::All);
        }
        if name == CPYTHON.name {
            return Ok(Self::Python);
        }
        let names = Name::all().into_iter().map(|known| known.entry().name);
        let known: Vec<_> = names.chain([CPYTHON.name, ALL]).collect();
        let strategy = Name::parse(name).map(Self::One);
        strategy.ok_or_else(|| unknown("strategies", "strategy", name, &known))
    }

    fn name(&self) -> String {
        match self {
            Self::All => ALL.to_owned(),
            Self::One(name) => name.to_string(),
            Self::Python => CPYTHON.name.to_owned(),
        }
    }
}

impl Named for EraSelector {
    fn parse(name: &str) -> Result<Self, LimitError> {
        if name == ALL {
            return Ok(Self::All);
        }
        let known: Vec<_> = Era::ALL.iter().map(|era| era.name()).chain([ALL]).collect();
        let era = Era::parse(name).map(Self::One);
        era.ok_or_else(|| unknown("eras", "era", name, &known))
    }

    fn name(&self) -> String {
        match self {
            Self::All => ALL.to_owned(),
            Self::One(era) => era.to_string(),
        }
    }
}

impl Named for CustomBody {
    fn parse(letters: &str) -> Result<Self, LimitError> {
        Self::parse(letters)
    }

    fn name(&self) -> String {
        self.to_string()
    }
}

impl Named for Request {
    fn parse(name: &str) -> Result<Self, LimitError> {
        let known = [Self::Echo, Self::Write];
        let found = known.into_iter().find(|request| Self::name(*request) == name);
        found.ok_or_else(|| unknown("io_calls", "request", name, &known.map(Self::name)))
    }

    fn name(&self) -> String {
        Self::name(*self).to_owned()
    }
}

impl Named for Lengths {
    fn parse(name: &str) -> Result<Self, LimitError> {
        let found = Self::ALL.into_iter().find(|law| Self::name(*law) == name);
        let known = Self::ALL.map(Self::name);
        found.ok_or_else(|| unknown("lengths", "law of lengths", name, &known))
    }

    fn name(&self) -> String {
        Self::name(*self).to_owned()
    }
}

/// Any text: an interpreter's path is compared with those of the lab later.
impl Named for String {
    fn parse(text: &str) -> Result<Self, LimitError> {
        Ok(text.to_owned())
    }

    fn name(&self) -> String {
        self.clone()
    }
}

/// Values by name; the error names the first that is not known.
pub(crate) fn parse_all<T: Named>(names: &[String]) -> Result<Vec<T>, LimitError> {
    names.iter().map(|name| T::parse(name)).collect()
}

/// One body by name.
pub(crate) fn body(name: &str) -> Result<BodyName, LimitError> {
    let known = BodyName::ALL.map(BodyName::name);
    let refusal = || match name {
        ALL => LimitError {
            field: "bodies",
            value: format!("`{name}`"),
            reason: "is every body, and one is asked for".into(),
            way_out: format!("choose one of {}", known.join(", ")).into(),
        },
        name => unknown("bodies", "body", name, &known),
    };
    BodyName::parse(name).ok_or_else(refusal)
}

/// Bodies by name, or all ten.
pub(crate) fn bodies(names: &[String]) -> Result<Vec<BodyName>, LimitError> {
    if names.iter().any(|name| name == ALL) {
        return Ok(BodyName::ALL.to_vec());
    }
    let known: Vec<_> = BodyName::ALL.iter().map(|body| body.name()).chain([ALL]).collect();
    let one = |name: &String| {
        BodyName::parse(name).ok_or_else(|| unknown("bodies", "body", name, &known))
    };
    names.iter().map(one).collect()
}

/// Refusal of an unknown name, with the nearest known one.
pub(crate) fn unknown(field: &'static str, what: &str, name: &str, known: &[&str]) -> LimitError {
    let nearest = suggest::nearest(name, known.iter().copied(), SIMILARITY_MIN);
    let hint = nearest.map(|nearest| format!("did you mean `{nearest}`? ")).unwrap_or_default();
    let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    LimitError {
        field,
        value: format!("`{name}`"),
        reason: format!("is not {article} {what} of this lab"),
        way_out: format!("{hint}choose one of {}", known.join(", ")).into(),
    }
}
