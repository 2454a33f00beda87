// The element's view model, from its state. Pure: state in, texts out.

/**
 * @typedef {import("../client.js").Content} Content
 * @typedef {import("../client.js").Download} Download
 *
 * @typedef {object} Known
 * @property {Content|null} content
 * @property {Download|null} download
 * @property {{sentence: string, action: string|null}|null} problem what keeps it from working
 * @property {string} note the last button's error
 * @property {boolean} isPlaying
 * @property {boolean} [isDeleted] the download goes, unless that is undone
 *
 * @typedef {object} Button
 * @property {string} name what it does, and its icon
 * @property {string} label
 * @property {"primary"|"plain"|"quiet"|"danger"} look
 * @property {string} [href] it leads there, below Ferry's root
 *
 * @typedef {object} Shown
 * @property {string} title
 * @property {string} picture
 * @property {string} kind video, audio or file
 * @property {string} clock
 * @property {string} state
 * @property {"plain"|"active"|"good"|"bad"} tone
 * @property {string[]} facts
 * @property {string} note
 * @property {{percent: number, text: string, isMeasured: boolean}|null} progress
 * @property {Button[]} buttons
 * @property {boolean} isLoading
 */

/** @type {Record<string, Shown["tone"]>} */
const TONES = { running: "active", completed: "good", failed: "bad" };

/** @param {string} name @param {string} label @param {Button["look"]} [look] @returns {Button} */
const button = (name, label, look = "plain") => ({ name, label, look });

const DOWNLOAD = button("download", "Download", "primary");
const PAUSE = button("pause", "Pause");
const CANCEL = button("cancel", "Cancel", "quiet");
const DELETE = button("delete", "Delete", "danger");
const RETRY = button("retry", "Retry", "primary");
const DELETED = [button("undo", "Undo", "primary"), button("download", "Download")];

/** @type {Record<string, Button[]>} */
const BUTTONS = {
  queued: [PAUSE, CANCEL],
  running: [PAUSE, CANCEL],
  paused: [button("resume", "Resume", "primary"), CANCEL],
  failed: [RETRY, DELETE],
  expired: [RETRY, DELETE],
};

/** @param {Known} known @returns {Shown} */
export function shown(known) {
  const { content, problem, isDeleted } = known;
  const download = isDeleted ? null : known.download;
  const subject = download ?? content;
  return {
    title: content?.title ?? download?.title ?? "",
    picture: subject?.thumbnailUrl ?? "",
    kind: download?.mimeType ? kindOf(download) : kindOfExt(content?.qualities[0]?.ext),
    clock: subject?.labels.duration ?? "",
    isLoading: !content && !problem,
    progress: null,
    ...(problem ? broken(problem) : download ? underWay(download, known.isPlaying) : idle(content)),
    ...(isDeleted && !problem && { state: "Deleted", buttons: DELETED }),
    ...(known.note && { note: known.note }),
  };
}

/** @param {{sentence: string, action: string|null}} problem */
function broken({ sentence, action }) {
  const buttons = action ? [button(action, action === "reload" ? "Try again" : "Sign in")] : [];
  return { state: "", tone: /** @type {const} */ ("bad"), facts: [], note: sentence, buttons };
}

/** @param {Content|null} content */
function idle(content) {
  const found = content?.labels.status ?? "";
  if (content?.kind === "playlist") return playlist(content, found);
  return {
    state: found,
    tone: /** @type {const} */ ("plain"),
    facts: found || !content ? [] : offered(content),
    note: content?.error ?? "",
    buttons: content ? [DOWNLOAD] : [],
  };
}

/** @param {Content} content @param {string} state */
function playlist({ id, entryCount, error }, state) {
  const choose = { ...button("choose", "Choose what to download", "primary"), href: `playlists/${id}/` };
  return {
    state,
    tone: /** @type {const} */ ("plain"),
    facts: [`${entryCount} ${entryCount === 1 ? "entry" : "entries"}`],
    note: error ?? "",
    buttons: [choose],
  };
}

/** The best there is to have. @param {Content} content */
function offered({ qualities }) {
  const [best] = [...qualities].sort((one, other) => (other.height ?? 0) - (one.height ?? 0));
  if (!best) return [];
  const height = best.height ? `up to ${best.height}p` : "";
  return [height, best.ext.toUpperCase(), best.sizeLabel].filter(Boolean);
}

/** @param {Download} download @param {boolean} isPlaying */
function underWay(download, isPlaying) {
  const { status, labels } = download;
  const isDone = status === "completed";
  return {
    state: labels.status,
    tone: TONES[status] ?? "plain",
    facts: isDone ? doneFacts(download) : runningFacts(download),
    note: labels.note,
    progress: progressOf(download),
    buttons: isDone ? doneButtons(download, isPlaying) : BUTTONS[status] ?? [DOWNLOAD],
  };
}

/** @param {Download} download */
function runningFacts(download) {
  if (!["queued", "running", "paused"].includes(download.status)) return [];
  const { progress, labels } = download;
  const percent = progress ? `${Math.floor(progress)}%` : "";
  return [labels.amount, percent, labels.speed, labels.eta, labels.place].filter(Boolean);
}

/** @param {Download} download */
function doneFacts({ resolvedQuality, labels }) {
  const quality = resolvedQuality && resolvedQuality !== "auto" ? resolvedQuality : "";
  return [labels.amount, quality, labels.expires].filter(Boolean);
}

/** @param {Download} download @param {boolean} isPlaying @returns {Button[]} */
function doneButtons(download, isPlaying) {
  const plays = kindOf(download) !== "file";
  const play = isPlaying ? button("stop", "Close") : button("play", "Play", "primary");
  const save = button("save", "Save", plays ? "plain" : "primary");
  return plays ? [play, save, DELETE] : [save, DELETE];
}

/** @param {Download} download */
function progressOf(download) {
  const { status, progress, bytesTotal, labels } = download;
  if (!["queued", "running", "paused"].includes(status)) return null;
  const text = [`${Math.floor(progress)} percent`, labels.amount].filter(Boolean).join(", ");
  return { percent: progress, text, isMeasured: status !== "running" || bytesTotal !== null };
}

/** @param {Download} download */
function kindOf({ mimeType }) {
  const kind = mimeType?.split("/")[0] ?? "";
  return kind === "video" || kind === "audio" ? kind : "file";
}

const VIDEO = ["mp4", "m4v", "mkv", "mov", "webm", "avi", "ts", "mpg", "ogv"];
const AUDIO = ["mp3", "m4a", "aac", "ogg", "opus", "oga", "flac", "wav"];

/** The likely kind of a file with this extension. @param {string} [ext] */
function kindOfExt(ext) {
  if (!ext || VIDEO.includes(ext)) return "video";
  return AUDIO.includes(ext) ? "audio" : "file";
}
