// Any number of answers out of a list.

import { digit } from "../keys.js";
import { STEPS, digitKeys, make, rows, stepped, turnTo } from "./parts.js";

export function mount(spec, host, { changed }) {
  let touched = false;
  const options = rows(spec, "checkbox", () => {
    touched = true;
    changed();
  });
  const inputs = options.map(({ input }) => input);
  host.append(make("div", { className: "answers", role: "group", ariaLabel: bounds(spec) }, ...options.map(({ row }) => row)));
  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);

  const [keys, tenth] = digitKeys(inputs.length);
  return {
    hint: bounds(spec),
    help: [
      [keys, `tick or untick the answer with that number${tenth}`],
      ["↑ ↓ Space", "move to another answer, tick or untick it"],
    ],
    value() {
      const found = chosen();
      return found.length || (spec.min === 0 && (spec.required || touched)) ? found : null;
    },
    set(value) {
      touched = value !== null;
      for (const input of inputs) input.checked = Boolean(value?.includes(input.value));
    },
    focus: () => inputs[0].focus({ preventScroll: true }),
    keys(event) {
      const step = STEPS[event.key];
      if (step) {
        turnTo(inputs[stepped(inputs.indexOf(document.activeElement), step, inputs.length)]);
        return true;
      }
      const input = inputs[digit(event)];
      if (!input) return false;
      turnTo(input);
      input.click();
      return true;
    },
    problem() {
      const n = chosen().length;
      if (n < spec.min) return `Choose at least ${spec.min}.`;
      return spec.max !== undefined && n > spec.max ? `Choose at most ${spec.max}.` : null;
    },
  };
}

function bounds({ min, max, options }) {
  const most = Math.min(max ?? options.length, options.length);
  if (min === most) return `Choose ${min}`;
  if (most < options.length) return min ? `Choose ${min} to ${most}` : `Choose up to ${most}`;
  return min > 1 ? `Choose ${min} or more` : min ? "Choose all that apply" : "Choose all that apply, or none";
}
