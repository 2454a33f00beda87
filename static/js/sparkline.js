// How fast each download was in its last half minute, as a small line.

const KEPT = 40; // samples
const EVERY = 700; // ms between two
const [WIDTH, HEIGHT] = [72, 18]; // of the drawing, as its viewBox says

/** @type {Map<string, {speeds: number[], at: number}>} */
const histories = new Map();

/** @param {string} id @param {number} speed bytes a second */
export function remember(id, speed) {
  const now = Date.now();
  const history = histories.get(id) ?? { speeds: [], at: 0 };
  if (now - history.at < EVERY) return;
  history.at = now;
  history.speeds = [...history.speeds, speed].slice(-KEPT);
  histories.set(id, history);
}

/** @param {string} id */
export function forget(id) {
  histories.delete(id);
}

/** @param {Element} card @param {string} id */
export function draw(card, id) {
  const speeds = histories.get(id)?.speeds ?? [];
  const line = speeds.length > 3 ? path(speeds) : "";
  const start = WIDTH - ((speeds.length - 1) * WIDTH) / (KEPT - 1);
  card.querySelector(".spark-line")?.setAttribute("d", line);
  const area = line && `${line}L${WIDTH} ${HEIGHT}L${start.toFixed(1)} ${HEIGHT}Z`;
  card.querySelector(".spark-area")?.setAttribute("d", area);
}

function path(speeds) {
  const most = Math.max(...speeds, 1);
  const step = WIDTH / (KEPT - 1);
  const points = speeds.map((speed, index) => {
    const x = WIDTH - (speeds.length - 1 - index) * step;
    const y = HEIGHT - 1 - (speed / most) * (HEIGHT - 3);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}
