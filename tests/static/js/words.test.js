import assert from "node:assert/strict";
import { test } from "node:test";

import { amountInWords, speedInWords, waitInWords } from "../../../static/js/words.js";

const UNITS = [
  ["TB", 1e12, 2],
  ["GB", 1e9, 2],
  ["MB", 1e6, 1],
  ["kB", 1e3, 0],
];

test("a speed is in the unit in which it stays below 1000", () => {
  for (const [speed, words] of [
    [0, "0 B/s"],
    [1, "1 B/s"],
    [999, "999 B/s"],
    [1500, "2 kB/s"],
    [999_400, "999 kB/s"],
    [999_600, "1 MB/s"],
    [48_230_000, "48.2 MB/s"],
  ]) {
    assert.equal(speedInWords(speed, UNITS), words);
  }
});

test("an amount is in the unit of its total", () => {
  assert.equal(amountInWords(0, 48_000_000, false, UNITS), "0.0 of 48.0 MB");
  assert.equal(amountInWords(1_550_000_000, 5_910_000_000, true, UNITS), "1.55 of about 5.91 GB");
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
