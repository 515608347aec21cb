// Routes of the page, and the sign-in where the lab needs one.

import { Problem, call, whenSignInNeeded } from "./api.js";
import { alertOf, announce, button, field, make, row } from "./dom.js";
import { exploration, exploreForm } from "./explore.js";
import { sweepForm } from "./form.js";
import { jobs, lab } from "./lab.js";
import { comparison, history } from "./several.js";
import { sweep } from "./sweep.js";

const ROUTES = [
  [/^\/$/, jobs],
  [/^\/new$/, sweepForm],
  [/^\/explore$/, exploreForm],
  [/^\/lab$/, lab],
  [/^\/sweep\/(\w+)$/, sweep],
  [/^\/compare\/([\w,]+)$/, comparison],
  [/^\/history\/(\w+)\/(\d+)$/, history],
  [/^\/exploration\/(\w+)$/, exploration],
];

const main = document.getElementById("main");
let leave = () => {};
let isSigningIn = false;

/** What a page gets: where to build, its parameters, and what ends when it is left. */
function contextOf(parameters, query) {
  const ends = [];
  const controller = new AbortController();
  const place = make("div", { class: "page" });
  leave = () => {
    controller.abort();
    ends.forEach((end) => end());
  };
  return {
    parameters,
    query,
    place,
    signal: controller.signal,
    get: (path) => call(path, { signal: controller.signal }),
    isLeft: () => controller.signal.aborted,
    onLeave: (end) => ends.push(end),
    title: (text) => title(place, text),
    fail: (error) => fail(place, error),
  };
}

/** Shows what went wrong below the heading, in place of what was shown there before. */
function fail(place, error) {
  if (error.name === "AbortError") return;
  const alert = alertOf(error);
  place.querySelector(":scope > .alert")?.remove();
  place.querySelector("h1").after(alert);
  alert.scrollIntoView({ block: "nearest" });
}

/** Sets the title of the document and the heading; the first one takes the focus. */
function title(place, text) {
  document.title = `${text} – gild`;
  let heading = place.querySelector("h1");
  if (heading) {
    heading.textContent = text;
    return;
  }
  heading = make("h1", { tabindex: "-1" }, text);
  place.prepend(heading);
  heading.focus({ preventScroll: true });
}

function mark(path) {
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#${path}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

async function route() {
  const [path, query = ""] = (location.hash.slice(1) || "/").split("?");
  leave();
  isSigningIn = false;
  window.scrollTo(0, 0);
  mark(path);
  const found = ROUTES.map(([form, page]) => [form.exec(path), page]).find(([match]) => match);
  const context = contextOf(found?.[0].slice(1) ?? [], new URLSearchParams(query));
  main.replaceChildren(context.place);
  if (!found) {
    context.title("Not a page");
    context.place.append(make("p", {}, "Nothing is at this address. ", make("a", { href: "#/" }, "All jobs")));
    return;
  }
  try {
    await found[1](context);
  } catch (error) {
    if (error.name === "AbortError" || context.isLeft()) return;
    if (!context.place.querySelector("h1")) context.title("Not shown");
    context.fail(error);
    if (!(error instanceof Problem)) throw error;
  }
}

function signIn(problem) {
  if (isSigningIn) return;
  leave();
  isSigningIn = true;
  const context = contextOf([], new URLSearchParams());
  main.replaceChildren(context.place);
  document.getElementById("who").replaceChildren();
  context.title("Sign in");
  const input = make("input", { type: "password", autocomplete: "off", required: true, spellcheck: "false" });
  const said = make("div");
  const onsubmit = async (event) => {
    event.preventDefault();
    try {
      await call("/session", { method: "POST", body: { token: input.value } });
      await begin();
    } catch (error) {
      said.replaceChildren(alertOf(error));
      input.focus();
    }
  };
  const hint = "From the lab's file of tokens. `gilctl ui` opens this page without one.";
  context.place.append(
    make("p", {}, problem.detail),
    make("form", { class: "narrow", onsubmit }, field({ id: "token", label: "Token", hint, input }), said,
      row(make("button", { class: "primary" }, "Sign in"))),
  );
}

async function showOwner() {
  const { owner } = await call("/api/v1/session");
  const signOut = async () => {
    await call("/session", { method: "DELETE" });
    location.hash = "#/";
    await begin();
  };
  const name = make("span", { class: "owner" }, owner ?? "");
  document.getElementById("who").replaceChildren(name, owner ? button("Sign out", signOut) : "");
}

async function begin() {
  isSigningIn = false;
  try {
    await showOwner();
  } catch (problem) {
    if (problem.status === 401) return;
  }
  await route();
}

/** Takes a code for one sign-in out of the address and the browser's history, and uses it. */
async function useCode() {
  const code = /[#&?]code=([^&]+)/.exec(location.hash);
  if (!code) return;
  window.history.replaceState(null, "", `${location.pathname}#/`);
  try {
    await call("/session", { method: "POST", body: { code: decodeURIComponent(code[1]) } });
  } catch (problem) {
    announce(`${problem.message}. Run gilctl ui again.`);
  }
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
whenSignInNeeded(signIn);
await useCode();
window.addEventListener("hashchange", async () => {
  if (location.hash.includes("code=")) {
    await useCode();
    await begin();
  } else {
    await route();
  }
});
await begin();
