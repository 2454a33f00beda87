// Many at once: checkboxes on demand, and a bar with what can be done with all of them.

import { idOf } from "./actions.js";
import { byId, cards, live } from "./page.js";

const ACTIVE = ["queued", "running", "paused"];
/** What each is for: the others are left alone. */
const MEANT_FOR = {
  pause: ["queued", "running"],
  resume: ["paused"],
  retry: ["failed", "cancelled", "expired"],
  cancel: ACTIVE,
  delete: [...ACTIVE, "completed", "failed", "cancelled", "expired"],
};

const bar = byId("bulk");
const count = byId("bulk-count");
const toggle = byId("select");

export class Selected {
  /** @type {Set<string>} */
  #ids = new Set();
  #isOn = false;
  #last = ""; // where a range begins
  #actions;

  /** @param {Actions} actions */
  constructor(actions) {
    this.#actions = actions;
    toggle.addEventListener("click", () => (this.#isOn ? this.end() : this.#begin()));
    bar.addEventListener("click", ({ target }) => this.#press(target.closest("[data-bulk]")));
    live.addEventListener("click", (event) => this.#check(event));
    this.show();
  }

  get cards() {
    return cards().filter((card) => this.#ids.has(idOf(card)));
  }

  /** @param {HTMLElement} card */
  toggle(card) {
    this.#set([card], !this.#ids.has(idOf(card)));
    this.#begin();
  }

  end() {
    this.#isOn = false;
    this.#ids.clear();
    this.show();
  }

  /** After each rendering, and each change. What is no longer here is no longer selected. */
  show() {
    this.#ids = new Set(this.cards.map(idOf));
    for (const card of cards()) {
      const isSelected = this.#ids.has(idOf(card));
      /** @type {any} */ (card.querySelector(".card-select input")).checked = isSelected;
      card.classList.toggle("is-selected", isSelected);
    }
    document.body.classList.toggle("is-selecting", this.#isOn);
    toggle.hidden = !cards().length && !this.#isOn;
    toggle.ariaPressed = String(this.#isOn);
    bar.hidden = !this.#isOn;
    count.textContent = `${this.#ids.size} selected`;
    for (const button of bar.querySelectorAll("button")) {
      if (button.dataset.bulk in MEANT_FOR) button.hidden = !this.#meant(button.dataset.bulk).length;
    }
  }

  /** @param {string} action */
  run(action) {
    const chosen = this.#meant(action);
    this.end();
    this.#actions.act(action, chosen);
  }

  #begin() {
    this.#isOn = true;
    this.show();
  }

  #set(some, isOn) {
    for (const card of some) this.#ids[isOn ? "add" : "delete"](idOf(card));
    this.#last = idOf(some.at(-1));
  }

  #meant(action) {
    return this.cards.filter(({ dataset }) => MEANT_FOR[action].includes(dataset.status));
  }

  // A click on a box; with Shift, all from the last one.
  #check({ target, shiftKey }) {
    if (!target.matches(".card-select input")) return;
    const all = cards();
    const to = all.indexOf(target.closest(".card"));
    const from = shiftKey ? all.findIndex((card) => idOf(card) === this.#last) : -1;
    const range = from < 0 ? [all[to]] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.#set(range, target.checked);
    this.show();
  }

  #press(button) {
    const action = button?.dataset.bulk;
    if (action === "none") this.end();
    else if (action === "all") {
      this.#set(cards(), true);
      this.show();
    } else if (action) this.run(action);
  }
}
