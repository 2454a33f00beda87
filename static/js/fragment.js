// A part of a page that the server renders, fetched again and put in place.

export class Fragment {
  #element;
  #shown = "";

  /** @param {HTMLElement} element with `data-source`, where its inside comes from */
  constructor(element) {
    this.#element = element;
  }

  /**
   * Does nothing while the user is selecting, pressing or typing in it.
   * @returns {Promise<Response|null>} the server's response; null without one
   */
  async refresh() {
    if (document.hidden || this.#isInUse()) return null;
    let response, html;
    try {
      response = await fetch(this.#element.dataset.source ?? "", { redirect: "error" });
      html = await response.text();
    } catch {
      return null; // the server is away, or the session has ended: the next click tells
    }
    if (response.ok && html !== this.#shown && !this.#isInUse()) this.#put(html);
    return response;
  }

  /** @param {string} html */
  #put(html) {
    const focused = this.#element.contains(document.activeElement) ? document.activeElement?.id : "";
    this.#element.innerHTML = this.#shown = html;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    this.#element.dispatchEvent(new Event("fragment:shown"));
  }

  /** A press whose release would fall through, a selection that would be lost. */
  #isInUse() {
    const selection = document.getSelection();
    const isSelecting = selection && !selection.isCollapsed && this.#element.contains(selection.anchorNode);
    return isSelecting || this.#element.matches(":active, :has(input:focus)");
  }
}

/** Times in the reader's own zone; the server knows UTC only. @param {ParentNode} [inside] */
export function localTimes(inside = document) {
  const words = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  for (const time of inside.querySelectorAll("time[data-local]")) {
    time.textContent = words.format(new Date(/** @type {HTMLTimeElement} */ (time).dateTime));
  }
}
