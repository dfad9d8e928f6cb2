// An answer in the rater's own words.

import { make } from "./parts.js";

const length = (text) => [...text].length; // code points, as the server counts

export function mount(spec, host, { changed }) {
  const counter = make("p", { className: "counter", id: `counter-${spec.id}` });
  const box = make("textarea", { className: "field words", rows: 3, dir: "auto", autocomplete: "off", spellcheck: true });
  box.setAttribute("aria-label", spec.ask);
  box.setAttribute("aria-describedby", counter.id);
  box.addEventListener("input", () => {
    count();
    changed();
  });
  host.append(box, counter);
  const said = () => box.value.trim();

  function count() {
    const n = length(said());
    counter.textContent = n < spec.min && n > 0 ? `${n} of at least ${spec.min} characters` : `${n} of ${spec.max} characters`;
    counter.classList.toggle("over", n > spec.max);
  }

  count();
  return {
    help: [
      ["Shift Enter", "a new line in a text"],
      ["Esc", "leave the text, so that single keys act again"],
    ],
    value: () => said() || null,
    set(value) {
      box.value = value ?? "";
      count();
    },
    focus: () => box.focus({ preventScroll: true }),
    keys: () => false,
    problem() {
      const n = length(said());
      if (n < spec.min) return `Write at least ${spec.min} characters.`;
      return n > spec.max ? `Write at most ${spec.max} characters.` : null;
    },
  };
}
