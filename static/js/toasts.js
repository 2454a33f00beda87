// Short messages at the window's edge, in a region that screen readers announce.

import { byId } from "./page.js";

const LASTS = 5000; // ms
const ERROR_LASTS = 12_000; // ms
const AT_ONCE = 4;

const region = byId("toasts");
/** What the server says of each action. @type {Record<string, string>} */
export const done = JSON.parse(region.dataset.done);
/** @type {Set<() => void>} closes each that is shown */
const shown = new Set();

/** @param {string} text @param {ToastOptions} [options] */
export function toast(text, { about = "", kind = "success", action, closed } = {}) {
  const element = document.createElement("div");
  element.className = `toast ${kind}`;
  const words = document.createElement("p");
  words.append(about ? `${text}: ` : text);
  if (about) words.append(Object.assign(document.createElement("bdi"), { textContent: about }));
  element.append(words);

  const close = (isUndone = false) => {
    clearTimeout(timer);
    element.remove();
    if (shown.delete(close) && !isUndone) closed?.();
  };
  const addButton = (label, className, run) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className });
    button.append(label);
    button.addEventListener("click", run);
    element.append(button);
    return button;
  };
  if (action) {
    addButton(action.label, "toast-action", () => {
      close(true);
      action.run();
    });
  }
  addButton("\u00d7", "toast-close", () => close()).ariaLabel = "Close";

  /** @type {Timer} */
  let timer;
  const run = () => {
    clearTimeout(timer);
    timer = setTimeout(close, kind === "error" ? ERROR_LASTS : LASTS);
  };
  // the button must not vanish under the pointer
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, run);
  run();
  shown.add(close);
  region.append(element);
  while (shown.size > AT_ONCE) [...shown][0]();
}

/** Shows a request's error. Programming errors are rethrown. */
export function complain(error) {
  toast(error.detail ?? "Something went wrong on this page. Reload it.", { kind: "error" });
  if (!error.detail) throw error;
}

/** What the server said with the page goes its way as well. */
export function dismissServerMessages() {
  const messages = [...region.children];
  setTimeout(() => messages.forEach((message) => message.remove()), ERROR_LASTS);
}
