// The walks through the lab's page. Each one looks at what it passes by, and takes what it needs of the lab
// by the page's own forms.
"use strict";

const { join } = require("path");
const axe = require("axe-core");

/** A label that would be a picture and a script if it were taken as markup. */
const HOSTILE = "<img src=x onerror=alert(1)>";

/** Faults of what is on the screen now: accessibility, and what is wider than the screen. */
async function look(walk, name) {
  const { page, faults, folder, screen } = walk;
  const beyond = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
  if (beyond > 0) faults.push(`${name}: scrolls ${beyond} px to the side`);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => axe.run());
  for (const { id, help, nodes } of violations) {
    faults.push(`${name}: axe ${id}: ${help}: ${nodes.length} times, first ${nodes[0].html}`);
  }
  if (folder) await page.screenshot({ path: join(folder, `${name}-${screen}.png`), fullPage: true });
}

const heading = (page, text) => page.getByRole("heading", { level: 1, name: text }).waitFor();

/** Fills the form and starts a sweep; its id. */
async function start(walk, fields) {
  const { page } = walk;
  await page.goto(`${walk.base}/#/new`);
  await heading(page, "New sweep");
  for (const name of fields.strategies) await page.locator(`#flag-strategy-${name}`).check();
  // Some fields are in groups that are folded.
  await page.evaluate(() => document.querySelectorAll("details.more").forEach((group) => (group.open = true)));
  if (!fields.strategies.includes("gil")) await page.locator("#flag-strategy-gil").uncheck();
  for (const [flag, value] of Object.entries(fields.flags)) await page.locator(`#flag-${flag}`).fill(value);
  await page.locator(".plan code").waitFor();
  await page.getByRole("button", { name: "Start the sweep" }).click();
  await page.waitForURL(/#\/sweep\//);
  return page.url().split("/").pop();
}

async function typeToken(page, token) {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function signIn(walk) {
  const { page, token } = walk;
  walk.expects(/status of 401/);
  await page.goto(walk.base);
  await heading(page, "Sign in");
  await look(walk, "sign-in");
  await typeToken(page, `not-${token}`);
  await page.getByRole("alert").waitFor();
  await typeToken(page, token);
  await heading(page, "Jobs");
}

/** A field with a wrong value has the error beside it. */
async function wrongField(walk) {
  const { page } = walk;
  walk.expects(/status of 400/);
  await page.goto(`${walk.base}/#/new`);
  await page.locator("#flag-workers").fill("0");
  await page.locator("#flag-workers-error", { hasText: "--workers" }).waitFor();
  await look(walk, "new-wrong");
  await page.locator("#flag-workers").fill("2");
  await page.locator(".plan code").waitFor();
  await look(walk, "new");
}

/** A sweep whose rows fill, to its verdict; its id. */
async function sweep(walk, label) {
  const { page } = walk;
  const flags = { attempts: "20", tasks: "20", label };
  const id = await start(walk, { strategies: ["gil", "atomic", "unlocked"], flags });
  await page.locator("tbody td", { hasText: "/20 · " }).first().waitFor();
  await page.locator(".verdict").waitFor();
  await page.locator("figure img:visible").waitFor();
  await look(walk, "sweep");
  await page.getByRole("button", { name: /^Explain/ }).first().click();
  await page.getByRole("dialog").waitFor();
  await look(walk, "explanation");
  await page.keyboard.press("Escape");
  await page.getByText("Numbers of this picture").click();
  return id;
}

async function download(walk) {
  const { page, id } = walk;
  await page.goto(`${walk.base}/#/sweep/${id}`);
  const link = page.getByRole("link", { name: "Download the report" });
  const [coming] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const path = await coming.path();
  if (!path) walk.faults.push("report: it is not downloaded");
}

/** Labels that are changed, refused and changed back. */
async function labels(walk) {
  const { page, id } = walk;
  const save = async (text) => {
    await page.getByRole("button", { name: "Labels …" }).click();
    await page.getByLabel("Labels", { exact: true }).fill(text);
    await page.getByRole("button", { name: "Save" }).click();
  };
  walk.expects(/status of 400/);
  await page.goto(`${walk.base}/#/sweep/${id}`);
  await save("two words, v1.2");
  await page.locator(".facts .tag", { hasText: "v1.2" }).waitFor();
  await page.getByRole("region", { name: "Command line" }).filter({ hasText: "two words" }).waitFor();
  await page.getByRole("button", { name: "Labels …" }).click();
  await look(walk, "labels");
  await page.getByRole("button", { name: "Leave" }).click();
  await save("-no");
  await page.getByRole("alert").filter({ hasText: "--label" }).waitFor();
  await save("first");
  await page.locator(".facts .tag", { hasText: "first" }).waitFor();
}

async function cancel(walk) {
  const { page } = walk;
  const flags = { attempts: "2000", tasks: "200", label: "to be cancelled" };
  await start(walk, { strategies: ["gil", "fair-mutex"], flags });
  await page.locator("tbody td", { hasText: "/" }).first().waitFor();
  await look(walk, "running");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await page.getByRole("button", { name: "Delete …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await heading(page, "Jobs");
}

async function compare(walk) {
  const { page } = walk;
  await page.goto(`${walk.base}/#/?kind=sweep&state=succeeded`);
  const boxes = page.locator("tbody input[type=checkbox]");
  await boxes.nth(1).waitFor();
  await look(walk, "jobs");
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.getByRole("button", { name: "Compare 2 selected" }).click();
  await heading(page, /^Comparison/);
  await page.locator("figure img:visible").waitFor();
  await look(walk, "comparison");
}

async function history(walk) {
  const { page, id } = walk;
  await page.goto(`${walk.base}/#/history/${id}/0`);
  await page.locator("svg.chart").first().waitFor();
  await look(walk, "history");
}

/** A witness that is stepped to its end by keys and buttons. */
async function witness(walk) {
  const { page } = walk;
  await page.goto(`${walk.base}/#/explore`);
  await heading(page, "Explore");
  await look(walk, "explore");
  await page.getByLabel("Increments").fill("4");
  await page.getByRole("button", { name: "Search" }).click();
  await heading(page, /^Exploration/);
  await page.locator("figure img:visible").waitFor();
  await look(walk, "exploration");
  await page.getByRole("button", { name: "Step through how 2 comes out" }).click();
  await heading(page, /^Witness/);
  const said = page.locator(".said");
  await page.getByRole("button", { name: "Next" }).click();
  await said.filter({ hasText: "Move 1 of" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await said.filter({ hasText: "Move 2 of" }).waitFor();
  await page.keyboard.press("End");
  await page.locator(".counter", { hasText: "Counter 2" }).waitFor();
  await look(walk, "witness");
}

async function lab(walk) {
  const { page } = walk;
  await page.goto(`${walk.base}/#/lab`);
  await page.getByRole("heading", { name: "Fitness to measure" }).waitFor();
  await look(walk, "lab");
}

/** A job list in which a label holds markup; the lab's own labels cannot, so that the answer is changed. */
async function hostile(walk) {
  const { page } = walk;
  const json = await page.evaluate(async () => (await fetch("/api/v1/jobs?limit=50")).json());
  json.sweeps.forEach((job) => Object.assign(job, { labels: [HOSTILE], owner: HOSTILE }));
  await page.route("**/api/v1/jobs?*", (route) => route.fulfill({ json }));
  await page.goto(`${walk.base}/#/lab`);
  await page.goto(`${walk.base}/#/`);
  await page.getByText(HOSTILE).first().waitFor();
  if (await page.locator("main img").count()) walk.faults.push("hostile label: it became markup");
  await page.unroute("**/api/v1/jobs?*");
}

/** The walks by name, in their order; later ones need what earlier ones left in the lab. */
const WALKS = {
  "sign in": signIn,
  "wrong field": wrongField,
  sweep: async (walk) => (walk.id = await sweep(walk, "first")),
  "second sweep": (walk) => sweep(walk, "second"),
  labels,
  download,
  cancel,
  compare,
  history,
  witness,
  lab,
  hostile,
};

module.exports = { WALKS, heading, look, start, typeToken };
