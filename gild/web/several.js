// Pages over several sweeps: their comparison, and the history of one cell.

import { withQuery } from "./api.js";
import { column, facts, hint, make, pictureOf, rowName, section, still, tag } from "./dom.js";
import { counted, digits, labels, percentRange, right, short, strategyOf, timeOf, titleOf, withRange } from "./words.js";

const OUTCOMES = { faster: "good", righter: "good", slower: "doubtful", wronger: "bad" };
const SVG = "http://www.w3.org/2000/svg";
const DRAWING = { width: 720, height: 240, left: 70, right: 12, top: 12, bottom: 28 };
const TICKS = 4;

const rateOf = (pair, side) =>
  withRange(
    pair[`${side}_increments_per_second`],
    pair[`${side}_increments_per_second_median_low`],
    pair[`${side}_increments_per_second_median_high`],
  );
const rightOf = (pair, side) => right({ attempts: pair[`${side}_attempts`], correct: pair[`${side}_correct`] });

const comparedColumns = (label) => [
  rowName("Cell", label, "label"),
  column("Against", ({ other = "" }) => make("a", { href: `#/sweep/${other}` }, short(other)), "code"),
  column("Right, base [95 %]", (pair) => rightOf(pair, "first"), "number"),
  column("Right, other [95 %]", (pair) => rightOf(pair, "second"), "number"),
  column("Increments/s, base [95 %]", (pair) => rateOf(pair, "first"), "number"),
  column("Increments/s, other [95 %]", (pair) => rateOf(pair, "second"), "number"),
  column("Ratio [95 %]", ({ ratio, ratio_low: low, ratio_high: high }) => withRange(ratio, low, high), "number"),
  column("p", ({ p }) => (p === undefined ? "" : digits(p)), "number"),
  column("Rounds", (pair) => [pair.first_rounds, pair.second_rounds].filter((n) => n !== undefined).join(", "), "number"),
  column("Outcome", (pair) => outcomeOf(pair)),
];

function outcomeOf(pair) {
  const isNoisy = [pair.first_validity, pair.second_validity].includes("noisy");
  return [pair.outcome ? tag(pair.outcome, OUTCOMES[pair.outcome]) : "", isNoisy ? tag("noisy", "doubtful") : ""];
}

/** A table of fields with what each sweep has; nothing where all is equal. */
function valuesTable(caption, rows, sweeps) {
  if (!rows.length) return "";
  const columns = [
    rowName("Field", ({ field }) => field),
    ...sweeps.map((id, at) => column(short(id), ({ values }) => values[at])),
  ];
  return still({ caption, columns }, rows);
}

/** Sweeps against the first of them. */
export async function comparison(context) {
  const sweeps = context.parameters[0].split(",");
  context.title(`Comparison of ${counted(sweeps.length, "sweep")}`);
  const query = { sweeps: sweeps.join(","), force: context.query.get("force") };
  const answer = await context.get(withQuery("/api/v1/comparison", query));
  const link = (id) => make("a", { href: `#/sweep/${id}` }, id);
  const [base, ...others] = answer.sweeps;
  const forced = answer.compared.length || query.force ? "" : make("p", {},
    make("a", { class: "button", href: `#/compare/${query.sweeps}?force=true` }, "Compare all the same"));
  const { common, of: label } = labels(answer.compared);
  const picture = pictureOf("/api/v1/comparison/picture");
  context.place.append(
    make("p", { class: "verdict" }, answer.verdict), forced,
    facts([["All cells", common], ["Base", link(base)], ["Against", others.map((id) => make("div", {}, link(id)))],
      ["Without a counterpart", counted(answer.unmatched, "cell")],
      ["Not known to be equal", (answer.unknown ?? []).join(", ")]]),
    valuesTable("What makes them not comparable", answer.differences, answer.sweeps),
    valuesTable("Parameters that differ", answer.parameters, answer.sweeps),
    still({ caption: "Pairs of cells", columns: comparedColumns(label), empty: "There are no pairs of cells." }, answer.compared),
  );
  if (!answer.compared.length) return;
  context.place.append(section("Ratios", picture.node));
  await picture.update({ sweeps: query.sweeps });
}

const draw = (name, attributes, text) => {
  const node = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  if (text !== undefined) node.textContent = text;
  return node;
};

/** Places of the drawing: sweeps from left to right, values from bottom to top. */
function scalesOf(points, highest) {
  const { width, height, left, right, top, bottom } = DRAWING;
  const step = (width - left - right) / Math.max(points.length, 1);
  return {
    x: (at) => left + step * (at + 0.5),
    y: (value) => height - bottom - ((height - top - bottom) * value) / highest,
  };
}

/** A least round number above `value`, of which a quarter is round too. */
function roundAbove(value) {
  const size = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 2, 4, 8, 10].map((part) => part * size).find((part) => part >= value);
}

