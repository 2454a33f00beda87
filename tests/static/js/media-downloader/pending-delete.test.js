import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { PendingDelete } from "../../../../static/js/media-downloader/pending-delete.js";

mock.timers.enable({ apis: ["setTimeout"] });

/** @param {Error|null} [fault] */
function begun(fault = null) {
  const sent = [];
  const told = [];
  const send = async (options) => {
    sent.push(options);
    if (fault) throw fault;
  };
  return { sent, told, pending: new PendingDelete("d", send, (error) => told.push(error)) };
}

test("it is sent once, after a while", () => {
  const { sent } = begun();
  mock.timers.tick(4900);
  assert.deepEqual(sent, []);
  mock.timers.tick(200);
  mock.timers.tick(20_000);
  assert.deepEqual(sent, [{}]);
});

test("undone it is not sent", async () => {
  const { sent, pending } = begun();
  pending.undo();
  mock.timers.tick(20_000);
  await pending.now();
  assert.deepEqual(sent, []);
});

test("a page that is left, or another request, sends it at once", async () => {
  const { sent, pending } = begun();
  await pending.now({ keepalive: true });
  await pending.now();
  mock.timers.tick(20_000);
  assert.deepEqual(sent, [{ keepalive: true }]);
});

test("a failure is told, and raised nowhere", async () => {
  const fault = new Error("away");
  const { told, pending } = begun(fault);
  await pending.now();
  assert.deepEqual(told, [fault]);
});
