// The page of a sweep, whose rows and pictures fill as turns arrive.

import { call, follow, withQuery } from "./api.js";
import {
  announce, ask, button, column, commandLine, confirm, facts, field,
  hint, make, pictureOf, row, rowName, section, select, setText,
  stateTag, still, table, tag,
} from "./dom.js";
import { counted, digits, fair, isOpen, labels, lost, machineOf, rate, right, short } from "./words.js";

/** Least time between two requests for the document while turns arrive, in ms. */
const REFRESH_MS = 2000;
/** Least time between two requests for the picture meanwhile, in ms. */
const PICTURE_MS = 4000;
const KINDS = ["sweep", "skipped", "cell", "turn", "end"];
const VERDICTS = { kept: "good", lost: "doubtful", broken: "bad", invalid: "bad" };
const ON_STREAM = { live: "live", reconnecting: "reconnecting …", ended: "", gone: "no longer there" };

/** Kinds of pictures, and the cells without which one says nothing. */
const PICTURES = [
  ["rate", "Rate", () => true],
  ["right", "Share that is right", () => true],
  ["outcomes", "Final values", (cells) => cells.some((cell) => cell.expected !== undefined)],
  ["waits", "Waits for the lock", (cells) => cells.some((cell) => cell.waits > 0)],
  ["shares", "Fairness", (cells) => cells.some((cell) => cell.workers > 1)],
  ["workers", "Share of each worker", (cells) => cells.some((cell) => cell.worker_shares)],
  ["rounds", "Rounds", () => true],
  ["heatmap", "Lost updates by body", (cells) => new Set(cells.map(({ body }) => body)).size > 1],
];

const noteOf = (cell) => {
  const tags = [];
  if (!cell.attempts) return ["no attempt yet"];
  if (cell.verdict) tags.push(tag(cell.verdict, VERDICTS[cell.verdict]));
  if (cell.validity && cell.validity !== "ok") tags.push(tag(cell.validity, "doubtful"));
  if (cell.grade && cell.grade !== "reachable") tags.push(tag(cell.grade, cell.grade === "impossible" ? "bad" : "plain"));
  if (!cell.complete) tags.push(`${cell.attempts} of ${cell.attempts_requested} attempts`);
  return tags;
};

function columnsOf(id, label, explain) {
  const more = (cell) => [
    button("Explain", () => explain(cell), { class: "small", "aria-label": `Explain ${label(cell)}` }),
    make("a", { href: `#/history/${id}/${cell.cell}`, "aria-label": `History of ${label(cell)}` }, "History"),
  ];
  return [
    rowName("Cell", label, "label"),
    column("Right, 95 % interval", right, "number"),
    column("Lost, quartiles", lost, "number"),
    column("Increments/s, quartiles", rate, "number"),
    column("Fair (Jain)", fair, "number"),
    column("Note", noteOf, "time"),
    { title: "More", once: true, class: "do", show: more },
  ];
}

function progress() {
  const bar = make("progress", { max: "1", value: "0", "aria-label": "Attempts that were made" });
  const words = make("span", { class: "count" });
  const state = make("span", { class: "state" });
  const stream = make("span", { class: "stream", role: "status" });
  const node = make("div", { class: "progress" }, state, bar, words, stream);
  let said = -1;
  const update = (job) => {
    const done = job.cells.reduce((sum, cell) => sum + (cell.attempts ?? 0), 0);
    const all = job.cells.reduce((sum, cell) => sum + cell.attempts_requested, 0);
    bar.max = all;
    bar.value = done;
    bar.hidden = !isOpen(job.end.state);
    setText(words, `${digits(done)} of ${counted(all, "attempt")}`);
    if (state.textContent !== job.end.state.toLowerCase()) state.replaceChildren(stateTag(job.end.state));
    const tenth = Math.floor((10 * done) / all);
    if (tenth !== said && isOpen(job.end.state)) announce(`${digits(done)} of ${counted(all, "attempt")}.`);
    said = tenth;
  };
  return { node, update, stream: (text) => setText(stream, ON_STREAM[text]) };
}

function conclusion(job) {
  const { verdict, notes = [], error } = job.end;
  const skipped = (job.skipped ?? []).map(({ combination, reason }) => `${combination}: ${reason}`);
  const list = (title, texts) =>
    texts.length ? [make("h2", { class: "minor" }, title), make("ul", { class: "notes" }, texts.map((text) => make("li", {}, text)))] : [];
  return [
    error ? make("p", { class: "alert" }, error) : "",
    verdict ? make("p", { class: "verdict" }, verdict) : "",
    ...list("Notes", notes),
    ...list("Left out", skipped),
  ];
}

