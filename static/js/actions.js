// The buttons' actions, by fetch. Their forms do the same without JavaScript.

import { byId, cardOf, cards, live, titleOf } from "./page.js";
import { complain, done, toast } from "./toasts.js";

const UNDER_WAY = { pause: "Pausing", resume: "Resuming", retry: "Retrying", cancel: "Cancelling" };

export class Actions {
  #client;
  #listing;
  /** @type {Set<string>} gone from sight, but not sent yet: it can be undone */
  #deleting = new Set();

  /** @param {FerryClient} client @param {Listing} listing */
  constructor(client, listing) {
    this.#client = client;
    this.#listing = listing;
    live.addEventListener("submit", (event) => this.#submit(event));
    addEventListener("pagehide", () => this.#sendDeletes([...this.#deleting], true));
  }

  #submit(event) {
    const action = event.submitter?.dataset.action;
    if (!action) return;
    event.preventDefault();
    if (action === "create") this.#create(new FormData(event.target)).catch(complain);
    else this.act(action, [event.target.closest(".card")]);
  }

  /** @param {string} action @param {HTMLElement[]} chosen cards */
  act(action, chosen) {
    if (action === "delete") this.#delete(chosen);
    else if (action === "keep") this.#keep(chosen[0]).catch(complain);
    else if (action === "link") void this.#link(chosen[0]);
    else void this.#ask(/** @type {Action} */ (action), chosen);
  }

  /** After each rendering: what is deleted stays out of sight, and is not counted. */
  hideDeleted() {
    hide([...this.#deleting].map(cardOf).filter(Boolean));
  }

  async #ask(action, chosen) {
    const restore = chosen.map((card) => showUnderWay(card, UNDER_WAY[action]));
    try {
      const ids = chosen.map(idOf);
      if ((await this.#send(action, ids)) && action === "cancel") this.#sayCancelled(chosen, ids);
    } catch (error) {
      restore.forEach((run) => run());
      complain(error);
    }
  }

  /** False if one is refused. */
  async #send(action, ids) {
    try {
      const refused = (await this.#client.actions(action, ids)).find(({ error }) => error);
      if (refused) complain(refused.error);
      return !refused;
    } finally {
      this.#listing.refresh();
    }
  }

  // A cancel goes out at once, to be seen everywhere; undone, it is a retry.
  #sayCancelled(chosen, ids) {
    const run = () => this.#send("retry", ids).catch(complain);
    say(done.cancel, chosen, { action: { label: "Undo", run } });
  }

  // A delete waits while it can be undone: bytes do not come back.
  #delete(chosen) {
    const ids = chosen.map(idOf);
    const hadFocus = chosen.some((card) => card.contains(document.activeElement));
    const index = cards().indexOf(chosen[0]);
    for (const id of ids) this.#deleting.add(id);
    hide(chosen);
    if (hadFocus) (cards()[index] ?? cards().at(-1))?.focus();
    const run = () => {
      for (const id of ids) this.#deleting.delete(id);
      this.#listing.refresh();
    };
    say(done.delete, chosen, { action: { label: "Undo", run }, closed: () => this.#sendDeletes(ids) });
  }

  async #sendDeletes(ids, keepalive = false) {
    const waiting = ids.filter((id) => this.#deleting.has(id));
    if (!waiting.length) return;
    try {
      await this.#client.actions("delete", waiting, { keepalive });
    } catch (error) {
      complain(error);
    } finally {
      for (const id of waiting) this.#deleting.delete(id);
      this.#listing.refresh();
    }
  }

  async #keep(card) {
    await this.#client.keep(idOf(card), null);
    toast(done.keep, { about: titleOf(card) });
  }

  async #link(card) {
    await this.#listing.show("link", idOf(card));
    const field = byId("signed-link");
    field?.select();
    try {
      await navigator.clipboard.writeText(field.value);
      toast("Link copied", { about: titleOf(card) });
    } catch {
      field?.focus(); // no clipboard here (plain http): it is selected, to be copied by hand
    }
  }

  async #create(fields) {
    const item = { contentId: fields.get("content"), quality: fields.get("quality") ?? "auto" };
    const download = await this.#client.create(item);
    toast(download.created ? done.queue : done.have, { about: download.title });
    await this.#listing.go("?tab=active");
  }
}

/** @returns {string} */
export const idOf = (card) => card.dataset.id;

function hide(gone) {
  const fresh = gone.filter((card) => !card.hidden);
  for (const card of fresh) card.hidden = true;
  const count = live.querySelector("[aria-selected=true] .count");
  count.textContent = String(Number(count.textContent) - fresh.length);
}

function showUnderWay(card, words) {
  const state = card.querySelector(".state");
  const before = state.textContent;
  card.ariaBusy = "true";
  state.textContent = words;
  return () => {
    card.ariaBusy = null;
    state.textContent = before;
  };
}

function say(said, chosen, options) {
  if (chosen.length === 1) toast(said, { about: titleOf(chosen[0]), ...options });
  else toast(`${said} ${chosen.length} downloads`, options);
}
