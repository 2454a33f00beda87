// Sums over the downloads of a group, which only the page knows, in the units that the server says
// sizes in: they come with the group, and so does how each of its downloads reads.

/** @typedef {[unit: string, bytes: number, decimals: number][]} Units the greatest first */

/** @param {number} size @param {Units} units @returns {[string, number, number]} */
function unitOf(size, units) {
  // what would read as 1000 of the smaller unit is one of the greater
  const found = units.find(([, factor]) => size / factor >= 0.9995);
  return found ?? [size === 1 ? "byte" : "bytes", 1, 0];
}

/** @param {number} bytesPerSecond @param {Units} units */
export function speedInWords(bytesPerSecond, units) {
  const [unit, factor, decimals] = unitOf(bytesPerSecond, units);
  return `${Number((bytesPerSecond / factor).toFixed(decimals))} ${factor === 1 ? "B" : unit}/s`;
}

/** Both in the total's unit. @param {number} done @param {number} total @param {boolean} isEstimate @param {Units} units */
export function amountInWords(done, total, isEstimate, units) {
  const [unit, factor, decimals] = unitOf(total, units);
  const [some, all] = [done, total].map((size) => (size / factor).toFixed(decimals));
  return `${some} of ${isEstimate ? "about " : ""}${all} ${unit}`;
}

/** Roughly how long. @param {number} seconds */
export function waitInWords(seconds) {
  if (seconds < 60) return `${Math.max(rounded(seconds), 1)} s`;
  const minutes = rounded(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 48) return rest && hours < 10 ? `${hours} h ${rest} min` : `${hours} h`;
  return `${rounded(hours / 24)} days`;
}

// Halves to the even one, as Python does.
function rounded(number) {
  const whole = Math.round(number);
  return number % 1 === 0.5 && whole % 2 ? whole - 1 : whole;
}
