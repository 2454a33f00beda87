// "Choose quality": what a source offers with its sizes, and how long to keep it. In a shadow root
// of its own, so that it looks and works the same in our pages and inside any element.

import { dialogStyle } from "./media-downloader/dialog-style.js";
import { made, one } from "./media-downloader/elements.js";
import { ordered, preferred, withAuto } from "./media-downloader/offers.js";
import { base } from "./media-downloader/style.js";
import { DownloadOptions } from "./media-downloader/download-options.js";

/**
 * @typedef {import("./client.js").FerryClient} FerryClient
 * @typedef {import("./client.js").Content} Content
 * @typedef {import("./client.js").QualityOffer} QualityOffer
 * @typedef {{quality: string, expiresInDays: number|null}} Remembered null: never expires
 * @typedef {Remembered & {options?: Partial<globalThis.Options>}} Choice other options, if any
 */

const REMEMBERED = "ferry.choice"; // in localStorage
const EXPIRIES = [0, 1, 7, 30]; // days; 0: never

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
 * Ask for the quality of this content. Resolves with the choice, or with null if it was
 * closed; the focus goes back to where it was. While the source is still being asked, a skeleton
 * stands there, and the choices come by themselves.
 * @param {{client: FerryClient, contentId: string, content?: Content|null, root?: Node, signal?: AbortSignal}} asked
 *   `content` if it is known already; `root`: what to append it to, the body if left out;
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
      dialog.show(now, client.address(`playlists/${now.id}/`));
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
  /** @type {DownloadOptions|null} */ #options = null;

  /** @param {Node} root @param {(choice: Choice|null) => void} done */
  constructor(root, done) {
    this.#done = done;
    const shadow = this.#host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [base, dialogStyle];
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

  /** @param {Content} content @param {string} entries where those of a playlist are chosen from */
  show(content, entries) {
    one(this.#dialog, ".of").textContent = content.title;
    if (content.probeStatus === "pending") this.#wait();
    else if (content.kind === "playlist") this.#lead(entries);
    else if (content.qualities.length) this.#offer(content);
    else this.refuse(content.error ?? "This site offers no qualities to choose from.");
  }

  #wait() {
    const bones = document.createElement("div");
    bones.className = "bones";
    bones.append(...[1, 2, 3].map(() => made("div", "bone")));
    this.#put(bones, "Checking available qualities...", true);
  }

  /** @param {Content} content */
  #offer(content) {
    const offers = withAuto(ordered(content.qualities));
    const wanted = preferred(offers, remembered().quality);
    const group = document.createElement("fieldset");
    group.append(made("legend", "unseen", "Quality"));
    group.append(...offers.map((offer, at) => row(offer, offer === wanted, at)));
    const chosen = new DownloadOptions(content, offers);
    chosen.suit(wanted.quality);
    group.addEventListener("change", () => chosen.suit(one(group, ":checked").value));
    this.#put(group, "", false);
    this.#body.append(chosen.element);
    this.#options = chosen;
    // only if the user has not moved the focus meanwhile
    const root = /** @type {ShadowRoot} */ (this.#dialog.getRootNode());
    if (root.activeElement === this.#dialog) one(group, ":checked").focus();
  }

  /** A playlist has no quality of its own. @param {string} entries */
  #lead(entries) {
    const link = Object.assign(made("a", "button primary", "Choose what to download"), { href: entries });
    const said = made("p", "hint", "This is a playlist. Choose which entries to download.");
    this.#put(said, said.textContent ?? "", false);
    one(this.#dialog, ".keep").hidden = true;
    this.#go.replaceWith(link);
    link.focus();
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
    this.#options = null;
    this.#body.replaceChildren(content);
    this.#body.setAttribute("aria-busy", String(waits));
    this.#go.disabled = waits;
    this.#go.textContent = "Download";
    one(this.#dialog, "[aria-live]").textContent = spoken;
  }

  /** @returns {Choice} */
  #choice() {
    const checked = /** @type {HTMLInputElement|null} */ (one(this.#body, "[type=radio]:checked"));
    const days = Number(this.#expiry.value) || null;
    const choice = { quality: checked?.value ?? "auto", expiresInDays: days };
    // what was no choice is not remembered as one
    const isChosen = this.#body.querySelectorAll("[type=radio]").length > 1;
    remember(isChosen ? choice : { ...choice, quality: remembered().quality });
    const options = this.#options?.options;
    return options ? { ...choice, options } : choice;
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
  const [name, size] = [nameOf(offer), offer.sizeLabel || "size unknown"];
  input.setAttribute("aria-label", `${name}, ${size}`);
  const words = made("span", "what");
  words.append(made("span", "name", name));
  const hint = made("span", "hint", hintOf(offer));
  hint.id = `hint-${at}`;
  if (hint.textContent) {
    words.append(hint);
    input.setAttribute("aria-describedby", hint.id);
  }
  label.append(input, words, made("span", "size", size));
  return label;
}

/** What is of no known height is one file, taken as it is. @param {QualityOffer} offer */
function nameOf({ quality, height }) {
  if (quality !== "auto") return quality;
  return height ? "Best quality" : "Original file";
}

/** What it is; of "auto" how tall that comes to. @param {QualityOffer} offer */
function hintOf({ quality, height, fps, ext, codecLabel }) {
  if (quality === "auto" && height) return `${height}p`;
  const frames = fps && fps > 31 ? `${Math.round(fps)} fps` : "";
  return [ext.toUpperCase(), codecLabel, frames].filter(Boolean).join(" \u00b7 ");
}

/** @returns {Remembered} */
function remembered() {
  const nothing = { quality: "auto", expiresInDays: null };
  try {
    return { ...nothing, ...JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}") };
  } catch {
    return nothing; // no storage here, or not ours in it
  }
}

/** @param {Remembered} choice */
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