function about(job, common) {
  const { sweep } = job;
  return facts([
    ["Id", sweep.id],
    ["All cells", common],
    ["Labels", sweep.labels && sweep.labels.map((label) => tag(label))],
    ["Machine", machineOf(sweep.machine)],
    ["Seed", sweep.seed],
    ["Order, cores", `${sweep.order}, ${sweep.pin}`],
  ]);
}

/** Buttons for what can be done; `act` takes the request, `labelled` gives the labels. */
function actions(id, act, labelled) {
  const remove = async () => {
    const text = "Its rows, pictures and report are gone then; this cannot be undone.";
    if (!(await confirm(`Delete sweep ${short(id)}?`, text, "Delete"))) return;
    await act(async () => {
      await call(`/api/v1/sweeps/${id}`, { method: "DELETE" });
      location.hash = "#/";
    });
  };
  const post = (verb) => () => act(() => call(`/api/v1/sweeps/${id}/${verb}`, { method: "POST" }));
  const label = async () => {
    const says = "Words to find it by, up to 8, with commas between them.";
    const typed = await ask(`Labels of sweep ${short(id)}`, { label: "Labels", hint: says, value: labelled().join(", "), action: "Save" });
    if (typed === undefined) return;
    const body = { labels: typed.split(",").map((one) => one.trim()).filter(Boolean) };
    await act(() => call(`/api/v1/sweeps/${id}`, { method: "PATCH", body }));
  };
  const buttons = {
    cancel: button("Cancel", post("cancel")),
    resume: button("Resume", post("resume")),
    label: button("Labels …", label),
    remove: button("Delete …", remove, { class: "danger" }),
  };
  const report = make("a", { class: "button", href: `/api/v1/sweeps/${id}/report`, download: `sweep-${short(id)}.html` }, "Download the report");
  const update = (state) => {
    buttons.cancel.hidden = !isOpen(state) || state === "CANCELLING";
    buttons.resume.hidden = !["CANCELLED", "INTERRUPTED"].includes(state);
    buttons.remove.hidden = isOpen(state);
    report.hidden = isOpen(state);
  };
  return { node: row(Object.values(buttons), report), update };
}

function pictures(id, label) {
  const kind = select([]);
  const cell = select([["", "all"]]);
  const picture = pictureOf(`/api/v1/sweeps/${id}/picture`);
  const show = () => picture.update({ kind: kind.value, cell: cell.value });
  kind.addEventListener("change", show);
  cell.addEventListener("change", show);
  const fields = make("div", { class: "filters" },
    field({ id: "picture-kind", label: "Picture", input: kind }), field({ id: "picture-cell", label: "Cell", input: cell }));
  let known = "";
  const update = (cells) => {
    const fits = PICTURES.filter(([, , applies]) => applies(cells));
    const names = fits.map(([name]) => name).join();
    if (names !== known) {
      const chosen = kind.value;
      kind.replaceChildren(...fits.map(([name, text]) => make("option", { value: name }, text)));
      if (chosen) kind.value = chosen;
      known = names;
    }
    if (!cells.some(({ attempts }) => attempts > 0)) return undefined;
    if (cell.length === 1) cell.append(...cells.map((it) => make("option", { value: it.cell }, label(it))));
    return show();
  };
  return { node: section("Pictures", fields, picture.node), update };
}

function explainer(id, label, context) {
  return async (cell) => {
    const path = withQuery(`/api/v1/sweeps/${id}/explanation`, { cell: cell.cell });
    try {
      const { cells } = await context.get(path);
      showExplanation(label(cell), cells[0]);
    } catch (error) {
      context.fail(error);
    }
  };
}

