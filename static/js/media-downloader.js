// <media-downloader content-id="..." [api-base] [token]>: one content, from "Download" to "Play".
// Works in any page. Described in docs/component.md.

import { FerryClient, HOME } from "./client.js";
import { Library, isLive } from "./media-downloader/library.js";
import { PendingDelete } from "./media-downloader/pending-delete.js";
import { shown } from "./media-downloader/shown.js";
import { View } from "./media-downloader/view.js";
import { openQualityDialog } from "./quality-dialog.js";

/**
 * @typedef {import("./client.js").Content} Content
 * @typedef {import("./client.js").Download} Download
 * @typedef {import("./client.js").FerryEvent} FerryEvent
 */

const NO_ID = "Nothing to show: this element needs a content-id.";
const UNKNOWN = "This content does not exist, or it is not shared with you. Check the content-id.";
const NO_TOKEN = "Sign-in is needed: the page has to give this element a valid token.";
const SIGN_IN = "Sign in to Ferry to download this.";
const NOT_PLAYED = "The browser cannot play this file here. Save it and open it in a media player.";

/** @type {Map<string, {client: FerryClient, library: Library}>} one for each server and token */
const servers = new Map();

/** @param {string} base @param {string} token */
function serverOf(base, token) {
  const key = `${base} ${token}`;
  const client = servers.get(key)?.client ?? new FerryClient({ base, token });
  const found = servers.get(key) ?? { client, library: new Library(client) };
  servers.set(key, found);
  return found;
}

export class MediaDownloader extends HTMLElement {
  static observedAttributes = ["content-id", "api-base", "token"];

  #view = new View(this.attachShadow({ mode: "open" }), (name) => void this.#press(name));
  /** @type {AbortController|null} ends what these attributes have begun */ #life = null;
  #server = serverOf(HOME, "");
  /** @type {Content|null} */ #content = null;
  /** @type {Download|null} */ #download = null;
  /** @type {{sentence: string, action: string|null}|null} */ #problem = null;
  #note = "";
  /** Events that wait for the answer to our own request. @type {FerryEvent[] | null} */
  #held = null;
  #isPlaying = false;
  /** @type {PendingDelete|null} it can still be undone */ #deleting = null;

  connectedCallback() {
    this.replaceChildren(); // the content for pages without JavaScript
    this.#begin();
  }

  disconnectedCallback() {
    this.#life?.abort();
    this.#life = null;
    this.#stop();
    void this.#deleting?.now({ keepalive: true });
  }

  /** @param {string} _name @param {string|null} before @param {string|null} now */
  attributeChangedCallback(_name, before, now) {
    // several attributes that change together begin it once
    if (before !== now && this.#life) queueMicrotask(() => this.#life && this.#begin());
  }

  /** The content as it is known, or null. */
  get content() {
    return this.#content;
  }

  /** The user's download of it, or null. */
  get download() {
    return this.#download;
  }

  // --- what there is ------------------------------------------------------------------------

  #begin() {
    this.#life?.abort();
    this.#life = new AbortController();
    this.#stop();
    void this.#deleting?.now();
    this.#deleting = null;
    this.#content = this.#download = this.#problem = null;
    this.#note = "";
    const base = new URL(this.getAttribute("api-base") || HOME, location.href).href;
    this.#server = serverOf(base, this.getAttribute("token") ?? "");
    this.#render();
    void this.#load(this.#life.signal);
  }

  /** @param {AbortSignal} life */
  async #load(life) {
    const id = this.getAttribute("content-id");
    if (!id) return this.#fail(NO_ID);
    try {
      const content = await this.#server.library.content(id);
      if (life.aborted) return;
      this.#content = content;
      const unsubscribe = this.#server.client.subscribe((event) => this.#hear(event));
      life.addEventListener("abort", unsubscribe);
      const found = await this.#server.library.download(content);
      if (life.aborted) return;
      if (found && found.seq > (this.#download?.seq ?? -1)) this.#download = found;
      this.#render();
      if (content.probeStatus === "pending") await this.#awaitProbe(content, life);
    } catch (error) {
      if (!life.aborted) this.#explain(/** @type {any} */ (error));
    }
  }

  /** @param {Content} content @param {AbortSignal} life */
  async #awaitProbe(content, life) {
    const probed = await this.#server.client.probed(content, life);
    if (life.aborted) return;
    this.#content = probed;
    this.#render();
  }

