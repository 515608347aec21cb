//! Every way in: the request messages of the wire and the texts that the lab reads, each with what
//! the service does to it before anything runs.

use gild::limits::MESSAGE_BYTES_MAX;
use prost::Message;

use super::outcome::{Breach, Outcome};
use super::{explorations, names, sweeps, texts};

macro_rules! doors {
    ($($door:ident $name:literal $take:expr,)*) => {
        /// A way in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Door { $($door,)* }

        impl Door {
            /// Every one.
            pub(crate) const ALL: [Self; [$(Self::$door),*].len()] = [$(Self::$door),*];

            /// Its name, and that of its directory in the corpus.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$door => $name,)* }
            }

            /// What the service does to such an input, with all that must be true of what comes of
            /// it.
            pub(crate) fn take(self, input: &[u8]) -> Result<Outcome, Breach> {
                if input.len() > MESSAGE_BYTES_MAX {
                    return Ok(Outcome::Undecoded);
                }
                match self { $(Self::$door => $take(input),)* }
            }
        }
    };
}

doors! {
    CreateSweep "create-sweep" |input| decoded(input, sweeps::create),
    GetSweep "get-sweep" |input| read(input, names::get_sweep),
    ListSweeps "list-sweeps" |input| read(input, names::list_sweeps),
    CancelSweep "cancel-sweep" |input| read(input, names::cancel_sweep),
    WatchSweep "watch-sweep" |input| read(input, names::watch_sweep),
    ResumeSweep "resume-sweep" |input| read(input, names::resume_sweep),
    LabelSweep "label-sweep" |input| read(input, names::label_sweep),
    DeleteSweep "delete-sweep" |input| read(input, names::delete_sweep),
    PruneHistory "prune-history" |input| read(input, names::prune_history),
    CompareSweeps "compare-sweeps" |input| read(input, names::compare_sweeps),
    GetPicture "get-picture" |input| decoded(input, names::get_picture),
    ExportSweep "export-sweep" |input| read(input, names::export_sweep),
    ImportSweep "import-sweep" |input| read(input, names::import_sweep),
    ExplainSweep "explain-sweep" |input| read(input, names::explain_sweep),
    CreateExploration "create-exploration" |input| decoded(input, explorations::create),
    GetExploration "get-exploration" |input| read(input, names::get_exploration),
    ListExplorations "list-explorations" |input| read(input, names::list_explorations),
    CancelExploration "cancel-exploration" |input| read(input, names::cancel_exploration),
    WatchExploration "watch-exploration" |input| read(input, names::watch_exploration),
    DeleteExploration "delete-exploration" |input| read(input, names::delete_exploration),
    ReplaySchedule "replay-schedule" |input| read(input, explorations::replay),
    GetBody "get-body" |input| read(input, names::get_body),
    CalibratePython "calibrate-python" |input| read(input, names::calibrate_python),
    Steps "steps" |input| text(input, texts::steps),
    Schedule "schedule" |input| text(input, texts::schedule),
    Owner "owner" |input| text(input, texts::owner),
    Probability "probability" |input| text(input, texts::probability),
}

fn decoded<M: Message + Default>(
    input: &[u8],
    then: impl FnOnce(M) -> Result<Outcome, Breach>,
) -> Result<Outcome, Breach> {
    M::decode(input).map_or(Ok(Outcome::Undecoded), then)
}

fn read<M: Message + Default>(
    input: &[u8],
    then: impl FnOnce(&M) -> Result<Outcome, Breach>,
) -> Result<Outcome, Breach> {
    decoded(input, |message: M| then(&message))
}

fn text(
    input: &[u8],
    then: impl FnOnce(&str) -> Result<Outcome, Breach>,
) -> Result<Outcome, Breach> {
    std::str::from_utf8(input).map_or(Ok(Outcome::Undecoded), then)
}
