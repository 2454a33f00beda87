// A client of Ferry's API and its events, for our own pages and for any other.
// Documented in docs/client.md.

import { Feed } from "./feed.js";

/** @import { ActionResult, DownloadRequest, Page, RequestOptions, TabName } from "./types.js" */

/**
 * @typedef {import("./types.js").Download} Download
 * @typedef {import("./types.js").Content} Content
 * @typedef {import("./types.js").QualityOffer} QualityOffer
 * @typedef {import("./types.js").FerryEvent} FerryEvent
 * @typedef {import("./types.js").Action} Action
 */

/** Where this module's own server has its root: Ferry may lie below a path (URL_PREFIX). */
export const HOME = new URL("../../", import.meta.url).href;

const TIMEOUT = 20_000; // ms for one request
const NO_ANSWER = [0, 502, 503, 504];
const SEND_AGAIN = [400, 1500, 0]; // ms until a creation that got no answer is sent again
const IDS_AT_ONCE = 200; // that one request may name
const PROBE_EVERY = 1000; // ms between looks at content that is being probed
const PROBE_PATIENCE = 60_000; // ms

/** An error of the server or the network. `status` is 0 if no answer came. */
export class FerryError extends Error {
  /**
   * @param {number} status
   * @param {string} code stable, to decide by
   * @param {string} detail a sentence for a person
   * @param {string|null} [attr] the field that it is about
   */
  constructor(status, code, detail, attr = null) {
    super(detail);
    this.name = "FerryError";
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.attr = attr;
  }
}

/** @type {Map<string, Feed>} one for each server and person: a page has one socket */
const feeds = new Map();

export class FerryClient {
  #root;
  #token;

  /**
   * @param {{base?: string, token?: string|null}} [options] `base`: where Ferry is, empty for
   *   where this module came from; `token`: from `auth/login/`, needed on other servers and in Node.
   */
  constructor({ base = "", token = null } = {}) {
    const page = globalThis.location?.href; // not there in Node
    if (!base && !page) throw new TypeError("Give FerryClient a base: the address of your Ferry.");
    this.#root = new URL(base ? `${base.replace(/(\/api\/v1)?\/*$/, "")}/` : HOME, page);
    this.#token = token || null;
  }

  /** @param {string} path as the API gives it */
  url(path) {
    return new URL(path, this.#root.origin).href;
  }

  /** @param {string} path below Ferry's root, such as `playlists/`: without a slash before it */
  address(path) {
    return new URL(path, this.#root).href;
  }

  /**
   * Request a download. If no answer comes it is sent again under the same key, so that there is
   * one download all the same. `created` is false if there already was one.
   * @param {DownloadRequest} body
   * @returns {Promise<Download & {created: boolean}>}
   */
  async create({ idempotencyKey = newKey(), ...body }) {
    const options = { body, headers: { "Idempotency-Key": idempotencyKey } };
    for (const wait of SEND_AGAIN) {
      try {
        const response = await this.#send("POST", "downloads/", options);
        const download = this.#heard(await response.json());
        return { ...download, created: response.status === 201 };
      } catch (error) {
        if (!wait || !NO_ANSWER.includes(/** @type {FerryError} */ (error).status)) throw error;
        await new Promise((done) => setTimeout(done, wait));
      }
    }
    throw new Error("unreachable");
  }

  /**
   * Newest first. `cursor`: a page's `next` or `previous`, as it is.
   * @param {{tab?: TabName, search?: string, cursor?: string|null}} [query]
   * @returns {Promise<Page<Download>>}
   */
  async list(query = {}) {
    return this.#json("GET", `downloads/${queryString(query)}`);
  }

  /** @param {string} id @returns {Promise<Download>} */
  async get(id) {
    return this.#heard(await this.#json("GET", `downloads/${id}/`));
  }

  /** @param {string} id @param {Action} action @returns {Promise<Download|null>} null: deleted */
  async act(id, action) {
    if (action === "delete") return this.remove(id);
    return this.#heard(await this.#json("POST", `downloads/${id}/${action}/`));
  }

  /**
   * One action on many.
   * @param {Action} action
   * @param {string[]} ids
   * @param {RequestOptions} [options] of them `keepalive`
   * @returns {Promise<ActionResult[]>}
   */
  async actions(action, ids, options = {}) {
    const body = { action, ids: ids.slice(0, IDS_AT_ONCE) };
    const leaving = action === "delete" ? body.ids : [];
    const results = await this.#feed().deleting(leaving, async () => {
      const { results } = await this.#json("POST", "downloads/actions/", { ...options, body });
      for (const { id, download, error } of results) {
        if (download) this.#heard(download);
        else if (!error) this.#feed().deleted(id);
      }
      return results;
    });
    const rest = ids.slice(IDS_AT_ONCE);
    return rest.length ? results.concat(await this.actions(action, rest, options)) : results;
  }

