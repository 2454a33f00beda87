// The parents of what was chosen from playlists: each bar moves with its downloads, and its buttons
// act on all of them. The sums in words are the server's. Loaded if there is one.

import { byId, live } from "./page.js";
import { complain, done, toast } from "./toasts.js";

const ASKS_EVERY = 2000; // ms, while the bar moves

/** @type {Set<string>} gone from sight, but not sent yet: it can be undone */
const deleting = new Set();
/** @type {Listing} */
let listing;
/** @type {FerryClient} */
let client;
/** @type {Map<string, number>} when each was asked for last */
const asked = new Map();

/**
 * After each news, and each rendering.
 * @param {Map<string, Download>} active @param {Listing} of @param {FerryClient} by
 */
export function move(active, of, by) {
  if (!listing) listen();
  [listing, client] = [of, by];
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (live.querySelectorAll(".group"))) {
    group.hidden = deleting.has(idOf(group));
    // a press would lose its click
    if (!group.hidden && !group.matches(":active")) patch(group, active);
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
  const before = Number(group.dataset.percent);
  let percent = before;
  for (const [id, [share, progress]] of Object.entries(JSON.parse(group.dataset.running))) {
    const now = active.get(id);
    if (now?.status === "running") percent += share * Math.max(now.progress - progress, 0);
  }
  if (percent === before) return;
  show(group, Math.min(percent, 99.9));
  void ask(idOf(group), group.dataset.running);
}

function show(group, percent) {
  const bar = group.querySelector(".group-bar");
  const whole = Math.floor(percent);
  const [finished, amount] = ["finished", "amount"].map((name) => placeOf(group, name).textContent);
  bar.setAttribute("aria-valuenow", String(whole));
  bar.setAttribute("aria-valuetext", [`${whole} percent`, finished, amount].filter(Boolean).join(", "));
  bar.querySelector("rect").setAttribute("width", percent.toFixed(1));
  write(group, "percent", whole ? `${whole}%` : "");
}

async function ask(id, running) {
  if (Date.now() - (asked.get(id) ?? 0) < ASKS_EVERY) return;
  asked.set(id, Date.now());
  try {
    const { labels } = await (await request(`${id}/`, "GET")).json();
    const group = byId(`group-${id}`);
    // the list may have been rendered meanwhile, when the last of them had ended
    if (group?.dataset.running !== running) return;
    for (const name in labels) write(group, name, labels[name]);
  } catch {
    // the next news ask again
  }
}

const placeOf = (group, name) => group.querySelector(`.group-head [data-fact="${name}"]`);

function write(group, name, text) {
  const place = placeOf(group, name);
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

const titleOf = (group) => group.querySelector(".group-title").textContent.trim();

async function act(group, action, button) {
  button.ariaDisabled = "true";
  try {
    const response = await request(`${idOf(group)}/actions/`, "POST", { action });
    const { results } = await response.json();
    const refused = results.find(({ error }) => error);
    if (refused) complain(refused.error);
    else toast(done[action], { about: titleOf(group) });
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
  toast(done.delete, { about: titleOf(group), action: { label: "Undo", run }, closed });
}

async function send(id) {
  if (deleting.has(id)) await client.removeGroup(id, { keepalive: true });
}

/** @param {string} path @param {string} method @param {object} [body] */
async function request(path, method, body) {
  const token = /** @type {HTMLInputElement} */ (document.querySelector("[name=csrfmiddlewaretoken]"));
  const response = await fetch(client.address(`api/v1/groups/${path}`), {
    method,
    headers: { "Content-Type": "application/json", "X-CSRFToken": token.value },
    body: body && JSON.stringify(body),
    keepalive: true,
  });
  if (!response.ok) throw (await response.json()).errors[0];
  return response;
}
