// What the types of question share. Each type is a module of its own beside this one, with
//   mount(spec, host, page) -> { value(), set(value), focus(), keys(event), problem?(), show?(item), help }
// value(): the answer as the server takes it, null while there is none. set(value): shows an answer, null clears.
// keys(event): does what the key means here; true if it did, "native" to leave it to the browser, else false.
// problem(): why the answer cannot be sent yet, in words. show(item): the item the next answer is about.
// help: [keys, what they do] for the list of keys. page: { changed(), say(words), item: its element }.

/** An element; properties that no element has become attributes. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const words = (option) => option.label ?? option.id;
export const unseen = (text) => make("span", { className: "unseen" }, text);

/** The key that stands for a position: 1 to 9, then 0 for the tenth; none beyond. */
export function cap(position) {
  return position < 10 ? make("kbd", { ariaHidden: "true" }, String((position + 1) % 10)) : null;
}

/** Wide rows that carry their key, with a radio button or a box each. */
export function rows(spec, type, changed) {
  return spec.options.map((option, position) => {
    const input = make("input", { type, name: `answer-${spec.id}`, value: option.id, autocomplete: "off" });
    input.addEventListener("change", changed);
    const hint = option.hint ? make("small", { dir: "auto" }, option.hint) : null;
    const tick = make("span", { className: "tick", ariaHidden: "true" }, "✓");
    const row = make("label", { className: "answer" }, input, cap(position), make("span", { dir: "auto" }, words(option)), tick, hint);
    return { input, row };
  });
}

/** Puts the focus on one of several inputs, in sight. */
export function turnTo(input) {
  input.focus({ preventScroll: true });
  (input.closest("label") ?? input).scrollIntoView({ block: "nearest" });
}

/** Where a step from position `at` of `n` leads, round the ends; -1 is nowhere yet. */
export const stepped = (at, step, n) => (at < 0 ? (step > 0 ? 0 : n - 1) : (at + step + n) % n);

export const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export function digitKeys(n) {
  const tenth = n > 9 ? "; 0 is the tenth" : "";
  return [n > 9 ? "1 … 9 0" : `1 … ${n}`, tenth];
}
