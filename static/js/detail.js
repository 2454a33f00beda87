// The download page, live. Without it everything is there, and changes on reload.

import { FerryClient } from "./client.js";
import "./countdown.js";
import { Fragment, localTimes } from "./fragment.js";

const AT_ONCE = 120; // ms: events that arrive together cause one request
const EVERY = 1000; // ms between two requests while it runs
const AGES = 60_000; // ms: "8 min ago" gets old by itself

const page = /** @type {HTMLElement} */ (document.getElementById("detail"));
const id = page.dataset.download ?? "";
const client = new FerryClient();
const fragment = new Fragment(page);
let lookedAt = 0;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let planned;

async function look() {
  planned = undefined;
  lookedAt = Date.now();
  const answer = await fragment.refresh();
  if (answer?.status === 404) location.replace(client.address("")); // deleted elsewhere
}

function lookSoon() {
  planned ??= setTimeout(look, Math.max(AT_ONCE, lookedAt + EVERY - Date.now()));
}

/** @param {import("./client.js").FerryEvent} event */
function hear({ event, data }) {
  if (event === "download:snapshot") {
    if (data.downloads.some((/** @type {{id: string}} */ download) => download.id === id)) lookSoon();
  } else if (data.downloadId === id) {
    lookSoon();
  }
}

function dress() {
  localTimes(page);
  for (const button of page.querySelectorAll("[data-copies]")) button.removeAttribute("hidden");
}

/** @param {string} text @returns {Promise<boolean>} */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // plain http, or not allowed: the text is there to be selected
  }
}

/** @param {string} text */
function say(text) {
  const said = document.getElementById("said");
  if (said) said.textContent = text;
}

/** @param {HTMLElement} button */
async function copyFact(button) {
  const source = document.getElementById(button.dataset.copies ?? "");
  if (!source) return;
  if (await copy(source.textContent ?? "")) {
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
    say("Copied.");
  } else {
    getSelection()?.selectAllChildren(source);
    say("Link selected. Copy it with your keyboard.");
  }
}

/** @param {HTMLFormElement} form */
async function share(form) {
  const seconds = Number(new FormData(form).get("lasts"));
  try {
    const link = await client.link(id, seconds);
    showLink(link.url, link.expiresAt);
    say((await copy(link.url)) ? "Link copied." : "Link ready to copy.");
  } catch (error) {
    say(/** @type {Error} */ (error).message);
    form.submit(); // the page itself makes one, or says why not
  }
}

/** @param {string} url @param {string} expiresAt */
function showLink(url, expiresAt) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById("signed-link"));
  const until = /** @type {HTMLElement} */ (document.getElementById("shared-until"));
  const time = document.createElement("time");
  time.dateTime = expiresAt;
  time.dataset.local = "";
  until.replaceChildren(time);
  localTimes(until);
  field.value = url;
  document.getElementById("shared")?.removeAttribute("hidden");
  field.focus();
  field.select();
}

page.addEventListener("click", ({ target }) => {
  const button = /** @type {Element} */ (target).closest("[data-copies]");
  if (button) void copyFact(/** @type {HTMLElement} */ (button));
});
page.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.id !== "share-form") return;
  event.preventDefault();
  void share(form);
});
page.addEventListener("fragment:shown", dress);

dress();
client.subscribe(hear);
setInterval(() => document.querySelector("#shared:not([hidden])") ?? lookSoon(), AGES);
