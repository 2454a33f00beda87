// Running times and codecs as people read them; sizes and waits are in ../words.js.

/** A running time: `3:25`, `1:02:07`. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [hours, minutes, rest] = parts.map((part) => String(part));
  const short = `${hours === "0" ? minutes : minutes.padStart(2, "0")}:${rest.padStart(2, "0")}`;
  return hours === "0" ? short : `${hours}:${short}`;
}

const CODECS = { avc: "H.264", h264: "H.264", hvc: "H.265", hev: "H.265", vp09: "VP9", vp9: "VP9",
  av01: "AV1", mp4a: "AAC", aac: "AAC", opus: "Opus", mp3: "MP3", vorbis: "Vorbis", flac: "FLAC" };

/** `avc1.640028` -> `H.264`. @param {string|null} codec */
export function codecInWords(codec) {
  if (!codec || codec === "none") return "";
  const known = Object.entries(CODECS).find(([start]) => codec.toLowerCase().startsWith(start));
  return known ? known[1] : codec.split(".")[0];
}
