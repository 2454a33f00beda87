// Sizes, speeds and times as people read them: downloads/engine/core/humanize.py again, for what moves on the
// page without asking the server. test_words.py compares the two.

/** @type {[string, number, number][]} unit, bytes, decimals */
const UNITS = [["TB", 1e12, 2], ["GB", 1e9, 2], ["MB", 1e6, 1], ["kB", 1e3, 0]];

function unitOf(size) {
  // what would read as 1000 of the smaller unit is one of the greater
  const found = UNITS.find(([, factor]) => size / factor >= 0.9995);
  return found ?? [size === 1 ? "byte" : "bytes", 1, 0];
}

/** @param {number} size */
export function sizeInWords(size) {
  const [unit, factor, decimals] = unitOf(size);
  return `${Number((size / factor).toFixed(decimals))} ${unit}`;
}

/** Both in the total's unit. @param {number} done @param {number|null} total */
export function amountInWords(done, total) {
  if (total === null) return `${sizeInWords(done)} so far`;
  const [unit, factor, decimals] = unitOf(total);
  return `${(done / factor).toFixed(decimals)} of ${(total / factor).toFixed(decimals)} ${unit}`;
}

/** @param {number} bytesPerSecond */
export function speedInWords(bytesPerSecond) {
  return `${sizeInWords(bytesPerSecond)}/s`;
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
