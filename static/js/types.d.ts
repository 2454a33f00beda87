// The objects of the API, for TypeScript programs and for the modules beside this file:
// `import type { Download } from "./types.js"`. Sizes in bytes, speed in bytes a second, durations in
// seconds, times as ISO 8601.

export type Status = "queued" | "running" | "paused" | "completed" | "failed" | "cancelled" | "expired";
export type Action = "cancel" | "pause" | "resume" | "retry" | "delete";
export type TabName = "active" | "completed" | "failed";
export type ConnectionState = "live" | "polling" | "reconnecting";

export interface Download {
  id: string;
  contentId: string;
  title: string;
  sourceUrl: string;
  thumbnailUrl: string;
  duration: number | null;
  /** As wanted. */
  quality: string;
  /** What it came to. */
  resolvedQuality: string | null;
  /** What came of `options`; null until completed. */
  resolvedOptions: ResolvedOptions | null;
  status: Status;
  /** While running. */
  phase: "resolving" | "downloading" | "processing" | "storing" | null;
  /** Percent; 100 only when completed. */
  progress: number;
  bytesDone: number;
  bytesTotal: number | null;
  speed: number;
  eta: number | null;
  /** How many were queued earlier, plus one; null unless queued. The fairest runs first. */
  queuePosition: number | null;
  attempts: number;
  /** A sentence for a person. */
  error: string | null;
  errorCode: string | null;
  /** Sentences about what the finished file lacks, and why. */
  note: string | null;
  filename: string | null;
  mimeType: string | null;
  size: number | null;
  sha256: string | null;
  /** Relative to the server: `client.url(fileUrl)`. */
  fileUrl: string | null;
  /** WebVTT beside the file. `url` as `fileUrl`. */
  subtitles: { language: string; name: string; url: string; automatic: boolean }[];
  groupId: string | null;
  options: Options;
  createdAt: string;
  startedAt: string | null;
  completedAt: string | null;
  expiresAt: string | null;
  labels: DownloadLabels;
  /** Grows with every change: of two, the greater is the newer. */
  seq: number;
}

/** For people, in the server's words; empty where there is nothing to say. */
export interface DownloadLabels {
  status: string;
  amount: string;
  speed: string;
  eta: string;
  duration: string;
  place: string;
  expires: string;
  note: string;
}

export interface QualityOffer {
  quality: string;
  height: number | null;
  width: number | null;
  fps: number | null;
  ext: string;
  videoCodec: string | null;
  audioCodec: string | null;
  size: number | null;
  sizeIsEstimate: boolean;
  /** For people; empty if not known. */
  sizeLabel: string;
  codecLabel: string;
}

/** Options beyond the quality; null: as the source has it. */
export interface Options {
  container: string | null;
  audio: string | null;
  subtitles: string[];
  language: string | null;
}

/** What came of the options: may differ from what was asked, and `note` says why. */
export interface ResolvedOptions {
  /** The file's extension. */
  container: string;
  /** Null: as the source has it. */
  audio: string | null;
  /** Languages (BCP 47) of those that came. */
  subtitles: string[];
  /** Of the sound; null if the source does not say. */
  language: string | null;
}

export interface Content {
  id: string;
  /** Of a playlist its entries are downloaded, not it. */
  kind: "single" | "playlist";
  title: string;
  sourceUrl: string;
  thumbnailUrl: string;
  duration: number | null;
  probeStatus: "pending" | "ready" | "failed";
  error: string | null;
  errorCode: string | null;
  /** Empty for a playlist: its entries have theirs. */
  qualities: QualityOffer[];
  /** On offer; `name` is the source's own, often empty. */
  subtitles: { language: string; name: string; automatic: boolean }[];
  /** Of the sound, the original first. */
  languages: string[];
  /** Of a playlist: those known, those the source says there are, whether asking gives more. */
  entryCount: number | null;
  entryTotal: number | null;
  hasMore: boolean;
  /** `status`: while it is probed. */
  labels: { status: string; duration: string };
}

export interface Page<T> {
  next: string | null;
  previous: string | null;
  results: T[];
}

/** Exactly one of `url` and `contentId`. */
export interface DownloadRequest {
  url?: string;
  contentId?: string;
  quality?: string;
  expiresInDays?: number | null;
  options?: Partial<Options>;
  /** Made up where it is left out. */
  idempotencyKey?: string;
}

/** As on the socket; `connection` is the client's own: `{state, at, signedOut}`. */
export interface FerryEvent {
  event: string;
  data: any;
  seq: number | null;
}

export interface ActionResult {
  id: string;
  /** Null once deleted, or where `error` says what is wrong. */
  download: Download | null;
  error: { code: string; detail: string; attr: string | null } | null;
}

export interface RequestOptions {
  body?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** It goes out though the page is closing. */
  keepalive?: boolean;
}
