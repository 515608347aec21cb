// The form that starts a sweep, with the command line that asks for the same.

import { call } from "./api.js";
import {
  alertOf, announce, column, commandLine, field, hint, make, row,
  rowName, select, still,
} from "./dom.js";
import { counted, titleOf } from "./words.js";

/** Time without a key press before the plan is asked for, in ms. */
const PAUSE_MS = 600;
/** Cells of the plan that are listed. */
const PLANNED_MAX = 40;
/** Flags with one value, which may hold commas of a number. */
const SINGLE = ["attempts", "precision", "seed", "duration", "step-cost", "requests", "order", "pin"];

/** Groups of fields: flag, label, hint with range and default; without one the lab's catalogue says it. */
const GROUPS = [
  ["Work", true, [
    ["workers", "Workers", "1 to 64, a list or a range: 1,2 or 1..=4. Default 2."],
    ["tasks", "Tasks", "Of an attempt, 1 to 1000000. Default 100."],
    ["increments", "Increments", "Of a task, 1 to 1000000000. Default 1."],
    ["duration", "Duration", "10ms to 8s instead of tasks and increments."],
  ]],
  ["Rule of the GIL", true, [
    ["era", "Eras"],
    ["switch-interval", "Switch intervals"],
    ["switch-ticks", "Switch ticks"],
  ]],
  ["Sweep", true, [
    ["attempts", "Attempts", "Of each cell, 1 to 100000. Default 100, with a duration 9."],
    ["precision", "Precision", "Ends a cell once its rate is known so well, 0.1% to 50%."],
    ["label", "Labels", "Words to find it by, up to 8, with commas."],
    ["seed", "Seed", "Fixes the order of rounds."],
  ]],
  ["Steps, locks and requests", false, [
    ["steps", "Steps by hand", "One L, then one S, e.g. L.CS; spaces between bodies."],
    ["task-steps", "Task steps", "0 to 1000000. Default 600."],
    ["step-cost", "Step cost", "0 to 10us. Default 15ns with a gil, else 0."],
    ["inside", "Inside", "Work between load and store, 0 to 1s."],
    ["outside", "Outside", "Work after each body, 0 to 1s."],
    ["lengths", "Lengths", "fixed, uniform, exponential. Default fixed."],
    ["locks", "Locks", "1 to 4096. Default 1."],
    ["reads", "Reads", "Percent of bodies that only read, 0 to 99."],
    ["arrivals", "Arrivals", "Bodies per second, 1 to 10000000; needs a duration."],
    ["io", "Requests to the system", "Lengths of a sleep, echo or write, e.g. 1ms,echo."],
    ["io-every", "Request every", "Increments between two requests. Default 1."],
    ["io-workers", "Workers that ask", "1 to 64, instead of workers, tasks and increments."],
    ["cpu-workers", "Workers that compute", "0 to 63 beside those that ask. Default 1."],
    ["requests", "Requests", "Of each worker that asks, 1 to 1000000. Default 100."],
    ["python", "Interpreters", "For cpython, of those that the lab was started with."],
  ]],
];

const idOf = (flag) => `flag-${flag}`;

/** Boxes to check, of which each has a name and perhaps a summary. */
function choices(flag, legend, says, options, checked = []) {
  const boxes = options.map(({ name, summary }) => {
    const input = make("input", { type: "checkbox", value: name, id: `${idOf(flag)}-${name}`, "data-flag": flag });
    input.checked = checked.includes(name);
    const text = summary ? make("span", { class: "hint" }, summary) : null;
    return make("label", { class: "choice" }, input, make("span", {}, name), text);
  });
  const error = make("p", { class: "error", id: `${idOf(flag)}-error` });
  const attributes = { class: `choices ${flag}`, id: idOf(flag), tabindex: "-1", "aria-describedby": error.id };
  return make("fieldset", attributes, make("legend", {}, legend), hint(says), make("div", { class: "boxes" }, boxes), error);
}

/** What the catalogue says of a flag that is a parameter of a strategy. */
function hintOf(catalogue, flag) {
  const { name, range, default: standard, description } = catalogue.strategies
    .flatMap(({ parameters }) => parameters)
    .find((parameter) => parameter.name === flag) ?? {};
  if (name === undefined) return "";
  const values = flag === "era" ? `${catalogue.eras.map(({ era }) => era).join(", ")}, or all` : range;
  return `${description} Values: ${values}. Default: ${standard}.`;
}

function groupOf(catalogue, [title, isOpen, fields]) {
  const inputs = fields.map(([flag, label, says]) => {
    const input = make("input", { "data-flag": flag, autocomplete: "off", spellcheck: "false" });
    return field({ id: idOf(flag), label, hint: says ?? hintOf(catalogue, flag), input });
  });
  if (isOpen) return make("fieldset", {}, make("legend", {}, title), make("div", { class: "fields" }, inputs));
  return make("details", { class: "more" }, make("summary", {}, title), make("div", { class: "fields" }, inputs));
}

