// The live dashboard: events from the server, and actions of the user.

import { Actions } from "./actions.js";
import { patch } from "./card.js";
import { FerryClient } from "./client.js";
import { heard, showConnection, showTotal } from "./connection.js";
import "./countdown.js";
import { listenToKeys } from "./keys.js";
import { isActive } from "./ledger.js";
import { Listing, signedOut } from "./listing.js";
import { Omnibox } from "./omnibox.js";
import { cardOf, live, titleOf } from "./page.js";
import { Selected } from "./selection.js";
import { forget } from "./sparkline.js";
import { dismissServerMessages, toast } from "./toasts.js";

const client = new FerryClient();
const listing = new Listing(rendered);
const actions = new Actions(client, listing);
const selected = new Selected(actions);
const omnibox = new Omnibox(client, listing);

/** @type {Map<string, Download>} what is active, as far as we know */
const active = new Map();
let isFirst = true; // the page is as fresh as the first snapshot
let state = "";

// The server's HTML may be older than the events received since.
function rendered() {
  for (const download of active.values()) patch(download);
  moveGroups();
  actions.hideDeleted();
  selected.show();
}

function moveGroups() {
  if (!live.querySelector(".group")) return;
  void import("./groups.js").then(({ move }) => move(active, listing, client));
}

function connected(connection) {
  // events missed while disconnected are not sent again
  if (state === "reconnecting" && connection.state !== state && !isFirst) listing.refresh();
  state = connection.state;
  showConnection(connection.state);
  if (connection.signedOut) signedOut();
}

function take(downloads) {
  active.clear();
  for (const download of downloads) active.set(download.id, download);
  const isComplete = listing.tab !== "active" || downloads.every(isShownAsIs);
  if (isFirst && !(isComplete && listing.count("active") === downloads.length)) listing.refresh();
  isFirst = false;
}

// An active download with its new figures; undefined if it is not known as one.
function advanced(data, seq) {
  const before = active.get(data.downloadId);
  if (before) active.set(before.id, { ...before, ...data, seq });
  return active.get(data.downloadId);
}

function change(event, { downloadId, download }) {
  const wasActive = active.delete(downloadId);
  if (download && isActive(download)) active.set(downloadId, download);
  else forget(downloadId);
  const kind = { "download:completed": "success", "download:failed": "error" }[event];
  if (wasActive && kind) toast(download.labels.status, { about: download.title, kind });
  if (!download || !isShownAsIs(download)) listing.refresh();
  else patch(download);
}

// True if the server would render the same.
function isShownAsIs(download) {
  const card = cardOf(download.id);
  return card?.dataset.status === download.status && titleOf(card) === download.title;
}

function hear({ event, data, seq }) {
  if (event === "connection") connected(data);
  else if (event === "download:snapshot") take(data.downloads);
  else if (event === "download:progress") {
    const download = advanced(data, seq);
    if (download) patch(download);
  } else if (event.startsWith("download:")) change(event, data);
  if (event !== "connection") heard();
  moveGroups();
  showTotal([...active.values()]);
}

listenToKeys({ actions, omnibox, selected });
dismissServerMessages();
client.subscribe(hear);
