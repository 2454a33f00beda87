// Requests of a page's elements, batched: a grid of them costs a few requests, not two each.

/**
 * @typedef {import("../client.js").FerryClient} FerryClient
 * @typedef {import("../client.js").Content} Content
 * @typedef {import("../client.js").Download} Download
 */

const TOGETHER = 3; // as many as this at once are asked for by lists
const SEARCH_LONGEST = 200; // characters, as the API takes them

/** @param {Download} download */
export const isLive = ({ status }) => ["queued", "running", "paused", "completed"].includes(status);

export class Library {
  #client;
  #contents = new Batch((ids) => this.#findContents(ids));
  #downloads = new Batch((contents) => this.#findDownloads(contents));

  /** @param {FerryClient} client */
  constructor(client) {
    this.#client = client;
  }

  /** @param {string} id @returns {Promise<Content>} */
  async content(id) {
    return (await this.#contents.ask(id)) ?? this.#client.content(id);
  }

  /** The user's live download of this content, the newest. @param {Content} content @returns {Promise<Download|null>} */
  async download(content) {
    const { lists, whole } = (await this.#downloads.ask(content)) ?? { lists: [], whole: false };
    return liveOf(content, lists) ?? (whole ? null : this.#search(content));
  }

  /** @param {Content} content */
  async #search(content) {
    const search = content.sourceUrl.slice(0, SEARCH_LONGEST);
    return liveOf(content, (await this.#client.list({ search })).results);
  }

  /** @param {string[]} ids @returns {Promise<(Content|undefined)[]>} */
  async #findContents(ids) {
    const { results } = await this.#client.contents();
    return ids.map((id) => results.find((content) => content.id === id));
  }

  /** @param {Content[]} contents */
  async #findDownloads(contents) {
    const tabs = /** @type {const} */ (["active", "completed"]);
    const pages = await Promise.all(tabs.map((tab) => this.#client.list({ tab })));
    const found = { lists: pages.flatMap(({ results }) => results), whole: pages.every(({ next }) => !next) };
    return contents.map(() => found);
  }
}

/** @param {Content} content @param {Download[]} downloads newest first */
function liveOf(content, downloads) {
  return downloads.find((one) => one.contentId === content.id && isLive(one)) ?? null;
}

/** Gathers what is asked for in one turn. @template Asked, Found */
class Batch {
  /** @type {{asked: Asked, found: (value: any) => void, failed: (error: unknown) => void}[]} */
  #waiting = [];
  #find;

  /** @param {(asked: Asked[]) => Promise<Found[]>} find */
  constructor(find) {
    this.#find = find;
  }

  /** Undefined if too few were asked for together. @param {Asked} asked @returns {Promise<Found|undefined>} */
  ask(asked) {
    return new Promise((found, failed) => {
      if (!this.#waiting.length) setTimeout(() => this.#flush());
      this.#waiting.push({ asked, found, failed });
    });
  }

  async #flush() {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const many = waiting.length > TOGETHER;
      const found = many ? await this.#find(waiting.map(({ asked }) => asked)) : [];
      waiting.forEach((one, at) => one.found(found[at]));
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    }
  }
}
