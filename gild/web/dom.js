// Building blocks of pages: nodes, tables that change in place, pictures and dialogs.

import { call, withQuery } from "./api.js";
import { digits } from "./words.js";

/** An element; attributes that are null or false are left out, functions are listeners. */
export function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined));
  return node;
}

/** Sets a node's text where it differs, so that readers and selections keep their place. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Says a text to screen readers without moving the focus. */
export function announce(text) {
  setText(document.getElementById("live"), text);
}

/** A coloured word; its text says the same. */
export const tag = (text, tone = "plain") => make("span", { class: `tag ${tone}` }, text);

/** The word for a job's state. */
export function stateTag(state) {
  const tones = { SUCCEEDED: "good", FAILED: "bad", CANCELLED: "doubtful", INTERRUPTED: "doubtful", RUNNING: "busy" };
  return tag(state.toLowerCase(), tones[state]);
}

/** A column of a table; see `table`. */
export const column = (title, show, kind) => ({ title, show, class: kind });

/** The column whose cells name their rows. */
export const rowName = (title, show, kind) => ({ title, show, class: kind, header: true });

/** Buttons and the like beside each other. */
export const row = (...children) => make("div", { class: "actions" }, children);

/** A part of a page below its heading. */
export const section = (title, ...children) => make("section", {}, make("h2", {}, title), children);

/** A quiet remark. */
export const hint = (text) => make("p", { class: "hint" }, text);

/** A message about what went wrong. */
export const alertOf = (error) =>
  make("p", { class: "alert", role: "alert" }, error.detail ?? error.message);

/** A button. */
export const button = (text, onclick, attributes = {}) =>
  make("button", { type: "button", onclick, ...attributes }, text);

/** Names with values as a list of descriptions; pairs without a value are left out. */
export function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "");
  const items = known.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)));
  return make("dl", { class: "facts" }, items);
}

/** A command line that can be copied. */
export function commandLine(text) {
  const code = make("code", { tabindex: "0", role: "region", "aria-label": "Command line" }, text);
  const copy = async () => {
    await navigator.clipboard.writeText(code.textContent);
    announce("The command line is copied.");
  };
  const canCopy = Boolean(navigator.clipboard);
  return make("div", { class: "command" }, code, canCopy ? button("Copy", copy) : null);
}

const asNodes = (shown) => [shown].flat().filter((part) => part !== null && part !== undefined);

/** Replaces what a table cell shows where that differs. */
function fill(cell, shown) {
  const fresh = make(cell.localName, {}, asNodes(shown));
  const old = cell.cloneNode(true);
  [...old.attributes].forEach(({ name }) => old.removeAttribute(name));
  if (!fresh.isEqualNode(old)) cell.replaceChildren(...fresh.childNodes);
}

function freshRow(columns, row) {
  const cells = columns.map((column, at) => {
    const kind = at === columns.findIndex(({ header }) => header) ? { scope: "row" } : {};
    const name = kind.scope ? "th" : "td";
    const cell = make(name, { ...kind, class: column.class ?? null });
    if (column.once) cell.append(...asNodes(column.show(row)));
    return cell;
  });
  return make("tr", {}, cells);
}

/**
 * A table in a region that scrolls and takes the focus. Columns are `{title, show(row), class,
 * header, once}`; `update(rows)` changes it in place, by the key that `key(row)` gives.
 */
export function table({ caption, columns, key = (_, at) => at, empty = "There is nothing to show." }) {
  const head = columns.map(({ title, class: kind }) => make("th", { scope: "col", class: kind ?? null }, title));
  const body = make("tbody");
  const nothing = make("p", { class: "empty", hidden: true }, empty);
  const whole = make(
    "table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, head)), body,
  );
  const region = make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption }, whole);
  const known = new Map();
  const update = (rows) => {
    const keys = rows.map((row, at) => String(key(row, at)));
    for (const [name, node] of known) {
      if (!keys.includes(name)) {
        node.remove();
        known.delete(name);
      }
    }
    rows.forEach((row, at) => {
      const node = known.get(keys[at]) ?? freshRow(columns, row);
      known.set(keys[at], node);
      if (body.children[at] !== node) body.insertBefore(node, body.children[at] ?? null);
      columns.forEach((column, place) => column.once || fill(node.cells[place], column.show(row)));
    });
    nothing.hidden = rows.length > 0;
    region.hidden = rows.length === 0;
  };
  return { node: make("div", { class: "table" }, region, nothing), update, rowOf: (name) => known.get(String(name)) };
}

