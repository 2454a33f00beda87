// The live parts of a running download's card. The rest of it is the server's template.

import { draw, remember } from "./sparkline.js";

/**
 * @param {Element} card of a download that runs, and ran when it was rendered
 * @param {Download} download
 */
export function patch(card, { id, progress, bytesTotal, speed, labels }) {
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
