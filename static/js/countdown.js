// The waits that texts name ("Retrying automatically in 15 s."), counted down where they stand. The
// server wrote each as it was then, and writes it again now and then; in between one timer does.

const EVERY = 1000; // ms
const WAIT = / in (\d+) (s|min)\b/;

/**
 * The text some seconds after it was written; without its wait once that is over.
 * @param {string} text @param {number} seconds @returns {string}
 */
export function after(text, seconds) {
  return text.replace(WAIT, (_, count, unit) => {
    const left = Math.round(count * (unit === "min" ? 60 : 1) - seconds);
    if (left < 1) return "";
    return left < 60 ? ` in ${left} s` : ` in ${Math.round(left / 60)} min`;
  });
}

/** @type {WeakMap<Element, {text: string, at: number, shown: string}>} */
const written = new WeakMap();

/** Bring each text up to date. @param {ParentNode} page @param {number} now in ms */
export function countDown(page, now) {
  for (const place of page.querySelectorAll("[data-countdown]")) {
    const text = place.textContent ?? "";
    const before = written.get(place);
    const source = before?.shown === text ? before : { text, at: now, shown: text };
    source.shown = after(source.text, (now - source.at) / 1000);
    written.set(place, source);
    if (source.shown !== text) place.textContent = source.shown;
  }
}

if (globalThis.document) {
  const turn = () => countDown(document, Date.now());
  turn();
  setInterval(turn, EVERY);
}
