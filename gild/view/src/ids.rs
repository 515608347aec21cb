//! Names of sweeps and explorations: their kind, their id, and its short form.

/// Length of a short id: the last characters of an id, which are random.
pub const SHORT_ID_LENGTH: usize = 6;
/// Length of an id.
const ID_LENGTH: usize = 26;

/// The kind of item that an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A sweep.
    Sweep,
    /// An exploration.
    Exploration,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Sweep, Self::Exploration];

    /// The kind of a resource name.
    pub fn of(name: &str) -> Self {
        if name.starts_with(Self::Exploration.collection()) {
            Self::Exploration
        } else {
            Self::Sweep
        }
    }

    /// The noun for it.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Exploration => "exploration",
        }
    }

    const fn collection(self) -> &'static str {
        match self {
            Self::Sweep => "sweeps/",
            Self::Exploration => "explorations/",
        }
    }
}

/// The id in a resource name.
pub fn id(name: &str) -> &str {
    let after = |kind: Kind| name.strip_prefix(kind.collection());
    Kind::ALL.into_iter().find_map(after).unwrap_or(name)
}

/// The short id.
pub fn short(name: &str) -> &str {
    let id = id(name);
    let start = id.len().saturating_sub(SHORT_ID_LENGTH);
    id.get(start..).unwrap_or(id)
}

/// The resource name of a sweep whose complete id was typed, which needs no list.
pub fn whole_sweep(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let id = typed.strip_prefix(Kind::Sweep.collection()).unwrap_or(typed);
    let is_complete =
        id.len() == ID_LENGTH && id.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'v'));
    is_complete.then(|| format!("{}{id}", Kind::Sweep.collection()))
}

/// A job that a typed id may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its resource name.
    pub name: String,
    /// Whether it is the caller's own.
    pub is_own: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_id_of_a_sweep_needs_no_list() {
        let whole = "06h0coviblqij3diathuhak2mk";
        for typed in [whole.to_owned(), format!("sweeps/{whole}")] {
            assert_eq!(whole_sweep(&typed), Some(format!("sweeps/{whole}")));
        }
        for less in ["latest", &whole[1..], "explorations/06h0coviblqij3diathuhak2mk"] {
            assert_eq!(whole_sweep(less), None);
        }
    }

    #[test]
    fn resource_name_has_its_kind() {
        let names = ["sweeps/01abcdxyz123", "explorations/02abcgrst789"];
        assert_eq!(names.map(Kind::of), [Kind::Sweep, Kind::Exploration]);
        assert_eq!(id("explorations/02abcgrst789"), "02abcgrst789");
        assert_eq!(short("sweeps/01abcdxyz123"), "xyz123");
    }
}
