//! Flags of `label`.

use clap::Args;

use crate::cli::target::Target;

const LABEL_EXAMPLES: &str = "\
Examples:
  gilctl label latest \"before the fix\" v1.2  these two, and no other
  gilctl label 4abcde --none              removes those that it has
";

/// Which sweep, and its labels.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(before_help = LABEL_EXAMPLES)]
pub struct LabelFlags {
    /// Which sweep.
    #[command(flatten)]
    pub which: Target,
    /// All labels that it has from then on, 8 at most; `gilctl sweep --label` has their limits
    #[arg(value_name = "LABEL")]
    pub labels: Vec<String>,
    /// Remove the labels that it has
    #[arg(long)]
    pub none: bool,
}
