// The player: keys, the last position, and a message if the browser cannot play the file.
// Without it there are the browser's own controls.

const SEEK = 5; // seconds
const FAR = 10; // seconds, as J and L elsewhere
const STEP = 0.05; // of the volume
const WORTH_KEEPING = 10; // seconds from the beginning
const NEARLY_DONE = 15; // seconds from the end
const SAVE_EVERY = 5000; // ms
const PREFIX = "ferry:position:";
const KEPT = 200; // positions
const LANGUAGE = "ferry:subtitles"; // of those last shown; empty for none

const player = /** @type {HTMLVideoElement} */ (document.getElementById("player"));
const trouble = /** @type {HTMLElement} */ (document.getElementById("trouble"));
const resumed = /** @type {HTMLElement} */ (document.getElementById("resumed"));
const key = PREFIX + player.dataset.download;
const isVideo = player.localName === "video";

// --- where you left --------------------------------------------------------------------------

/** @returns {number} seconds */
function leftAt() {
  try {
    return Number(JSON.parse(localStorage.getItem(key) ?? "{}").seconds) || 0;
  } catch {
    return 0; // no storage, or not ours
  }
}

let savedAt = 0;

function save() {
  const { currentTime, duration } = player;
  if (!Number.isFinite(duration)) return;
  savedAt = Date.now();
  try {
    if (currentTime < WORTH_KEEPING || duration - currentTime < NEARLY_DONE) {
      localStorage.removeItem(key);
    } else {
      localStorage.setItem(key, JSON.stringify({ seconds: currentTime, at: savedAt }));
    }
  } catch {
    // storage is full or not allowed: it begins at the beginning next time
  }
}

function forgetOldest() {
  const found = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  if (found.length <= KEPT) return;
  const age = (/** @type {string} */ name) => JSON.parse(localStorage.getItem(name) ?? "{}").at ?? 0;
  found.sort((one, other) => age(one) - age(other));
  for (const name of found.slice(0, found.length - KEPT)) localStorage.removeItem(name);
}

function goOn() {
  const seconds = leftAt();
  if (seconds < WORTH_KEEPING || seconds > player.duration - NEARLY_DONE) return;
  player.currentTime = seconds;
  const words = /** @type {HTMLElement} */ (resumed.querySelector("span"));
  words.textContent = `Resumed at ${clock(seconds)}, where you left off.`;
  resumed.hidden = false;
}