  /** A button came to nothing. @param {import("./client.js").FerryError} error */
  #refused(error) {
    if (error.status === 401) this.#explain(error); // the session or the token has ended
    else this.#note = error.message;
  }

  /** @param {import("./client.js").FerryError} error */
  #explain(error) {
    const isHere = new URL(this.#server.client.address("")).origin === location.origin;
    if (error.status === 401 || error.status === 403) {
      const isOurs = isHere && !this.getAttribute("token");
      this.#fail(isOurs ? SIGN_IN : NO_TOKEN, isOurs ? "sign-in" : null);
    } else if (error.status === 404) {
      this.#fail(UNKNOWN);
    } else {
      this.#fail(error.message, "reload");
    }
  }

  /** @param {string} sentence @param {string|null} [action] the button that may fix it */
  #fail(sentence, action = null) {
    this.#problem = { sentence, action };
    this.#render();
  }

  #render() {
    const picture = this.#download?.thumbnailUrl || this.#content?.thumbnailUrl || "";
    const now = shown({
      content: this.#content,
      download: this.#download,
      problem: this.#problem,
      note: this.#note,
      isPlaying: this.#isPlaying,
      isDeleted: Boolean(this.#deleting) && this.#deleting?.id === this.#download?.id,
    });
    const { client } = this.#server;
    const buttons = now.buttons.map((one) => (one.href ? { ...one, href: client.address(one.href) } : one));
    this.#view.render({ ...now, buttons, picture: picture && client.url(picture) });
  }

  // --- events -------------------------------------------------------------------------------

  /** @param {FerryEvent} news */
  #hear(news) {
    // the socket may be faster than the answer to our own request: "created" is told first
    if (this.#held) {
      this.#held.push(news);
      return;
    }
    const { event, data, seq } = news;
    const mine = this.#download;
    if (event === "content:resolved" || event === "content:failed") {
      if (data.contentId !== this.#content?.id || !data.content) return;
      this.#content = data.content;
      this.#render();
    } else if (event === "download:deleted") {
      if (data.downloadId === mine?.id) this.#lose(data.downloadId);
    } else if (data.download) {
      this.#adopt(data.download);
    } else if (event === "download:progress" && mine && data.downloadId === mine.id) {
      this.#take({ ...mine, ...data, seq: seq ?? mine.seq });
    }
  }

  /** Ours, or a newer one of the same content, from wherever it was asked for. @param {Download} download */
  #adopt(download) {
    const mine = this.#download;
    if (download.contentId !== this.#content?.id) return;
    const isOther = mine && mine.id !== download.id;
    if (!isLive(download) && mine?.id !== download.id) return;
    if (isOther && isLive(mine) && mine.createdAt > download.createdAt) return;
    this.#take(download);
  }

  /** @param {Download} now */
  #take(now) {
    const before = this.#download;
    if (before?.id === now.id && now.seq < before.seq) return;
    const isSame = before?.id === now.id && before.status === now.status;
    this.#download = now.status === "cancelled" ? null : now;
    if (now.status !== "completed") this.#stop();
    this.#note = "";
    this.#render();
    if (now.status === "running") this.#tell("download-progress", { download: now });
    else if (!isSame && now.status === "completed") this.#tell("download-completed", { download: now });
    else if (!isSame && now.status === "failed") this.#tell("download-failed", { download: now });
  }

  /** @param {string} downloadId */
  #lose(downloadId) {
    this.#download = null;
    this.#undo();
    this.#stop();
    this.#note = "";
    this.#render();
    this.#tell("download-deleted", { downloadId });
  }

  /** @param {string} name @param {object} facts */
  #tell(name, facts) {
    const detail = { contentId: this.getAttribute("content-id"), ...facts };
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  // --- buttons ------------------------------------------------------------------------------

  /** @param {string} name */
  async #press(name) {
    this.#note = "";
    try {
      if (name === "download") await this.#ask();
      else if (name === "play") await this.#play();
      else if (name === "stop") this.#stop();
      else if (name === "save") await this.#save();
      else if (name === "delete") this.#delete();
      else if (name === "undo") this.#undo();
      else if (name === "reload") this.#begin();
      else if (name === "sign-in") signIn(this.#server.client);
      else await this.#act(/** @type {import("./client.js").Action} */ (name));
    } catch (error) {
      this.#refused(/** @type {any} */ (error));
    }
    this.#render();
  }

  async #ask() {
    await this.#deleting?.now(); // else the answer is the one that goes
    const content = /** @type {Content} */ (this.#content);
    const { client } = this.#server;
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    const signal = this.#life?.signal;
    const choice = await openQualityDialog({ client, contentId: content.id, content, root, signal });
    if (!choice) return;
    const download = await this.#create({ contentId: content.id, ...choice });
    // "never" was chosen, whatever the server's default is
    if (choice.expiresInDays === null && download.expiresAt) await client.keep(download.id, null);
  }

  /** @param {Parameters<import("./client.js").FerryClient["create"]>[0]} request */
  async #create(request) {
    this.#held = [];
    try {
      const { created, ...download } = await this.#server.client.create(request);
      if (created) this.#tell("download-created", { download });
      this.#adopt(download);
      return download;
    } finally {
      const held = this.#held;
      this.#held = null;
      for (const news of held ?? []) this.#hear(news);
    }
  }

  /** @param {import("./client.js").Action} action */
  async #act(action) {
    const { id } = /** @type {Download} */ (this.#download);
    const now = await this.#server.client.act(id, action);
    if (now) this.#adopt(now);
  }

  #delete() {
    const { id } = /** @type {Download} */ (this.#download);
    const { client } = this.#server;
    const send = async (/** @type {{keepalive?: boolean}} */ options) => {
      await client.remove(id, options);
      if (this.#download?.id === id) this.#lose(id);
    };
    this.#deleting = new PendingDelete(id, send, (error) => {
      this.#undo();
      this.#refused(/** @type {any} */ (error));
      this.#render();
    });
    this.#stop();
  }

  #undo() {
    this.#deleting?.undo();
    this.#deleting = null;
  }

  async #play() {
    const { mimeType } = /** @type {Download} */ (this.#download);
    const isSound = mimeType?.startsWith("audio/");
    const player = document.createElement(isSound ? "audio" : "video");
    const source = new URL(await this.#address());
    source.searchParams.set("inline", "1");
    if (source.origin !== location.origin) player.crossOrigin = "anonymous";
    Object.assign(player, { controls: true, autoplay: true, playsInline: true, src: source.href });
    player.addEventListener("error", () => {
      this.#stop();
      this.#note = NOT_PLAYED;
      this.#render();
    });
    this.#isPlaying = true;
    this.#view.play(player);
    player.focus();
  }

  #stop() {
    this.#isPlaying = false;
    this.#view.play(null);
  }

  async #save() {
    const link = document.createElement("a");
    link.href = await this.#address();
    link.download = "";
    link.click();
  }

  /** The file's URL. A tag sends no token, so on other origins it is a signed link. @returns {Promise<string>} */
  async #address() {
    const { client } = this.#server;
    const { id, fileUrl } = /** @type {Download} */ (this.#download);
    const own = client.url(fileUrl ?? "");
    const isSession = !this.getAttribute("token") && new URL(own).origin === location.origin;
    return isSession ? own : (await client.link(id)).url;
  }
}

/** @param {FerryClient} client */
function signIn(client) {
  const next = encodeURIComponent(location.pathname + location.search);
  location.href = `${client.address("accounts/login/")}?next=${next}`;
}

if (!customElements.get("media-downloader")) customElements.define("media-downloader", MediaDownloader);
