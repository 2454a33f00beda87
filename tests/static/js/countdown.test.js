import assert from "node:assert/strict";
import { test } from "node:test";

import { after, countDown } from "../../../static/js/countdown.js";

const RETRY = "The site is limiting requests. Retrying automatically in 15 s.";

test("a wait is counted down in the server's words", () => {
  assert.equal(after(RETRY, 0), RETRY);
  assert.equal(after(RETRY, 4.2), "The site is limiting requests. Retrying automatically in 11 s.");
  assert.equal(after("It resumes in 6 min.", 61), "It resumes in 5 min.");
  assert.equal(after("It resumes in 2 min.", 75), "It resumes in 45 s.");
});

test("a wait that is over is left out", () => {
  assert.equal(after(RETRY, 15), "The site is limiting requests. Retrying automatically.");
  assert.equal(after(RETRY, 1e6), "The site is limiting requests. Retrying automatically.");
});

test("a text without a wait in seconds or minutes stays", () => {
  for (const text of ["", "It is gone.", "Expires in 3 days", "in 15 s", "5 min left", "Plain 7 s."])
    assert.equal(after(text, 99), text);
});

test("each place counts from when its text came, also if the server writes another one", () => {
  const place = { textContent: RETRY };
  const page = { querySelectorAll: () => [place] };
  countDown(page, 1000);
  assert.equal(place.textContent, RETRY);
  countDown(page, 6000);
  assert.match(place.textContent, /in 10 s\.$/);
  countDown(page, 8000);
  assert.match(place.textContent, /in 8 s\.$/);
  place.textContent = "Retrying automatically in 40 s.";
  countDown(page, 9000);
  countDown(page, 11000);
  assert.equal(place.textContent, "Retrying automatically in 38 s.");
});
