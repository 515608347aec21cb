// Pages of the lab as a whole: its jobs, its queue and its machine.

import { withQuery } from "./api.js";
import {
  announce, button, column, facts, hint, make, row, rowName, select,
  stateTag, still, table, tag,
} from "./dom.js";
import { counted, digits, machineOf, percent, short, timeOf, withRange } from "./words.js";

/** Jobs of a page of the list. */
const PAGE = 50;
/** Most sweeps of a comparison. */
const COMPARED_MAX = 8;
/** Least time between two reloads of a list, in ms. */
const RELOAD_MS = 2000;
const NOISE_SWEEPS = 12;
const STATES = ["queued", "running", "cancelling", "succeeded", "failed", "cancelled", "interrupted"];
const TONES = { good: "good", unknown: "plain", doubtful: "doubtful", bad: "bad" };

/** Calls `reload` when the page is looked at again, not more often than every two seconds. */
function onFocus(context, reload) {
  let last = Date.now();
  const again = () => {
    if (document.visibilityState !== "visible" || Date.now() - last < RELOAD_MS) return;
    last = Date.now();
    reload().catch(context.fail);
  };
  window.addEventListener("focus", again);
  document.addEventListener("visibilitychange", again);
  context.onLeave(() => {
    window.removeEventListener("focus", again);
    document.removeEventListener("visibilitychange", again);
  });
}

const time = (ns) => {
  const { text, iso } = timeOf(ns);
  return make("time", { datetime: iso }, text);
};

function linkOf(job) {
  if (job.isSweep) return make("a", { href: `#/sweep/${job.id}` }, job.strategies?.replaceAll(",", ", ") || short(job.id));
  const asked = job.asked_value === undefined ? "" : `, value ${job.asked_value}`;
  return make("a", { href: `#/exploration/${job.id}` }, `${job.strategy}${asked}`);
}

function progressOf(job) {
  if (!job.isSweep) return job.verdict ?? "";
  const place = job.queue_position ? `, ${job.queue_position} before it` : "";
  return `${digits(job.attempts)} of ${counted(job.attempts_requested, "attempt")} in ${counted(job.cells, "cell")}${place}`;
}

const kindOf = (job) => {
  if (job.isSweep) return "sweep";
  return job.asked_value === undefined ? "exploration" : "witness";
};

function columnsOf(selected, onSelect) {
  const choose = (job) => {
    const input = make("input", {
      type: "checkbox",
      "aria-label": `Select ${job.strategies} ${short(job.id)}`,
      onchange: () => {
        if (input.checked) selected.add(job.id);
        else selected.delete(job.id);
        onSelect();
      },
    });
    input.checked = selected.has(job.id);
    return input;
  };
  return [
    { title: "Select", once: true, class: "choose", show: (job) => (job.isSweep ? choose(job) : "") },
    rowName("Job", linkOf, "wide"),
    column("Id", (job) => short(job.id), "code"),
    column("Kind", kindOf),
    column("State", (job) => stateTag(job.state)),
    column("Done", progressOf, "wide"),
    column("Labels", (job) => (job.labels ?? []).map((label) => tag(label))),
    column("Owner", (job) => job.owner ?? ""),
    column("Created", (job) => time(job.create_time_ns), "time"),
  ];
}

function filters(query, onChange) {
  const inputs = {
    kind: select([["sweep", "sweeps"], ["exploration", "explorations"]], query.get("kind") ?? "sweep"),
    state: select([["", "any"], ...STATES.map((state) => [state, state])], query.get("state") ?? ""),
    owner: make("input", { value: query.get("owner") ?? "", autocomplete: "off" }),
    label: make("input", { value: query.get("label") ?? "", autocomplete: "off" }),
  };
  const values = () => Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value.trim()]));
  const changed = (event) => {
    event.preventDefault();
    const address = withQuery("#/", values());
    window.history.replaceState(null, "", address);
    onChange();
  };
  const fields = Object.entries(inputs).map(([name, input]) => {
    const label = name[0].toUpperCase() + name.slice(1);
    return make("div", {}, make("label", { for: `filter-${name}` }, label), Object.assign(input, { id: `filter-${name}` }));
  });
  const form = make("form", { class: "filters", role: "search", "aria-label": "Filter jobs", onsubmit: changed, onchange: changed },
    fields, make("button", {}, "Filter"));
  return { form, values };
}

const merged = ({ sweeps, explorations }) => {
  const all = [...sweeps.map((job) => ({ ...job, isSweep: true })), ...explorations];
  return all.sort((one, other) => (BigInt(one.create_time_ns) < BigInt(other.create_time_ns) ? 1 : -1));
};

