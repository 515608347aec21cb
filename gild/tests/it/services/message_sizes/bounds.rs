//! Bounds of the wire's fields: most bytes of each text, most items of each list. A field that has none
//! fails the test until it gets one.

use engine::limits::{
    ALSO_NAMED_MAX, CELLS_MAX, FINDINGS_BYTES_MAX, INTERPRETER_PATH_BYTES_MAX, LABEL_CHARS_MAX,
    LABELS_MAX, NOTES_BYTES_MAX, OUTCOME_BYTES_MAX, PLAYED_MOVES_MAX, QUEUE_LIMIT,
    TURN_ATTEMPTS_MAX, WORKERS_MAX,
};
use engine::picture::thin::{
    CATEGORIES_MAX, LABEL_BYTES_MAX, NAME_LETTERS_MAX, NOTE_BYTES_MAX, NOTES_MAX, POINTS_MAX,
    POINTS_TOTAL_MAX, SERIES_MAX,
};
use engine::picture::words::DESCRIPTION_BYTES_MAX;
use gild::limits::{
    COMPARED_MAX, FILE_CHUNK_BYTES, ID_LETTERS_MAX, ORIGIN_LETTERS_MAX, PAGE_MAX, PART_BYTES_MAX,
    REQUEST_ID_MAX, SPEC_BYTES_MAX, TOKEN_NAME_CHARS_MAX,
};
use gild::wire::sweep::axes::AXES;
use strategies::model::counting::orders::EXACT_TURNS_MAX;
use strategies::model::program::MOVES_MAX;
use strategies::program::body_spec::STEPS_MAX;
use strategies::program::sanitize::{REASON_LETTERS_MAX, VALUE_LETTERS_MAX, WAY_OUT_LETTERS_MAX};

/// A name of the lab's own: of a strategy, a body, an era, a unit.
const WORD: usize = 24;
/// A phrase of the catalogue.
const PHRASE: usize = 160;
/// What the system or an interpreter says in one line.
const LINE: usize = 256;
/// One or two sentences with a few names of cells.
const SENTENCE: usize = 4 << 10;
/// Letters take up to four bytes.
const NAME: usize = 4 * ID_LETTERS_MAX + "explorations/".len();
const OWNER: usize = 4 * TOKEN_NAME_CHARS_MAX + "certificate ".len();
const REFUSAL: usize = VALUE_LETTERS_MAX + REASON_LETTERS_MAX + WAY_OUT_LETTERS_MAX;
/// A histogram: four thousand counters of at most 2^53, each in seven bits a byte.
const HISTOGRAM: usize = 40 << 10;
/// A path of the system.
const PATH: usize = 4 << 10;
/// Each run of a schedule with as many as are replayed: "T0x5600 ", if they share all moves that a script
/// may have.
const RUN: usize = 9;
/// Digits of a number of interleavings of so many turns, each of one of eight workers.
#[expect(clippy::cast_possible_truncation, reason = "a hundred thousand")]
const COUNT: usize = EXACT_TURNS_MAX as usize;
/// Remarks about a sweep: two for each cell, and some about all.
const NOTES: usize = 2 * CELLS_MAX + 64;
/// The longest remark: on a thousand switch intervals that are one setting.
const NOTE: usize = 32 << 10;
/// Prunes that are listed at once: a history of a million.
const JOBS: usize = 1_000_000;
/// A point of a picture without its label: four doubles, a count, whether it is noisy, keys and lengths.
const PICTURE_POINT: usize = 4 * 9 + 11 + 2 + 6;
/// A name in a picture.
const PICTURE_NAME: usize = 4 * NAME_LETTERS_MAX;
/// Interpreters of a lab: a path each on a command line.
const INTERPRETERS: usize = 1024;

