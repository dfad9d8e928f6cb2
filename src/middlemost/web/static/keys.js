// From key presses to what they mean here. Knows nothing of items or answers.

const SWITCH = "middlemost:letter-keys";
const LETTERS = { f: "flag", g: "guidelines", p: "pause", s: "skip", v: "uncover", "?": "keys", Backspace: "takeBack" };

/** Whether single keys act; they can be switched off (WCAG 2.1.4), and the choice is remembered on this device. */
export const singleKeys = {
  get on() {
    return localStorage.getItem(SWITCH) !== "off";
  },
  set on(value) {
    localStorage.setItem(SWITCH, value ? "on" : "off");
  },
};

/** The position that a digit key stands for: 1 to 9, then 0 for the tenth; -1 for any other key. */
export function digit(event) {
  return /^[0-9]$/.test(event.key) ? (Number(event.key) + 9) % 10 : -1;
}

const NOT_WRITTEN_IN = ["radio", "checkbox", "range"].map((type) => `:not([type=${type}])`).join("");
const typing = (target) => target.closest?.(`input${NOT_WRITTEN_IN}, textarea, select`);
// Alt with Shift and an arrow is a finer step, no command of the browser's.
const chord = (event) => event.ctrlKey || event.metaKey || (event.altKey && !event.shiftKey) || event.isComposing;
const single = ({ key }) => key.length === 1 || key === "Backspace" || key === "Delete";

/**
 * Calls `acts` of: answer(event), which may take the key (true), leave it to the browser ("native") or not want it;
 * send(), keep(), leave(), uncover(), guidelines(), skip(), flag(), pause(), keys(), takeBack().
 */
export function listen(acts) {
  addEventListener("keydown", (event) => {
    if (chord(event) || document.querySelector("dialog[open]")) return;
    const act = typing(event.target) ? whileTyping(event, acts) : meaning(event, acts);
    if (!act) return;
    event.preventDefault();
    if (!event.repeat || event.key.startsWith("Arrow")) act();
  });
}

/** Enter sends, Escape leaves the field; where there are no keys to spare, Enter stays a new line. */
function whileTyping({ key, shiftKey, target }, acts) {
  if (key === "Escape") return acts.leave;
  if (key !== "Enter" || shiftKey || !target.closest("#question")) return null;
  return target.matches("textarea") && matchMedia("(pointer: coarse)").matches ? null : acts.send;
}

function meaning(event, acts) {
  const { key, target } = event;
  if (key === "Enter") return target.closest("button:not([data-send]), a, summary") ? null : acts.send;
  if (single(event) && (!singleKeys.on || event.altKey)) return null;
  const taken = acts.answer(event);
  if (taken) return taken === "native" ? null : () => {};
  if (key === "Escape") return acts.keep;
  return acts[LETTERS[key.length === 1 ? key.toLowerCase() : key]] ?? null;
}
