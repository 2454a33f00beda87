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

test("progress goes from the socket's handler to each listener with nothing between but the loop", async () => {
  const feed = new Feed({}, async () => "ws://ferry.example/");
  const stacks = [];
  const hear = ({ event }) => event === "download:progress" && stacks.push(new Error().stack);
  const leaves = [feed.subscribe(hear), feed.subscribe(hear)];
  await new Promise((done) => setTimeout(done));
  const socket = FakeSocket.made.at(-1);
  const event = { event: "download:progress", data: { downloadId: "a", progress: 7 }, seq: 1 };
  const data = JSON.stringify(event);
  socket.onmessage({ data, target: socket });
  socket.onmessage({ data, target: socket }); // not newer
  leaves.forEach((leave) => leave());

  assert.equal(stacks.length, 2);
  for (const stack of stacks) {
    const callers = [...stack.matchAll(/at (?:\S+\.)?#?(\w+)/g)].map(([, name]) => name);
    assert.deepEqual(callers.slice(0, 3), ["hear", "emit", "hearSocket"]);
  }
});

test("a snapshot after the first one says that the server reads its database", async () => {
  const feed = new Feed({}, async () => "ws://ferry.example/");
  const states = [];
  const leave = feed.subscribe(({ event, data }) => event === "connection" && states.push(data.state));
  await new Promise((done) => setTimeout(done));
  const socket = FakeSocket.made.at(-1);
  const data = JSON.stringify({ event: "download:snapshot", data: { downloads: [] }, seq: null });
  socket.onmessage({ data, target: socket });
  socket.onmessage({ data, target: socket });
  socket.onmessage({ data, target: FakeSocket.made[0] }); // one that was given up says nothing
  leave();

  assert.deepEqual(states, ["reconnecting", "live", "polling"]);
});

test("what a request of ours deletes is not asked for when a snapshot leaves it out", async () => {
  const asked = [];
  const client = { get: async (id) => asked.push(id) };
  const feed = new Feed(client, async () => "ws://ferry.example/");
  const leave = feed.subscribe(() => {});
  await new Promise((done) => setTimeout(done));
  const socket = FakeSocket.made.at(-1);
  const said = (downloads) =>
    socket.onmessage({
      data: JSON.stringify({ event: "download:snapshot", data: { downloads }, seq: null }),
      target: socket,
    });
  const one = (id, groupId) => ({ id, groupId, seq: 1, status: "queued", createdAt: "" });
  said([one("a", "g"), one("b", "g"), one("c", null)]);
  assert.deepEqual(feed.activeOf("g"), ["a", "b"]);
  await feed.deleting(feed.activeOf("g"), async () => said([]));
  said([]); // the server did not delete them after all, or did not say so: they are asked for
  leave();

  assert.deepEqual(asked, ["c", "a", "b", "c"]);
});