/// Most bytes of a text (or of a list's text, `[]`), most items of a list.
pub(super) const FIELDS: &[(&str, usize)] = &[
    ("BodyInfo.body", WORD),
    ("BodyInfo.source", PHRASE),
    ("BodyInfo.steps", STEPS_MAX),
    ("CalibratePythonRequest.python", INTERPRETER_PATH_BYTES_MAX),
    ("CalibratePythonResponse.era", WORD),
    ("CalibratePythonResponse.notes", 2),
    ("CalibratePythonResponse.notes[]", 4 * LINE),
    ("CalibratePythonResponse.python", INTERPRETER_PATH_BYTES_MAX),
    ("CalibratePythonResponse.version", WORD),
    ("CancelExplorationRequest.name", NAME),
    ("CancelSweepRequest.name", NAME),
    ("Cell.also_switch_interval_ps", ALSO_NAMED_MAX),
    ("Cell.body", STEPS_MAX),
    ("Cell.era", WORD),
    ("Cell.io_call", WORD),
    ("Cell.lengths", WORD),
    ("Cell.python", INTERPRETER_PATH_BYTES_MAX),
    ("Cell.python_version", WORD),
    ("Cell.steps", STEPS_MAX),
    ("Cell.strategy", WORD),
    ("CellExplanation.claims", 16),
    ("CellExplanation.model", LINE),
    ("CellExplanation.title", LINE),
    ("Claim.claim", 4 * LINE),
    ("Claim.law", WORD),
    ("Claim.measured", 4 * LINE),
    ("CompareSweepsRequest.by", AXES.len()),
    ("CompareSweepsRequest.by[]", WORD),
    ("CompareSweepsRequest.names", COMPARED_MAX),
    ("CompareSweepsRequest.names[]", NAME),
    ("CompareSweepsResponse.by", AXES.len()),
    ("CompareSweepsResponse.by[]", WORD),
    ("CompareSweepsResponse.cells", (COMPARED_MAX - 1) * CELLS_MAX),
    ("CompareSweepsResponse.differences", 12),
    ("CompareSweepsResponse.ignored", AXES.len()),
    ("CompareSweepsResponse.ignored[]", WORD),
    ("CompareSweepsResponse.parameters", AXES.len()),
    ("CompareSweepsResponse.sweeps", COMPARED_MAX),
    ("CompareSweepsResponse.unknown", 12),
    ("CompareSweepsResponse.unknown[]", WORD),
    ("CompareSweepsResponse.verdict", SENTENCE),
    ("ComparedCell.rounds", 2),
    ("CreateExplorationRequest.request_id", 4 * REQUEST_ID_MAX),
    ("CreateSignInCodeResponse.address", WORD),
    ("CreateSignInCodeResponse.code", WORD),
    ("CreateSignInCodeResponse.host_names", 100),
    ("CreateSignInCodeResponse.host_names[]", 253),
    ("CreateSweepRequest.request_id", 4 * REQUEST_ID_MAX),
    ("DeleteExplorationRequest.name", NAME),
    ("DeleteSweepRequest.name", NAME),
    ("Difference.field", WORD),
    ("Difference.values", COMPARED_MAX),
    ("Difference.values[]", LINE),
    ("Ended.error", SENTENCE),
    ("Ended.notes", NOTES),
    ("Ended.notes[]", NOTE),
    ("Ended.verdict", SENTENCE),
    ("EraInfo.era", WORD),
    ("EraInfo.rule", WORD),
    ("EraInfo.sites", WORD),
    ("ExamineMachineResponse.examined", 32),
    ("ExamineMachineResponse.verdict", SENTENCE),
    ("Examined.advice", SENTENCE),
    ("Examined.found", SENTENCE),
    ("Examined.name", WORD),
    ("ExplainSweepRequest.name", NAME),
    ("ExplainSweepResponse.cells", CELLS_MAX),
    ("Exploration.classes", COUNT),
    ("Exploration.error", SENTENCE),
    ("Exploration.interleavings", COUNT),
    ("Exploration.interleavings_rounded", 2 * WORD),
    ("Exploration.model", LINE),
    ("Exploration.name", NAME),
    ("Exploration.outcomes", MOVES_MAX / 2),
    ("Exploration.owner", OWNER),
    ("Exploration.steps", STEPS_MAX),
    ("Exploration.verdict", SENTENCE),
    ("ExplorationProgress.part", PHRASE),
    ("ExplorationSpec.body", WORD),
    ("ExplorationSpec.era", WORD),
    ("ExplorationSpec.q", 32),
    ("ExplorationSpec.scheduler", WORD),
    ("ExplorationSpec.steps", STEPS_MAX),
    ("ExplorationSpec.strategy", WORD),
    ("ExportSweepRequest.name", NAME),
    ("ExportSweepResponse.chunk", FILE_CHUNK_BYTES),
    ("GetBodyRequest.body", WORD),
    ("GetBodyRequest.eras", CELLS_MAX),
    ("GetBodyRequest.eras[]", WORD),
    ("GetBodyResponse.listings", 2 * WORD),
    ("GetBodyResponse.source", PHRASE),
    ("GetExplorationRequest.name", NAME),
    ("GetPictureRequest.cell", 4 * VALUE_LETTERS_MAX),
    ("GetPictureRequest.names", COMPARED_MAX),
    ("GetPictureRequest.names[]", NAME),
    ("GetSweepRequest.name", NAME),
    ("GetSweepResponse.measurements", CELLS_MAX),
    ("GetSweepResponse.notes", NOTES),
    ("GetSweepResponse.notes[]", NOTE),
    ("GetSweepResponse.verdict", SENTENCE),
    ("ImportSweepRequest.chunk", FILE_CHUNK_BYTES),
    ("Instruction.argument", WORD),
    ("Instruction.letter", 1),
    ("Instruction.opcode", WORD),
    ("LabelSweepRequest.labels", LABELS_MAX),
    ("LabelSweepRequest.labels[]", LABEL_CHARS_MAX),
    ("LabelSweepRequest.name", NAME),
    ("Lab.degraded", SENTENCE),
    ("Lab.history", PATH),
    ("Lab.limits", 64),
    ("Lab.owners", QUEUE_LIMIT),
    ("Lab.pythons", INTERPRETERS),
    ("Lab.pythons[]", INTERPRETER_PATH_BYTES_MAX),
    ("Lab.running", NAME),
    ("Lab.version", WORD),
    ("Limit.motive", PHRASE),
    ("Limit.name", WORD),
    ("Limit.unit", 2 * WORD),
    ("ListExplorationsRequest.page_token", NAME),
    ("ListExplorationsResponse.explorations", PAGE_MAX as usize),
    ("ListExplorationsResponse.next_page_token", NAME),
    ("ListExplorationsResponse.own_owners", 2),
    ("ListExplorationsResponse.own_owners[]", OWNER),
    ("ListStrategiesResponse.bodies", 64),
    ("ListStrategiesResponse.eras", 2 * WORD),
    ("ListStrategiesResponse.strategies", 64),
    ("ListSweepsRequest.filter", LINE),
    ("ListSweepsRequest.page_token", NAME),
    ("ListSweepsResponse.next_page_token", NAME),
    ("ListSweepsResponse.own_owners", 2),
    ("ListSweepsResponse.own_owners[]", OWNER),
    ("ListSweepsResponse.sweeps", PAGE_MAX as usize),
    ("Listing.era", WORD),
    ("Listing.instructions", 2 * STEPS_MAX),
    ("Loss.lost", PLAYED_MOVES_MAX),
    ("MachineInfo.clock_source", LINE),
    ("MachineInfo.cpu_model", LINE),
    ("MachineInfo.governor", LINE),
    ("MachineInfo.hypervisor", LINE),
    ("MachineInfo.kernel", LINE),
    ("MachineInfo.profile", WORD),
    ("MachineInfo.smt", WORD),
    ("Measurement.hand_over_ns_hdr", HISTOGRAM),
    ("Measurement.latency_ns_hdr", HISTOGRAM),
    ("Measurement.slice_ns_hdr", HISTOGRAM),
    ("Measurement.wait_ns_hdr", HISTOGRAM),
    ("Measurement.outcomes", engine::measure::model::model_fit::SEEN_MAX),
    ("Measurement.reachable", LINE),
    ("Measurement.worker_shares", WORKERS_MAX as usize),
    ("Measurement.wait_ranks", strategies::harness::counters::WAIT_RANKS),
    ("Outcome.count", OUTCOME_BYTES_MAX),
    ("Outcome.denominator", OUTCOME_BYTES_MAX),
    ("Outcome.numerator", OUTCOME_BYTES_MAX),
    ("Outcome.script", OUTCOME_BYTES_MAX),
    ("Outcome.witness", OUTCOME_BYTES_MAX),
    ("OwnerLoad.owner", OWNER),
    ("ParameterInfo.default_value", PHRASE),
    ("ParameterInfo.description", LINE),
    ("ParameterInfo.name", WORD),
    ("ParameterInfo.range", LINE),
    ("ParameterInfo.unit", WORD),
    ("Picture.bands", SERIES_MAX),
    ("Picture.description", DESCRIPTION_BYTES_MAX),
    ("Picture.marks", 4),
    ("Picture.notes", NOTES_MAX),
    ("Picture.notes[]", NOTE_BYTES_MAX),
    ("Picture.series", SERIES_MAX),
    ("Picture.title", PICTURE_NAME),
    ("PictureAxis.categories", CATEGORIES_MAX),
    ("PictureAxis.categories[]", PICTURE_NAME),
    ("PictureAxis.label", PHRASE),
    ("PictureAxis.unit", WORD),
    ("PictureBand.name", PICTURE_NAME),
    ("PictureBand.points", POINTS_MAX),
    ("PictureMark.label", WORD),
    ("PicturePoint.label", LABEL_BYTES_MAX),
    ("PictureSeries.name", PICTURE_NAME),
    ("PictureSeries.points", POINTS_MAX),
    ("PruneHistoryResponse.names", JOBS),
    ("PruneHistoryResponse.names[]", "explorations/".len() + 26),
    ("ReplayScheduleRequest.script", PART_BYTES_MAX),
    ("ResumeSweepRequest.name", NAME),
    ("SearchEstimate.method", WORD),
    ("Skipped.combination", 3 * WORD),
    ("Skipped.reason", REFUSAL / 2),
    ("StrategyInfo.model", LINE),
    ("StrategyInfo.name", 2 * WORD),
    ("StrategyInfo.parameters", 16),
    ("StrategyInfo.promise", PHRASE),
    ("StrategyInfo.strategy", WORD),
    ("StrategyInfo.summary", LINE),
    ("Sweep.cells", CELLS_MAX),
    ("Sweep.error", SENTENCE),
    ("Sweep.imported_from", 4 * ORIGIN_LETTERS_MAX),
    ("Sweep.name", NAME),
    ("Sweep.owner", OWNER),
    ("Sweep.skipped", CELLS_MAX),
    ("Trace.events", PLAYED_MOVES_MAX),
    ("Trace.instructions", 32),
    ("Trace.instructions[]", WORD),
    ("Trace.losses", PLAYED_MOVES_MAX / 2),
    ("Trace.model", LINE),
    ("Trace.schedule", RUN * PLAYED_MOVES_MAX),
    ("Trace.script", RUN * PLAYED_MOVES_MAX + LINE),
    ("TraceEvent.letter", 1),
    ("Turn.duration_ns", TURN_ATTEMPTS),
    ("Turn.finals", TURN_ATTEMPTS),
    ("Turn.increments", TURN_ATTEMPTS),
    ("Turn.overlap_fraction", TURN_ATTEMPTS),
    ("Turn.seeds", TURN_ATTEMPTS),
    ("Turn.switches", TURN_ATTEMPTS),
    ("WatchExplorationRequest.name", NAME),
    ("WatchSweepRequest.name", NAME),
];

const TURN_ATTEMPTS: usize = TURN_ATTEMPTS_MAX as usize;

/// Most bytes of messages that the lab limits as a whole.
pub(super) const MESSAGES: &[(&str, usize)] = &[
    ("SweepSpec", SPEC_BYTES_MAX),
    // Its texts together, and its numbers.
    ("Outcome", OUTCOME_BYTES_MAX + LINE),
];

/// Most bytes of all items of a list together, where that is less than each at its longest.
pub(super) const LISTS: &[(&str, usize)] = &[
    ("Ended.notes", NOTES_BYTES_MAX + NOTE),
    (
        "Picture.series",
        POINTS_TOTAL_MAX * (PICTURE_POINT + LABEL_BYTES_MAX) + SERIES_MAX * 2 * PICTURE_NAME,
    ),
    ("GetSweepResponse.notes", NOTES_BYTES_MAX + NOTE),
    ("Exploration.outcomes", FINDINGS_BYTES_MAX + MOVES_MAX / 2 * LINE),
    // A store is lost to the open windows of seven others at most.
    ("Trace.losses", PLAYED_MOVES_MAX / 2 * (16 + 7 * 4)),
];
