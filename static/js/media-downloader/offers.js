// A source's qualities to choose from: their order, and the default. Pure.

/** @typedef {import("../client.js").QualityOffer} QualityOffer */

const SMALL = "audio";

/** One of each quality, the best of it as the server would take it; tallest first, sound last. @param {QualityOffer[]} offered */
export function ordered(offered) {
  const best = [...offered].sort((a, b) => (b.fps ?? 0) - (a.fps ?? 0) || (b.size ?? 0) - (a.size ?? 0));
  const each = new Map();
  for (const offer of best) if (!each.has(offer.quality)) each.set(offer.quality, offer);
  return [...each.values()].sort((a, b) => rank(b.quality) - rank(a.quality));
}

/** Puts Best quality first if there is a choice: the best, whatever it is next time. @param {QualityOffer[]} offers @returns {QualityOffer[]} */
export function withAuto(offers) {
  const heights = offers.filter(({ height }) => height);
  const isLadder = heights.length > 1 && offers[0].quality !== "auto";
  return isLadder ? [{ ...heights[0], quality: "auto" }, ...offers] : offers;
}

/** @param {string} quality */
function rank(quality) {
  if (quality === "auto") return Infinity;
  return quality === SMALL ? -1 : parseInt(quality, 10) || 0;
}

/** The remembered one, or else the tallest that is no taller. @param {QualityOffer[]} offers @param {string} wanted */
export function preferred(offers, wanted) {
  const fits = offers.find(({ quality }) => rank(quality) <= rank(wanted));
  return fits ?? offers[offers.length - 1];
}
