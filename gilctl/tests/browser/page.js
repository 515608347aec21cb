#!/usr/bin/env node
// Walks through the lab's page in Chromium, on narrow and wide, light and dark screens, and prints one
// JSON document of what is wrong: `{"walked": [...], "faults": [...]}`.
//
//     node page.js CHROMIUM URL TOKEN [FOLDER-FOR-SCREENSHOTS]
//
// Requirements: playwright-core@1.65.1 axe-core@4.14.1
"use strict";

const { join } = require("path");
const { chromium } = require("playwright-core");
const axe = require("axe-core");

const WIDTHS = [360, 1440];
const SCHEMES = ["light", "dark"];
const HEIGHT = 800;
/** Time in which something must appear, in ms. */
const PATIENCE_MS = 60000;
/** A label that would be a picture and a script if it were taken as markup. */
const HOSTILE = "<img src=x onerror=alert(1)>";

/** A page whose console, errors and requests are watched. */
async function open(browser, base, options) {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults = [];
  page.on("console", (line) => {
    // The browser itself reports each answer of 401 and 4xx, which the walk asks for on purpose.
    const isAnswer = /status of (400|401|404)/.test(line.text());
    if (["error", "warning"].includes(line.type()) && !isAnswer) faults.push(`console: ${line.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith("data:")) faults.push(`asks for ${url}`);
  });
  return { context, page, faults };
}

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
  if (!fields.strategies.includes("gil")) await page.locator("#flag-strategy-gil").uncheck();
  for (const [flag, value] of Object.entries(fields.flags)) await page.locator(`#flag-${flag}`).fill(value);
  await page.locator(".plan code").waitFor();
  await page.getByRole("button", { name: "Start the sweep" }).click();
  await page.waitForURL(/#\/sweep\//);
  return page.url().split("/").pop();
}

async function signIn(walk) {
  const { page, token } = walk;
  await page.goto(walk.base);
  await heading(page, "Sign in");
  await look(walk, "sign-in");
  await page.getByLabel("Token").fill(`not-${token}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading(page, "Jobs");
}

/** A field with a wrong value has the error beside it. */
async function wrongField(walk) {
  const { page } = walk;
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
  const flags = { attempts: "20", tasks: "100", label };
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

async function download(walk, id) {
  const { page } = walk;
  await page.goto(`${walk.base}/#/sweep/${id}`);
  const link = page.getByRole("link", { name: "Download the report" });
  const [coming] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const path = await coming.path();
  if (!path) walk.faults.push("report: it is not downloaded");
}

async function cancel(walk) {
  const { page } = walk;
  const flags = { attempts: "5000", tasks: "1000", label: "to be cancelled" };
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

async function history(walk, id) {
  const { page } = walk;
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
  await page.route("**/api/v1/jobs?*", async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    body.sweeps.forEach((job) => Object.assign(job, { labels: [HOSTILE], owner: HOSTILE }));
    await route.fulfill({ response, json: body });
  });
  await page.goto(`${walk.base}/#/lab`);
  await page.goto(`${walk.base}/#/`);
  await page.getByText(HOSTILE).first().waitFor();
  if (await page.locator("main img").count()) walk.faults.push("hostile label: it became markup");
  await page.unroute("**/api/v1/jobs?*");
}

async function check(browser, walk) {
  const walked = [];
  let id;
  const steps = {
    "sign in": () => signIn(walk), "wrong field": () => wrongField(walk),
    sweep: async () => (id = await sweep(walk, "first")), "second sweep": () => sweep(walk, "second"),
    download: () => download(walk, id), cancel: () => cancel(walk), compare: () => compare(walk),
    history: () => history(walk, id), witness: () => witness(walk), lab: () => lab(walk), hostile: () => hostile(walk),
  };
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      walked.push(`${name} ${walk.screen}`);
    } catch (error) {
      walk.faults.push(`${name}: ${error.message.split("\n")[0]}`);
      if (walk.folder) await walk.page.screenshot({ path: join(walk.folder, `fault-${name}-${walk.screen}.png`) });
    }
  }
  return { walked, faults: walk.faults.map((fault) => `${walk.screen}: ${fault}`) };
}

async function main([executablePath, url, token, folder]) {
  const browser = await chromium.launch({ executablePath });
  const base = url.replace(/\/$/, "");
  const all = { walked: [], faults: [] };
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const viewport = { width, height: HEIGHT };
      const opened = await open(browser, base, { viewport, colorScheme, reducedMotion: "reduce" });
      const walk = { ...opened, base, token, folder, screen: `${width}-${colorScheme}` };
      const { walked, faults } = await check(browser, walk);
      all.walked.push(...walked);
      all.faults.push(...faults);
      await opened.context.close();
    }
  }
  await browser.close();
  console.log(JSON.stringify(all, null, 2));
}

main(process.argv.slice(2));
