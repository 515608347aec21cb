// Requests to the lab and the stream of a job's events.

/** Time before a stream that the browser gave up is opened again, in ms. */
const RETRY_MS = 2000;
/** Numbers of the last events that were seen, by the path of their job: also a sign-in between is no gap. */
const seen = new Map();

let onSignInNeeded = () => {};

/** Calls `callback` whenever the lab answers that a sign-in is needed. */
export function whenSignInNeeded(callback) {
  onSignInNeeded = callback;
}

/** What the lab answered instead of a document; `detail` says the way out. */
export class Problem extends Error {
  constructor({ status = 0, title = "", detail = "", code = "" }) {
    super(detail || title || `the lab answered with status ${status}`);
    Object.assign(this, { status, title, detail: this.message, code });
  }
}

async function problemOf(response) {
  const { status } = response;
  try {
    return new Problem({ ...(await response.json()), status });
  } catch {
    return new Problem({ status, title: response.statusText });
  }
}

/** The document at `path`; undefined where there is none. Throws a Problem. */
export async function call(path, { method = "GET", body, signal } = {}) {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const options = { method, headers, signal, body: body && JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ title: "The lab cannot be reached: see that `gild serve` runs" });
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 401 && path !== "/session") onSignInNeeded(problem);
    throw problem;
  }
  return response.status === 204 ? undefined : response.json();
}

/** `path` with the parameters that are not empty. */
export function withQuery(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * Follows a job's events until they end. `job` is the job's path; `onLine(kind, line)` gets each
 * line once; `onState` gets `live`, `reconnecting`, `ended` or `gone`. The browser reattaches by
 * itself after the last event; where it gives up, the stream is opened again after that event.
 * Returns a function that stops it.
 */
export function follow(job, kinds, onLine, onState) {
  let source;
  let timer;
  let isOver = false;
  const stop = () => {
    isOver = true;
    clearTimeout(timer);
    source?.close();
  };
  const end = (state) => {
    stop();
    onState(state);
  };
  const again = async () => {
    try {
      await call(job);
      if (!isOver) open();
    } catch (problem) {
      if (isOver) return;
      if ([401, 404].includes(problem.status)) end("gone");
      else timer = setTimeout(again, RETRY_MS);
    }
  };
  const open = () => {
    source = new EventSource(withQuery(`${job}/events`, { after: seen.get(job) }));
    source.onopen = () => onState("live");
    source.onerror = () => {
      if (isOver) return;
      onState("reconnecting");
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(again, RETRY_MS);
    };
    for (const kind of kinds) {
      source.addEventListener(kind, (event) => {
        if (isOver) return;
        if (event.lastEventId) seen.set(job, event.lastEventId);
        onLine(kind, JSON.parse(event.data));
      });
    }
    source.addEventListener("close", () => end("ended"));
  };
  open();
  return stop;
}
