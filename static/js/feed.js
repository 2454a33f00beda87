// The feed of events: by a socket, or by polling every few seconds without one.

import { Ledger } from "./ledger.js";

/**
 * @import { FerryClient } from "./client.js"
 * @import { ConnectionState, Download, FerryEvent } from "./types.js"
 * @typedef {ReturnType<typeof setTimeout> | undefined} Timer
 */

const POLL_EVERY = 3000; // ms, and up to a third more, so that many pages do not ask together
const POLL_PAGES = 10; // of the active ones, at most
const BACKOFF = [300, 800, 1500, 2500]; // ms; the last of them for a minute
const PATIENCE = 60_000; // ms
const BACKOFF_LONGEST = 20_000; // ms
const POLL_FIRST = 1500; // ms for the socket to open, before the page asks instead
const OPENS_WITHIN = 8000; // ms
const SILENT_FOR = 10_000; // ms without a word while something is active: is that true?
const CATCHES_UP = 2000; // ms for the socket to tell what a poll has told before it
const BY_SNAPSHOTS = 6000; // ms; the server sends them this often if its own events are cut off
const WAKING = ["online", "pageshow", "visibilitychange"];

export class Feed {
  #ledger = new Ledger();
  /** @type {Set<string>} a request of ours deletes them: that they are gone is no question */
  #leaving = new Set();
  /** @type {Set<{listener: (event: FerryEvent) => void}>} the same one may subscribe twice */
  #listeners = new Set();
  /** @type {ConnectionState} */
  #state = "reconnecting";
  /** @type {WebSocket|null} */
  #socket = null;
  #heardAt = 0; // when the socket last said something; 0: it has not yet
  #lostAt = 0;
  #attempts = 0; // to open a socket, since the last one spoke
  #asking = false;
  #answered = false; // the last poll was
  #signedOut = false;
  /** @type {Timer} */ #opening;
  /** @type {Timer} */ #polling;
  /** @type {Timer} */ #watching;
  #client;
  #socketUrl;

  /**
   * @param {FerryClient} client
   * @param {() => Promise<string>} socketUrl a new one for each attempt: a ticket opens one socket
   */
  constructor(client, socketUrl) {
    this.#client = client;
    this.#socketUrl = socketUrl;
  }

