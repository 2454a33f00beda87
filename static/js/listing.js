// One tab of the downloads: where in it we are (in the address), and its HTML from the server.

import { morph } from "./morph.js";
import { byId, cards, live } from "./page.js";
import { toast } from "./toasts.js";

const NOT_MORE_OFTEN = 250; // ms between two refreshes
const TYPED = 120; // ms without a key before the search goes out

const searchField = byId("search");
const searchIn = (query) => new URLSearchParams(query).get("search") ?? "";

export class Listing {
  /** @type {AbortController|null} */
  #asking = null;
  #isStale = false; // something has happened since it was asked for
  #at = 0;
  /** @type {Timer} */ #soon;
  /** @type {Timer} */ #typing;
  #rendered;

  /** @param {() => void} rendered called whenever the server's HTML has come in */
  constructor(rendered) {
    this.#rendered = rendered;
    live.addEventListener("click", (event) => this.#follow(event));
    live.addEventListener("keydown", (event) => this.#turn(event));
    addEventListener("popstate", () => {
      searchField.value = searchIn(location.search);
      void this.#load();
    });
    byId("search-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search();
    });
    searchField.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#search(), TYPED);
    });
  }

  get tab() {
    return live.querySelector("[aria-selected=true]").id.slice("tab-".length);
  }

  /** @param {TabName} tab */
  count(tab) {
    return Number(byId(`tab-${tab}`).querySelector(".count").textContent);
  }

  /** Refresh; a little later if the last refresh was just now. */
  refresh() {
    this.#isStale = true;
    clearTimeout(this.#soon);
    if (this.#asking) return;
    const wait = Math.max(this.#at + NOT_MORE_OFTEN - Date.now(), 0);
    this.#soon = setTimeout(() => this.#load(), wait);
  }

  /** @param {string} query as in the address */
  async go(query) {
    history.pushState(null, "", query);
    searchField.value = searchIn(query);
    await this.#load();
  }

  /** The same place, with one thing more for once. @param {string} name @param {string} value */
  async show(name, value) {
    const query = new URLSearchParams(location.search);
    query.set(name, value);
    await this.#load(query);
  }

  async #load(query = new URLSearchParams(location.search)) {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    this.#isStale = false;
    this.#at = Date.now();
    query.delete("url");
    try {
      const address = `${live.dataset.source}?${query}`;
      const response = await fetch(address, { signal: asking.signal, redirect: "manual" });
      const html = await response.text();
      // not between press and release: the click would be lost
      while (!asking.signal.aborted && live.matches(":active")) await new Promise(requestAnimationFrame);
      asking.signal.throwIfAborted();
      if (response.type === "opaqueredirect") signedOut();
      else if (response.ok) this.#render(html);
    } catch {
      // aborted for a newer question, or the server is away: its return is an event, and refreshes
    }
    if (this.#asking !== asking) return;
    this.#asking = null;
    if (this.#isStale) this.refresh();
  }

  #render(html) {
    const index = cards().findIndex((card) => card.contains(document.activeElement));
    const id = cards()[index]?.id;
    const wanted = live.cloneNode();
    wanted.innerHTML = html;
    morph(live, wanted);
    this.#rendered();
    if (index >= 0 && document.activeElement === document.body) refocus(id, index);
  }

  // A link to another part of the list goes there without a new page.
  #follow(event) {
    const link = event.target.closest("a");
    const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);
    if (!isPlain || link?.pathname !== location.pathname || !link.search) return;
    if (new URLSearchParams(link.search).has("url")) return; // the text field's
    event.preventDefault();
    if (!link.matches("[role=tab], [aria-expanded]")) scrollTo({ top: 0 });
    void this.go(link.search);
  }

  // Arrows go from tab to tab.
  #turn(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !event.target.matches("[role=tab]")) return;
    const tabs = [...live.querySelectorAll("[role=tab]")];
    const next = tabs.at((tabs.indexOf(event.target) + step) % tabs.length);
    next.focus();
    next.click();
  }

  #search() {
    const search = searchField.value.trim();
    if (search === searchIn(location.search)) return;
    const query = new URLSearchParams({ tab: this.tab, ...(search && { search }) });
    history.replaceState(null, "", `?${query}`);
    void this.#load();
  }
}

// What had the focus is gone: on with the same card, or the one in its place.
function refocus(id, index) {
  const own = byId(id);
  const next = own?.hidden === false ? own.querySelector(".card-actions button") : cards().at(index);
  (next ?? cards().at(-1) ?? live.querySelector("[aria-selected=true]")).focus({ preventScroll: true });
}

export function signedOut() {
  const run = () => location.reload();
  toast("You are signed out.", { kind: "error", action: { label: "Sign in", run } });
}
