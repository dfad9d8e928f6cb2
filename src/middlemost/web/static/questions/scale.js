// A point on a scale: points to choose from, a number to write, or a slider that begins without a position.

import { digit } from "../keys.js";
import { make, stepped, turnTo } from "./parts.js";

export function mount(spec, host, page) {
  return { likert, number, slider }[spec.look](spec, host, page);
}

const ARROWS = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: 1, ArrowDown: -1 };
const clean = (value) => Number(value.toFixed(10));

/** How far an arrow key goes on: left is back, but in a page that runs from right to left. */
function step(event, host) {
  const turned = getComputedStyle(host).direction === "rtl" && event.key.length > 9 ? -1 : 1;
  return event.key === "ArrowLeft" || event.key === "ArrowRight" ? (ARROWS[event.key] ?? 0) * turned : (ARROWS[event.key] ?? 0);
}

function anchors(spec) {
  const said = Object.entries(spec.anchors).sort(([one], [other]) => one - other);
  if (!said.length) return null;
  return make("div", { className: "anchors" }, ...said.map(([at, words]) => make("span", { dir: "auto" }, make("b", {}, at), ` ${words}`)));
}

const unit = (spec) => (spec.unit ? ` ${spec.unit}` : "");

function likert(spec, host, { changed }) {
  const inputs = spec.points.map((point) =>
    make("input", { type: "radio", name: `answer-${spec.id}`, value: String(point), autocomplete: "off", ariaLabel: said(spec, point) }),
  );
  for (const input of inputs) input.addEventListener("change", changed);
  const points = inputs.map((input, position) => make("label", { className: "point" }, input, make("span", {}, input.value), small(spec, position)));
  host.append(make("div", { className: "points", role: "radiogroup", ariaLabel: "Points" }, ...points), anchors(spec) ?? "");
  const at = () => inputs.findIndex((input) => input.checked);

  function choose(position) {
    if (!inputs[position]) return false;
    inputs[position].checked = true;
    turnTo(inputs[position]);
    changed();
    return true;
  }

  return {
    help: [
      ["0 … 9", direct(spec) ? "choose that point" : "choose the point with that key"],
      ["← →", "move along the scale"],
    ],
    value: () => (at() < 0 ? null : spec.points[at()]),
    set(value) {
      inputs.forEach((input, position) => (input.checked = value !== null && spec.points[position] === value));
    },
    focus: () => (inputs[at()] ?? inputs[0]).focus({ preventScroll: true }),
    keys(event) {
      if (ARROWS[event.key]) return choose(stepped(at(), sideways(event, host), inputs.length));
      const key = digit(event);
      return key >= 0 && choose(direct(spec) ? spec.points.indexOf(Number(event.key)) : key);
    },
  };
}

// Points are laid out along the line: up and down go the way that right and left do.
function sideways(event, host) {
  if (event.key === "ArrowUp") return -1;
  if (event.key === "ArrowDown") return 1;
  return step(event, host);
}

/** Whether a digit key can mean the point itself: 3 is 3, not the third. */
const direct = (spec) => spec.points.every((point) => Number.isInteger(point) && point >= 0) && spec.points[0] < 2;

function small(spec, position) {
  return direct(spec) || position > 9 ? null : make("kbd", { ariaHidden: "true" }, String((position + 1) % 10));
}

function said(spec, point) {
  const words = spec.anchors[point];
  return `${point}${unit(spec)}${words ? `, ${words}` : ""}`;
}

function number(spec, host, { changed }) {
  const input = make("input", { type: "number", className: "field", inputMode: "decimal", min: spec.min, max: spec.max, step: spec.step ?? "any", autocomplete: "off" });
  input.setAttribute("aria-label", `${spec.ask}${spec.unit ? ` (${spec.unit})` : ""}`);
  input.addEventListener("input", changed);
  host.append(make("div", { className: "number" }, input, spec.unit ? make("span", { dir: "auto" }, spec.unit) : ""), anchors(spec) ?? "");
  return {
    hint: bounds(spec),
    help: [
      ["0 … 9", "write the number"],
      ["↑ ↓", "a step up or down"],
      ["Esc", "leave the field, so that single keys act again"],
    ],
    value: () => (Number.isNaN(input.valueAsNumber) ? null : input.valueAsNumber),
    set: (value) => (input.value = value === null ? "" : String(value)),
    focus: () => input.focus({ preventScroll: true }),
    keys(event) {
      if (digit(event) < 0 && event.key !== "-") return false;
      input.value = "";
      input.focus();
      return "native"; // the key goes where the focus is now
    },
    problem() {
      if (input.validity.badInput) return "Write a number.";
      return input.validity.valid ? null : `Write a number: ${bounds(spec)}.`;
    },
  };
}

function bounds(spec) {
  const { min, max } = spec;
  const range = min !== undefined && max !== undefined ? `from ${min} to ${max}` : min !== undefined ? `at least ${min}` : max !== undefined ? `at most ${max}` : "";
  return `${range}${spec.step ? `${range ? ", " : ""}in steps of ${spec.step}` : ""}`;
}

function slider(spec, host, { changed }) {
  const input = make("input", { type: "range", min: spec.min, max: spec.max, step: spec.size, className: "unset" });
  input.setAttribute("aria-label", spec.ask);
  const told = make("output", { className: "told" });
  host.append(make("div", { className: "slider" }, input, told), anchors(spec) ?? "");
  const middle = clean(spec.min + Math.round((spec.max - spec.min) / 2 / spec.size) * spec.size);
  let answer = null;

  function set(value) {
    answer = value;
    input.classList.toggle("unset", value === null);
    input.value = value ?? middle;
    const words = value === null ? "not answered yet" : said(spec, value);
    told.textContent = value === null ? "–" : `${value}${unit(spec)}`;
    input.setAttribute("aria-valuetext", words);
  }

  function answered() {
    set(clean(input.valueAsNumber));
    changed();
  }

  input.addEventListener("input", answered);
  input.addEventListener("pointerup", answered); // also where the line is touched in its very middle
  set(null);
  return {
    help: [
      ["← →", "move the slider; the first press puts it in the middle"],
      ["Home End", "to its ends"],
      ["Page ↑ ↓", "in larger steps"],
    ],
    value: () => answer,
    set,
    focus: () => input.focus({ preventScroll: true }),
    keys(event) {
      const moves = { Home: spec.min, End: spec.max }[event.key];
      if (!ARROWS[event.key] && moves === undefined && !event.key.startsWith("Page")) return false;
      input.focus({ preventScroll: true });
      if (moves !== undefined) input.value = moves;
      else if (answer !== null) input.value = clean(answer + step(event, host) * spec.size * (event.shiftKey ? 10 : 1) + paged(event, spec));
      answered();
      return true;
    },
  };
}

function paged(event, spec) {
  const tenth = Math.max(spec.size, clean((spec.max - spec.min) / 10));
  return { PageUp: tenth, PageDown: -tenth }[event.key] ?? 0;
}
