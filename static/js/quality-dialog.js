// "Choose quality": what a source offers with its sizes, and how long to keep it. In a shadow root
// of its own, so that it looks and works the same in our pages and inside any element.

import { base, sheet } from "./media-downloader/style.js";
import { codecInWords } from "./media-downloader/words.js";
import { sizeInWords } from "./words.js";

/**
 * @typedef {import("./client.js").FerryClient} FerryClient
 * @typedef {import("./client.js").Content} Content
 * @typedef {import("./client.js").QualityOffer} QualityOffer
 * @typedef {{quality: string, expiresInDays: number|null}} Choice null: never expires
 */

const REMEMBERED = "ferry.choice"; // in localStorage
const EXPIRIES = [0, 1, 7, 30]; // days; 0: never
const SMALL = "audio";

const style = sheet(`
dialog {
  width: min(27rem, calc(100vw - 1.5rem)); max-height: min(44rem, calc(100dvh - 1.5rem)); padding: 0;
  border: 1px solid var(--line); border-radius: calc(var(--radius) * 1.3);
  background: var(--surface); color: var(--text); overflow: hidden;
  box-shadow: 0 1.5rem 4rem rgb(8 20 28 / 32%);
}
dialog:focus { outline: none; }
dialog::backdrop { background: rgb(10 20 27 / 55%); }
form { display: grid; grid-template-rows: auto auto minmax(0, 1fr); gap: 1rem; max-height: inherit; padding: 1.25rem 0; }
form > * { padding-inline: 1.25rem; }
.body { overflow: auto; padding-block: 0.25rem; margin-block: -0.25rem; }
h2 { font-size: 1.1875rem; line-height: 1.3; letter-spacing: -0.01em; }
.of { margin-top: 0.15rem; color: var(--text-soft); font-size: 0.875rem; display: -webkit-box; overflow: hidden; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
fieldset { display: grid; gap: 0.4rem; min-width: 0; margin: 0; padding: 0; border: 0; }
.offer {
  display: grid; grid-template-columns: auto minmax(0, 1fr) auto; align-items: center; gap: 0 0.75rem;
  min-height: var(--target); padding: 0.4rem 0.9rem; border: 1px solid var(--line); border-radius: var(--radius);
  cursor: pointer; transition: background-color 140ms, border-color 140ms;
}
.offer:hover { border-color: var(--line-strong); }
.offer:has(:checked) { border-color: var(--accent); background: var(--accent-wash); }
.offer:has(:focus-visible) { outline: 2px solid var(--accent-strong); outline-offset: 2px; }
.offer input { width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--accent); outline: none; }
.what { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: 0.7rem; }
.name { display: inline-block; min-width: 3.1rem; font-weight: 600; }
.name::first-letter { text-transform: uppercase; }
.hint { color: var(--text-soft); font-size: 0.8125rem; text-wrap: balance; font-weight: 400; }
.size { color: var(--text-soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
.offer:has(:checked) .size { color: var(--text); }
.keep { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
select {
  min-height: var(--target); padding: 0 0.7rem; border: 1px solid var(--line-strong); border-radius: var(--radius-small);
  background: var(--surface); color: var(--text); font: inherit; cursor: pointer;
}
.foot { display: flex; justify-content: flex-end; gap: 0.5rem; }
.bones { display: grid; gap: 0.4rem; }
.bones .bone { height: var(--target); border-radius: var(--radius); }
.said { padding: 0.7rem 0.9rem; border-radius: var(--radius-small); background: var(--bad-wash); }
@media (max-width: 30rem) {
  dialog { margin-bottom: 0.75rem; }
  form { padding-block: 1rem; }
  form > * { padding-inline: 1rem; }
  .foot .button { flex: 1; }
  .what { flex-direction: column; }
}
`);

const skeleton = document.createElement("template");
skeleton.innerHTML = `
<dialog aria-labelledby="name" tabindex="-1"><form method="dialog">
  <div><h2 id="name">Choose quality</h2><p class="of" dir="auto"></p></div>
  <div class="unseen" aria-live="polite"></div>
  <div class="body"></div>
  <div class="keep"><label for="expiry">Expires</label><select id="expiry"></select></div>
  <div class="foot"><button class="button quiet" type="button" value="">Cancel</button><button class="button primary" type="submit">Download</button></div>
</form></dialog>`;

