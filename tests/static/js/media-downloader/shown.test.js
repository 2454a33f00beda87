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
  labels: { status: "", duration: "3:25" },
  qualities: [
    { quality: "360p", height: 360, ext: "mp4", sizeLabel: "4 MB" },
    { quality: "720p", height: 720, ext: "mp4", sizeLabel: "about 48 MB" },
  ],
};
const LABELS = {
  status: "Downloading",
  amount: "20.0 of 48.0 MB",
  speed: "1 MB/s",
  eta: "28 s left",
  duration: "3:25",
  place: "",
  expires: "",
  note: "",
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
  labels: LABELS,
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

test("a waiting one has its place, and why it waits", () => {
  const labels = { ...LABELS, status: "Waiting", amount: "", speed: "", eta: "" };
  const waiting = { status: "queued", phase: null, bytesDone: 0, bytesTotal: null, progress: 0 };
  const placed = { ...labels, place: "3rd in line", note: "It broke." };
  assert.deepEqual(download({ ...waiting, labels }).facts, []);
  assert.deepEqual(download({ ...waiting, labels: placed }).facts, ["3rd in line"]);
  assert.equal(download({ ...waiting, labels: placed }).note, "It broke.");
});

test("a finished one plays if a browser can play it", () => {
  const done = { status: "completed", phase: null, size: 48e6, resolvedQuality: "720p" };
  assert.deepEqual(names(download({ ...done, mimeType: "video/mp4" })), ["play", "save", "delete"]);
  assert.deepEqual(names(download({ ...done, mimeType: "application/zip" })), ["save", "delete"]);
  const playing = download({ ...done, mimeType: "video/mp4" }, { isPlaying: true });
  assert.deepEqual(names(playing), ["stop", "save", "delete"]);
});

test("a deleted one can be had back, or downloaded again", () => {
  const done = { status: "completed", phase: null, size: 48e6, mimeType: "video/mp4" };
  const now = download(done, { content: CONTENT, isDeleted: true });
  assert.deepEqual([now.state, now.progress, now.title], ["Deleted", null, "Film"]);
  assert.deepEqual(names(now), ["undo", "download"]);
});

test("a problem comes before all else, a note replaces what is said", () => {
  const problem = { sentence: "Ferry is not responding.", action: "reload" };
  const broken = of({ content: CONTENT, problem });
  assert.deepEqual([broken.note, broken.tone], ["Ferry is not responding.", "bad"]);
  assert.deepEqual(names(broken), ["reload"]);
  assert.equal(of({ content: CONTENT, note: "Too fast." }).note, "Too fast.");
});
