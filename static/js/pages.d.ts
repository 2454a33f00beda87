// Names that the modules of Ferry's own pages share. Other programs import from types.d.ts.

type Status = import("./types.js").Status;
type Action = import("./types.js").Action;
type TabName = import("./types.js").TabName;
type ConnectionState = import("./types.js").ConnectionState;
type Download = import("./types.js").Download;
type DownloadLabels = import("./types.js").DownloadLabels;
type QualityOffer = import("./types.js").QualityOffer;
type Options = import("./types.js").Options;
type Content = import("./types.js").Content;
type Page<T> = import("./types.js").Page<T>;
type DownloadRequest = import("./types.js").DownloadRequest;
type FerryEvent = import("./types.js").FerryEvent;
type ActionResult = import("./types.js").ActionResult;
type RequestOptions = import("./types.js").RequestOptions;

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
