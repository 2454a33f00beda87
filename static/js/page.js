/** An element that the template has. @returns {any} */
export const byId = (id) => document.getElementById(id);

export const live = byId("live");

/** What is to be seen of the list. @returns {HTMLElement[]} */
export const cards = () => [...live.querySelectorAll(".card:not([hidden])")];

/** @returns {HTMLElement|null} */
export const cardOf = (id) => byId(`download-${id}`);

export const titleOf = (card) => card.querySelector(".card-title")?.textContent.trim() ?? "";
