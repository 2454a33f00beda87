import assert from "node:assert/strict";
import { test } from "node:test";

import { amountInWords, sizeInWords, speedInWords, waitInWords } from "../../../static/js/words.js";

test("a size is in the unit in which it stays below 1000", () => {
  for (const [size, words] of [
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1000, "1 kB"],
    [999_400, "999 kB"],
    [999_600, "1 MB"],
    [48_230_000, "48.2 MB"],
    [5_910_000_000, "5.91 GB"],
    [2e12, "2 TB"],
  ]) {
    assert.equal(sizeInWords(size), words);
  }
});

test("an amount is in the unit of its total", () => {
  assert.equal(amountInWords(0, 48_000_000), "0.0 of 48.0 MB");
  assert.equal(amountInWords(1_550_000_000, 5_910_000_000), "1.55 of 5.91 GB");
  assert.equal(amountInWords(12_340_000, null), "12.3 MB so far");
});

test("a speed is a size each second", () => {
  assert.equal(speedInWords(1500), "2 kB/s");
});

test("a wait is rough, and halves are rounded to the even one", () => {
  for (const [seconds, words] of [
    [0.2, "1 s"],
    [59, "59 s"],
    [59.6, "60 s"],
    [90, "2 min"],
    [150, "2 min"],
    [3600, "1 h"],
    [7500, "2 h 5 min"],
    [36_000, "10 h"],
    [86_400, "24 h"],
    [3 * 86_400, "3 days"],
  ]) {
    assert.equal(waitInWords(seconds), words);
  }
});