function chart(title, points, highest, textOf) {
  const { width, height, left, right } = DRAWING;
  const { x, y } = scalesOf(points, highest);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "chart" });
  svg.append(draw("title", {}, `${title}, ${points.length} sweeps; the numbers are in the table below`));
  for (let tick = 0; tick <= TICKS; tick += 1) {
    const value = (highest * tick) / TICKS;
    svg.append(draw("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
    svg.append(draw("text", { class: "tick", x: left - 8, y: y(value) + 4, "text-anchor": "end" }, textOf(value)));
  }
  const upper = points.map(({ high }, at) => `${x(at)},${y(high)}`);
  const lower = points.map(({ low }, at) => `${x(at)},${y(low)}`).reverse();
  svg.append(draw("polygon", { class: "band", points: [...upper, ...lower].join(" ") }));
  svg.append(draw("polyline", { class: "curve", points: points.map(({ value }, at) => `${x(at)},${y(value)}`).join(" ") }));
  points.forEach(({ value, low, high, name, isNoisy }, at) => {
    svg.append(draw("line", { class: "whisker", x1: x(at), x2: x(at), y1: y(low), y2: y(high) }));
    const dot = draw("circle", { class: isNoisy ? "dot noisy" : "dot", cx: x(at), cy: y(value), r: 4 });
    dot.append(draw("title", {}, name));
    svg.append(dot);
  });
  const ends = points.length > 1 ? [0, points.length - 1] : [0];
  // The times of few points would lie over each other; those of many would be cut at the edges.
  const anchorOf = (at) => (points.length < 3 ? "middle" : at ? "end" : "start");
  ends.forEach((at) => svg.append(draw("text", { class: "tick", x: x(at), y: height - 8, "text-anchor": anchorOf(at) }, points[at].when)));
  return make("figure", {}, svg, make("figcaption", {}, title));
}

const pointOf = (point, name) => ({
  value: point[name.value],
  low: point[name.low] ?? point[name.value],
  high: point[name.high] ?? point[name.value],
  name: `${short(point.sweep)}, ${timeOf(point.create_time_ns).text}`,
  when: timeOf(point.create_time_ns).text,
  isNoisy: point.validity === "noisy",
});

const RATE = {
  value: "increments_per_second",
  low: "increments_per_second_median_low",
  high: "increments_per_second_median_high",
};
const RIGHT = { value: "correct_fraction", low: "correct_low", high: "correct_high" };

function pointsTable(points) {
  const columns = [
    rowName("Sweep", ({ sweep }) => make("a", { href: `#/sweep/${sweep}` }, short(sweep)), "code"),
    column("Created", ({ create_time_ns: ns }) => timeOf(ns).text, "time"),
    column("Increments/s, median [95 %]", (point) => withRange(point[RATE.value], point[RATE.low], point[RATE.high]), "number"),
    column("Right, 95 % interval", (point) => percentRange(point[RIGHT.value], point[RIGHT.low], point[RIGHT.high]), "number"),
    column("Attempts", ({ attempts }) => digits(attempts), "number"),
    column("Note", ({ validity }) => (validity && validity !== "ok" ? tag(validity, "doubtful") : "")),
  ];
  return still({ caption: "The cell in each sweep, newest first", columns }, [...points].reverse());
}

/** One cell over all sweeps that have it. */
export async function history(context) {
  const [sweep, number] = context.parameters;
  context.title(`History of cell ${number} of ${short(sweep)}`);
  const answer = await context.get(withQuery("/api/v1/history", { sweep, cell: number }));
  context.title(`History of ${strategyOf(answer.cell)}`);
  const inTime = (one, other) => (BigInt(one.create_time_ns) < BigInt(other.create_time_ns) ? -1 : 1);
  const points = answer.points
    .map(({ cell, sweep: id, create_time_ns: created }) => ({ ...cell, sweep: id, create_time_ns: created }))
    .filter((point) => point.attempts > 0)
    .sort(inTime);
  context.place.append(make("p", {}, titleOf(answer.cell)));
  if (answer.older_sweeps_left_out) {
    context.place.append(hint("Only the newest 200 sweeps were looked through."));
  }
  if (!points.length) {
    context.place.append(make("p", { class: "empty" }, "No sweep has measured this cell yet."));
    return;
  }
  const rates = points.filter((point) => point[RATE.value] !== undefined).map((point) => pointOf(point, RATE));
  const rights = points.filter((point) => point[RIGHT.value] !== undefined).map((point) => pointOf(point, RIGHT));
  const highest = roundAbove(Math.max(...rates.map(({ high }) => high)));
  if (rates.length) context.place.append(chart("Increments per second, median with its interval at 95 %", rates, highest, (value) => withRange(value)));
  if (rights.length) context.place.append(chart("Share of attempts that are right, with its interval at 95 %", rights, 1, (value) => `${digits(value * 100)} %`));
  context.place.append(pointsTable(points));
}
