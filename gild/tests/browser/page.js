#!/usr/bin/env node
// Walks through the lab's page in Chromium, on narrow and wide, light and dark screens, and prints one
// JSON document of what is wrong: `{"walked": [...], "faults": [...]}`.
//
//     node page.js [OPTION...] CHROMIUM URL TOKEN
//
//     --screen 360-light    a screen to walk on, instead of all four; repeated
//     --walk "sign in"      a walk, instead of all; repeated
//     --certificate FILE    the certificate of the lab, in PEM
//     --screenshots FOLDER  where to save what was seen
//     --plant FILE          a script that runs in each page before its own, to plant faults
//     --outages             walk through outages too: before the document the words `cut`, `mend` and
//                           `kill` are printed, and each is answered with a line once it is done
//
// Requirements: playwright-core@1.65.1 axe-core@4.14.1
"use strict";

const { X509Certificate, createHash } = require("crypto");
const { readFileSync } = require("fs");
const { join } = require("path");
const { parseArgs } = require("util");
const { chromium } = require("playwright-core");
const { OUTAGES } = require("./outages.js");
const { WALKS } = require("./walks.js");

const SCREENS = ["360-light", "360-dark", "1440-light", "1440-dark"];
const HEIGHT = 800;
/** Time in which something must appear, in ms. */
const PATIENCE_MS = 120000;

const OPTIONS = {
  screen: { type: "string", multiple: true, default: SCREENS },
  walk: { type: "string", multiple: true },
  certificate: { type: "string" },
  screenshots: { type: "string" },
  plant: { type: "string" },
  outages: { type: "boolean", default: false },
};

/** The browser's flags with which it trusts this certificate's key, and no other that it does not know. */
function trusting(file) {
  if (!file) return [];
  const key = new X509Certificate(readFileSync(file)).publicKey.export({ type: "spki", format: "der" });
  const digest = createHash("sha256").update(key).digest("base64");
  return [`--ignore-certificate-errors-spki-list=${digest}`];
}

/** A page on that screen, whose console, errors and requests are watched. */
async function open(browser, screen, { base, plant }) {
  const [width, colorScheme] = screen.split("-");
  const viewport = { width: Number(width), height: HEIGHT };
  const options = { acceptDownloads: true, viewport, colorScheme, reducedMotion: "reduce" };
  const context = await browser.newContext(options);
  if (plant) await context.addInitScript({ path: plant });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults = [];
  // What the browser itself reports of answers that a walk asks for on purpose.
  let expected = [];
  page.on("console", (line) => {
    const isExpected = expected.some((form) => form.test(line.text()));
    if (["error", "warning"].includes(line.type()) && !isExpected) {
      faults.push(`console: ${line.text()} at ${line.location().url}`);
    }
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith("data:")) faults.push(`asks for ${url}`);
  });
  return { context, page, faults, expects: (...forms) => (expected = forms) };
}

async function check(walk, steps) {
  const walked = [];
  for (const [name, step] of Object.entries(steps)) {
    walk.expects();
    try {
      await step(walk);
      walked.push(`${name} ${walk.screen}`);
    } catch (error) {
      // Of a time-out the third line says what was waited for.
      walk.faults.push(`${name}: ${error.message.split("\n").slice(0, 3).join(" ")}`);
      if (walk.folder) await walk.page.screenshot({ path: join(walk.folder, `fault-${name}-${walk.screen}.png`) });
    }
  }
  return { walked, faults: walk.faults.map((fault) => `${walk.screen}: ${fault}`) };
}

async function main() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [executablePath, url, token] = positionals;
  const browser = await chromium.launch({ executablePath, args: trusting(values.certificate) });
  const base = url.replace(/\/$/, "");
  const all = { walked: [], faults: [] };
  for (const screen of values.screen) {
    const isLast = screen === values.screen.at(-1);
    const steps = Object.entries({ ...WALKS, ...(values.outages && isLast ? OUTAGES : {}) });
    const wanted = steps.filter(([name]) => !values.walk || values.walk.includes(name));
    const opened = await open(browser, screen, { base, plant: values.plant });
    const walk = { ...opened, base, token, folder: values.screenshots, screen };
    const { walked, faults } = await check(walk, Object.fromEntries(wanted));
    all.walked.push(...walked);
    all.faults.push(...faults);
    await opened.context.close();
  }
  await browser.close();
  console.log(JSON.stringify(all));
  process.stdin.destroy();
}

main();
