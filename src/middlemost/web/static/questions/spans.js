// Passages of the item's text, each with a label: marked with the mouse, by touch, or by keyboard alone.

import { digit } from "../keys.js";
import { cap, make, words } from "./parts.js";

const TONES = 5;

export function mount(spec, host, { changed, say, item }) {
  let text = "";
  let words_ = []; // {start, end} of the words, in UTF-16 as JavaScript counts
  let letters = []; // where letters as people see them begin, and the end
  let spans = [];
  let pending = null; // {start, end, anchor}: what the next label marks
  let picked = -1; // the marked passage that keys act on
  let touched = false;
  const names = Object.fromEntries(spec.labels.map((label) => [label.id, words(label)]));
  const tones = Object.fromEntries(spec.labels.map((label, position) => [label.id, position % TONES]));

  const buttons = spec.labels.map((label, position) => {
    const swatch = make("span", { className: `swatch tone-${position % TONES}`, ariaHidden: "true" });
    const button = make("button", { type: "button", className: "label" }, cap(position), swatch, make("span", { dir: "auto" }, words(label)));
    if (label.hint) button.title = label.hint;
    button.dataset.send = "";
    button.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
    button.addEventListener("click", () => apply(label.id));
    return button;
  });
  const list = make("ul", { className: "marked" });
  host.append(make("div", { className: "labels", role: "group", ariaLabel: "Labels" }, ...buttons), list);

  /* ---- the item's text, with marks ---- */

  function render() {
    const ends = pending ? [pending.start, pending.end] : [];
    const cuts = [...new Set([0, text.length, ...ends, ...spans.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
    const parts = cuts.slice(1).map((end, n) => segment(cuts[n], end));
    item.replaceChildren(...parts);
    list.replaceChildren(...spans.map(entry));
    list.hidden = !spans.length;
  }

  function segment(start, end) {
    const over = spans.map((span, at) => ({ ...span, at })).filter((span) => span.start <= start && end <= span.end);
    let node = document.createTextNode(text.slice(start, end));
    over.forEach((span, depth) => {
      const mark = make("mark", { className: `tone-${tones[span.label]} depth-${Math.min(depth, 2)}` }, node);
      if (span.end === end) mark.dataset.label = names[span.label];
      if (span.at === picked) mark.classList.add("picked");
      mark.dataset.at = span.at;
      node = mark;
    });
    const taken = pending && pending.start <= start && end <= pending.end;
    return taken ? make("mark", { className: "pending" }, node) : node;
  }

  function entry(span, at) {
    const passage = text.slice(span.start, span.end);
    const shown = make("q", { dir: "auto" }, passage.length > 60 ? `${passage.slice(0, 30)}…${passage.slice(-30)}` : passage);
    const drop = make("button", { type: "button", className: "quiet" }, "✕");
    drop.setAttribute("aria-label", `Remove ${names[span.label]}: ${passage.slice(0, 60)}`);
    drop.addEventListener("click", () => remove(at));
    const swatch = make("span", { className: `swatch tone-${tones[span.label]}`, ariaHidden: "true" });
    return make("li", { className: at === picked ? "picked" : "" }, swatch, make("b", { dir: "auto" }, names[span.label]), shown, drop);
  }

  /* ---- from a selection to a passage ---- */

  /** The passage selected on the page, without spaces at its ends and never through a letter; null if there is none. */
  function selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(item)) return null;
    return fitted(offset(range.startContainer, range.startOffset), offset(range.endContainer, range.endOffset));
  }

  function offset(node, at) {
    const before = document.createRange();
    before.selectNodeContents(item);
    if (before.comparePoint(node, at) < 0) return 0;
    if (before.comparePoint(node, at) > 0) return text.length;
    before.setEnd(node, at);
    return before.toString().length;
  }

  function fitted(start, end) {
    while (start < end && /\s/.test(text[start])) start += 1;
    while (start < end && /\s/.test(text[end - 1])) end -= 1;
    const from = letters.findLast((at) => at <= start) ?? 0;
    const to = letters.find((at) => at >= end) ?? text.length;
    return start < end ? { start: from, end: to, anchor: from } : null;
  }

  document.addEventListener("pointerup", (event) => {
    if (!item.contains(event.target) && !selected()) return;
    const found = selected();
    const mark = event.target.closest?.("mark[data-at]");
    if (!found && !mark && !pending && picked < 0) return;
    pending = found;
    picked = !found && mark ? Number(mark.dataset.at) : -1;
    if (event.pointerType === "mouse" || !found) {
      if (found) getSelection().removeAllRanges();
      render();
    }
  });

  /* ---- what can be done ---- */

  function apply(label) {
    const range = selected() ?? pending;
    getSelection().removeAllRanges();
    if (!range && picked < 0) return say("Select a passage first: with the mouse, or with the arrow keys.");
    const span = range ? { start: range.start, end: range.end, label } : { ...spans[picked], label };
    const others = range ? spans : spans.filter((_, at) => at !== picked);
    const clash = others.find((other) => (spec.overlap ? same(other, span) : span.start < other.end && other.start < span.end));
    if (clash) return say(spec.overlap ? "This passage is marked so already." : "Passages may not overlap: remove the other one first.");
    spans = [...others, span].sort(order);
    picked = -1;
    pending = range ? { start: range.end, end: range.end, anchor: range.end } : null;
    done();
  }

  function remove(at) {
    const { end } = spans[at];
    spans = spans.filter((_, position) => position !== at);
    picked = -1;
    pending = { start: end, end, anchor: end };
    done();
  }

  function done() {
    touched = true;
    render();
    say("");
    changed();
  }

  function pick(step) {
    if (!spans.length) return;
    pending = null;
    picked = picked < 0 ? (step > 0 ? 0 : spans.length - 1) : (picked + step + spans.length) % spans.length;
    seen("mark.picked");
  }

  function seen(what) {
    render();
    item.querySelector(what)?.scrollIntoView({ block: "nearest" });
  }

  /** The next or last word instead of what is pending. */
  function move(step) {
    if (!words_.length) return;
    const from = pending ?? (picked >= 0 ? spans[picked] : { start: 0, end: 0 });
    const found = step > 0 ? words_.find((word) => word.start >= from.end) : words_.findLast((word) => word.end <= from.start);
    const word = found ?? (step > 0 ? words_.at(-1) : words_[0]);
    picked = -1;
    pending = { ...word, anchor: word.start };
    seen("mark.pending");
  }

  /** Moves the loose end of what is pending by a word, or by a letter. */
  function extend(step, fine) {
    if (!pending || pending.start === pending.end) return move(step);
    const loose = pending.anchor === pending.start ? pending.end : pending.start;
    const stops = fine ? letters : words_.flatMap(({ start, end }) => [start, end]).sort((a, b) => a - b);
    const wanted = loose >= pending.anchor && !fine ? words_.map(({ end }) => end) : fine ? stops : words_.map(({ start }) => start);
    const to = (step > 0 ? wanted.find((at) => at > loose) : wanted.findLast((at) => at < loose)) ?? loose;
    if (to === pending.anchor) return;
    pending = { start: Math.min(to, pending.anchor), end: Math.max(to, pending.anchor), anchor: pending.anchor };
    seen("mark.pending");
  }

  const forward = (key) => (key === "ArrowRight") === (getComputedStyle(item).direction !== "rtl") ? 1 : -1;
  const points = (at) => [...text.slice(0, at)].length;

  return {
    help: [
      ["← →", "go from word to word"],
      ["Shift ← →", "take in a word more or less; with Alt too, a letter"],
      ["1 … 9", "mark it with that label, or mark it anew"],
      ["↑ ↓", "go from one marked passage to the next"],
      ["X", "remove that passage"],
    ],
    value() {
      const found = spans.map(({ start, end, label }) => ({ start: points(start), end: points(end), label }));
      return found.length || (spec.min === 0 && (spec.required || touched)) ? found : null;
    },
    set(value) {
      const units = [0];
      for (const sign of text) units.push(units.at(-1) + sign.length);
      spans = (value ?? []).map(({ start, end, label }) => ({ start: units[start], end: units[end], label }));
      touched = value !== null;
      pending = null;
      picked = -1;
      render();
    },
    show(shown) {
      text = shown.text;
      letters = [...graphemes(text), text.length];
      words_ = wordsOf(text);
    },
    focus: () => buttons[0].focus({ preventScroll: true }),
    keys(event) {
      const { key, shiftKey, altKey } = event;
      if (key === "ArrowLeft" || key === "ArrowRight") shiftKey ? extend(forward(key), altKey) : move(forward(key));
      else if (key === "ArrowUp" || key === "ArrowDown") pick(key === "ArrowDown" ? 1 : -1);
      else if (digit(event) >= 0 && buttons[digit(event)]) apply(spec.labels[digit(event)].id);
      else if ((key === "Delete" || key.toLowerCase() === "x") && picked >= 0) remove(picked);
      else if (key === "Escape" && (pending || picked >= 0)) {
        pending = null;
        picked = -1;
        render();
      } else return false;
      return true;
    },
    problem() {
      if (spans.length < spec.min) return `Mark at least ${spec.min}.`;
      return spec.max !== undefined && spans.length > spec.max ? `Mark at most ${spec.max}.` : null;
    },
  };
}

const order = (one, other) => one.start - other.start || one.end - other.end || (one.label < other.label ? -1 : 1);
const same = (one, other) => one.start === other.start && one.end === other.end && one.label === other.label;

function graphemes(text) {
  if (Intl.Segmenter) return Array.from(new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text), ({ index }) => index);
  let at = 0;
  return Array.from(text, (sign) => (at += sign.length) - sign.length);
}

function wordsOf(text) {
  if (!Intl.Segmenter) return Array.from(text.matchAll(/\S+/g), (found) => ({ start: found.index, end: found.index + found[0].length }));
  return Array.from(new Intl.Segmenter(undefined, { granularity: "word" }).segment(text))
    .filter(({ segment, isWordLike }) => isWordLike || /\p{Extended_Pictographic}/u.test(segment))
    .map(({ index, segment }) => ({ start: index, end: index + segment.length }));
}
