// The keyboard. Single letters act on the card that has the focus.

import { idOf } from "./actions.js";
import { byId, cards } from "./page.js";

const OFF = "ferry-keys-off";
const help = byId("keys");
const isOn = byId("keys-on");

/** @param {{actions: Actions, omnibox: Omnibox, selected: Selected}} parts */
export function listenToKeys({ actions, omnibox, selected }) {
  isOn.checked = localStorage.getItem(OFF) === null;
  isOn.addEventListener("change", () => {
    if (isOn.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });

  const keys = {
    "/": () => omnibox.focus(),
    "?": () => help.showModal(),
    j: (card) => move(card, 1),
    k: (card) => move(card, -1),
    Enter: (card) => document.activeElement === card && open(card),
    x: (card) => card && selected.toggle(card),
    p: (card) => press(card, "pause", "resume"),
    r: (card) => press(card, "retry"),
    Delete: (card) => {
      if (selected.cards.length) selected.run("delete");
      else if (card) actions.act("delete", [card]);
    },
    Escape: () => selected.end(),
  };

  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (target.closest("input:not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    const run = keys[event.key];
    const isOff = !isOn.checked && event.key.length === 1 && event.key !== "?";
    if (!run || isOff) return;
    if (event.key !== "Enter") event.preventDefault();
    run(target.closest(".card"));
  });
}

function move(card, step) {
  const all = cards();
  const next = all[Math.min(Math.max(card ? all.indexOf(card) + step : 0, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function open(card) {
  card?.querySelector(".card-title a, [id^=play-], [id^=save-]")?.click();
}

// The first of these buttons that the card has.
function press(card, ...names) {
  if (!card) return;
  names.map((name) => byId(`${name}-${idOf(card)}`)).find(Boolean)?.click();
}
