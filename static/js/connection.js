// How the news come, in a pill; how far all is, in the window's title and, now and then, aloud.

import { byId } from "./page.js";

const TEXT = { live: "Live", polling: "Polling", reconnecting: "Reconnecting" };
const SPEAKS_EVERY = 20_000; // ms
const pill = byId("connection");
const title = document.title;

let spokenAt = Date.now();

/** @param {ConnectionState} state */
export function showConnection(state) {
  pill.hidden = false;
  pill.dataset.state = state;
  pill.textContent = TEXT[state];
}

/** Something was heard, be it only that nothing is new. */
export function heard() {
  pill.title = `Last update at ${new Date().toLocaleTimeString()}`;
}

/** @param {Download[]} active */
export function showTotal(active) {
  const running = active.filter(({ status }) => status === "running");
  const percent = totalOf(running.filter(({ bytesTotal }) => bytesTotal));
  document.title = running.length ? `${percent}(${running.length}) ${title}` : title;
  if (!percent || Date.now() - spokenAt < SPEAKS_EVERY) return;
  spokenAt = Date.now();
  byId("spoken").textContent = `${running.length} running, ${percent}`;
}

// `43% `; empty if no size is known.
function totalOf(measured) {
  const total = measured.reduce((sum, { bytesTotal }) => sum + bytesTotal, 0);
  const done = measured.reduce((sum, { bytesTotal, progress }) => sum + bytesTotal * progress, 0);
  return total ? `${Math.floor(done / total)}% ` : "";
}
