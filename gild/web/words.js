// Texts of figures, parameters and times, as the tables of gilctl have them.

const SCALES = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
];
const TIMES = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
];
/** States in which a job still changes. */
const OPEN_STATES = ["UNSPECIFIED", "QUEUED", "RUNNING", "CANCELLING"];
/** The normal quantile of an interval at 95 %. */
const Z = 1.959963984540054;

/** Whether a job in this state still changes. */
export const isOpen = (state) => OPEN_STATES.includes(state);

/** `value` with three significant digits and no exponent from 0.001 to 10^6. */
export function digits(value) {
  if (value === 0 || Number.isInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(1);
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 });
}

const scaleOf = (value, scales) =>
  scales.find(([size]) => Math.abs(value) >= size) ?? scales[scales.length - 1];

/** A value with the unit that suits it, e.g. 5 ms. */
export function duration(ns) {
  if (ns === 0) return "0";
  const [size, unit] = scaleOf(ns, TIMES);
  return `${digits(ns / size)} ${unit}`;
}

/** A median with the ends of its interval, scaled alike, e.g. `103 k [93–104]`. */
export function withRange(value, low, high) {
  if (value === undefined) return "";
  const [size, unit] = scaleOf(value, SCALES);
  const part = (number) => digits(Number((number / size).toPrecision(3)));
  const range = low === undefined ? "" : ` [${part(low)}–${part(high)}]`;
  return `${part(value)}${unit && ` ${unit}`}${range}`;
}

/** A share in percent. */
export const percent = (share) => `${digits(Number((share * 100).toPrecision(3)))} %`;

/** A share in percent with the ends of its interval. */
export function percentRange(share, low, high) {
  const part = (number) => digits(Number((number * 100).toPrecision(3)));
  return low === undefined ? percent(share) : `${part(share)} % [${part(low)}–${part(high)}]`;
}

/** Wilson's interval at 95 % of `correct` in `attempts`, as the lab computes it. */
export function wilson(correct, attempts) {
  const share = correct / attempts;
  const square = (Z * Z) / attempts;
  const center = (share + square / 2) / (1 + square);
  const root = Math.sqrt((share * (1 - share)) / attempts + square / (4 * attempts));
  const half = (Z * root) / (1 + square);
  return [Math.max(0, center - half), Math.min(1, center + half)];
}

/** How many attempts were right, e.g. `18/20 · 90 % [70–97]`. */
export function right(cell) {
  if (!cell.attempts || cell.correct === undefined) return "";
  const { attempts, correct } = cell;
  const [low, high] = wilson(correct, attempts);
  const share = cell.correct_fraction ?? correct / attempts;
  const range = percentRange(share, cell.correct_low ?? low, cell.correct_high ?? high);
  return `${correct}/${attempts} · ${range}`;
}

/** What was lost: of increments where a time ends an attempt, else by the attempts. */
export function lost(cell) {
  if (cell.increments_checked !== undefined) {
    const { increments_lost: some, increments_checked: all } = cell;
    const range = [cell.increments_lost_low, cell.increments_lost_high];
    return `${percentRange(cell.increments_lost_fraction ?? 0, ...range)} · ${digits(some)} of ${withRange(all)}`;
  }
  if (cell.lost_fraction === undefined) return "";
  return percentRange(cell.lost_fraction, cell.lost_low, cell.lost_high);
}

/** Increments a second with quartiles over attempts. */
export const rate = (cell) =>
  withRange(
    cell.increments_per_second,
    cell.increments_per_second_low,
    cell.increments_per_second_high,
  );

/** Jain's index with the attempts that it is the median of. */
export const fair = (cell) =>
  cell.jain === undefined ? "" : `${digits(cell.jain)} (of ${cell.attempts})`;

/** Fields of a cell beyond strategy and switch rule, with the words for them. */
const PARAMETERS = [
  ["workers", (n) => counted(n, "worker")],
  ["cpu_workers", (n) => `${n} computing`],
  ["io_workers", (n) => `${n} asking`],
  ["tasks", (n) => counted(n, "task")],
  ["increments", (n) => counted(n, "increment")],
  ["body", (name) => `body ${name}`],
  ["task_steps", (n) => counted(n, "task step")],
  ["step_cost_ns", (ns) => `step cost ${duration(ns)}`],
  ["inside_ns", (ns) => ns && `inside ${duration(ns)}`],
  ["outside_ns", (ns) => ns && `outside ${duration(ns)}`],
  ["lengths", (name) => name !== "fixed" && `${name} lengths`],
  ["io_call", (name) => `io ${name}`],
  ["io_ns", (ns) => `for ${duration(ns)}`],
  ["io_every", (n) => `io every ${counted(n, "increment")}`],
  ["duration_ns", (ns) => `for ${duration(ns)}`],
  ["locks", (n) => n !== 1 && `${n} locks`],
  ["reads_percent", (n) => n && `${n} % reads`],
  ["arrivals_per_s", (n) => `${withRange(n)} arrivals/s`],
];

/** A count with its noun. */
export const counted = (n, noun) => `${digits(n)} ${noun}${n === 1 ? "" : "s"}`;

/** The strategy of a cell with its switch rule, e.g. `gil 3.9, 5 ms`. */
export function strategyOf(cell) {
  const version = cell.python_version ?? cell.era;
  const name = version === undefined ? cell.strategy : `${cell.strategy} ${version}`;
  if (cell.switch_ticks !== undefined) return `${name}, ${counted(cell.switch_ticks, "tick")}`;
  if (cell.switch_interval_ns === undefined) return name;
  const also = cell.also_switch_interval_ns ?? [];
  return `${name}, ${[cell.switch_interval_ns, ...also].map(duration).join(" and ")}`;
}

const wordsOf = (cell, parameters) =>
  parameters.map(([field, word]) => cell[field] !== undefined && word(cell[field])).filter(Boolean);

/** What all `cells` have in common, and a function to the label of one of them. */
export function labels(cells) {
  const varies = ([field]) => cells.some((cell) => cell[field] !== cells[0][field]);
  const varied = PARAMETERS.filter(varies);
  const common = PARAMETERS.filter((parameter) => !varies(parameter));
  return {
    common: cells.length ? wordsOf(cells[0], common).join(" · ") : "",
    of: (cell) => [strategyOf(cell), ...wordsOf(cell, varied)].join(" · "),
  };
}

/** A cell with all its parameters. */
export const titleOf = (cell) => [strategyOf(cell), ...wordsOf(cell, PARAMETERS)].join(" · ");

/** The time of `ns` since 1970, of this browser's place, and in a form for machines. */
export function timeOf(ns) {
  const date = new Date(Number(BigInt(ns) / 1000000n));
  const options = { dateStyle: "medium", timeStyle: "medium" };
  return { text: date.toLocaleString("en-GB", options), iso: date.toISOString() };
}

/** What is known of a machine. */
export function machineOf({ cpu_model: cpu, cores, kernel, profile } = {}) {
  return [cpu, cores && counted(cores, "core"), kernel, profile && `${profile} build`].filter(Boolean).join(" · ");
}

/** The last six letters of an id, by which gilctl finds it too. */
export const short = (id) => id.slice(-6);

/** A probability, also where it is below any number. */
export function probability({ probability: p, probability_log10: log }) {
  if (p === undefined) return "";
  if (p > 0 || log === undefined) return digits(p);
  const whole = Math.floor(log);
  return `${(10 ** (log - whole)).toFixed(1)}e${whole}`;
}

/** Digits of any length in groups of three. */
export const grouped = (text) => String(text).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