/**
 * Ask for the quality of this content. Resolves with the choice, or with null where it was put
 * away; the focus goes back to where it was. While the source is still being asked, a skeleton
 * stands there, and the choices come by themselves.
 * @param {{client: FerryClient, contentId: string, content?: Content|null, root?: Node, signal?: AbortSignal}} asked
 *   `content` where it is known already; `root`: what to append it to, the body if left out;
 *   `signal` puts it away
 * @returns {Promise<Choice|null>}
 */
export function openQualityDialog({ client, contentId, content = null, root = document.body, signal }) {
  return new Promise((resolve) => {
    const dialog = new QualityDialog(root, (choice) => {
      gone.abort();
      resolve(choice);
    });
    const gone = new AbortController();
    signal?.addEventListener("abort", () => dialog.close(null), { signal: gone.signal });
    dialog.open();
    void fill(dialog, client, contentId, content, gone.signal);
  });
}

/**
 * @param {QualityDialog} dialog
 * @param {FerryClient} client
 * @param {string} contentId
 * @param {Content|null} content
 * @param {AbortSignal} gone
 */
async function fill(dialog, client, contentId, content, gone) {
  try {
    let now = content ?? (await client.content(contentId));
    while (!gone.aborted) {
      dialog.show(now);
      if (now.probeStatus !== "pending") return;
      now = await client.probed(now, gone);
    }
  } catch (error) {
    if (!gone.aborted) dialog.refuse(/** @type {Error} */ (error).message);
  }
}

class QualityDialog {
  #host = document.createElement("div");
  #opener = focused();
  #done;
  #isOpen = true;
  /** @type {HTMLDialogElement} */ #dialog;
  /** @type {HTMLElement} */ #body;
  /** @type {HTMLSelectElement} */ #expiry;
  /** @type {HTMLButtonElement} */ #go;

  /** @param {Node} root @param {(choice: Choice|null) => void} done */
  constructor(root, done) {
    this.#done = done;
    const shadow = this.#host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [base, style];
    shadow.append(skeleton.content.cloneNode(true));
    this.#dialog = one(shadow, "dialog");
    this.#body = one(shadow, ".body");
    this.#expiry = one(shadow, "select");
    this.#go = one(shadow, "[type=submit]");
    this.#expiry.append(...EXPIRIES.map(expiryOption));
    this.#listen(one(shadow, "form"), one(shadow, "[type=button]"));
    root.appendChild(this.#host);
  }

  /** @param {HTMLFormElement} form @param {HTMLElement} cancel */
  #listen(form, cancel) {
    cancel.addEventListener("click", () => this.close(null));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.close(this.#choice());
    });
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close(null);
    });
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog && isOutside(event, this.#dialog)) this.close(null);
    });
  }

  open() {
    this.#wait();
    this.#dialog.showModal();
    this.#dialog.focus();
  }

  /** @param {Content} content */
  show(content) {
    one(this.#dialog, ".of").textContent = content.title;
    if (content.probeStatus === "pending") this.#wait();
    else if (content.qualities.length) this.#offer(content.qualities);
    else this.refuse(content.error ?? "This source offers nothing that could be chosen from.");
  }

  #wait() {
    const bones = document.createElement("div");
    bones.className = "bones";
    bones.append(...[1, 2, 3].map(() => made("div", "bone")));
    this.#put(bones, "Asking the source what it offers", true);
  }

  /** @param {QualityOffer[]} offered */
  #offer(offered) {
    const offers = ordered(offered);
    const wanted = preferred(offers, remembered().quality);
    const group = document.createElement("fieldset");
    group.append(made("legend", "unseen", "Quality"));
    group.append(...offers.map((offer, at) => row(offer, offer === wanted, at)));
    this.#put(group, "", false);
    // only where the person has not gone anywhere meanwhile
    const root = /** @type {ShadowRoot} */ (this.#dialog.getRootNode());
    if (root.activeElement === this.#dialog) one(group, ":checked").focus();
  }

  /** Whatever is wrong, asking may still help: the source is looked at again then. @param {string} sentence */
  refuse(sentence) {
    const said = made("p", "said", sentence);
    said.dir = "auto";
    this.#put(said, sentence, false);
    this.#go.textContent = "Try anyway";
  }

  /** @param {HTMLElement} content @param {string} spoken @param {boolean} waits */
  #put(content, spoken, waits) {
    this.#body.replaceChildren(content);
    this.#body.setAttribute("aria-busy", String(waits));
    this.#go.disabled = waits;
    this.#go.textContent = "Download";
    one(this.#dialog, "[aria-live]").textContent = spoken;
  }

  /** @returns {Choice} */
  #choice() {
    const checked = /** @type {HTMLInputElement|null} */ (this.#body.querySelector(":checked"));
    const days = Number(this.#expiry.value) || null;
    const choice = { quality: checked?.value ?? "auto", expiresInDays: days };
    // what was no choice is not remembered as one
    const isChosen = this.#body.querySelectorAll("input").length > 1;
    remember(isChosen ? choice : { ...choice, quality: remembered().quality });
    return choice;
  }

  /** @param {Choice|null} choice */
  close(choice) {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#dialog.close();
    this.#host.remove();
    if (this.#opener?.isConnected) this.#opener.focus({ preventScroll: true });
    this.#done(choice);
  }
}

/** @param {QualityOffer} offer @param {boolean} checked @param {number} at */
function row(offer, checked, at) {
  const label = made("label", "offer");
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "quality", value: offer.quality, checked });
  const size = sizeOf(offer);
  input.setAttribute("aria-label", `${offer.quality}, ${size}`);
  const words = made("span", "what");
  words.append(made("span", "name", offer.quality));
  const hint = made("span", "hint", hintOf(offer));
  hint.id = `hint-${at}`;
  if (hint.textContent) {
    words.append(hint);
    input.setAttribute("aria-describedby", hint.id);
  }
  label.append(input, words, made("span", "size", size));
  return label;
}

