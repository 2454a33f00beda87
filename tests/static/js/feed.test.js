import assert from "node:assert/strict";
import { test } from "node:test";

import { Feed } from "../../../static/js/feed.js";

class FakeSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  /** @type {FakeSocket[]} */
  static made = [];
  CONNECTING = FakeSocket.CONNECTING;
  OPEN = FakeSocket.OPEN;
  readyState = FakeSocket.CONNECTING;
  closed = 0;

  constructor() {
    FakeSocket.made.push(this);
  }

  open() {
    this.readyState = FakeSocket.OPEN;
    this.onopen?.();
  }

  close() {
    this.closed += 1;
    setTimeout(() => this.onclose?.());
  }
}

Object.assign(globalThis, {
  WebSocket: FakeSocket,
  addEventListener: () => {},
  removeEventListener: () => {},
});

async function subscribed() {
  const feed = new Feed({}, async () => "ws://ferry.example/");
  const leave = feed.subscribe(() => {});
  await new Promise((done) => setTimeout(done));
  return { leave, socket: FakeSocket.made.at(-1) };
}

test("a feed that is left closes its socket, one that still opens as soon as it is open", async () => {
  const early = await subscribed();
  early.leave();
  assert.equal(early.socket.closed, 0);
  early.socket.open();
  assert.equal(early.socket.closed, 1);

  const late = await subscribed();
  late.socket.open();
  late.leave();
  assert.equal(late.socket.closed, 1);
});
