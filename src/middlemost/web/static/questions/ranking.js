// An order of several things, best first. Nothing has a rank to begin with: no order is suggested.

import { digit } from "../keys.js";
import { STEPS, cap, make, unseen, words } from "./parts.js";

export function mount(spec, host, { changed, say }) {
  let entries = (spec.options ?? []).map((option) => ({ id: option.id, text: words(option) }));
  let ranks = []; // groups of ids, the best first
  let dragged = null;
  const list = make("ol", { className: "entries" });
  host.append(list);

  const ranked = () => ranks.flat();
  const wanted = () => Math.min(spec.top ?? entries.length, entries.length);
  const group = (id) => ranks.findIndex((ids) => ids.includes(id));
  const place = (position) => 1 + ranks.slice(0, position).flat().length; // 1, 2, 2, 4
  const buttonOf = (id) => list.querySelector(`[data-id="${CSS.escape(id)}"] .rankit`);

  /* ---- the list ---- */

  function render() {
    const rest = entries.map(({ id }) => id).filter((id) => group(id) < 0);
    const shown = [...ranked(), ...rest].map(row);
    if (ranks.length && rest.length) shown[ranked().length].classList.add("first-unranked");
    list.replaceChildren(...shown);
  }

  function row(id) {
    const position = entries.findIndex((entry) => entry.id === id);
    const at = group(id);
    const rank = make("span", { className: "rank", ariaHidden: "true" }, at < 0 ? "–" : String(place(at)));
    const told = unseen(at < 0 ? ", not ranked" : `, rank ${place(at)}${ranks[at].length > 1 ? ", shared" : ""}`);
    const main = make("button", { type: "button", className: "rankit" }, rank, cap(position), make("span", { dir: "auto" }, entries[position].text), told);
    main.dataset.send = "";
    main.addEventListener("click", () => (at < 0 ? add(id) : drop(id)));
    const grip = make("span", { className: "grip", ariaHidden: "true" }, "⠿");
    grip.addEventListener("pointerdown", (event) => take(event, id));
    const line = make("li", { className: at < 0 ? "entry" : "entry ranked" }, grip, main, at < 0 ? "" : tools(id, entries[position].text));
    line.dataset.id = id;
    return line;
  }

  function tools(id, text) {
    const tool = (sign, name, act) => {
      const button = make("button", { type: "button", className: "quiet tool" }, sign);
      button.setAttribute("aria-label", `${name}: ${text.slice(0, 60)}`);
      button.addEventListener("click", act);
      return button;
    };
    const ties = spec.ties ? [tool("=", "Same rank as the one above", () => tie(id))] : [];
    return make("span", { className: "tools" }, tool("↑", "Move up", () => move(id, -1)), tool("↓", "Move down", () => move(id, 1)), ...ties);
  }

  function done(id) {
    ranks = ranks.filter((ids) => ids.length);
    render();
    buttonOf(id)?.focus({ preventScroll: true });
    buttonOf(id)?.scrollIntoView({ block: "nearest" });
    say("");
    changed();
  }

  /* ---- what can be done ---- */

  function add(id) {
    if (ranked().length >= wanted()) return say(`Only the first ${wanted()} are asked for.`);
    ranks.push([id]);
    done(id);
  }

  function drop(id) {
    ranks = ranks.map((ids) => ids.filter((one) => one !== id));
    done(id);
  }

  function move(id, step) {
    const from = group(id);
    if (from < 0) return;
    const alone = ranks[from].length === 1;
    ranks[from] = ranks[from].filter((one) => one !== id);
    const to = alone ? Math.max(0, Math.min(ranks.length - 1, from + step)) : from + (step > 0 ? 1 : 0);
    if (alone) ranks.splice(from, 1);
    ranks.splice(to, 0, [id]);
    done(id);
  }

  /** Shares the rank of what stands above, or stops to share one. */
  function tie(id) {
    const at = group(id);
    if (at < 0) return;
    if (ranks[at].length > 1) return move(id, 1);
    if (at === 0) return say("There is nothing above it.");
    ranks[at - 1].push(id);
    ranks.splice(at, 1);
    ranks[at - 1].sort((one, other) => position(one) - position(other));
    done(id);
  }

  const position = (id) => entries.findIndex((entry) => entry.id === id);

  /** Puts `id` before or after `other`, or among those without a rank. */
  function put(id, other, after) {
    if (id === other) return;
    const full = group(id) < 0 && ranked().length >= wanted();
    if (full && group(other) >= 0) return say(`Only the first ${wanted()} are asked for.`);
    const unrank = group(other) < 0 && group(id) >= 0;
    ranks = ranks.map((ids) => ids.filter((one) => one !== id)).filter((ids) => ids.length);
    const to = group(other) < 0 ? ranks.length : group(other) + Number(after);
    if (!unrank) ranks.splice(to, 0, [id]);
    done(id);
  }

  /* ---- dragging ---- */

  function take(event, id) {
    event.preventDefault();
    dragged = id;
    event.target.closest("li").classList.add("dragged");
    addEventListener("pointermove", drag);
    addEventListener("pointerup", release, { once: true });
    addEventListener("pointercancel", cancel, { once: true });
  }

  function under(event) {
    const rows = [...list.children];
    const found = rows.find((one) => event.clientY < one.getBoundingClientRect().bottom) ?? rows.at(-1);
    const { top, height } = found.getBoundingClientRect();
    return { found, after: event.clientY > top + height / 2 };
  }

  function drag(event) {
    const { found, after } = under(event);
    for (const one of list.children) one.classList.remove("drop-before", "drop-after");
    found.classList.add(after ? "drop-after" : "drop-before");
  }

  function release(event) {
    const { found, after } = under(event);
    const id = dragged;
    cancel();
    put(id, found.dataset.id, after);
  }

  function cancel() {
    removeEventListener("pointermove", drag);
    dragged = null;
    render();
  }

  function turn(step) {
    const all = [...list.querySelectorAll(".rankit")];
    const at = all.indexOf(document.activeElement);
    all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length].focus();
  }

  render();
  return {
    hint: spec.top ? `Only the first ${spec.top}` : undefined,
    help: [
      ["1 … 9", "give the next rank to the one with that number, or turn to it"],
      ["↑ ↓", "move to another one"],
      ["Shift ↑ ↓", "move it up or down in the order"],
      ...(spec.ties ? [["=", "the same rank as the one above"]] : []),
      ["X", "take its rank away"],
    ],
    value: () => (ranks.length ? ranks.map((ids) => [...ids]) : null),
    set(value) {
      ranks = (value ?? []).map((ids) => [...ids]);
      render();
    },
    show(item) {
      if (spec.field) entries = item.lists?.[spec.field] ?? [];
    },
    focus: () => list.querySelector(".rankit")?.focus({ preventScroll: true }),
    keys(event) {
      const focused = document.activeElement.closest?.("[data-id]")?.dataset.id;
      const entry = entries[digit(event)];
      if (STEPS[event.key] && !event.shiftKey) turn(STEPS[event.key]);
      else if (STEPS[event.key] && focused) move(focused, STEPS[event.key]);
      else if (entry) group(entry.id) < 0 ? add(entry.id) : buttonOf(entry.id).focus();
      else if (event.key === "=" && spec.ties && focused) tie(focused);
      else if ((event.key === "Delete" || event.key.toLowerCase() === "x") && focused && group(focused) >= 0) drop(focused);
      else return false;
      return true;
    },
    problem() {
      const missing = wanted() - ranked().length;
      return missing > 0 ? `${missing} more to rank.` : null;
    },
  };
}
