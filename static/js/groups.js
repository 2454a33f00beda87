// The parents of what was chosen from playlists: each bar moves with its downloads, and its buttons
// act on all of them. Loaded if there is one.

import { live } from "./page.js";
import { complain, toast } from "./toasts.js";
import { amountInWords, speedInWords, waitInWords } from "./words.js";

const DONE = { pause: "Paused", resume: "Resumed", retry: "Retrying", cancel: "Cancelled" };

/** @type {Set<string>} gone from sight, but not sent yet: it can be undone */
const deleting = new Set();
/** @type {Listing} */
let listing;

/** After each news, and each rendering. @param {Map<string, Download>} active @param {Listing} of */
export function move(active, of) {
  if (!listing) listen();
  listing = of;
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (live.querySelectorAll(".group"))) {
    group.hidden = deleting.has(idOf(group));
    if (!group.matches(":active")) patch(group, active); // a press would lose its click
  }
}

const idOf = (group) => group.id.slice("group-".length);

function listen() {
  live.addEventListener("submit", (event) => {
    const action = event.submitter?.dataset.group;
    if (!action) return;
    event.preventDefault();
    const group = event.target.closest(".group");
    if (action === "delete") remove(group);
    else void act(group, action, event.submitter);
  });
  addEventListener("pagehide", () => deleting.forEach((id) => void send(id)));
}

/** What the server counted, and what has come to its running ones since. */
function patch(group, active) {
  const { base, done, total, isEstimate, units } = JSON.parse(group.dataset.bar);
  let [percent, bytes, speed] = [base, done, 0];
  for (const [id, [share, progress, had]] of Object.entries(JSON.parse(group.dataset.running))) {
    const now = active.get(id);
    if (now?.status !== "running") continue;
    percent += share * Math.max(now.progress - progress, 0);
    bytes += Math.max(now.bytesDone - had, 0);
    speed += now.speed;
  }
  if (bytes === done && !speed) return;
  percent = Math.min(percent, 99.9);
  const amount = total === null ? "" : amountInWords(bytes, Math.max(total, bytes), isEstimate, units);
  show(group, percent, amount);
  write(group, "speed", speed ? speedInWords(speed, units) : "");
  const isKnown = total !== null && speed;
  write(group, "eta", isKnown ? `${waitInWords(Math.max(total - bytes, 0) / speed)} left` : "");
}

function show(group, percent, amount) {
  const bar = group.querySelector(".group-bar");
  const whole = Math.floor(percent);
  const finished = group.querySelector("[data-fact=finished]").textContent;
  bar.setAttribute("aria-valuenow", String(whole));
  bar.setAttribute("aria-valuetext", [`${whole} percent`, finished, amount].filter(Boolean).join(", "));
  bar.querySelector("rect").setAttribute("width", percent.toFixed(1));
  write(group, "percent", whole ? `${whole}%` : "");
  if (amount) write(group, "amount", amount);
}

function write(group, name, text) {
  const place = group.querySelector(`.group-head [data-fact="${name}"]`);
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

const titleOf = (group) => group.querySelector(".group-title").textContent.trim();

async function act(group, action, button) {
  button.ariaDisabled = "true";
  try {
    const response = await ask(`${idOf(group)}/actions/`, "POST", { action });
    const { results } = await response.json();
    const refused = results.find(({ error }) => error);
    if (refused) complain(refused.error);
    else toast(DONE[action], { about: titleOf(group) });
  } catch (error) {
    complain(error);
  } finally {
    button.ariaDisabled = null;
    listing.refresh();
  }
}

// It waits while it can be undone: bytes do not come back.
function remove(group) {
  const id = idOf(group);
  deleting.add(id);
  group.hidden = true;
  const run = () => {
    deleting.delete(id);
    listing.refresh();
  };
  const closed = () => send(id).catch(complain).finally(run);
  toast("Deleted", { about: titleOf(group), action: { label: "Undo", run }, closed });
}

const send = (id) => (deleting.has(id) ? ask(`${id}/`, "DELETE") : Promise.resolve());

async function ask(path, method, body) {
  const token = /** @type {HTMLInputElement} */ (document.querySelector("[name=csrfmiddlewaretoken]"));
  const response = await fetch(`/api/v1/groups/${path}`, {
    method,
    headers: { "Content-Type": "application/json", "X-CSRFToken": token.value },
    body: body && JSON.stringify(body),
    keepalive: true,
  });
  if (!response.ok) throw (await response.json()).errors[0];
  return response;
}
