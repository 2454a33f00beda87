import assert from "node:assert/strict";
import { test } from "node:test";

import { Ledger } from "../../../static/js/ledger.js";

const running = (changes = {}) => ({
  id: "a",
  status: "running",
  progress: 10,
  bytesDone: 100,
  attempts: 1,
  createdAt: "2026-01-01T00:00:00Z",
  seq: 1,
  ...changes,
});
const progress = (seq, data) => ({
  event: "download:progress",
  data: { downloadId: "a", ...data },
  seq,
});

test("what is no newer is dropped, from wherever it comes", () => {
  const ledger = new Ledger();
  assert.equal(ledger.see(running({ seq: 5 })).event, "download:started");
  assert.equal(ledger.see(running({ seq: 5, progress: 90 })), null);
  assert.equal(ledger.see(running({ seq: 4, status: "queued" })), null);
  assert.equal(ledger.take(progress(5, { progress: 90 })), null);
  assert.equal(ledger.get("a").progress, 10);
});

test("a figure that is late does not make a bar run backwards", () => {
  const ledger = new Ledger();
  ledger.see(running({ seq: 3, progress: 60 }));
  assert.equal(ledger.take(progress(2, { progress: 40 })), null);
  assert.equal(ledger.get("a").progress, 60);
  assert.equal(ledger.take(progress(4, { progress: 61 })).data.progress, 61);
  ledger.see(running({ seq: 5, progress: 5, attempts: 2 }));
  assert.equal(ledger.get("a").progress, 5);
});

test("a new status is an event of its name, a mere figure is progress", () => {
  const ledger = new Ledger();
  ledger.see(running());
  assert.equal(ledger.see(running({ seq: 2, bytesDone: 200 })).event, "download:progress");
  assert.equal(ledger.see(running({ seq: 3, title: "Film" })).event, "download:updated");
  const done = ledger.see(running({ seq: 4, title: "Film", status: "completed", size: 9 }));
  assert.equal(done.event, "download:completed");
  assert.equal(done.data.size, 9);
});

test("a deleted one is told of once and never comes back", () => {
  const ledger = new Ledger();
  ledger.see(running());
  assert.equal(ledger.delete("a").event, "download:deleted");
  assert.equal(ledger.delete("a"), null);
  assert.equal(ledger.see(running({ seq: 99 })), null);
  assert.deepEqual(ledger.active(), []);
});

test("the active ones come oldest first", () => {
  const ledger = new Ledger();
  ledger.see(running({ id: "young", createdAt: "2026-01-02T00:00:00Z" }));
  ledger.see(running({ id: "old", createdAt: "2026-01-01T00:00:00Z" }));
  ledger.see(running({ id: "done", status: "completed" }));
  assert.deepEqual(ledger.active().map(({ id }) => id), ["old", "young"]);
});

test("only what was active when the list was asked for can have vanished", () => {
  const ledger = new Ledger();
  for (const id of ["a", "b", "c"]) ledger.see(running({ id }));
  assert.deepEqual(ledger.vanished([{ id: "a" }], new Set(["a", "b"])), ["b"]);
});
