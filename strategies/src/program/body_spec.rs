//! Bodies by hand: an increment as a string of step letters, and the one type for a body wherever
//! it comes from. Never mends what was written, and knows no era: [`crate::program::step`] does.

use std::fmt;

use crate::program::bodies::BodyName;
use crate::program::limit::LimitError;
use crate::program::step::Step;

/// Most steps of a body by hand: twice as many as the longest listing has.
pub const STEPS_MAX: usize = 32;

/// Fills the places behind the last step, so that equal spellings are equal values.
const UNUSED: Step = Step::Quiet;

/// The steps of one increment as a user wrote them: one load, and after it one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CustomBody {
    steps: [Step; STEPS_MAX],
    length: usize,
}

impl CustomBody {
    /// Reads the letters of [`crate::program::step`].
    ///
    /// ```
    /// use strategies::program::body_spec::CustomBody;
    /// assert_eq!(CustomBody::parse("L.S").map(|body| body.to_string()), Ok("L.S".to_owned()));
    /// assert!(CustomBody::parse("LAS").is_err());
    /// ```
    pub fn parse(letters: &str) -> Result<Self, LimitError> {
        let length = letters.chars().count();
        if length > STEPS_MAX {
            return Err(LimitError {
                field: "steps",
                value: format!("a body of {length} letters"),
                reason: format!("is longer than the limit of {STEPS_MAX}"),
                way_out: "keep to the steps that matter".into(),
            });
        }
        let mut steps = [UNUSED; STEPS_MAX];
        for (place, letter) in steps.iter_mut().zip(letters.chars()) {
            *place = Step::of_letter(letter).ok_or_else(|| unknown(letters, letter))?;
        }
        Self { steps, length }.checked()
    }

    fn steps(&self) -> &[Step] {
        &self.steps[..self.length]
    }

    fn checked(self) -> Result<Self, LimitError> {
        let places = |wanted| -> Vec<usize> {
            (0..self.length).filter(|&at| self.steps[at] == wanted).collect()
        };
        let (load, store) = match (&*places(Step::Load), &*places(Step::Store)) {
            (&[load], &[store]) if load < store => (load, store),
            _ => return Err(no_increment(self)),
        };
        match (&*places(Step::Acquire), &*places(Step::Release)) {
            ([], []) => Ok(self),
            (&[acquire], &[release]) if acquire < load && store < release => Ok(self),
            // It would let go what it has not, or wait for itself.
            _ => Err(no_pair(self)),
        }
    }
}

fn quoted(letters: &str) -> String {
    format!("`{}`", letters.escape_debug())
}

fn unknown(letters: &str, letter: char) -> LimitError {
    let capital = letter.to_ascii_uppercase();
    let hint = Step::of_letter(capital).map(|step| format!("did you mean `{step}`? "));
    LimitError {
        field: "steps",
        value: quoted(letters),
        reason: format!("has {}, which is not a step", quoted(letter.encode_utf8(&mut [0; 4]))),
        way_out: format!(
            "{}write L (load), S (store), `.` or `,` (local steps) and the letters {}",
            hint.unwrap_or_default(),
            Step::ALL[4..].iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        )
        .into(),
    }
}

fn no_increment(spelled: CustomBody) -> LimitError {
    LimitError {
        field: "steps",
        value: quoted(&spelled.to_string()),
        reason: "is not an increment: that is one L (load) and after it one S (store)".into(),
        way_out: "write e.g. `L.S`; a further body is a value of its own, since `,` is a step"
            .into(),
    }
}

fn no_pair(spelled: CustomBody) -> LimitError {
    LimitError {
        field: "steps",
        value: quoted(&spelled.to_string()),
        reason: "has A (takes a lock) or R (lets it go) other than as one pair around L and S"
            .into(),
        way_out: "write `.` for a local step, such as the addition, or one A before L and one R \
                  after S"
            .into(),
    }
}

impl fmt::Display for CustomBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps().iter().try_for_each(|step| write!(f, "{step}"))
    }
}

/// What one increment of the shared counter looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Increment {
    /// As a listing has it.
    Named(BodyName),
    /// As a user wrote it.
    Custom(CustomBody),
}

impl Increment {
    /// Its steps, one turn of the loop.
    pub fn steps(self) -> impl ExactSizeIterator<Item = Step> + Clone {
        let length = match self {
            Self::Named(name) => name.listing().len(),
            Self::Custom(spelled) => spelled.length,
        };
        (0..length).map(move |at| match self {
            Self::Named(name) => name.listing()[at].step,
            Self::Custom(spelled) => spelled.steps[at],
        })
    }

