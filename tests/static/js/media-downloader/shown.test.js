import assert from "node:assert/strict";
import { test } from "node:test";

import { shown } from "../../../../static/js/media-downloader/shown.js";

const CONTENT = {
  id: "c",
  kind: "single",
  title: "Film",
  thumbnailUrl: "/t.jpg",
  duration: 205,
  probeStatus: "ready",
  error: null,
  qualities: [
    { quality: "360p", height: 360, ext: "mp4", size: 4e6, sizeIsEstimate: false },
    { quality: "720p", height: 720, ext: "mp4", size: 48e6, sizeIsEstimate: true },
  ],
};
const DOWNLOAD = {
  id: "d",
  title: "Film",
  status: "running",
  phase: "downloading",
  progress: 41.7,
  bytesDone: 20e6,
  bytesTotal: 48e6,
  speed: 1e6,
  eta: 28,
  queuePosition: null,
  error: null,
  mimeType: null,
  size: null,
  expiresAt: null,
};
const of = (facts) =>
  shown({ content: null, download: null, problem: null, note: "", isPlaying: false, ...facts });
const download = (facts, more = {}) => of({ download: { ...DOWNLOAD, ...facts }, ...more });
const names = ({ buttons }) => buttons.map(({ name }) => name);

test("before anything is known it loads", () => {
  const now = of({});
  assert.equal(now.isLoading, true);
  assert.deepEqual(now.buttons, []);
});

test("content tells the best that is on offer", () => {
  const now = of({ content: CONTENT });
  assert.deepEqual(now.facts, ["up to 720p", "MP4", "about 48 MB"]);
  assert.equal(now.clock, "3:25");
  assert.deepEqual(names(now), ["download"]);
});

test("a running download has its figures and its bar", () => {
  const now = download({});
  assert.deepEqual(now.facts, ["20.0 of 48.0 MB", "41%", "1 MB/s", "28 s left"]);
  assert.deepEqual(now.progress, {
    percent: 41.7,
    text: "41 percent, 20.0 of 48.0 MB",
    isMeasured: true,
  });
  assert.deepEqual(names(now), ["pause", "cancel"]);
});

test("a waiting one has its place", () => {
  const facts = { status: "queued", phase: null, bytesDone: 0, bytesTotal: null, progress: 0 };
  const waiting = { ...facts, speed: 0, eta: null };
  assert.deepEqual(download({ ...waiting, queuePosition: 1 }).facts, ["first in the queue"]);
  assert.deepEqual(download({ ...waiting, queuePosition: 3 }).facts, ["number 3 in the queue"]);
  assert.match(download({ ...waiting, error: "It broke." }).note, /^The last attempt failed: It/);
});

test("a finished one plays if a browser can play it", () => {
  const done = { status: "completed", phase: null, size: 48e6, resolvedQuality: "720p" };
  assert.deepEqual(names(download({ ...done, mimeType: "video/mp4" })), ["play", "save", "delete"]);
  assert.deepEqual(names(download({ ...done, mimeType: "application/zip" })), ["save", "delete"]);
  const playing = download({ ...done, mimeType: "video/mp4" }, { isPlaying: true });
  assert.deepEqual(names(playing), ["stop", "save", "delete"]);
});

test("a problem comes before all else, a note replaces what is said", () => {
  const problem = { sentence: "Ferry did not answer.", action: "reload" };
  const broken = of({ content: CONTENT, problem });
  assert.deepEqual([broken.note, broken.tone], ["Ferry did not answer.", "bad"]);
  assert.deepEqual(names(broken), ["reload"]);
  assert.equal(of({ content: CONTENT, note: "Too fast." }).note, "Too fast.");
});
