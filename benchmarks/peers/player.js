// Plays a URL with hls.js or Shaka Player, and keeps what it appends. See players.py.
const appended = [];
let ended = false;

function keepAppends() {
  const add = MediaSource.prototype.addSourceBuffer;
  MediaSource.prototype.addSourceBuffer = function (type) {
    const buffer = add.call(this, type);
    buffer.kind = type.startsWith("audio") ? "sound" : "picture";
    return buffer;
  };
  const append = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (data) {
    const bytes = data.buffer
      ? new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength))
      : new Uint8Array(data.slice(0));
    const one = { kind: this.kind, offset: this.timestampOffset, bytes };
    const result = append.call(this, data); // throws where nothing is taken
    appended.push(one);
    ended = false;
    return result;
  };
  const end = MediaSource.prototype.endOfStream;
  MediaSource.prototype.endOfStream = function (...reason) {
    ended = reason.length === 0;
    return end.apply(this, reason);
  };
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Until all is appended, or the player gives up or does nothing for longer than it waits between
// two tries, or for so long.
async function settle(video, failed, seconds) {
  const until = performance.now() + seconds * 1000;
  let [count, since] = [-1, 0];
  while (performance.now() < until && !failed()) {
    const made = appended.length + performance.getEntriesByType("resource").length;
    if (made !== count) [count, since] = [made, performance.now()];
    const { buffered, duration } = video;
    const whole = buffered.length > 0 && buffered.end(buffered.length - 1) >= duration - 0.15;
    const idle = performance.now() - since;
    if (idle > 9000 || (ended && idle > 300) || (whole && idle > 2000)) return;
    await pause(50);
  }
}

async function playHls(video, url, best, seconds) {
  const hls = new Hls({
    autoStartLoad: false, maxBufferLength: 600, maxMaxBufferLength: 600, enableWorker: false,
    testBandwidth: false,
  });
  let fatal = "";
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (data.fatal) fatal = data.details;
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    const order = hls.levels.map((level, at) => [level.height || 0, level.bitrate || 0, at]);
    order.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    hls.startLevel = order[best ? order.length - 1 : 0][2];
    hls.loadLevel = hls.startLevel;
    hls.startLoad(0);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  await settle(video, () => fatal, seconds);
  return fatal;
}

async function playDash(video, url, best, seconds) {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  await player.attach(video);
  let fatal = "";
  player.addEventListener("error", ({ detail }) => {
    if (detail.severity === 2) fatal = `code ${detail.code}`;
  });
  player.configure({
    abr: { enabled: false, defaultBandwidthEstimate: best ? 1e9 : 1 },
    streaming: { bufferingGoal: 600, rebufferingGoal: 0.1, bufferBehind: 600 },
  });
  const loading = player.load(url).catch((error) => { fatal = `code ${error.code}`; });
  await Promise.race([loading, pause(seconds * 1000)]);
  if (fatal) return fatal;
  // the player's own choice among equals, of sound above all
  const better = (a, b) => (a.height || 0) - (b.height || 0) || a.bandwidth - b.bandwidth;
  const active = player.getVariantTracks().find((track) => track.active);
  const wanted = player.getVariantTracks().reduce(
    (found, track) => ((best ? better(track, found) : better(found, track)) > 0 ? track : found),
    active,
  );
  if (wanted && !wanted.active) {
    appended.length = 0;
    ended = false;
    player.selectVariantTrack(wanted, true, 0);
  }
  await settle(video, () => fatal, seconds);
  return fatal;
}

window.play = async (player, url, best, seconds) => {
  keepAppends();
  const video = document.querySelector("video");
  video.playbackRate = 4;
  video.play().catch(() => {}); // steps over gaps, as in front of a viewer
  const by = player === "hls.js" ? playHls : playDash;
  const fatal = await by(video, url, best, seconds);
  return {
    fatal,
    ended,
    appended: appended.map((each) => ({ ...each, bytes: base64(each.bytes) })),
  };
};
