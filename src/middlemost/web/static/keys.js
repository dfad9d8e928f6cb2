// From key presses to what they mean here. Knows nothing of items or answers.

const SWITCH = "middlemost:letter-keys";
const LETTERS = { g: "guidelines", s: "skip", "?": "keys", Backspace: "takeBack" };

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

const typing = (target) => target.closest?.("input:not([type=radio]):not([type=checkbox]), textarea, select");
const chord = (event) => event.ctrlKey || event.metaKey || event.altKey || event.isComposing;

/** Calls `acts` of: choose(position), move(step), send(), keep(), guidelines(), skip(), keys(), takeBack(). */
export function listen(acts) {
  addEventListener("keydown", (event) => {
    if (chord(event) || typing(event.target) || document.querySelector("dialog[open]")) return;
    const act = meaning(event, acts);
    if (!act) return;
    event.preventDefault();
    if (!event.repeat || event.key.startsWith("Arrow")) act();
  });
}

function meaning(event, acts) {
  const { key, target } = event;
  if (key === "ArrowDown") return () => acts.move(1);
  if (key === "ArrowUp") return () => acts.move(-1);
  if (key === "Escape") return acts.keep;
  if (key === "Enter") return target.closest("button, a, summary") ? null : acts.send;
  if (!singleKeys.on) return null;
  if (digit(event) >= 0) return () => acts.choose(digit(event));
  return acts[LETTERS[key.length === 1 ? key.toLowerCase() : key]] ?? null;
}