/** @param {QualityOffer} offer */
function sizeOf({ size, sizeIsEstimate }) {
  if (size === null) return "size unknown";
  return `${sizeIsEstimate ? "about " : ""}${sizeInWords(size)}`;
}

/** @param {QualityOffer} offer */
function hintOf({ quality, height, fps, ext, videoCodec, audioCodec }) {
  const frames = fps && fps > 31 ? `${Math.round(fps)} fps` : "";
  const tall = quality === "auto" && height ? `${height}p` : "";
  const codec = codecInWords(videoCodec) || codecInWords(audioCodec);
  return [tall, ext.toUpperCase(), codec, frames].filter(Boolean).join(" \u00b7 ");
}

/** One of each quality, the best of it as the server would take it; tallest first, sound last. @param {QualityOffer[]} offered */
function ordered(offered) {
  const best = [...offered].sort((a, b) => (b.fps ?? 0) - (a.fps ?? 0) || (b.size ?? 0) - (a.size ?? 0));
  const each = new Map();
  for (const offer of best) if (!each.has(offer.quality)) each.set(offer.quality, offer);
  return [...each.values()].sort((a, b) => rank(b.quality) - rank(a.quality));
}

/** @param {string} quality */
function rank(quality) {
  if (quality === "auto") return Infinity;
  return quality === SMALL ? -1 : parseInt(quality, 10) || 0;
}

/** The remembered one, or else the tallest that is no taller. @param {QualityOffer[]} offers @param {string} wanted */
function preferred(offers, wanted) {
  const fits = offers.find(({ quality }) => rank(quality) <= rank(wanted));
  return fits ?? offers[offers.length - 1];
}

/** @returns {Choice} */
function remembered() {
  const nothing = { quality: "auto", expiresInDays: null };
  try {
    return { ...nothing, ...JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}") };
  } catch {
    return nothing; // no storage here, or not ours in it
  }
}

/** @param {Choice} choice */
function remember(choice) {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(choice));
  } catch {
    // no storage here: asked again next time
  }
}

/** @param {number} days */
function expiryOption(days) {
  const text = days ? `After ${days} day${days === 1 ? "" : "s"}` : "Never";
  const isWanted = (remembered().expiresInDays ?? 0) === days;
  return new Option(text, String(days), isWanted, isWanted);
}

/** @param {MouseEvent} event @param {Element} element */
function isOutside(event, element) {
  const box = element.getBoundingClientRect();
  const across = event.clientX < box.left || event.clientX > box.right;
  return across || event.clientY < box.top || event.clientY > box.bottom;
}

/** What has the focus, through all shadow roots. @returns {HTMLElement|null} */
function focused() {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return /** @type {HTMLElement|null} */ (found);
}

/** @param {string} tag @param {string} name @param {string} [text] */
function made(tag, name, text = "") {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

/** @param {ParentNode} root @param {string} selector @returns {any} */
function one(root, selector) {
  return root.querySelector(selector);
}
