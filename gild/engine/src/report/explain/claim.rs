//! A claim: what a law or a limit says of a cell, and the figure that is held against it.

/// Whether a claim and a figure agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Within the figure's uncertainty, and another figure would have contradicted the claim.
    Yes,
    /// They disagree.
    No,
    /// The claim makes no statement about this figure, or the figure is too uncertain or could not
    /// have contradicted it.
    Open,
}

/// A law or limit with the measured value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Name of the law.
    pub law: &'static str,
    /// Its statement about the cell.
    pub claim: String,
    /// The measured value with its uncertainty or count.
    pub measured: String,
    /// Whether they agree.
    pub agreement: Agreement,
}

pub(in crate::report) fn if_so(holds: bool) -> Agreement {
    if holds { Agreement::Yes } else { Agreement::No }
}

impl Claim {
    /// A claim that no figure is held against.
    pub(in crate::report) fn open(law: &'static str, claim: String, measured: String) -> Self {
        Self { law, claim, measured, agreement: Agreement::Open }
    }

    /// All that can be said of a cell that has not run, or not yet.
    pub(in crate::report) fn not_measured() -> Self {
        let claim = "what was not measured contradicts no law, and agrees with none";
        Self::open("not measured", claim.into(), "0 attempts".into())
    }

    /// The same with its figure, which agrees with it unless any other figure would have agreed as
    /// well, for the reason in `silent`.
    pub(in crate::report) fn judged(self, holds: bool, silent: Option<&str>) -> Self {
        match silent.filter(|_| holds) {
            None => Self { agreement: if_so(holds), ..self },
            Some(reason) => {
                let claim = format!("{}; the figure says nothing about it: {reason}", self.claim);
                Self { claim, ..self }
            }
        }
    }
}