  /** @param {(event: FerryEvent) => void} listener @returns {() => void} */
  subscribe(listener) {
    const own = { listener };
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#start();
    queueMicrotask(() => {
      if (!this.#listeners.has(own)) return;
      listener(this.#connection());
      const snapshot = this.#snapshot();
      if (snapshot.data.downloads.length) listener(snapshot);
    });
    return () => {
      if (this.#listeners.delete(own) && !this.#listeners.size) this.#stop();
    };
  }

  /** A download as an answer of the API had it. @param {Download} download */
  hear(download) {
    this.#emit(this.#ledger.see(download));
    this.#pollSoon();
  }

  /**
   * Have the server delete some that are known. Their end is known, too, once it has answered.
   * @template T @param {string[]} ids @param {() => Promise<T>} send
   */
  async deleting(ids, send) {
    for (const id of ids) this.#leaving.add(id);
    try {
      return await send();
    } finally {
      for (const id of ids) this.#leaving.delete(id);
    }
  }

  /** The active ones of a group. @param {string} groupId */
  activeOf(groupId) {
    return this.#ledger.active().flatMap((one) => (one.groupId === groupId ? [one.id] : []));
  }

  /** @param {string} id */
  deleted(id) {
    this.#emit(this.#ledger.delete(id));
  }

  #emit(event) {
    if (event) for (const { listener } of [...this.#listeners]) listener(event);
  }

  #connection() {
    const data = { state: this.#state, at: Date.now(), signedOut: this.#signedOut };
    return { event: "connection", data, seq: null };
  }

  #snapshot() {
    return { event: "download:snapshot", data: { downloads: this.#ledger.active() }, seq: null };
  }

  #setState(state, signedOut = false) {
    const same = this.#state === state && this.#signedOut === signedOut;
    this.#state = state;
    this.#signedOut = signedOut;
    if (!same) this.#emit(this.#connection());
  }

  #start() {
    for (const name of WAKING) globalThis.addEventListener?.(name, this.#wake); // not in Node
    this.#lostAt = Date.now();
    this.#attempts = 0;
    this.#polling = setTimeout(() => this.#ask(), POLL_FIRST);
    void this.#open();
  }

  #stop() {
    for (const name of WAKING) globalThis.removeEventListener?.(name, this.#wake);
    for (const timer of [this.#opening, this.#polling, this.#watching]) clearTimeout(timer);
    if (this.#socket) hangUp(this.#socket);
    this.#socket = null;
    this.#state = "reconnecting";
  }

  // Try at once what would be tried later.
  #wake = (event) => {
    if (event.type === "visibilitychange" && document.visibilityState === "hidden") return;
    if (event.type === "pageshow" && !(/** @type {PageTransitionEvent} */ (event).persisted)) return;
    this.#signedOut = false;
    if (this.#socket) {
      void this.#verify();
      return;
    }
    void this.#open();
    void this.#ask();
  };

  // --- the socket ---

  get #isOpen() {
    return this.#socket !== null && this.#socket.readyState === this.#socket.OPEN;
  }

  async #open() {
    clearTimeout(this.#opening);
    if (!globalThis.WebSocket) return; // Node before 22: it is asked for instead
    let url;
    try {
      url = await this.#socketUrl();
    } catch {
      this.#openLater(); // the polls say what is wrong
      return;
    }
    if (this.#socket || !this.#listeners.size) return;
    const socket = (this.#socket = new WebSocket(url));
    this.#heardAt = 0;
    this.#opening = setTimeout(() => socket.close(), OPENS_WITHIN);
    socket.onmessage = this.#hearSocket;
    socket.onclose = () => {
      if (socket === this.#socket) this.#lose();
    };
  }

  #lose() {
    this.#socket = null;
    clearTimeout(this.#watching);
    if (this.#state === "live") {
      this.#lostAt = Date.now();
      this.#answered = false;
    }
    if (!this.#answered) this.#setState("reconnecting", this.#signedOut);
    this.#openLater();
    if (!this.#answered) void this.#ask();
  }

  #openLater() {
    clearTimeout(this.#opening);
    if (!this.#listeners.size || this.#signedOut) return;
    const isLong = Date.now() - this.#lostAt > PATIENCE;
    const wait = isLong ? BACKOFF_LONGEST : BACKOFF[Math.min(this.#attempts++, BACKOFF.length - 1)];
    this.#opening = setTimeout(() => this.#open(), jittered(wait));
  }

  #hearSocket = ({ data, target }) => {
    if (target !== this.#socket) return;
    const event = JSON.parse(data);
    const isFirst = !this.#heardAt;
    this.#heardAt = Date.now();
    this.#attempts = 0;
    for (const timer of [this.#opening, this.#polling]) clearTimeout(timer);
    const isSnapshot = event.event === "download:snapshot";
    // the server repeats the whole if its own events are cut off: it polls the database then
    const byLedger = isSnapshot && !isFirst;
    this.#setState(byLedger ? "polling" : "live");
    this.#watch(byLedger);
    if (isSnapshot) this.#takeAll(event.data.downloads, this.#activeIds());
    else this.#emit(event.event.startsWith("download:") ? this.#ledger.take(event) : event);
  };

  #watch(byLedger = false) {
    clearTimeout(this.#watching);
    this.#watching = setTimeout(
      () => (byLedger ? this.#setState("live") : void this.#verify()),
      byLedger ? BY_SNAPSHOTS : SILENT_FOR,
    );
  }

  /** A socket may be dead without a word of it: then polls know what it does not tell. */
  async #verify() {
    const [socket, heardAt] = [this.#socket, this.#heardAt];
    clearTimeout(this.#watching);
    const news = this.#activeIds().size ? await this.#ask() : 0;
    if (news) await new Promise((done) => setTimeout(done, CATCHES_UP));
    if (!socket || socket !== this.#socket) return;
    if (news && heardAt === this.#heardAt) {
      socket.onclose = null; // a dead one takes its time to close
      socket.close();
      this.#lose();
    } else if (this.#isOpen) this.#watch();
  }

  // --- asking ---

  #activeIds() {
    return new Set(this.#ledger.active().map(({ id }) => id));
  }

  #pollSoon() {
    if (this.#isOpen || this.#asking || this.#signedOut || !this.#listeners.size) return;
    clearTimeout(this.#polling);
    // if nothing is active there is nothing to follow, once that is known
    if (this.#answered && !this.#activeIds().size) return;
    this.#polling = setTimeout(() => this.#ask(), jittered(POLL_EVERY));
  }

  async #ask() {
    if (this.#asking || !this.#listeners.size) return 0;
    this.#asking = true;
    clearTimeout(this.#polling);
    try {
      const before = this.#activeIds();
      const downloads = await this.#allActive();
      this.#reached();
      return this.#takeAll(downloads, before);
    } catch (error) {
      this.#missed(/** @type {any} */ (error).status);
      return 0;
    } finally {
      this.#asking = false;
      this.#pollSoon();
    }
  }

  #reached() {
    const isBack = !this.#answered;
    this.#answered = true;
    if (this.#isOpen) return;
    this.#setState("polling");
    if (isBack && !this.#socket && this.#attempts > 1) void this.#open(); // it is there again
  }

  #missed(status) {
    this.#answered = false;
    if (status === 401 || status === 403) this.#setState("reconnecting", true);
    else if (!this.#isOpen) this.#setState("reconnecting");
  }

  async #allActive() {
    /** @type {Download[]} */
    const found = [];
    /** @type {string|null} */
    let cursor = null;
    for (let page = 0; page < POLL_PAGES; page++) {
      const { next, results } = await this.#client.list({ tab: "active", cursor });
      found.push(...results);
      if (!next) return found;
      cursor = next;
    }
    // the list is cut off: one that is not in it may still be active
    const seen = new Set(found.map(({ id }) => id));
    return found.concat(this.#ledger.active().filter(({ id }) => !seen.has(id)));
  }

  #takeAll(downloads, before) {
    const events = downloads.map((download) => this.#ledger.see(download)).filter(Boolean);
    const vanished = this.#ledger.vanished(downloads, before);
    this.#emit(this.#snapshot());
    for (const event of events) this.#emit(event);
    for (const id of vanished) if (!this.#leaving.has(id)) void this.#learnEnd(id);
    return events.length + vanished.length;
  }

  async #learnEnd(id) {
    try {
      await this.#client.get(id);
    } catch (error) {
      // anything else is asked again after the next list, where it is still missing
      if (/** @type {any} */ (error).status === 404) this.deleted(id);
    }
  }
}

function jittered(wait) {
  return wait * (1 + Math.random() / 3);
}

// A browser complains on the console of a socket that is closed before it is open.
function hangUp(socket) {
  if (socket.readyState === socket.CONNECTING) socket.onopen = () => socket.close();
  else socket.close();
}
