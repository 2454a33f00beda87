// The known state of each download, and which events are new. Pure: no clock, no network.
// The socket, the polls and the answers to our own requests overtake one another; `seq` orders
// them, and what is no newer is dropped. Progress needs no guard of its own: the server's row never
// lets it fall within an attempt, and each figure comes with the row's seq.

/** @import { Download, FerryEvent } from "./types.js" */

const ACTIVE = ["queued", "running", "paused"];
/** @type {(keyof Download)[]} */
const PROGRESS = ["progress", "phase", "bytesDone", "bytesTotal", "speed", "eta"];
/** @type {(keyof Download)[]} constant while a download runs, unless a user changes it */
const RESTING = ["title", "thumbnailUrl", "resolvedQuality", "filename", "expiresAt"];

/** @param {{status: string}} download */
export const isActive = (download) => ACTIVE.includes(download.status);

export class Ledger {
  /** @type {Map<string, Download>} */
  #known = new Map();
  /** @type {Map<string, number>} the newest seq of each; of a deleted one infinite */
  #seqs = new Map();

  /** Oldest first. @returns {Download[]} */
  active() {
    const found = [...this.#known.values()].filter(isActive);
    return found.sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
  }

  /** @param {string} id */
  get(id) {
    return this.#known.get(id);
  }

  // A whole download, from wherever it came.
  see(download) {
    if (!this.#isNewer(download.id, download.seq)) return null;
    const before = this.#known.get(download.id);
    this.#known.set(download.id, download);
    return eventOf(before, download);
  }

  // An event of the socket about one download.
  take(event) {
    const { downloadId, download } = event.data;
    if (event.event === "download:deleted") return this.delete(downloadId);
    if (download) {
      return this.see(download) && event;
    }
    if (!this.#isNewer(downloadId, event.seq)) return null;
    const before = this.#known.get(downloadId);
    if (!before) return event;
    const seq = event.seq ?? before.seq;
    const labels = { ...before.labels, ...event.data.labels };
    this.#known.set(downloadId, { ...before, ...picked(event.data, PROGRESS), labels, seq });
    return { ...event, data: { ...event.data, labels } };
  }

  /** @param {string} id @returns {FerryEvent|null} null if that is known already */
  delete(id) {
    if (this.#seqs.get(id) === Infinity) return null;
    const seq = this.#known.get(id)?.seq ?? null;
    this.#known.delete(id);
    this.#seqs.set(id, Infinity);
    return { event: "download:deleted", data: { downloadId: id }, seq };
  }

  // What was active and is not in a complete list of what is: its end is still to be learnt.
  // What has become active since the list was asked for is not meant.
  vanished(list, before) {
    const there = new Set(list.map(({ id }) => id));
    return this.active().flatMap(({ id }) => (before.has(id) && !there.has(id) ? [id] : []));
  }

  #isNewer(id, seq) {
    if (seq === null || seq <= (this.#seqs.get(id) ?? -1)) return false;
    this.#seqs.set(id, seq);
    return true;
  }
}

function eventOf(before, now) {
  const { id: downloadId, seq } = now;
  if (before?.status !== now.status) {
    const { size, fileUrl, error, errorCode } = now;
    const data = { downloadId, download: now, size, fileUrl, error, errorCode };
    return { event: `download:${now.status === "running" ? "started" : now.status}`, data, seq };
  }
  if (now.status === "running" && RESTING.every((name) => before[name] === now[name])) {
    return { event: "download:progress", data: { downloadId, ...picked(now, PROGRESS), labels: now.labels }, seq };
  }
  return { event: "download:updated", data: { downloadId, download: now }, seq };
}

function picked(from, names) {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}
