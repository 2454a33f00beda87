// A delete that can be undone for a while: bytes do not come back.

const LASTS = 5000; // ms, as the dashboard's

export class PendingDelete {
  #send;
  #failed;
  /** @type {ReturnType<typeof setTimeout>|undefined} undefined once it is sent or undone */
  #timer;
  #leaving = () => void this.now({ keepalive: true });

  /**
   * @param {string} id of the download
   * @param {(options: {keepalive?: boolean}) => Promise<unknown>} send
   * @param {(error: unknown) => void} failed
   */
  constructor(id, send, failed) {
    this.id = id;
    this.#send = send;
    this.#failed = failed;
    this.#timer = setTimeout(() => void this.now(), LASTS);
    globalThis.addEventListener?.("pagehide", this.#leaving);
  }

  /** Nothing is sent, if nothing was yet. */
  undo() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    globalThis.removeEventListener?.("pagehide", this.#leaving);
  }

  /** Sends it, once. @param {{keepalive?: boolean}} [options] */
  async now(options = {}) {
    if (this.#timer === undefined) return;
    this.undo();
    try {
      await this.#send(options);
    } catch (error) {
      this.#failed(error);
    }
  }
}