/** A table that does not change. */
export function still(options, rows) {
  const { node, update } = table(options);
  update(rows);
  return node;
}

function numbers(picture) {
  const of = (axis, value) => axis.categories?.[value] ?? digits(value);
  const rows = picture.series.flatMap((series) => series.points.map((point) => ({ series, point })));
  const interval = ({ low, high }) => (low === undefined ? "not known" : `${digits(low)} to ${digits(high)}`);
  const unit = (axis) => (axis.unit ? `${axis.label} (${axis.unit})` : axis.label);
  const columns = [
    column("Series", ({ series }) => series.name),
    rowName(unit(picture.x), ({ point }) => of(picture.x, point.x)),
    column(unit(picture.y), ({ point }) => of(picture.y, point.y), "number"),
    column("95 % interval", ({ point }) => interval(point), "number"),
    column("Observations", ({ point }) => digits(point.observations ?? 0), "number"),
    column("Note", ({ point }) => [point.label, point.is_noisy && "noisy"].filter(Boolean).join(", ")),
  ];
  return still({ caption: `Numbers of the picture: ${picture.title}`, columns }, rows);
}

/**
 * A picture with its numbers. `update(parameters)` asks for it with these parameters of the query;
 * the old one stays until the new one is there.
 */
export function pictureOf(path) {
  const image = make("img", { alt: "" });
  const problem = make("div");
  const data = make("details", { hidden: true }, make("summary", {}, "Numbers of this picture"), make("div"));
  const region = make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "Picture", hidden: true }, image);
  const node = make("figure", {}, region, problem, data);
  let asked = 0;
  const update = async (parameters = {}) => {
    asked += 1;
    const mine = asked;
    try {
      const document = await call(withQuery(path, { ...parameters, format: "json" }));
      // Another address for each time, or the browser shows the picture that it has.
      const source = withQuery(path, { ...parameters, format: "svg", at: mine > 1 ? mine : "" });
      const next = make("img", { src: source });
      await next.decode();
      if (mine !== asked) return;
      Object.assign(image, { src: next.src, alt: [document.description, ...document.notes].join(" ") });
      problem.replaceChildren();
      [region.hidden, data.hidden] = [false, false];
      data.lastChild.replaceChildren(numbers(document));
    } catch (error) {
      if (mine !== asked) return;
      [region.hidden, data.hidden] = [true, true];
      problem.replaceChildren(make("p", { class: "empty" }, error.detail ?? "The picture cannot be shown."));
    }
  };
  return { node, update };
}

/** Asks before something that cannot be undone; true where it is confirmed. */
export function confirm(title, text, action) {
  const heading = make("h2", { id: "confirm-title" }, title);
  const buttons = row(make("button", { value: "no", autofocus: true }, "Keep it"), make("button", { value: "yes", class: "danger" }, action));
  const form = make("form", { method: "dialog" }, heading, make("p", {}, text), buttons);
  const dialog = make("dialog", { "aria-labelledby": "confirm-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

/** Asks for a line of text; undefined where it is left. */
export function ask(title, { label, hint: says, value, action }) {
  const input = make("input", { value, autocomplete: "off", autofocus: true });
  const buttons = row(make("button", { value: "yes", class: "primary" }, action), make("button", { value: "no", formnovalidate: true }, "Leave"));
  const form = make("form", { method: "dialog" }, make("h2", { id: "ask-title" }, title), field({ id: "ask-text", label, hint: says, input }), buttons);
  const dialog = make("dialog", { "aria-labelledby": "ask-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? input.value : undefined);
    });
  });
}

/** A field with its label, hint and place for an error. */
export function field({ id, label, hint: says, input }) {
  input.id = id;
  input.setAttribute("aria-describedby", `${id}-hint ${id}-error`);
  return make(
    "div", { class: "field" }, make("label", { for: id }, label), input,
    make("p", { class: "hint", id: `${id}-hint` }, says ?? ""), make("p", { class: "error", id: `${id}-error` }),
  );
}

/** A select of `[value, text]` pairs. */
export const select = (options, value = "") =>
  make("select", {}, options.map(([key, text]) => make("option", { value: key, selected: key === value }, text)));
