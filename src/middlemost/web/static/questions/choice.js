// One answer out of a list.

import { digit } from "../keys.js";
import { STEPS, digitKeys, make, rows, stepped, turnTo } from "./parts.js";

export function mount(spec, host, { changed }) {
  const options = rows(spec, "radio", changed);
  const inputs = options.map(({ input }) => input);
  host.append(make("div", { className: "answers", role: "radiogroup", ariaLabel: "Answers" }, ...options.map(({ row }) => row)));
  const at = () => inputs.findIndex((input) => input.checked);

  function choose(position) {
    if (!inputs[position]) return false;
    inputs[position].checked = true;
    turnTo(inputs[position]);
    changed();
    return true;
  }

  const [keys, tenth] = digitKeys(inputs.length);
  return {
    help: [
      [keys, `choose the answer with that number${tenth}`],
      ["↑ ↓", "move to another answer"],
    ],
    value: () => inputs[at()]?.value ?? null,
    set(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
    focus: () => (inputs[at()] ?? inputs[0]).focus({ preventScroll: true }),
    keys(event) {
      const step = STEPS[event.key];
      if (step) return choose(stepped(at(), step, inputs.length));
      return digit(event) >= 0 && choose(digit(event));
    },
  };
}
