#!/usr/bin/env node
// Opens reports in Chromium, on narrow and wide, light and dark screens, without script and on paper,
// and prints each fault in a line; with a folder named by SCREENSHOTS it saves what it saw there.
//
//     node report.js CHROMIUM REPORT...
//
// Requirements: playwright-core@1.65.1 axe-core@4.14.1
"use strict";

const { basename, join } = require("path");
const { pathToFileURL } = require("url");
const { chromium } = require("playwright-core");
const axe = require("axe-core");

const WIDTHS = [360, 1440];
const SCHEMES = ["light", "dark"];
const HEIGHT = 800;

// What is wrong with the texts of the page's drawings, computed inside the page.
function faultsOfDrawings() {
  // The least height of letters on the screen in CSS pixels, and the least contrast of small text (WCAG 1.4.3).
  const [HEIGHT_MIN, CONTRAST_MIN] = [9, 4.5];
  // Boxes are higher and wider than their letters.
  const SLACK = 2;
  const luminance = (color) => {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = color.match(/\d+/g).map((part) => linear(part / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const isOver = (one, other) =>
    one.left < other.right - SLACK &&
    other.left < one.right - SLACK &&
    one.top < other.bottom - SLACK &&
    other.top < one.bottom - SLACK;
  const faults = [];
  for (const drawing of document.querySelectorAll("figure svg")) {
    const title = drawing.querySelector("title").textContent;
    const paper = getComputedStyle(drawing.querySelector(".page")).fill;
    const whole = drawing.getBoundingClientRect();
    const texts = [...drawing.querySelectorAll("text")];
    const boxes = texts.map((text) => text.getBoundingClientRect());
    texts.forEach((text, at) => {
      const say = (fault) => faults.push(`${title}: "${text.textContent}" ${fault}`);
      const style = getComputedStyle(text);
      const height = parseFloat(style.fontSize) * text.getScreenCTM().d;
      if (height < HEIGHT_MIN) say(`is ${height.toFixed(1)} px high`);
      const ratio = contrast(style.fill, paper);
      if (ratio < CONTRAST_MIN) say(`has a contrast of ${ratio.toFixed(1)}`);
      const box = boxes[at];
      if (box.left < whole.left || box.right > whole.right + SLACK) say("is cut");
      const over = boxes.findIndex((other, place) => place > at && isOver(box, other));
      if (over >= 0) say(`is over "${texts[over].textContent}"`);
    });
  }
  return faults;
}

// What is wrong with the page on a screen.
async function faultsOnScreen(page) {
  const opened = (isOpen) =>
    document.querySelectorAll("details").forEach((details) => (details.open = isOpen));
  const excess = () => document.scrollingElement.scrollWidth - window.innerWidth;
  const faults = [];
  for (const isOpen of [false, true]) {
    await page.evaluate(opened, isOpen);
    const beyond = await page.evaluate(excess);
    if (beyond > 0) faults.push(`scrolls ${beyond} px to the side, numbers open: ${isOpen}`);
  }
  faults.push(...(await page.evaluate(faultsOfDrawings)));
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => axe.run());
  for (const { id, help, nodes } of violations) {
    faults.push(`axe ${id}: ${help}: ${nodes.length} times, first ${nodes[0].html}`);
  }
  await page.evaluate(opened, false);
  return faults;
}

// A page of a new context with what it asks for and complains of.
async function open(browser, url, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults = [];
  page.on("console", (line) => {
    if (["error", "warning"].includes(line.type())) faults.push(`console: ${line.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== url) faults.push(`asks for ${request.url()}`);
  });
  await page.goto(url);
  return { context, page, faults };
}

// Whether the page or a drawing has another colour than paper, computed inside the page.
function isDark() {
  const drawings = [...document.querySelectorAll("figure svg .page")];
  const colors = drawings.map((it) => getComputedStyle(it).fill);
  colors.push(getComputedStyle(document.body).backgroundColor);
  return colors.some((color) => color !== "rgb(255, 255, 255)");
}

async function check(browser, path) {
  const url = pathToFileURL(path).href;
  const name = basename(path, ".html");
  const faults = [];
  const texts = new Set();
  for (const javaScriptEnabled of [true, false]) {
    const opened = await open(browser, url, { javaScriptEnabled });
    texts.add(await opened.page.locator("body").innerText());
    if (!javaScriptEnabled) {
      await opened.page.emulateMedia({ media: "print", colorScheme: "dark" });
      if (await opened.page.evaluate(isDark)) faults.push(`${name}: is printed dark`);
      const paper = await opened.page.pdf({ format: "A4" });
      if (!paper.subarray(0, 4).equals(Buffer.from("%PDF"))) faults.push(`${name}: no PDF`);
    }
    faults.push(...opened.faults.map((fault) => `${name}: ${fault}`));
    await opened.context.close();
  }
  if (texts.size !== 1 || texts.has("")) faults.push(`${name}: another text without script`);
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const viewport = { width, height: HEIGHT };
      const opened = await open(browser, url, { viewport, colorScheme });
      opened.faults.push(...(await faultsOnScreen(opened.page)));
      const screen = `${name} ${width} ${colorScheme}`;
      faults.push(...opened.faults.map((fault) => `${screen}: ${fault}`));
      if (process.env.SCREENSHOTS) {
        const file = join(process.env.SCREENSHOTS, `${name}-${width}-${colorScheme}.png`);
        await opened.page.screenshot({ path: file, fullPage: true });
      }
      await opened.context.close();
    }
  }
  return faults;
}

async function main([executablePath, ...paths]) {
  const browser = await chromium.launch({ executablePath });
  for (const path of paths) {
    (await check(browser, path)).forEach((fault) => console.log(fault));
  }
  await browser.close();
}

main(process.argv.slice(2));
