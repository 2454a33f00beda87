// The words of the API, for the modules beside this file and for TypeScript programs. Never served
// to a page. Sizes in bytes, speed in bytes a second, durations in seconds, times as ISO 8601.

type Status = "queued" | "running" | "paused" | "completed" | "failed" | "cancelled" | "expired";
type Action = "cancel" | "pause" | "resume" | "retry" | "delete";
type TabName = "active" | "completed" | "failed";
type ConnectionState = "live" | "polling" | "reconnecting";

interface Download {
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
interface DownloadLabels {
  status: string;
  amount: string;
  speed: string;
  eta: string;
  duration: string;
  place: string;
  expires: string;
  note: string;
}

interface QualityOffer {
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
interface Options {
  container: string | null;
  audio: string | null;
  subtitles: string[];
  language: string | null;
}

interface Content {
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

interface Page<T> {
  next: string | null;
  previous: string | null;
  results: T[];
}

/** Exactly one of `url` and `contentId`. */
interface DownloadRequest {
  url?: string;
  contentId?: string;
  quality?: string;
  expiresInDays?: number | null;
  options?: Partial<Options>;
  /** Made up where it is left out. */
  idempotencyKey?: string;
}

/** As on the socket; `connection` is the client's own: `{state, at, signedOut}`. */
interface FerryEvent {
  event: string;
  data: any;
  seq: number | null;
}

interface ActionResult {
  id: string;
  /** Null once deleted, or where `error` says what is wrong. */
  download: Download | null;
  error: { code: string; detail: string; attr: string | null } | null;
}

interface RequestOptions {
  body?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** It goes out though the page is closing. */
  keepalive?: boolean;
}

interface ToastOptions {
  /** A title: it may write from right to left, or pretend to. */
  about?: string;
  kind?: "success" | "error";
  action?: { label: string; run: () => void };
  /** It went without its action. */
  closed?: () => void;
}

type Timer = ReturnType<typeof setTimeout> | undefined;
type FerryClient = import("./client.js").FerryClient;
type Listing = import("./listing.js").Listing;
type Actions = import("./actions.js").Actions;
type Selected = import("./selection.js").Selected;
type Omnibox = import("./omnibox.js").Omnibox;
