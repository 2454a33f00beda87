// Makes what stands in the page equal to what the server sent, and touches nothing that is equal
// already: the focus, the hover, a selection and the pictures stay. Elements are known by id.

/** @param {Element} now @param {Element} wanted */
export function morph(now, wanted) {
  if (now.isEqualNode(wanted)) return;
  copyAttributes(now, wanted);
  const kept = new Map([...now.children].filter(({ id }) => id).map((child) => [child.id, child]));
  /** @type {ChildNode|null} */
  let place = now.firstChild;
  for (const child of [...wanted.childNodes]) {
    const match = matchOf(child, place, kept);
    if (!match) now.insertBefore(child, place);
    else {
      if (match === place) place = match.nextSibling;
      else now.insertBefore(match, place);
      update(match, child);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function matchOf(child, place, kept) {
  if (child instanceof Element && child.id) {
    const match = kept.get(child.id);
    return match?.nodeName === child.nodeName ? match : undefined;
  }
  const isSame = place?.nodeName === child.nodeName && !(place instanceof Element && place.id);
  return isSame ? place : undefined;
}

function update(now, wanted) {
  if (now instanceof Element && wanted instanceof Element) morph(now, wanted);
  else if (now.nodeValue !== wanted.nodeValue) now.nodeValue = wanted.nodeValue;
}

function copyAttributes(now, wanted) {
  for (const { name } of [...now.attributes]) {
    if (!wanted.hasAttribute(name)) now.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
}
