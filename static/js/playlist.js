// Choosing from a playlist: what is selected, by mouse and keys, and the wait for more of it.

import { FerryClient } from "./client.js";

/** @returns {any} */
const byId = (id) => document.getElementById(id);
const form = byId("choice");
const more = byId("more");
/** @type {HTMLInputElement[]} */
const boxes = form ? [...form.querySelectorAll("[name=entries]")] : [];
/** What is here already is left out, unless somebody wants it once more by hand. */
const fresh = boxes.filter(({ dataset }) => !("here" in dataset));
let last = -1; // where a range begins

function show() {
  const count = boxes.filter(({ checked }) => checked).length;
  byId("go-count").textContent = `${count} selected`;
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
  const isNothing = !boxes.some(({ checked }) => checked);
  if (isNothing || form.ariaBusy === "true") event.preventDefault();
  if (isNothing) {
    byId("go-count").textContent = "Select at least one entry";
    boxes[0].focus();
  } else {
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
  // a page that the browser kept is not on its way any more
  addEventListener("pageshow", () => {
    form.ariaBusy = null;
    show();
  });
}
if (more.dataset.pending) wait().catch(() => setTimeout(() => location.reload(), 5000));
