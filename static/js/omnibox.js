// The text field: a pasted link is previewed at once, and Enter queues it.

import { byId, cardOf } from "./page.js";
import { complain, done, toast } from "./toasts.js";

const TYPED = 600; // ms without a key before a typed link is looked at
const NO_ID = "00000000-0000-0000-0000-000000000000";
const LINK = /^(https?:\/\/\S+|([\w-]+\.)+[a-z]{2,}(:\d+)?([/?#]\S*)?)$/i;

const form = byId("omnibox");
const field = byId("url");
const quality = byId("quality");
const preview = byId("preview");

export class Omnibox {
  #client;
  #listing;
  /** @type {AbortController|null} */
  #looking = null;
  #shown = ""; // what the preview is of
  #isAsking = false;
  /** @type {Timer} */ #typing;

  /** @param {FerryClient} client @param {Listing} listing */
  constructor(client, listing) {
    this.#client = client;
    this.#listing = listing;
    field.addEventListener("input", () => this.#lookSoon());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    preview.addEventListener("click", ({ target }) => {
      const chip = target.closest("[data-quality]");
      if (chip) quality.value = chip.dataset.quality;
      markChosen();
    });
    quality.addEventListener("change", markChosen);
    document.addEventListener("paste", (event) => this.#paste(event));
    this.#look();
  }

  focus() {
    field.focus();
    field.select();
  }

  // Pasting works anywhere on the page; several lines are several links.
  #paste(event) {
    const isHere = event.target === field;
    if (!isHere && event.target.closest("input, textarea, select, [contenteditable]")) return;
    const links = linksIn(event.clipboardData.getData("text"));
    if (!links.length || (isHere && links.length === 1 && field.value)) return;
    event.preventDefault();
    field.value = [...(isHere ? linksIn(field.value) : []), ...links].join(" ");
    field.focus();
    this.#look();
  }

  #lookSoon() {
    clearTimeout(this.#typing);
    field.ariaInvalid = null;
    if (linksIn(field.value).length) this.#typing = setTimeout(() => this.#look(), TYPED);
    else this.#clear();
  }

  #clear() {
    clearTimeout(this.#typing);
    this.#looking?.abort();
    this.#shown = "";
    preview.replaceChildren();
  }

  #look() {
    const links = linksIn(field.value);
    if (links.join(" ") === this.#shown) return;
    this.#clear();
    this.#shown = links.join(" ");
    if (links.length > 1) note(`${links.length} links. Press Enter to queue all.`);
    else if (links.length) void this.#show(links[0]);
  }

  async #show(url) {
    const { signal } = (this.#looking = new AbortController());
    note("Checking link...", "busy");
    try {
      const content = await this.#client.probed(await this.#client.addContent(url, { signal }), signal);
      signal.throwIfAborted();
      const response = await fetch(preview.dataset.source.replace(NO_ID, content.id), { signal });
      if (response.ok) preview.innerHTML = await response.text();
      markChosen();
    } catch (error) {
      if (!signal.aborted) note(/** @type {any} */ (error).detail ?? "", "bad");
    }
  }

  async #submit() {
    const found = linksIn(field.value);
    // a text that is no link is sent as well: the server has the message for it
    const links = found.length ? found : [field.value.trim()].filter(Boolean);
    if (!links.length || this.#isAsking) return;
    const playlist = preview.querySelector(".primary");
    if (playlist) return playlist.click();
    this.#isAsking = true;
    this.#clear();
    /** @type {any[][]} */
    const [asked, refused] = [[], []];
    for (const url of links) {
      try {
        asked.push(await this.#client.create({ url, quality: quality.value }));
      } catch (error) {
        refused.push(url);
        complain(error);
      }
    }
    this.#isAsking = false;
    field.value = refused.join(" ");
    field.ariaInvalid = refused.length ? "true" : null;
    if (asked.length) await this.#say(asked);
  }

  async #say(asked) {
    const fresh = asked.filter(({ created }) => created);
    const [first] = asked;
    if (fresh.length > 1) toast(`${done.queue} ${fresh.length} downloads`);
    else toast(fresh.length ? done.queue : done.have, { about: (fresh[0] ?? first).title });
    const isDone = !fresh.length && first.status === "completed";
    await this.#listing.go(isDone ? "?tab=completed" : "?tab=active");
    if (!fresh.length) cardOf(first.id)?.focus();
  }
}

function markChosen() {
  for (const chip of preview.querySelectorAll("[data-quality]")) {
    chip.ariaPressed = String(chip.dataset.quality === quality.value);
  }
}

const linksIn = (text) => text.split(/\s+/).filter((word) => LINK.test(word));

function note(textContent, kind = "") {
  const words = document.createElement("p");
  preview.replaceChildren(Object.assign(words, { textContent, className: `preview-note ${kind}` }));
}
