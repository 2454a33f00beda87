// Keeps the health strip up to date while the page is visible.

const INTERVAL = 10_000; // ms
const strip = document.getElementById("health");
let shown = "";

async function refresh() {
  if (!strip || document.hidden || strip.matches(":focus-within")) return;
  try {
    const response = await fetch(strip.dataset.source ?? "", { redirect: "error" });
    const html = await response.text();
    // not between a press and its release: the click would fall through
    if (!response.ok || html === shown || strip.matches(":active")) return;
    strip.innerHTML = shown = html;
  } catch {
    // the server is away, or the session has ended: the list says so
  }
}

setInterval(refresh, INTERVAL);
document.addEventListener("visibilitychange", refresh);
