// Choosing from a playlist: what is selected, by mouse and keys, and the wait for more of it.

import { FerryClient } from "./client.js";

/** @returns {any} */
const byId = (id) => document.getElementById(id);
const form = byId("choice");
const more = byId("more");
/** @type {HTMLInputElement[]} */
const boxes = form ? [...form.querySelectorAll("[name=entries]")] : [];
/** Entries that are here already are left out, unless selected by hand. */
const fresh = boxes.filter(({ dataset }) => !("here" in dataset));
const AT_ONCE = Number(form?.dataset.most); // that one press may ask for
const KEY = `ferry:choice:${form?.dataset.content}`; // of this tab: gone when it is closed
let last = -1; // where a range begins

// --- over several pages of the list ----------------------------------------------------------

/** @returns {string[]} */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return []; // no storage: each page by itself
  }
}

/** @param {string[]} ids */
function keep(ids) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(ids));
  } catch {
    // full or not allowed: as above
  }
}

const here = () => boxes.filter(({ checked }) => checked).map(({ value }) => value);

/** What is selected on the other pages. */
function elsewhere() {
  const known = new Set(boxes.map(({ value }) => value));
  return kept().filter((id) => !known.has(id));
}

/** What this page does not show goes along with it. */
function takeAlong() {
  for (const old of form.querySelectorAll("[type=hidden][name=entries]")) old.remove();
  for (const value of elsewhere()) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "entries", value }));
  }
}

// --- what is selected ------------------------------------------------------------------------

function show() {
  const others = elsewhere();
  const count = here().length + others.length;
  keep([...others, ...here()]);
  const more = others.length ? `, ${others.length} of them on other pages` : "";
  byId("go-count").textContent = `${count} selected${more}`;
  byId("go").querySelector("span").textContent = count ? `Download ${count}` : "Download";
}

/** @param {HTMLInputElement[]} chosen */
function select(chosen) {
  for (const box of boxes) box.checked = chosen.includes(box);
  show();
}

/** With Shift, all from the last one on. @param {MouseEvent} event */
function range({ target, shiftKey }) {
  const to = boxes.indexOf(/** @type {HTMLInputElement} */ (target));
  if (to < 0) return;
  const between = boxes.slice(Math.min(last, to), Math.max(last, to) + 1);
  if (shiftKey && last >= 0) for (const box of between) box.checked = boxes[to].checked;
  last = to;
  show();
}

/** Arrows, j and k go from entry to entry. @param {KeyboardEvent} event */
function walk(event) {
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  const at = boxes.indexOf(/** @type {HTMLInputElement} */ (event.target));
  if (!step || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const next = boxes[Math.min(Math.max(at + step, 0), boxes.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

/** @param {SubmitEvent} event */
function submit(event) {
  const count = here().length + elsewhere().length;
  if (!count || count > AT_ONCE || form.ariaBusy === "true") event.preventDefault();
  if (!count) {
    byId("go-count").textContent = "Select at least one entry";
    boxes[0].focus();
  } else if (count > AT_ONCE) {
    byId("go-count").textContent = `${count} selected: at most ${AT_ONCE} at once`;
  } else if (form.ariaBusy !== "true") {
    takeAlong();
    keep([]);
    form.ariaBusy = "true";
    byId("go-count").textContent = "Queuing";
  }
}

/** The page with what has come, once the worker has read on. */
async function wait() {
  const client = new FerryClient();
  const content = await client.content(more.dataset.pending);
  if (content.probeStatus === "pending") await client.probed(content, new AbortController().signal);
  location.reload();
}

if (form) {
  byId("select-all").addEventListener("click", (event) => {
    event.preventDefault();
    select(fresh);
  });
  byId("select-none").addEventListener("click", (event) => {
    event.preventDefault();
    keep([]); // of the other pages too
    select([]);
  });
  byId("select-first").addEventListener("submit", (event) => {
    event.preventDefault();
    const count = Number(byId("first").value);
    select(boxes.slice(0, count).filter((box) => fresh.includes(box)));
  });
  form.addEventListener("click", range);
  form.addEventListener("keydown", walk);
  form.addEventListener("submit", submit);
  const before = new Set(kept());
  for (const box of boxes) box.checked ||= before.has(box.value);
  // a page that the browser kept is not on its way any more
  addEventListener("pageshow", () => {
    form.ariaBusy = null;
    show();
  });
}
if (more.dataset.pending) wait().catch(() => setTimeout(() => location.reload(), 5000));