/** Sweeps or explorations, newest first. */
export async function jobs(context) {
  context.title("Jobs");
  const selected = new Set();
  let shown = [];
  let before;
  const compare = button("Compare", () => {
    location.hash = `#/compare/${shown.map(({ id }) => id).filter((id) => selected.has(id)).reverse().join(",")}`;
  });
  const onSelect = () => {
    compare.textContent = `Compare ${selected.size} selected`;
    compare.disabled = selected.size < 2 || selected.size > COMPARED_MAX;
  };
  onSelect();
  const list = table({
    caption: "Jobs, newest first",
    columns: columnsOf(selected, onSelect),
    key: ({ id }) => id,
    empty: "Nothing fits these filters.",
  });
  const load = async (isOlder) => {
    const limit = isOlder ? PAGE : Math.max(PAGE, shown.length);
    const query = { ...wanted.values(), limit, before: isOlder ? before : "" };
    const answer = await context.get(withQuery("/api/v1/jobs", query));
    shown = isOlder ? [...shown, ...merged(answer)] : merged(answer);
    before = answer.next;
    older.hidden = !before;
    list.update(shown);
    announce(`${counted(shown.length, "job")} listed.`);
  };
  const older = button("Older ones", () => load(true).catch(context.fail), { hidden: true });
  const wanted = filters(context.query, () => load(false).catch(context.fail));
  context.place.append(wanted.form, row(compare, hint(`Select 2 to ${COMPARED_MAX} sweeps; the oldest is the base.`)), list.node, older);
  await load(false);
  onFocus(context, () => load(false));
}

/** How fit the machine is, how busy it was, and what waits. */
export async function lab(context) {
  context.title("Lab");
  const parts = { status: make("section"), doctor: make("section"), noise: make("section") };
  context.place.append(parts.status, parts.doctor, parts.noise);
  const load = async () => {
    const status = await context.get("/api/v1/status");
    parts.status.replaceChildren(...statusParts(status));
    parts.noise.replaceChildren(...(await noiseParts(context)));
    if (!parts.doctor.hasChildNodes()) parts.doctor.append(hint("The machine is examined; that takes some seconds."));
    parts.doctor.replaceChildren(...doctorParts(await context.get("/api/v1/doctor")));
  };
  await load();
  onFocus(context, load);
}

const bytes = (size) => `${withRange(size)}B`;

function statusParts(status) {
  const running = status.running && make("a", { href: `#/sweep/${status.running}` }, short(status.running));
  const pairs = [
    ["Version", status.version],
    ["Machine", machineOf(status.machine)],
    ["Running", running || "nothing"],
    ["Waiting sweeps", digits(status.queued_sweeps)],
    ["Lanes", status.lanes && `${counted(status.lanes, "sweep")} measured at once`],
    ["Watchers", status.watchers !== undefined && digits(status.watchers)],
    ["History", `${bytes(status.history_bytes)}, ${counted(status.kept_sweeps, "sweep")}`],
    ["Interpreters", status.pythons.join(", ") || "none"],
    ["Started", status.start_time_ns && time(status.start_time_ns)],
    ["Degraded", status.degraded],
  ];
  const columns = [
    rowName("Owner", ({ owner }) => owner),
    column("Waiting or running", ({ waiting }) => counted(waiting, "job"), "number"),
  ];
  const empty = "The queue is empty.";
  return [
    make("h2", {}, "Lanes and queue"),
    facts(pairs.filter(([, value]) => value !== false)),
    still({ caption: "Queue by owner", columns, empty }, status.owners),
  ];
}

function doctorParts({ examined, verdict }) {
  const columns = [
    rowName("What", ({ name }) => name.replaceAll("_", " ")),
    column("Found", ({ found }) => found),
    column("Fitness", ({ fitness }) => tag(fitness, TONES[fitness])),
    column("Advice", ({ advice }) => advice ?? "", "wide"),
  ];
  return [make("h2", {}, "Fitness to measure"), make("p", { class: "verdict" }, verdict), still({ caption: "What matters to measuring", columns }, examined)];
}

const rangeOf = (cells, name) => {
  const values = cells.map((cell) => cell[name]).filter((value) => value !== undefined);
  if (!values.length) return "not known";
  return `${percent(Math.min(...values))} to ${percent(Math.max(...values))}`;
};

async function noiseParts(context) {
  const listed = await context.get(withQuery("/api/v1/jobs", { kind: "sweep", limit: NOISE_SWEEPS }));
  const rows = [];
  for (const job of listed.sweeps) {
    const { cells } = await context.get(`/api/v1/sweeps/${job.id}`);
    rows.push({ job, cells: cells.filter((cell) => cell.attempts > 0) });
  }
  const columns = [
    rowName("Sweep", ({ job }) => linkOf({ ...job, isSweep: true })),
    column("Created", ({ job }) => time(job.create_time_ns), "time"),
    column("Used by others, least to most of its cells", ({ cells }) => rangeOf(cells, "others_fraction"), "number"),
    column("Taken by the hypervisor", ({ cells }) => rangeOf(cells, "steal_fraction"), "number"),
    column("Noisy cells", ({ cells }) => `${cells.filter(({ validity }) => validity === "noisy").length} of ${cells.length}`, "number"),
  ];
  return [make("h2", {}, "Noise of the machine"), still({ caption: `The newest ${NOISE_SWEEPS} sweeps`, columns }, rows)];
}
