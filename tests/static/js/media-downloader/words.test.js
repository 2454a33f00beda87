import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, codecInWords } from "../../../../static/js/media-downloader/words.js";

test("a running time has hours only if there are any", () => {
  assert.deepEqual([5, 59.6, 205, 3600, 3727].map(clock), [
    "0:05",
    "1:00",
    "3:25",
    "1:00:00",
    "1:02:07",
  ]);
});

test("a codec is called by its common name, an unknown one by its own", () => {
  for (const [codec, words] of [
    ["avc1.640028", "H.264"],
    ["HEV1.1.6.L93", "H.265"],
    ["vp09.00.10.08", "VP9"],
    ["mp4a.40.2", "AAC"],
    ["ec-3", "ec-3"],
    ["theora.1", "theora"],
    ["none", ""],
    [null, ""],
  ]) {
    assert.equal(codecInWords(codec), words);
  }
});
