// Plays a URL with hls.js or Shaka Player and keeps what they append. See players.py.
const appended = [];
const lines = [];

function keepAppends() {
  const add = MediaSource.prototype.addSourceBuffer;
  MediaSource.prototype.addSourceBuffer = function (type) {
    const buffer = add.call(this, type);
    buffer.kind = type.startsWith("audio") ? "sound" : "picture";
    return buffer;
  };
  const append = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (data) {
    const bytes = new Uint8Array(data.buffer ? data.buffer.slice(
      data.byteOffset, data.byteOffset + data.byteLength) : data.slice(0));
    appended.push({ kind: this.kind, offset: this.timestampOffset, bytes });
    return append.call(this, data);
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

// Until nothing more is appended for a while: the end of the film, or what the player made of it.
async function settle(video, failed, seconds) {
  const until = performance.now() + seconds * 1000;
  let count = -1;
  let since = performance.now();
  while (performance.now() < until && !failed()) {
    if (appended.length !== count) {
      count = appended.length;
      since = performance.now();
    }
    const whole = video.buffered.length > 0 &&
      video.buffered.end(video.buffered.length - 1) >= video.duration - 0.15;
    if (performance.now() - since > (whole ? 400 : 6000)) break;
    await pause(50);
  }
}

async function cuesOf(video) {
  const found = [];
  for (const track of video.textTracks) {
    track.mode = "showing";
    await pause(300);
    for (const cue of track.cues || []) {
      found.push([cue.startTime, cue.endTime, cue.text]);
    }
  }
  return found;
}

async function playHls(video, url, best, texts) {
  const hls = new Hls({
    autoStartLoad: false, maxBufferLength: 600, maxMaxBufferLength: 600, enableWorker: false,
    testBandwidth: false,
  });
  let fatal = "";
  hls.on(Hls.Events.ERROR, (_, data) => {
    lines.push(`${data.type} ${data.details} fatal=${data.fatal}`);
    if (data.fatal) fatal = data.details;
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    const order = hls.levels.map((level, at) => [level.height || 0, level.bitrate || 0, at]);
    order.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    hls.startLevel = order[best ? order.length - 1 : 0][2];
    hls.loadLevel = hls.startLevel;
    if (texts && hls.subtitleTracks.length) hls.subtitleTrack = 0;
    hls.startLoad(0);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  await settle(video, () => fatal, 25);
  return fatal;
}

async function playDash(video, url, best, texts) {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  await player.attach(video);
  let fatal = "";
  player.addEventListener("error", (event) => {
    lines.push(`code ${event.detail.code} severity ${event.detail.severity}`);
    if (event.detail.severity === 2) fatal = `code ${event.detail.code}`;
  });
  player.configure({
    abr: { enabled: false },
    streaming: { bufferingGoal: 600, rebufferingGoal: 0.1, bufferBehind: 600 },
  });
  try {
    await player.load(url);
  } catch (error) {
    return `code ${error.code}`;
  }
  const variants = player.getVariantTracks();
  variants.sort((a, b) => (a.height || 0) - (b.height || 0) || a.bandwidth - b.bandwidth);
  const wanted = variants[best ? variants.length - 1 : 0];
  if (wanted && !wanted.active) {
    appended.length = 0;
    player.selectVariantTrack(wanted, true, 0);
  }
  if (texts && player.getTextTracks().length) player.selectTextTrack(player.getTextTracks()[0]);
  await settle(video, () => fatal, 25);
  return fatal;
}

window.play = async (player, url, best, texts) => {
  keepAppends();
  const video = document.querySelector("video");
  const fatal = await (player === "hls.js" ? playHls : playDash)(video, url, best, texts);
  return {
    fatal,
    lines: lines.slice(0, 20),
    cues: texts ? await cuesOf(video) : [],
    appended: appended.map((each) => ({ ...each, bytes: base64(each.bytes) })),
  };
};