  /** @param {string} id @param {RequestOptions} [options] of them `keepalive` @returns {Promise<null>} */
  async remove(id, options = {}) {
    await this.#feed().deleting([id], async () => {
      await this.#send("DELETE", `downloads/${id}/`, options);
      this.#feed().deleted(id);
    });
    return null;
  }

  /**
   * Delete a group with all its downloads.
   * @param {string} id
   * @param {RequestOptions} [options] of them `keepalive`
   */
  async removeGroup(id, options = {}) {
    const members = this.#feed().activeOf(id);
    await this.#feed().deleting(members, async () => {
      await this.#send("DELETE", `groups/${id}/`, options);
      for (const member of members) this.#feed().deleted(member);
    });
  }

  /**
   * @param {string} id
   * @param {Date|string|null} expiresAt null: permanently
   * @returns {Promise<Download>}
   */
  async keep(id, expiresAt) {
    const time = expiresAt instanceof Date ? expiresAt.toISOString() : expiresAt;
    return this.#heard(await this.#json("PATCH", `downloads/${id}/`, { body: { expiresAt: time } }));
  }

  /**
   * A link to the file that works without signing in.
   * @param {string} id
   * @param {number} [seconds] how long, a week at most
   * @returns {Promise<{url: string, expiresAt: string}>}
   */
  async link(id, seconds = 86_400) {
    return this.#json("POST", `downloads/${id}/link/`, { body: { expiresInSeconds: seconds } });
  }

  /** @param {string} id @returns {Promise<Content>} */
  async content(id) {
    return this.#json("GET", `content/${id}/`);
  }

  /**
   * Add the content of a URL; a worker then probes it. See `probed`.
   * @param {string} url
   * @param {{title?: string, signal?: AbortSignal}} [options]
   * @returns {Promise<Content>}
   */
  async addContent(url, { title, signal } = {}) {
    return this.#json("POST", "content/", { body: title ? { url, title } : { url }, signal });
  }

  /** @param {{search?: string, cursor?: string|null}} [query] @returns {Promise<Page<Content>>} */
  async contents(query = {}) {
    return this.#json("GET", `content/${queryString(query)}`);
  }

  /**
   * The content once it is probed, ready or failed; as it is after a minute.
   * @param {Content} content
   * @param {AbortSignal} [signal] raises its reason
   * @returns {Promise<Content>}
   */
  async probed(content, signal) {
    let now = content;
    let wake = () => {};
    const unsubscribe = this.subscribe(({ event, data }) => {
      if (event.startsWith("content:") && data.contentId === content.id) wake();
    });
    try {
      const patience = Date.now() + PROBE_PATIENCE;
      while (now.probeStatus === "pending" && Date.now() < patience) {
        await new Promise((done) => {
          wake = () => done(null);
          setTimeout(done, PROBE_EVERY);
        });
        signal?.throwIfAborted();
        now = await this.content(content.id);
      }
      return now;
    } finally {
      unsubscribe();
    }
  }

  /** @returns {Promise<any>} counts, speed, broker, workers */
  async queue() {
    return this.#json("GET", "queue/");
  }

  /**
   * Subscribe to events. Changes in a snapshot come as single events too.
   * @param {(event: FerryEvent) => void} listener
   * @returns {() => void} ends it
   */
  subscribe(listener) {
    return this.#feed().subscribe(listener);
  }

  #feed() {
    const key = `${this.#root.href} ${this.#token}`;
    if (!feeds.has(key)) feeds.set(key, new Feed(this, () => this.#socketUrl()));
    return /** @type {Feed} */ (feeds.get(key));
  }

  #heard(download) {
    this.#feed().hear(download);
    return download;
  }

  async #socketUrl() {
    const url = new URL(this.address("ws/downloads/").replace(/^http/, "ws"));
    if (this.#token) {
      const { ticket } = await this.#json("POST", "realtime/ticket/");
      url.searchParams.set("ticket", ticket);
    }
    return url.href;
  }

  async #json(method, path, options) {
    return (await this.#send(method, path, options)).json();
  }

  /** @param {string} method @param {string} path @param {RequestOptions} [options] */
  async #send(method, path, { body, headers = {}, signal, keepalive = false } = {}) {
    const timeout = AbortSignal.timeout(TIMEOUT);
    let response;
    try {
      response = await fetch(this.address(`api/v1/${path}`), {
        method,
        headers: { ...this.#credentials(method), ...(body && JSON_TYPE), ...headers },
        body: body && JSON.stringify(body),
        credentials: this.#token ? "omit" : "same-origin",
        cache: "no-store",
        keepalive,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
    } catch {
      signal?.throwIfAborted();
      throw new FerryError(0, "network", "Ferry is not responding. Check your connection, then try again.");
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }

  /** @returns {Record<string, string>} */
  #credentials(method) {
    if (this.#token) return { Authorization: `Bearer ${this.#token}` };
    return method === "GET" ? {} : { "X-CSRFToken": csrfToken() };
  }
}

const JSON_TYPE = { "Content-Type": "application/json" };

async function refusal(response) {
  try {
    const [error] = (await response.json()).errors;
    return new FerryError(response.status, error.code, error.detail, error.attr);
  } catch {
    const detail = "Ferry could not answer this. Try again in a moment.";
    return new FerryError(response.status, "bad_answer", detail);
  }
}

function csrfToken() {
  return globalThis.document?.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? "";
}

// `crypto.randomUUID` is not there on plain http.
function newKey() {
  return crypto.getRandomValues(new Uint8Array(16)).join("-");
}

/** @param {Record<string, string|null|undefined>} query */
function queryString({ cursor, ...query }) {
  const found = Object.entries({ ...query, cursor: cursorOf(cursor) }).filter(([, value]) => value);
  const text = new URLSearchParams(/** @type {string[][]} */ (found)).toString();
  return text && `?${text}`;
}

function cursorOf(cursor) {
  return cursor?.includes("cursor=") ? new URLSearchParams(cursor.split("?")[1]).get("cursor") : cursor;
}
