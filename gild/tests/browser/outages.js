// Walks through outages: a connection that is cut, and a daemon that is killed and started again. No event
// of the sweep that is watched meanwhile is missed, and none comes twice.
"use strict";

const { createInterface } = require("readline");
const { heading, look, start, typeToken } = require("./walks.js");

/** What Chromium reports of a connection that is cut or refused, and of nothing else. */
const CUT = /net::ERR_(CONNECTION_(CLOSED|RESET|REFUSED|ABORTED)|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|HTTP2_PROTOCOL_ERROR|NETWORK_CHANGED)\b/;
/** What it reports of an answer to a cookie that the daemon no longer knows. */
const SIGNED_OUT = /status of 401/;
/** A sweep of twenty turns of 0.4 s. */
const LASTING = { attempts: "400", tasks: "2", workers: "1", outside: "10ms" };

let answers;

/** Has the caller do that to the daemon, and waits until it is done. */
async function order(word) {
  answers ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  console.log(word);
  await answers.next();
}

/** Runs inside the page: keeps the number of each event that a stream hands to the page's script. */
function keepNumbers() {
  window.seen = [];
  const Plain = window.EventSource;
  window.EventSource = class extends Plain {
    constructor(...parameters) {
      super(...parameters);
      this.last = "";
    }

    addEventListener(kind, listener) {
      super.addEventListener(kind, (event) => {
        // A line without a number of its own has that of the event before it.
        if (event.lastEventId && event.lastEventId !== this.last) window.seen.push(Number(event.lastEventId));
        this.last = event.lastEventId;
        listener(event);
      });
    }
  };
}

/** Runs inside the page: the numbers of all events of a job. */
async function allNumbers(id) {
  const response = await fetch(`/api/v1/sweeps/${id}/events`);
  const text = await response.text();
  return [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
}

/** Starts a sweep on a page that keeps numbers, and waits for the first ones; the sweep's id. */
async function watched(walk, label) {
  const { page } = walk;
  await page.addInitScript(keepNumbers);
  await page.goto(`${walk.base}/#/`);
  // Without a request for the page itself the script is not run.
  await page.reload();
  const id = await start(walk, { strategies: ["atomic"], flags: { ...LASTING, label } });
  await page.waitForFunction(() => window.seen.length > 2);
  return id;
}

/** Says which events were missed, repeated or out of order. */
async function compareNumbers(walk, name, id) {
  const [seen, all] = [await walk.page.evaluate(() => window.seen), await walk.page.evaluate(allNumbers, id)];
  if (JSON.stringify(seen) !== JSON.stringify(all)) {
    walk.faults.push(`${name}: the page saw the events ${seen} of ${all}`);
  }
}

const streamIs = (page, text) => page.locator(".stream", { hasText: text }).waitFor();

/** The connection is cut while a sweep runs; the browser reattaches by itself, after the last event. */
async function cut(walk) {
  const { page } = walk;
  const reattached = [];
  page.on("request", async (request) => {
    const after = request.url().endsWith("/events") && (await request.headerValue("last-event-id"));
    if (after) reattached.push(Number(after));
  });
  const id = await watched(walk, "cut");
  walk.expects(CUT);
  await order("cut");
  await streamIs(page, "reconnecting");
  await look(walk, "reconnecting");
  const before = await page.evaluate(() => window.seen.at(-1));
  await order("mend");
  await streamIs(page, "live");
  walk.expects();
  await page.locator(".verdict").waitFor();
  if (!reattached.includes(before)) {
    walk.faults.push(`cut: the browser went on after ${reattached}, and the last event was ${before}`);
  }
  await compareNumbers(walk, "cut", id);
}

/** The daemon is killed while a sweep runs; its successor asks for a sign-in and resumes the sweep. */
async function kill(walk) {
  const { page, token } = walk;
  const id = await watched(walk, "kill");
  walk.expects(CUT, SIGNED_OUT);
  await order("kill");
  await heading(page, "Sign in");
  walk.expects();
  await typeToken(page, token);
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await look(walk, "interrupted");
  const [row] = await page.locator("tbody tr td").allTextContents();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.waitForFunction((old) => document.querySelector("tbody tr td").textContent !== old, row);
  await page.locator(".verdict", { hasText: /atomic/ }).waitFor();
  await compareNumbers(walk, "kill", id);
}

module.exports = { OUTAGES: { cut, kill } };
