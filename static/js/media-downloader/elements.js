// Elements made and found in one line.

/** @param {string} tag @param {string} name its class @param {string} [text] */
export function made(tag, name, text = "") {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

/** @param {ParentNode} root @param {string} selector @returns {any} */
export function one(root, selector) {
  return root.querySelector(selector);
}
