// A button that a script works comes disabled until that script listens: a press before would be lost, and in a form
// what was typed with it. (`awaits` in web/render.py.)

const listening = new Set();

/** From now on `script` answers its buttons. */
export function ready(script) {
  listening.add(script);
  enable(document);
}

/** Enable the buttons of a part that came later. */
export function enable(part) {
  for (const button of part.querySelectorAll("[data-awaits]")) {
    if (!listening.has(button.dataset.awaits)) continue;
    button.disabled = false;
    delete button.dataset.awaits;
  }
}
