// The queue page keeps itself up to date while it is visible.

import "./countdown.js";
import { Fragment, localTimes } from "./fragment.js";

const INTERVAL = 3000; // ms
const queue = /** @type {HTMLElement} */ (document.getElementById("queue"));
const fragment = new Fragment(queue);

queue.addEventListener("fragment:shown", () => localTimes(queue));
localTimes(queue);

async function keepLooking() {
  await fragment.refresh();
  setTimeout(keepLooking, INTERVAL);
}

setTimeout(keepLooking, INTERVAL);