function selects() {
  const order = select([["", "interleaved (default)"], ["blocked", "blocked"]]);
  const pin = select([["", "auto (default)"], ["none", "none"], ["spread", "spread"], ["pack", "pack"]]);
  order.dataset.flag = "order";
  pin.dataset.flag = "pin";
  const starve = make("input", { type: "checkbox", "data-flag": "allow-starvation", value: "allow-starvation", id: "starve" });
  return make(
    "div", { class: "fields" },
    field({ id: idOf("order"), label: "Order of turns", hint: "Blocked shows a bias.", input: order }),
    field({ id: idOf("pin"), label: "Cores of workers", hint: "Auto: one for each while there are enough.", input: pin }),
    make("div", { class: "field", id: idOf("allow-starvation"), tabindex: "-1" },
      make("label", { class: "choice", for: "starve" }, starve, make("span", {}, "Allow starvation")),
      hint("Locks whose waiters never yield, with more workers than cores."),
      make("p", { class: "error", id: `${idOf("allow-starvation")}-error` })),
  );
}

function flagsOf(form) {
  const flags = {};
  for (const input of form.querySelectorAll("[data-flag]")) {
    const { flag } = input.dataset;
    const value = input.value.trim();
    if (input.type === "checkbox") {
      if (!input.checked) continue;
      if (flag === "allow-starvation") flags[flag] = true;
      else flags[flag] = [...(flags[flag] ?? []), value];
    } else if (value !== "") {
      if (SINGLE.includes(flag)) flags[flag] = value;
      else flags[flag] = value.split(flag === "steps" ? /\s+/ : /\s*,\s*/).filter(Boolean);
    }
  }
  // Bodies by hand come in addition to those that are named; the default need not be.
  if (flags.body?.length === 1 && flags.body[0] === "increment" && !flags.steps) delete flags.body;
  return flags;
}

/** Puts what is wrong beside the field whose flag it names; true where there is one. */
function place(form, error) {
  const flags = [...(error?.detail ?? "").matchAll(/--([a-z][a-z-]*)/g)].map((match) => match[1]);
  const named = flags.map((flag) => document.getElementById(idOf(flag))).find(Boolean);
  for (const text of form.querySelectorAll(".error")) {
    const isHere = named && text.id === `${named.id}-error`;
    const message = isHere ? error.detail : "";
    if (text.textContent !== message) text.textContent = message;
    const input = document.getElementById(text.id.replace(/-error$/, ""));
    if (isHere) input?.setAttribute("aria-invalid", "true");
    else input?.removeAttribute("aria-invalid");
  }
  named?.closest("details")?.setAttribute("open", "");
  return named;
}

function planOf(planned) {
  const columns = [rowName("Cell", titleOf), column("Attempts", (cell) => cell.attempts_requested, "number")];
  const cells = planned.cells.slice(0, PLANNED_MAX);
  const more = planned.cells.length - cells.length;
  const skipped = (planned.skipped ?? []).map(({ combination, reason }) => make("li", {}, `${combination}: ${reason}`));
  return [
    commandLine(planned.command),
    make("details", {}, make("summary", {}, `${counted(planned.cells.length, "cell")}`),
      still({ caption: "Cells of the plan", columns }, cells), more > 0 ? make("p", {}, `and ${more} more`) : null),
    skipped.length ? make("details", {}, make("summary", {}, `${counted(skipped.length, "combination")} left out`), make("ul", {}, skipped)) : "",
  ];
}

function build(catalogue) {
  const options = catalogue.strategies.map(({ strategy, summary }) => ({ name: strategy, summary }));
  const bodies = catalogue.bodies.map(({ body, source }) => ({ name: body, summary: source.replaceAll("\n", "; ") }));
  const form = make("form", { class: "sweep-form", novalidate: true });
  form.append(
    choices("strategy", "Strategies", "At least one.", options, ["gil"]),
    choices("body", "Bodies of an increment", "None means increment.", bodies),
    ...GROUPS.map((group) => groupOf(catalogue, group)),
    make("details", { class: "more" }, make("summary", {}, "Order and cores"), selects()),
  );
  return form;
}

/** The page with the form. */
export async function sweepForm(context) {
  context.title("New sweep");
  const form = build(await context.get("/api/v1/strategies"));
  const plan = make("div", { class: "plan", role: "region", "aria-label": "Plan" });
  const said = make("div");
  const start = make("button", { class: "primary" }, "Start the sweep");
  form.append(make("section", { class: "dock" }, make("h2", {}, "Command and plan"), plan, said, row(start)));
  context.place.append(form);
  let asked = 0;
  const ask = async () => {
    asked += 1;
    const mine = asked;
    try {
      const body = { flags: flagsOf(form), dry_run: true };
      const planned = await call("/api/v1/sweeps", { method: "POST", body, signal: context.signal });
      if (mine !== asked) return;
      place(form, undefined);
      said.replaceChildren();
      plan.replaceChildren(...planOf(planned));
      announce(`${counted(planned.cells.length, "cell")} planned.`);
    } catch (error) {
      if (mine !== asked || error.name === "AbortError") return;
      plan.replaceChildren(hint("The command appears once the fields fit."));
      said.replaceChildren(...(place(form, error) ? [] : [alertOf(error)]));
    }
  };
  let timer;
  context.onLeave(() => clearTimeout(timer));
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  form.addEventListener("submit", (event) => submit(event, { form, said, start }));
  await ask();
}

async function submit(event, { form, said, start }) {
  event.preventDefault();
  start.disabled = true;
  try {
    const document = await call("/api/v1/sweeps", { method: "POST", body: { flags: flagsOf(form) } });
    location.hash = `#/sweep/${document.sweep.id}`;
  } catch (error) {
    start.disabled = false;
    const named = place(form, error);
    if (named) named.focus();
    else said.replaceChildren(alertOf(error));
  }
}
