// Puts an item on the page, in the way that the protocol declares.

import { make } from "./questions/parts.js";

const LONG = 900;

/** Shows `item` in `host`; whether it is so long that its questions had better stand beside it. */
export function showItem(item, host) {
  cover(item, host);
  if (item.turns) host.replaceChildren(...item.turns.map(turn));
  else if (item.html) host.innerHTML = item.html; // made by the server from Markdown, any HTML in it shown as text
  else if (item.image) host.replaceChildren(picture(item));
  else host.textContent = item.text;
  return Boolean(item.image) || item.text.length > LONG;
}

/** Covers an item that is to be seen only once its rater is ready; the button before it, or V, uncovers it. */
function cover(item, host) {
  const covered = Boolean(item.covered);
  host.classList.toggle("covered", covered);
  host.inert = covered;
  host.previousElementSibling?.classList.toggle("shows", covered);
}

export const isCovered = (host) => host.classList.contains("covered");

export function uncover(host) {
  cover({}, host);
  host.focus({ preventScroll: true });
}

function turn({ role, text }) {
  const who = make("b", { className: "role", dir: "auto" }, role);
  return make("div", { className: "turn" }, who, make("p", { dir: "auto" }, text));
}

function picture({ image, text }) {
  const shown = make("img", { src: image, alt: text, decoding: "async" });
  const caption = make("figcaption", { dir: "auto" }, text);
  return make("figure", { className: "picture" }, shown, text ? caption : "");
}