function showExplanation(title, explained) {
  const columns = [
    rowName("Law", ({ law }) => law),
    column("What it says", ({ claim }) => claim, "wide"),
    column("What was measured", ({ measured }) => measured, "wide"),
    column("Agrees", ({ agrees }) => tag(agrees, { yes: "good", no: "bad" }[agrees])),
  ];
  const dialog = make(
    "dialog", { class: "large", "aria-labelledby": "explanation-title" },
    make("h2", { id: "explanation-title" }, `Explanation of ${title}`),
    explained.model ? hint(explained.model) : "",
    still({ caption: explained.title, columns, empty: "No law speaks of this cell." }, explained.claims),
    make("form", { method: "dialog", class: "actions" }, make("button", { autofocus: true }, "Close")),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Requests of the document and the picture that turns bring about, spaced in time. */
function refresher(context, load, draw) {
  let timer;
  let drawn = 0;
  context.onLeave(() => clearTimeout(timer));
  const now = async () => {
    timer = undefined;
    try {
      await load();
      if (Date.now() - drawn < PICTURE_MS) return;
      drawn = Date.now();
      await draw();
    } catch (error) {
      if (!context.isLeft() && error.status !== 0) context.fail(error);
    }
  };
  return { soon: () => (timer ??= setTimeout(now, REFRESH_MS)), stop: () => clearTimeout(timer) };
}

/** The counts of a turn, before the document with all figures comes. */
function applyTurn(job, turn) {
  const cell = job.cells[turn.cell];
  if (!cell || cell.attempts >= turn.attempts) return;
  for (const name of ["correct_fraction", "correct_low", "correct_high"]) delete cell[name];
  const counts = Object.entries(turn).filter(([name]) => /^(attempts|correct|increments_.*)$/.test(name));
  Object.assign(cell, Object.fromEntries(counts));
}

function partsOf(context, id, first, act) {
  const { common, of: label } = labels(first.cells);
  const explain = explainer(id, label, context);
  let shown = first;
  const parts = {
    progress: progress(),
    actions: actions(id, act, () => shown.sweep.labels ?? []),
    rows: table({ caption: "Cells", columns: columnsOf(id, label, explain), key: ({ cell }) => cell }),
    pictures: pictures(id, label),
    about: make("div", {}, about(first, common)),
    end: make("section", { class: "conclusion" }),
  };
  context.title(`Sweep ${short(id)}: ${[...new Set(first.cells.map(({ strategy }) => strategy))].join(", ")}`);
  const command = make("div");
  const showCommand = () => context.get(`/api/v1/sweeps/${id}/command`)
    .then((answer) => command.replaceChildren(commandLine(answer.command)))
    .catch(context.fail);
  showCommand();
  context.place.append(parts.progress.node, parts.actions.node, parts.about, parts.end, parts.rows.node, parts.pictures.node, section("Command", command));
  let concluded = "";
  parts.show = (job) => {
    const isLabelled = String(job.sweep.labels) !== String(shown.sweep.labels);
    shown = job;
    if (isLabelled) {
      parts.about.replaceChildren(about(job, common));
      showCommand();
    }
    parts.rows.update(job.cells);
    parts.progress.update(job);
    parts.actions.update(job.end.state);
    const text = JSON.stringify([job.end, job.skipped]);
    if (text !== concluded) parts.end.replaceChildren(...conclusion(job));
    concluded = text;
  };
  return parts;
}

/** The page of the sweep whose id is the first parameter. */
export async function sweep(context) {
  const [id] = context.parameters;
  const path = `/api/v1/sweeps/${id}`;
  context.title(`Sweep ${short(id)}`);
  const ask = () => context.get(path);
  let job = await ask();
  let stop = () => {};
  context.onLeave(() => stop());
  const act = async (request) => {
    try {
      const answer = await request();
      if (answer && !context.isLeft()) take(answer);
    } catch (error) {
      context.fail(error);
    }
  };
  const parts = partsOf(context, id, job, act);
  const load = async () => take(await ask());
  const refresh = refresher(context, load, () => parts.pictures.update(job.cells));
  const take = (fresh) => {
    const wasOpen = isOpen(job.end.state);
    job = fresh;
    parts.show(job);
    if (!wasOpen && isOpen(job.end.state)) stop = watch();
  };
  const onLine = (kind, line) => {
    if (kind === "turn") applyTurn(job, line);
    if (kind === "turn") parts.show(job);
    refresh.soon();
  };
  const onState = async (state) => {
    parts.progress.stream(state);
    if (state === "gone") context.fail(new Error("This sweep is no longer there."));
    if (state !== "ended") return;
    refresh.stop();
    await act(ask);
    announce(`The sweep has ended. ${job.end.verdict ?? ""}`);
    await parts.pictures.update(job.cells);
  };
  const watch = () => follow(path, KINDS, onLine, onState);
  parts.show(job);
  if (isOpen(job.end.state)) stop = watch();
  await parts.pictures.update(job.cells);
}
