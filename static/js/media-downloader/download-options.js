// "More" in the quality dialog: options beyond the quality. Folded away, and present only if
// this source has something to choose.

import { made } from "./elements.js";

/**
 * @typedef {import("../client.js").Content} Content
 * @typedef {import("../client.js").QualityOffer} QualityOffer
 * @typedef {Partial<globalThis.Options>} Options
 * @typedef {Content["subtitles"][number]} Subtitle
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {(quality: string) => boolean} isFor
 * @property {() => Options} read empty if nothing is chosen
 * @property {() => string} words of it, empty as well
 */

const MOST = 10; // subtitles of one download, as the server takes them
const CONTAINERS = ["mp4", "mkv", "webm"];
const PICTURES = ["3gp", "avi", "flv", "m4v", "mkv", "mov", "mp4", "ogv", "ts", "webm"];
const NAMES = new Intl.DisplayNames(["en"], { type: "language" }); // as all else that is said here
const anyQuality = () => true;

export class DownloadOptions {
  element = /** @type {HTMLDetailsElement} */ (made("details", "more"));
  #said = made("span", "hint");
  #fields;
  #quality = "";

  /** @param {Content} content @param {QualityOffer[]} offers */
  constructor(content, offers) {
    this.#fields = fieldsOf(content, offers);
    const summary = made("summary", "", "More");
    summary.append(this.#said);
    this.element.append(summary);
    this.element.addEventListener("toggle", () => this.#unfold());
    this.element.addEventListener("change", () => this.#tell());
  }

  /** The options depend on it. @param {string} quality */
  suit(quality) {
    this.#quality = quality;
    for (const { element, isFor } of this.#fields) element.hidden = !isFor(quality);
    this.element.hidden = !this.#suiting().length;
    this.#tell();
  }

  /** Null if nothing is chosen. @returns {Options|null} */
  get options() {
    const chosen = Object.assign({}, ...this.#suiting().map(({ read }) => read()));
    return Object.keys(chosen).length ? chosen : null;
  }

  #suiting() {
    return this.#fields.filter(({ isFor }) => isFor(this.#quality));
  }

  /** A hundred languages are added only once the list is opened. */
  #unfold() {
    if (!this.element.open) return;
    if (this.element.childElementCount === 1) this.element.append(...this.#fields.map(({ element }) => element));
    this.element.scrollIntoView({ block: "nearest" });
  }

  #tell() {
    const words = this.#suiting().map((field) => field.words());
    this.#said.textContent = words.filter(Boolean).join(", ");
  }
}

/** @param {Content} content @param {QualityOffer[]} offers @returns {Field[]} */
function fieldsOf({ subtitles, languages }, offers) {
  const sound = offers.find(({ quality }) => quality === "audio");
  const hasPicture = offers.some(({ height, videoCodec, ext }) => height || videoCodec || PICTURES.includes(ext));
  const fields = [];
  if (subtitles.length) fields.push(subtitleField(subtitles));
  if (languages.length > 1) fields.push(languageField(languages));
  if (sound && sound.audioCodec !== "mp3" && sound.ext !== "mp3") fields.push(mp3Field());
  if (hasPicture) fields.push(containerField());
  return fields;
}

/** @param {Subtitle[]} offered @returns {Field} */
function subtitleField(offered) {
  const element = made("fieldset", "option-many");
  element.append(made("legend", "", offered.length > MOST ? `Subtitles, ${MOST} at most` : "Subtitles"));
  const list = made("div", "languages");
  const boxes = sorted(offered).map((subtitle) => {
    const { label, box } = check(nameOf(subtitle.language, subtitle.name), subtitle.language);
    if (subtitle.automatic) label.append(made("span", "hint", "automatic"));
    list.append(label);
    return box;
  });
  element.append(list);
  const chosen = () => boxes.filter(({ checked }) => checked).map(({ value }) => value);
  element.addEventListener("change", () => {
    const isFull = chosen().length >= MOST;
    for (const box of boxes) box.disabled = isFull && !box.checked;
  });
  return {
    element,
    isFor: anyQuality,
    read: () => (chosen().length ? { subtitles: chosen() } : {}),
    words: () => (chosen().length > 1 ? `${chosen().length} subtitles` : chosen().length ? "1 subtitle" : ""),
  };
}

/** @param {string[]} languages @returns {Field} */
function languageField(languages) {
  const options = languages.map((tag) => new Option(nameOf(tag), tag));
  const { element, select } = choice("Sound language", [new Option("Original", ""), ...options]);
  return {
    element,
    isFor: anyQuality,
    read: () => (select.value ? { language: select.value } : {}),
    words: () => (select.value ? nameOf(select.value) : ""),
  };
}

/** @returns {Field} */
function mp3Field() {
  const { label, box } = check("Audio as mp3", "mp3");
  return {
    element: label,
    isFor: (quality) => quality === "audio",
    read: () => (box.checked ? { audio: box.value } : {}),
    words: () => (box.checked ? "mp3" : ""),
  };
}

/** @returns {Field} */
function containerField() {
  const options = CONTAINERS.map((name) => new Option(name, name));
  const { element, select } = choice("Container", [new Option("Original", ""), ...options]);
  return {
    element,
    isFor: (quality) => quality !== "audio",
    read: () => (select.value ? { container: select.value } : {}),
    words: () => select.value,
  };
}

/** Those of people first; by name. @param {Subtitle[]} offered */
function sorted(offered) {
  const name = (/** @type {Subtitle} */ each) => nameOf(each.language, each.name);
  return [...offered].sort((a, b) => +a.automatic - +b.automatic || name(a).localeCompare(name(b), "en"));
}

/** `pt-BR` -> `Brazilian Portuguese`; what is no known language is called as the source does. @param {string} tag */
function nameOf(tag, name = "") {
  if (tag === "und") return name || "Unknown language";
  try {
    const known = NAMES.of(tag) ?? tag;
    return known.toLowerCase() === tag.toLowerCase() ? name || tag : known;
  } catch {
    return name || tag; // not written as a language is
  }
}

/** @param {string} text @param {string} value */
function check(text, value) {
  const label = made("label", "check");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", value });
  label.append(box, made("span", "", text));
  return { label, box };
}

/** @param {string} text @param {HTMLOptionElement[]} options */
function choice(text, options) {
  const element = made("label", "option");
  const select = document.createElement("select");
  select.append(...options);
  element.append(made("span", "", text), select);
  return { element, select };
}
