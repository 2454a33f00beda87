// The main job by client.js, typed, outside of a page.

import { FerryClient, FerryError } from "./client.js";
import type { Download, FerryEvent } from "./types.js";

const { BASE = "", FILM = "", TOKEN = "" } = process.env;
const ferry = new FerryClient({ base: BASE, token: TOKEN });

const ends: Promise<Download> = new Promise((done, fail) => {
  ferry.subscribe(({ event, data }: FerryEvent) => {
    if (event === "download:completed") done(data.download);
    if (event === "download:failed") fail(new Error(data.error));
  });
});
// @ts-expect-error a quality is a text
const wrong: Parameters<typeof ferry.create>[0] = { url: FILM, quality: 720 };
const { created, id } = await ferry.create({ ...wrong, quality: "auto" });
const completed = await ends;
const { results } = await ferry.list({ tab: "completed" });
const listed: Download[] = results;
const { url } = await ferry.link(id);
const bytes = await (await fetch(url)).arrayBuffer();
await ferry.remove(id);
const refusal: unknown = await ferry.get(id).catch((error: unknown) => error);

function withoutBase(): string {
  try {
    new FerryClient({ token: TOKEN });
    return "";
  } catch (error) {
    return (error as Error).name;
  }
}

console.log(
  JSON.stringify({
    created,
    completed: completed.size,
    bytes: bytes.byteLength,
    listed: listed.length,
    refusal: refusal instanceof FerryError ? refusal.code : String(refusal),
    withoutBase: withoutBase(),
  }),
);
process.exit(0); // it still listens
