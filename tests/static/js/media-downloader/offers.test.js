import assert from "node:assert/strict";
import { test } from "node:test";

import { ordered, preferred, withAuto } from "../../../../static/js/media-downloader/offers.js";

const offer = (quality, facts = {}) => ({
  quality,
  height: parseInt(quality, 10) || null,
  fps: null,
  size: null,
  ...facts,
});
const names = (offers) => offers.map(({ quality }) => quality);
const LADDER = ["1080p", "720p", "360p", "audio"].map((quality) => offer(quality));

test("the tallest comes first, the sound last, each once", () => {
  const given = [offer("audio"), offer("360p"), offer("1080p"), offer("360p")];
  assert.deepEqual(names(ordered(given)), ["1080p", "360p", "audio"]);
});

test("of one quality the fastest frames count, then the size", () => {
  const best = offer("720p", { fps: 60, size: 1 });
  const given = [offer("720p", { fps: 30, size: 9 }), best, offer("720p", { fps: 60, size: 0 })];
  assert.deepEqual(ordered(given), [best]);
});

test("auto is offered only if there is a choice", () => {
  assert.equal(withAuto(LADDER)[0].quality, "auto");
  assert.equal(withAuto(LADDER)[0].height, 1080);
  for (const single of [[offer("720p"), offer("audio")], [offer("audio")], []]) {
    assert.equal(withAuto(single), single);
  }
});

test("the remembered quality is proposed, else the next below, else the last", () => {
  assert.equal(preferred(LADDER, "720p").quality, "720p");
  assert.equal(preferred(LADDER, "540p").quality, "360p");
  assert.equal(preferred(LADDER, "auto").quality, "1080p");
  assert.equal(preferred([offer("1080p"), offer("720p")], "144p").quality, "720p");
});
