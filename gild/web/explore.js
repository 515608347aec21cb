// Pages of explorations: what can come out, how likely it is, and a witness move by move.

import { call, follow } from "./api.js";
import {
  alertOf, announce, button, column, confirm, facts, field, hint,
  make, pictureOf, row, rowName, section, select, setText, stateTag,
  table, tag,
} from "./dom.js";
import { counted, digits, grouped, isOpen, probability, short } from "./words.js";

const KINDS = ["exploration", "started", "progress", "outcome", "end"];
/** Moves that are listed before and after the present one. */
const AROUND = 10;
const SCHEDULERS = ["interleavings", "uniform-step", "switch-q", "every-k"];
const MOVES = {
  L: ({ value }) => `reads ${value}`,
  S: ({ value }) => `writes ${value}`,
  X: ({ value }) => `adds atomically, the counter shows ${value}`,
  A: () => "acquires the lock",
  R: () => "releases the lock",
  Q: () => "gets in line",
  E: () => "enters",
  D: () => "leaves",
};
/** Letters of moves after which a worker holds the lock, and after which it does not. */
const [TAKES, LEAVES] = ["AE", "RD"];

const nameOf = (worker) => `T${worker}`;

/** The state after each move: registers, holder, steps within increments, stale loads. */
function statesOf(trace, strategy) {
  const workers = Array.from({ length: trace.workers }, () => ({ register: "–", step: -1, increment: "–", instruction: "", move: "has not begun", isStale: false }));
  const isGil = strategy === "gil";
  let holder = "–";
  const states = [{ workers, holder, counter: 0 }];
  trace.events.forEach((event, at) => {
    const next = states[at].workers.map((worker) => ({ ...worker }));
    const mine = next[event.worker];
    mine.step = mine.increment === event.increment ? mine.step + 1 : 0;
    mine.increment = event.increment;
    mine.instruction = trace.instructions?.[mine.step] ?? "";
    mine.move = MOVES[event.letter]?.(event) ?? "other work";
    if (["L", "S"].includes(event.letter)) mine.register = event.value;
    for (const { load, store } of trace.losses) {
      if (load === at) mine.isStale = true;
      if (store === at) mine.isStale = false;
    }
    if (isGil || TAKES.includes(event.letter)) holder = nameOf(event.worker);
    else if (LEAVES.includes(event.letter)) holder = "–";
    states.push({ workers: next, holder, counter: event.counter });
  });
  return states;
}

function wordsOf(trace, at, states) {
  const event = trace.events[at];
  const { instruction, move } = states[at + 1].workers[event.worker];
  const times = event.times > 1 ? `, ${digits(event.times)} times in a row` : "";
  const doing = instruction && move === "other work" ? instruction : `${move}${instruction ? ` (${instruction})` : ""}`;
  const loss = trace.losses.find(({ store }) => store === at);
  const wiped = loss ? `: goes back to the read of move ${loss.load + 1} and wipes out ${counted(loss.lost.length, "store")}` : "";
  const isLost = trace.losses.some(({ lost }) => lost.includes(at)) ? " (lost later)" : "";
  return `${nameOf(event.worker)} ${doing}${times}${wiped}${isLost}`;
}

function workersTable(trace, isLocked) {
  const columns = [
    rowName("Worker", ({ name }) => name),
    column("Last move", ({ move }) => move, "wide"),
    column("Increment", ({ increment }) => (increment === "–" ? "–" : digits(increment + 1)), "number"),
    column("Register", ({ register, isStale }) => [String(register), isStale ? tag("stale", "bad") : ""], "number"),
  ];
  if (trace.instructions) columns.splice(2, 0, column("Instruction", ({ instruction }) => instruction, "code wide"));
  if (isLocked) columns.push(column("Holds the lock", ({ isHolder }) => (isHolder ? "yes" : "")));
  return table({ caption: "Workers after this move", columns, key: ({ name }) => name });
}

function movesTable(trace, states, go) {
  const columns = [
    { title: "Move", once: true, class: "number", show: ({ at }) => button(digits(at + 1), () => go(at + 1), { class: "small", "aria-label": `Go to move ${at + 1}` }) },
    ...Array.from({ length: trace.workers }, (_, worker) =>
      column(nameOf(worker), ({ at }) => (trace.events[at].worker === worker ? trace.events[at].letter : ""), "lane")),
    rowName("What happens", ({ at }) => wordsOf(trace, at, states), "wide"),
    column("Counter", ({ at }) => digits(trace.events[at].counter), "number"),
  ];
  return table({ caption: "Moves around this one", columns, key: ({ at }) => at });
}

/** Calls `go` for the arrow keys, Home and End. */
const onKeys = (go, last) => (event) => {
  const to = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (to) go((at) => at + to);
  else if (event.key === "Home") go(() => 0);
  else if (event.key === "End") go(() => last);
  else return;
  event.preventDefault();
};

