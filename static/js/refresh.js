// Fetches the list again while something is under way. Without it the page works all the same.

const INTERVAL = 4000; // ms; once or twice a second would be the live socket's job
const live = document.getElementById("live");

function isMoving() {
  return Boolean(live?.dataset.source) && live.querySelector("[data-moving]") !== null;
}

function isSelecting() {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && live.contains(selection.anchorNode);
}

function replace(html) {
  const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
  live.innerHTML = html;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function refresh() {
  if (!isMoving() || document.hidden || isSelecting()) return;
  try {
    const response = await fetch(live.dataset.source, { redirect: "error" });
    const html = await response.text();
    // not between a press and its release: the click would fall through
    if (response.ok && !live.matches(":active")) replace(html);
  } catch {
    // the server is away for a moment, or the session has ended: the next try or click tells
  }
}

async function keepRefreshing() {
  await refresh();
  setTimeout(keepRefreshing, INTERVAL);
}

if (live) setTimeout(keepRefreshing, INTERVAL);