    /// The steps from the load up to the store, which is not among them: where another's store
    /// would be overwritten. The first is the load, since others can come right after it.
    pub fn window(self) -> impl Iterator<Item = Step> + Clone {
        // Every body loads once and then stores once: a test holds it of listings, parsing of
        // others.
        self.steps().skip_while(|&step| step != Step::Load).take_while(|&step| step != Step::Store)
    }

    /// Whether all workers take one lock around the window.
    pub fn has_lock(self) -> bool {
        self.steps().any(|step| step == Step::Acquire)
    }

    /// The field of the wire that asks for it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Named(_) => "bodies",
            Self::Custom(_) => "steps",
        }
    }
}

impl From<BodyName> for Increment {
    fn from(name: BodyName) -> Self {
        Self::Named(name)
    }
}

impl From<CustomBody> for Increment {
    fn from(spelled: CustomBody) -> Self {
        Self::Custom(spelled)
    }
}

/// The name, or else the letters.
impl fmt::Display for Increment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => name.fmt(f),
            Self::Custom(spelled) => spelled.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    #[track_caller]
    fn refused(letters: &str) -> String {
        CustomBody::parse(letters).expect_err("refused").to_string()
    }

    #[test]
    fn every_listing_can_be_spelled() {
        for name in BodyName::ALL {
            let letters: String = name.steps().map(Step::letter).collect();
            let spelled = Increment::from(CustomBody::parse(&letters).expect("a body"));
            let named = Increment::from(name);
            assert!(spelled.steps().eq(named.steps()) && spelled.steps().len() <= STEPS_MAX / 2);
            assert!(spelled.window().eq(named.window()));
            assert_eq!(spelled.has_lock(), name == BodyName::Locked);
            assert_eq!([named, spelled].map(|it| it.to_string()), [name.name(), &letters]);
        }
    }

    #[test]
    fn refused_addition_names_its_letter() {
        assert_eq!(
            refused("LAS"),
            "steps: `LAS` has A (takes a lock) or R (lets it go) other than as one pair around L \
             and S; write `.` for a local step, such as the addition, or one A before L and one R \
             after S"
        );
        for letters in ["ALS", "LSR", "RLSA", "LARS", "AALSRR", "ALRS", "LASR"] {
            assert!(refused(letters).contains("one pair around L and S"), "{letters}");
        }
        assert!(CustomBody::parse("A.L.SR").is_ok());
    }

    #[test]
    fn an_increment_loads_once_and_then_stores_once() {
        for letters in ["", "L", "S", "SL", "LLS", "LSS", "LS,L.S", "..."] {
            let error = refused(letters);
            assert!(
                error.starts_with(&format!("steps: `{letters}` is not an increment")),
                "{error}"
            );
        }
    }

    #[test]
    fn letters_that_are_none_are_named() {
        let lower = refused("lS");
        assert!(lower.starts_with("steps: `lS` has `l`, which is not a step; did you mean `L`?"));
        assert!(lower.ends_with("and the letters C N F J I A R"), "{lower}");
        assert!(refused("L\0S").starts_with(r"steps: `L\0S` has `\0`, which is not a step; write"));
        assert!(refused("L·S").contains("`·`"));
    }

    #[test]
    fn spellings_have_a_limit() {
        let longest = format!("L{}S", ".".repeat(STEPS_MAX - 2));
        assert_eq!(CustomBody::parse(&longest).map(|body| body.to_string()), Ok(longest.clone()));
        let beyond = refused(&(longest + "."));
        assert!(beyond.starts_with("steps: a body of 33 letters is longer than the limit of 32"));
    }

    fn others() -> impl Strategy<Value = String> {
        let letters = Step::ALL.map(Step::letter).into_iter().filter(|it| !"LSAR".contains(*it));
        vec(select(letters.collect::<Vec<_>>()), 0..6).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn letters_are_read_back(
            (a, b, c, d, e) in (others(), others(), others(), others(), others()),
            has_lock in any::<bool>(),
        ) {
            let (acquire, release) = if has_lock { ("A", "R") } else { ("", "") };
            let letters = format!("{a}{acquire}{b}L{c}S{d}{release}{e}");
            let spelled = CustomBody::parse(&letters).expect("a body");
            prop_assert_eq!(spelled.to_string(), letters);
            prop_assert_eq!(Increment::from(spelled).has_lock(), has_lock);
        }

        /// Whatever is typed is read as it stands, or refused with a way out.
        #[test]
        fn no_spelling_panics(
            letters in vec(prop_oneof![select(Step::ALL.map(Step::letter).to_vec()), any::<char>()], 0..40)
        ) {
            let letters = String::from_iter(letters);
            match CustomBody::parse(&letters) {
                Ok(spelled) => prop_assert_eq!(spelled.to_string(), letters),
                Err(error) => prop_assert!(error.field == "steps" && !error.way_out.to_string().is_empty()),
            }
        }
    }
}
