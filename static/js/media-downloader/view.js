// The element's inside: built once, then changed in place, so that the focus stays where it is.

import { base, sheet } from "./style.js";

/** @typedef {import("./shown.js").Shown} Shown */
/** @typedef {import("./shown.js").Button} Button */

const style = sheet(`
:host { display: block; container-type: inline-size; }
.card {
  display: grid; grid-template: auto 1fr / minmax(0, 1fr); height: 100%; position: relative; overflow: hidden;
  border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface);
  box-shadow: var(--ferry-shadow, 0 1px 2px rgb(16 32 44 / 6%), 0 4px 14px rgb(16 32 44 / 5%));
}
.picture {
  position: relative; display: grid; place-items: center; aspect-ratio: 16 / 9; align-self: start;
  background: linear-gradient(140deg, var(--accent-wash), var(--raised) 70%); color: var(--text-soft); overflow: hidden;
}
.picture > .icon { width: 2.25rem; height: 2.25rem; stroke-width: 1.1; opacity: 0.8; }
.picture img, .picture video { position: absolute; inset: 0; width: 100%; height: 100%; }
.picture img { object-fit: cover; }
.picture video { background: #000; }
.picture audio { position: absolute; inset: auto 0.75rem 0.75rem; width: calc(100% - 1.5rem); }
.clock {
  position: absolute; right: 0.5rem; bottom: 0.5rem; padding: 0 0.4rem; border-radius: 0.3rem;
  background: rgb(10 18 24 / 82%); color: #fff; font-size: 0.8125rem; font-variant-numeric: tabular-nums;
}
.words { display: flex; flex-direction: column; gap: 0.3rem; padding: 0.75rem 0.9rem 0.9rem; min-width: 0; }
.title {
  display: -webkit-box; overflow: hidden; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
  font-size: 1rem; font-weight: 600; line-height: 1.35;
}
.facts { display: flex; flex-wrap: wrap; column-gap: 0.75rem; min-height: 1.5em; color: var(--text-soft); font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
.state { color: var(--text); font-weight: 550; }
.state:empty { display: none; }
.facts:not(:has(:not(:empty))) { display: none; }
.tone-active .state { color: var(--accent); }
.tone-good .state { color: var(--good); }
.tone-bad .state { color: var(--bad); }
.note { color: var(--text-soft); font-size: 0.8125rem; }
.tone-bad .note { color: var(--bad); }
.actions { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-top: auto; padding-top: 0.35rem; }
.actions .button { padding: 0 0.8rem; }
.bar { position: absolute; inset: auto 0 0; height: 4px; background: var(--track); }
.bar::before {
  content: ""; display: block; height: 100%; width: 100%; background: var(--line-strong);
  transform: scaleX(var(--done, 0)); transform-origin: left; transition: transform 400ms linear;
}
.bar:dir(rtl)::before { transform-origin: right; }
.tone-active .bar::before { background: var(--accent); }
.bar.unmeasured::before { transform: none; animation: breathe 1.2s ease-in-out infinite alternate; }
.loading .title { height: 1.35em; max-width: 70%; }
.loading .facts { display: flex; max-width: 40%; }
.loading .title, .loading .facts { border-radius: 0.3rem; background: var(--raised); animation: breathe 1.2s ease-in-out infinite alternate; }
.lost .picture, .lost .title, .lost .facts { display: none; }
@container (max-width: 24rem) {
  .actions .button { padding: 0 0.7rem; }
  .actions .button:not(.primary) .icon { display: none; }
}
@container (min-width: 32rem) {
  .card { grid-template: 1fr / minmax(9rem, 32%) minmax(0, 1fr); }
  .picture { height: 100%; align-self: stretch; }
  .card.lost { grid-template: auto / minmax(0, 1fr); }
}
`);

const skeleton = document.createElement("template");
skeleton.innerHTML = `
<article class="card" part="card" aria-labelledby="title">
  <div class="picture" part="picture">
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path/></svg>
    <img part="thumbnail" alt="" loading="lazy" referrerpolicy="no-referrer" hidden>
    <span class="clock" part="duration" hidden></span>
  </div>
  <div class="words" part="body">
    <p class="title" part="title" id="title" dir="auto"></p>
    <p class="facts" part="facts"><span class="state" part="state"></span></p>
    <p class="note" part="note" dir="auto" hidden></p>
    <div class="actions" part="actions"></div>
  </div>
  <div class="bar" part="progress" role="progressbar" aria-labelledby="title" aria-valuemin="0" aria-valuemax="100" hidden></div>
  <div class="unseen" aria-live="polite"></div>
</article>`;

/** @type {Record<string, string>} paths in a box of 20 by 20 */
const ICONS = {
  download: "M10 3.5v9m-3.8-3.7L10 12.6l3.8-3.8M4 16.5h12",
  save: "M10 3.5v9m-3.8-3.7L10 12.6l3.8-3.8M4 16.5h12",
  pause: "M7 4.5v11m6-11v11",
  resume: "M6.5 4.2v11.6L16 10z",
  play: "M6.5 4.2v11.6L16 10z",
  stop: "m5.5 5.5 9 9m0-9-9 9",
  cancel: "m5.5 5.5 9 9m0-9-9 9",
  choose: "M4 5.5h12M4 10h12M4 14.5h7",
  undo: "M4.2 8.2A6 6 0 1 1 4 11m0-7v4.3h4.3",
  retry: "M15.8 8.2A6 6 0 1 0 16 11m0-7v4.3h-4.3",
  reload: "M15.8 8.2A6 6 0 1 0 16 11m0-7v4.3h-4.3",
  delete: "M4 6h12M8 6V4h4v2m-6.5 0 .7 10h7.6l.7-10M8.5 9v4.5m3-4.5v4.5",
  video: "M3 5h14v10H3zm5.5 2.7v4.6l4-2.3z",
  audio: "M7.5 14V5l8-1.5v9M7.5 14a2 2 0 1 1-4 0 2 2 0 0 1 4 0zm8-1.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0z",
  file: "M5 3h6.5L15 6.5V17H5zm6.5 0v3.5H15",
};
const LOOKS = { primary: "button primary", plain: "button", quiet: "button quiet", danger: "button quiet danger" };