function stepper(trace, strategy) {
  const states = statesOf(trace, strategy);
  const last = trace.events.length;
  const isLocked = states.some(({ holder }) => holder !== "–");
  const said = make("p", { class: "said", "aria-live": "polite" });
  const counter = make("output", { class: "counter" });
  let at = 0;
  const go = (to) => {
    at = Math.min(last, Math.max(0, typeof to === "function" ? to(at) : to));
    show();
  };
  const workers = workersTable(trace, isLocked);
  const moves = movesTable(trace, states, go);
  const buttons = [
    button("First", () => go(0)), button("Previous", () => go(at - 1)),
    button("Next", () => go(at + 1), { class: "primary" }), button("Last", () => go(last)),
  ];
  const show = () => {
    const state = states[at];
    setText(said, at ? `Move ${at} of ${last}: ${wordsOf(trace, at - 1, states)}.` : `Before the first of ${last} moves.`);
    setText(counter, `Counter ${digits(state.counter)}`);
    workers.update(state.workers.map((worker, place) => ({ ...worker, name: nameOf(place), isHolder: state.holder === nameOf(place) })));
    const from = Math.max(0, Math.min(at - 1 - AROUND, last - 2 * AROUND - 1));
    moves.update(trace.events.map((_, place) => ({ at: place })).slice(from, from + 2 * AROUND + 1));
    for (let place = from; place < Math.min(last, from + 2 * AROUND + 1); place += 1) {
      if (place === at - 1) moves.rowOf(place).setAttribute("aria-current", "step");
      else moves.rowOf(place).removeAttribute("aria-current");
    }
    // A button that loses its use keeps the focus, so that the keys go on working.
    buttons.forEach((it, place) => it.setAttribute("aria-disabled", String(place < 2 ? at === 0 : at === last)));
  };
  show();
  return make(
    "section", { class: "stepper", onkeydown: onKeys(go, last) },
    make("h2", {}, `How ${trace.value} comes out`),
    make("p", {}, `Expected ${digits(trace.expected)}, ${counted(trace.preemptions, "preemption")}. Schedule `, make("code", {}, trace.schedule)),
    trace.model ? hint(trace.model) : "",
    make("div", { class: "actions steps", role: "group", "aria-label": "Steps; the arrow keys, Home and End do the same" }, buttons, counter),
    said, make("div", { class: "beside" }, workers.node, moves.node),
  );
}

function questionOf(job) {
  const names = ["strategy", "era", "switch_ticks", "workers", "increments", "body", "steps", "scheduler", "q", "k", "phase"];
  const flags = names.filter((name) => job[name] !== undefined).map((name) => [name.replaceAll("_", "-"), job[name]]);
  const question = Object.fromEntries(flags);
  if (question.body !== undefined) delete question.steps;
  return question;
}

function outcomesTable(job, onWitness) {
  const columns = [
    rowName("Value", ({ value }) => digits(value), "number"),
    column(`Interleavings of ${grouped(job.interleavings ?? job.interleavings_rounded ?? "")}`, ({ count }) => (count === undefined ? "" : grouped(count)), "number"),
    column("Probability", probability, "number"),
    column("Fewest preemptions", ({ fewest_preemptions: fewest }) => fewest ?? "", "number"),
    column("Witness", ({ witness }) => witness ?? "", "code wide"),
    { title: "Steps", once: true, show: ({ value }) => button("Step through", () => onWitness(value), { class: "small", "aria-label": `Step through how ${value} comes out` }) },
  ];
  return table({ caption: "Final values", columns, key: ({ value }) => value, empty: "No value is known yet." });
}

async function witness(job, value, context) {
  try {
    const found = await call("/api/v1/explorations", { method: "POST", body: { ...questionOf(job), value } });
    location.hash = `#/exploration/${found.id}`;
  } catch (error) {
    context.fail(error);
  }
}

const aboutOf = (job) =>
  facts([
    ["Id", job.id], ["Strategy", [job.strategy, job.era].filter(Boolean).join(" ")],
    ["Workers", job.workers], ["Increments of each", job.increments && digits(job.increments)],
    ["Steps", job.steps && [job.body ? `${job.body}: ` : "", make("code", {}, job.steps)]],
    ["Scheduler", job.scheduler], ["Asked value", job.asked_value],
    ["States", job.states && digits(job.states)], ["Classes", job.classes && grouped(job.classes)],
    ["Deadlocks", job.deadlocks], ["Expected", job.expected],
    ["Estimate", job.estimate && `${job.estimate.method}, ${digits(job.estimate.states)} states at most, ${digits(job.estimate.seconds)} s within a factor of a few`],
    ["Model", job.model],
  ]);

