// The main job by openapi-fetch and the types of the schema.

import createClient from "openapi-fetch";

import type { components, paths } from "./schema.js";

type Download = components["schemas"]["DownloadPayload"];

const { BASE = "", FILM = "", PERSON = "" } = process.env;
const anyone = createClient<paths>({ baseUrl: BASE });
const login = await anyone.POST("/api/v1/auth/login/", { body: JSON.parse(PERSON) });
if (!login.data) throw new Error(login.error.errors[0]?.detail);
const headers = { Authorization: `Bearer ${login.data.token}` };
const ferry = createClient<paths>({ baseUrl: BASE, headers });

const asked = await ferry.POST("/api/v1/downloads/", { body: { url: FILM, quality: "auto" } });
if (!asked.data) throw new Error(asked.error.errors[0]?.detail);
const path = { id: asked.data.id };

async function completed(): Promise<Download> {
  for (;;) {
    const { data, error } = await ferry.GET("/api/v1/downloads/{id}/", { params: { path } });
    if (!data) throw new Error(error.errors[0]?.detail);
    if (data.status === "completed") return data;
    await new Promise((done) => setTimeout(done, 100));
  }
}

const download = await completed();
const size: number | null = download.size;
const page = await ferry.GET("/api/v1/downloads/", { params: { query: { tab: "completed" } } });
const listed: Download[] = page.data?.results ?? [];
await ferry.PATCH("/api/v1/downloads/{id}/", { params: { path }, body: { expiresAt: null } });
const link = await ferry.POST("/api/v1/downloads/{id}/link/", { params: { path }, body: {} });
const bytes = await (await fetch(link.data?.url ?? "")).arrayBuffer();
await ferry.DELETE("/api/v1/downloads/{id}/", { params: { path } });
const gone = await ferry.GET("/api/v1/downloads/{id}/", { params: { path } });

console.log(
  JSON.stringify({
    created: asked.response.status,
    size,
    bytes: bytes.byteLength,
    listed: listed.length,
    gone: gone.response.status,
  }),
);
