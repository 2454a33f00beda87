// The live parts of a running download's card. The rest of it is the server's template.

import { cardOf } from "./page.js";
import { draw, remember } from "./sparkline.js";

/** Move its bar, and write what goes with it. @param {Download} download */
export function patch({ id, status, seq, progress, bytesTotal, speed, labels }) {
  const card = cardOf(id);
  const runs = card?.dataset.status === "running" && status === "running";
  const isNewer = Number(card?.dataset.seq) <= seq;
  // under a press nothing moves: its click would be lost
  if (!card || !runs || !isNewer || card.matches("[aria-busy=true], :active")) return;
  const percent = Math.floor(progress);
  write(card, "state", labels.status);
  write(card, "amount", labels.amount);
  write(card, "percent", percent ? `${percent}%` : "");
  write(card, "speed", labels.speed);
  write(card, "eta", labels.eta);
  moveBar(card.querySelector("[role=progressbar]"), bytesTotal === null ? null : progress, labels.amount);
  remember(id, speed);
  draw(card, id);
}

function write(card, name, text) {
  const place = card.querySelector(`[data-fact="${name}"]`);
  if (!place) return;
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

// `progress` is null if the size is unknown.
function moveBar(bar, progress, amount) {
  const percent = Math.floor(progress ?? 0);
  bar.classList.toggle("unmeasured", progress === null);
  bar.setAttribute("aria-valuenow", String(percent));
  bar.setAttribute("aria-valuetext", `${percent} percent${amount && `, ${amount}`}`);
  bar.querySelector("rect").setAttribute("width", (progress ?? 100).toFixed(1));
}