/** @param {number} seconds */
function clock(seconds) {
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

// --- subtitles -------------------------------------------------------------------------------

/** @param {TextTrack | undefined} wanted none for undefined */
function show(wanted) {
  for (const track of player.textTracks) track.mode = track === wanted ? "showing" : "disabled";
}

/** The page shows the first; another that the user chose before, say in the player's menu, wins. */
function showAsLastTime() {
  const tracks = [...player.textTracks];
  const language = recalled();
  const found = tracks.find((track) => track.language === language);
  if (found || language === "") show(found);
}

/** @returns {string | null} */
function recalled() {
  try {
    return localStorage.getItem(LANGUAGE);
  } catch {
    return null; // no storage: the first is shown
  }
}

function rememberLanguage() {
  const shown = [...player.textTracks].find(({ mode }) => mode === "showing");
  try {
    localStorage.setItem(LANGUAGE, shown?.language ?? "");
  } catch {
    // not allowed: it is asked again next time
  }
}

// --- keys ------------------------------------------------------------------------------------

/** @param {number} seconds */
const seek = (seconds) => {
  player.currentTime = Math.min(Math.max(player.currentTime + seconds, 0), player.duration || 0);
};
/** @param {number} by */
const turn = (by) => {
  player.volume = Math.min(Math.max(player.volume + by, 0), 1);
  player.muted = false;
};
const playOrPause = () => void (player.paused ? play() : player.pause());
const fullScreen = () =>
  void (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen?.());
/** One language after another, then none. */
const subtitles = () => {
  const tracks = [...player.textTracks];
  show(tracks[tracks.findIndex(({ mode }) => mode === "showing") + 1]);
};

/** @type {Record<string, () => void>} */
const KEYS = {
  " ": playOrPause,
  k: playOrPause,
  ArrowLeft: () => seek(-SEEK),
  ArrowRight: () => seek(SEEK),
  j: () => seek(-FAR),
  l: () => seek(FAR),
  ArrowUp: () => turn(STEP),
  ArrowDown: () => turn(-STEP),
  m: () => (player.muted = !player.muted),
  f: fullScreen,
  c: subtitles,
};

async function play() {
  try {
    await player.play();
  } catch (error) {
    // not allowed without a press, or what `error` tells already
    if (/** @type {Error} */ (error).name === "NotSupportedError") await complain();
  }
}

/** @param {KeyboardEvent} event */
function press(event) {
  const { target, ctrlKey, altKey, metaKey } = event;
  const focused = /** @type {Element} */ (target);
  if (ctrlKey || altKey || metaKey || focused.closest("input, select, textarea")) return;
  if (event.key === " " && focused.closest("button, a, summary")) return; // its own meaning
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault(); // the player's own answer to the same key would undo ours
  event.stopPropagation();
  action();
}

// --- what does not work ----------------------------------------------------------------------

const GONE = "The file has expired or was deleted. Go back to your downloads and retry it.";
/** @type {Record<number, string>} */
const SAYS = {
  401: "You are signed out. Sign in again, then come back.",
  403: "You are signed out. Sign in again, then come back.",
  404: GONE,
  409: "The file is not ready yet. Come back when the download is complete.",
  410: GONE,
  503: "The storage does not answer. Try again in a moment.",
};

/** Ask the server first: the browser says the same of a file that is gone and of one it cannot read. */
async function complain() {
  const place = leftAt();
  let status = 0;
  try {
    const asked = { method: "HEAD", cache: /** @type {const} */ ("no-store") };
    status = (await fetch(player.currentSrc || player.src, asked)).status;
  } catch {
    tell("Ferry does not answer. Check your connection, then reload the page.");
    return;
  }
  const type = player.dataset.type || "this kind of file";
  const cannot = `Your browser cannot play this (${type}). Save it and open it in a media player such as VLC or mpv.`;
  const broke = `Playback stopped${place ? ` at ${clock(place)}` : ""}. Reload the page to continue from there.`;
  const isNetwork = player.error?.code === MediaError.MEDIA_ERR_NETWORK;
  tell(SAYS[status] ?? (isNetwork ? broke : cannot));
}

/** @param {string} text */
function tell(text) {
  trouble.textContent = text;
  trouble.hidden = false;
}

function lookAtPicture() {
  if (isVideo && !player.videoWidth) {
    tell("Your browser plays the sound but cannot show this video format. Save it and open it in a media player such as VLC or mpv.");
  }
}

// --- together --------------------------------------------------------------------------------

player.addEventListener("loadedmetadata", () => {
  goOn();
  lookAtPicture();
}, { once: true });
player.addEventListener("timeupdate", () => Date.now() - savedAt > SAVE_EVERY && save());
for (const name of ["pause", "seeked", "ended"]) player.addEventListener(name, save);
addEventListener("pagehide", save);
player.addEventListener("error", () => void complain());
if (player.textTracks.length) {
  showAsLastTime();
  player.textTracks.addEventListener("change", rememberLanguage);
}
document.addEventListener("keydown", press, { capture: true });
resumed.querySelector("button")?.addEventListener("click", () => {
  player.currentTime = 0;
  resumed.hidden = true;
  void play();
});

const keys = document.getElementById("keys");
if (keys) keys.hidden = !matchMedia("(hover: hover)").matches;
if (player.error) void complain(); // it failed before this was loaded
if (player.readyState >= HTMLMediaElement.HAVE_METADATA) player.dispatchEvent(new Event("loadedmetadata"));
if (document.referrer.startsWith(location.origin)) void play(); // opened by a Play button
try {
  forgetOldest();
} catch {
  // no storage: nothing is kept
}
if ("mediaSession" in navigator) {
  navigator.mediaSession.metadata = new MediaMetadata({ title: player.getAttribute("aria-label") ?? "" });
}