function actionsOf(job, context, take) {
  const path = `/api/v1/explorations/${job.id}`;
  const cancel = async () => {
    try {
      take(await call(`${path}/cancel`, { method: "POST" }));
    } catch (error) {
      context.fail(error);
    }
  };
  const remove = async () => {
    if (!(await confirm(`Delete exploration ${short(job.id)}?`, "This cannot be undone.", "Delete"))) return;
    try {
      await call(path, { method: "DELETE" });
      location.hash = "#/";
    } catch (error) {
      context.fail(error);
    }
  };
  const action = isOpen(job.state) ? button("Cancel", cancel) : button("Delete …", remove, { class: "danger" });
  return row(stateTag(job.state), action);
}

/** The page of an exploration. */
export async function exploration(context) {
  const [id] = context.parameters;
  const path = `/api/v1/explorations/${id}`;
  context.title(`Exploration ${short(id)}`);
  const ask = () => context.get(path);
  const body = make("div");
  context.place.append(body);
  const picture = pictureOf(`${path}/picture`);
  const take = (job) => {
    context.title(`${job.asked_value === undefined ? "Exploration" : "Witness"} ${short(id)}: ${job.strategy}`);
    const outcomes = outcomesTable(job, (value) => witness(job, value, context));
    outcomes.update(job.outcomes ?? []);
    body.replaceChildren(
      actionsOf(job, context, take),
      job.verdict ? make("p", { class: "verdict" }, job.verdict) : "",
      job.error ? make("p", { class: "alert" }, job.error) : "",
      aboutOf(job), job.trace ? stepper(job.trace, job.strategy) : "", outcomes.node,
      section("Picture", picture.node),
    );
    return isOpen(job.state);
  };
  if (take(await ask())) watch(context, path, body, async () => {
    take(await ask());
    await picture.update();
  });
  else await picture.update();
}

/** Shows how far a search is, and calls `onEnd` once it is done. */
function watch(context, path, body, onEnd) {
  const bar = make("progress", { max: "1", "aria-label": "Part of the search that is done" });
  const words = make("span", { role: "status" });
  body.append(make("div", { class: "progress" }, bar, words));
  const onLine = (kind, line) => {
    if (kind !== "progress") return;
    bar.value = line.done;
    setText(words, `${line.part ?? "search"}: ${Math.round(line.done * 100)} %`);
  };
  const onState = (state) => {
    if (state === "reconnecting") setText(words, "reconnecting …");
    if (state !== "ended") return;
    announce("The exploration has ended.");
    onEnd().catch(context.fail);
  };
  context.onLeave(follow(path, KINDS, onLine, onState));
}

const FIELDS = [
  ["workers", "Workers", "1 to 8. Default 2."],
  ["increments", "Increments", "Of each worker. Default 10."],
  ["value", "Final value", "Asks for a witness: a schedule that leads to it."],
  ["era", "Era", "Of the gil strategy. Default 3.9."],
  ["switch-ticks", "Switch ticks", "Of the gil strategy. Default: any check site."],
  ["body", "Body", "Name of the body of an increment."],
  ["steps", "Steps", "Of an increment, as letters, e.g. LS."],
  ["q", "q", "Probability of a switch, with switch-q."],
  ["k", "k", "Steps between two switches, with every-k."],
];

/** The form that starts an exploration, or the search for a witness. */
export async function exploreForm(context) {
  context.title("Explore");
  const { strategies, bodies, eras } = await context.get("/api/v1/strategies");
  const orDefault = (names) => select(["", ...names].map((name) => [name, name || "default"]));
  const inputs = {
    strategy: select(strategies.map(({ strategy }) => [strategy, strategy]), "unlocked"),
    scheduler: select(SCHEDULERS.map((name) => [name, name])),
    ...Object.fromEntries(FIELDS.map(([name]) => [name, make("input", { autocomplete: "off", spellcheck: "false" })])),
    era: orDefault(eras.map(({ era }) => era)),
    body: orDefault(bodies.map(({ body }) => body)),
  };
  const rows = [["strategy", "Strategy", "Whose model is searched."], ["scheduler", "Scheduler", "How likely schedules are."], ...FIELDS];
  const said = make("div");
  const onsubmit = async (event) => {
    event.preventDefault();
    const known = Object.entries(inputs).map(([name, { value }]) => [name, value.trim()]).filter(([, value]) => value !== "");
    const body = Object.fromEntries(known.map(([name, value]) => [name, /^\d+$/.test(value) && name !== "q" && name !== "era" ? Number(value) : value]));
    try {
      location.hash = `#/exploration/${(await call("/api/v1/explorations", { method: "POST", body })).id}`;
    } catch (error) {
      said.replaceChildren(alertOf(error));
    }
  };
  const fields = rows.map(([name, label, hint]) => field({ id: `explore-${name}`, label, hint, input: inputs[name] }));
  context.place.append(
    make("p", {}, "Which final values can come out of a small program, and how likely each is."),
    make("form", { onsubmit }, make("div", { class: "fields" }, fields), said, row(make("button", { class: "primary" }, "Search"))),
  );
}