export class View {
  #root;
  #press;
  #picture = "";
  #spoken = "";

  /** @param {ShadowRoot} root @param {(name: string) => void} press a button was pressed */
  constructor(root, press) {
    this.#root = root;
    this.#press = press;
    root.adoptedStyleSheets = [base, style];
    root.append(skeleton.content.cloneNode(true));
    const image = this.#one("img");
    image.addEventListener("error", () => (image.hidden = true));
  }

  /** @param {Shown} shown */
  render(shown) {
    const card = this.#one(".card");
    const lost = shown.note && !shown.title ? " lost" : "";
    card.className = `card tone-${shown.tone}${shown.isLoading ? " loading" : ""}${lost}`;
    card.setAttribute("aria-busy", String(shown.isLoading));
    this.#one(".title").textContent = shown.title;
    this.#one(".picture > .icon path").setAttribute("d", ICONS[shown.kind]);
    this.#text(".clock", shown.clock);
    this.#text(".note", shown.note);
    this.#show(shown.picture);
    this.#facts(shown);
    this.#bar(shown.progress);
    this.#buttons(shown.buttons, shown.title);
    this.#speak(shown);
  }

  /** Puts a player over the picture; null takes it away. @param {HTMLMediaElement|null} player */
  play(player) {
    this.#root.querySelector("video, audio")?.remove();
    if (player) this.#one(".picture").append(player);
  }

  /** @param {string} picture */
  #show(picture) {
    if (picture === this.#picture) return;
    this.#picture = picture;
    const image = this.#one("img");
    image.hidden = !picture;
    if (picture) image.src = picture;
    else image.removeAttribute("src");
  }

  /** @param {Shown} shown */
  #facts({ state, facts }) {
    this.#one(".state").textContent = state;
    const line = this.#one(".facts");
    while (line.children.length > facts.length + 1) line.lastElementChild.remove();
    facts.forEach((fact, at) => {
      const span = line.children[at + 1] ?? line.appendChild(document.createElement("span"));
      if (span.textContent !== fact) span.textContent = fact;
    });
  }

  /** @param {Shown["progress"]} progress */
  #bar(progress) {
    const bar = this.#one(".bar");
    bar.hidden = !progress;
    if (!progress) return;
    bar.classList.toggle("unmeasured", !progress.isMeasured);
    bar.setAttribute("aria-valuenow", String(Math.floor(progress.percent)));
    bar.setAttribute("aria-valuetext", progress.text);
    bar.style.setProperty("--done", String(progress.percent / 100));
  }

  /** @param {Button[]} wanted @param {string} title */
  #buttons(wanted, title) {
    const row = this.#one(".actions");
    const had = this.#root.activeElement?.parentElement === row;
    const names = wanted.map(({ name }) => name);
    for (const old of [...row.children]) if (!names.includes(old.dataset.name)) old.remove();
    wanted.forEach((button, at) => {
      const found = [...row.children].find((one) => one.dataset.name === button.name) ?? this.#made(button);
      found.className = LOOKS[button.look];
      found.setAttribute("aria-description", title);
      if (row.children[at] !== found) row.insertBefore(found, row.children[at] ?? null);
    });
    row.hidden = !wanted.length;
    // the button with the focus has gone: its neighbour has it, not the page's top
    if (had && !this.#root.activeElement) row.querySelector("button, a")?.focus({ preventScroll: true });
  }

  /** @param {Button} button */
  #made({ name, label, href }) {
    const made = href ? linkTo(href) : document.createElement("button");
    if (!href) made.type = "button";
    made.dataset.name = name;
    made.setAttribute("part", `button button-${name}`);
    if (ICONS[name]) made.append(icon(ICONS[name]));
    made.append(label);
    if (!href) made.addEventListener("click", () => this.#press(name));
    return made;
  }

  /** States and sentences are said aloud, numbers are not. @param {Shown} shown */
  #speak({ state, note, isLoading }) {
    const words = isLoading ? "" : [state, note].filter(Boolean).join(". ");
    if (words === this.#spoken) return;
    this.#spoken = words;
    this.#one("[aria-live]").textContent = words;
  }

  /** @param {string} selector @param {string} text */
  #text(selector, text) {
    const element = this.#one(selector);
    element.hidden = !text;
    element.textContent = text;
  }

  /** @param {string} selector @returns {any} */
  #one(selector) {
    return this.#root.querySelector(selector);
  }
}

/** Opens beside a page of another site. @param {string} href */
function linkTo(href) {
  const link = document.createElement("a");
  link.href = href;
  if (new URL(href).origin !== location.origin) Object.assign(link, { target: "_blank", rel: "noopener" });
  return link;
}

/** @param {string} path */
function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [name, value] of [["class", "icon"], ["viewBox", "0 0 20 20"], ["aria-hidden", "true"]]) {
    svg.setAttribute(name, value);
  }
  svg.append(document.createElementNS(space, "path"));
  svg.firstElementChild?.setAttribute("d", path);
  return svg;
}
