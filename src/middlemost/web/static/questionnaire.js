// The questions of a page: shows those that come up, gathers their answers, and gives keys to the one that is at work.

import { make } from "./questions/parts.js";

export class Questionnaire {
  #asked = []; // {spec, widget, field}
  #at = null; // the question that keys go to

  /** Loads the modules of the types that are asked. `page`: {changed(), say(words), item}. */
  static async mount(specs, host, page) {
    const types = await Promise.all(specs.map(({ type }) => import(`./questions/${type}.js`)));
    const made = new Questionnaire();
    if (specs.length > 1) host.append(make("h1", { className: "unseen" }, "Questions"));
    const changed = () => {
      made.#turnUp();
      page.changed();
    };
    made.#asked = specs.map((spec, n) => {
      const field = fieldset(spec, specs.length > 1);
      const widget = types[n].mount(spec, field.querySelector(".box"), { ...page, changed });
      if (widget.hint) field.querySelector(".ask-hint").textContent = widget.hint;
      field.addEventListener("focusin", () => made.#turnTo(spec.id));
      host.append(field);
      return { spec, widget, field };
    });
    return made;
  }

  /** Asks of `item`; `values` are the answers so far, by question. */
  show(item, values = {}) {
    for (const { spec, widget } of this.#asked) {
      widget.show?.(item);
      widget.set(values[spec.id] ?? null);
    }
    this.#at = null;
    this.#turnUp();
  }

  /** The answers by question: of those that come up and are answered. */
  get values() {
    const found = {};
    for (const { spec, widget } of this.#asked) {
      const value = comesUp(spec, found, this.#asked) ? widget.value() : null;
      if (value !== null) found[spec.id] = value;
    }
    return found;
  }

  /** What stands in the way of sending, {words, go()}; null if nothing does. */
  get problem() {
    const values = this.values;
    for (const one of this.#asked) {
      if (one.field.hidden) continue;
      const missing = values[one.spec.id] === undefined;
      const words = missing && !one.spec.required ? null : (missing ? this.#missing(one) : one.widget.problem?.());
      if (words) return { words, go: () => this.#asked.length > 1 && this.#go(one) };
    }
    return Object.keys(values).length ? null : { words: "Answer one question at least, or skip the item.", go() {} };
  }

  /** Gives a key to the question at work: true if it is done with, "native" to leave it to the browser, else false. */
  keys(event) {
    return this.#work()?.widget.keys(event) ?? false;
  }

  /** What keys do, for the list of keys: [keys, meaning], each once. */
  get help() {
    return this.#asked.flatMap(({ widget }) => widget.help);
  }

  #missing({ spec, widget }) {
    if (spec.type === "choice" || spec.look === "likert") return "Choose an answer first.";
    return widget.problem?.() || "Answer this first.";
  }

  #go({ spec, widget, field }) {
    this.#turnTo(spec.id);
    widget.focus();
    field.scrollIntoView({ block: "nearest" });
  }

  /** The question that had the focus last, else the first that needs an answer. */
  #work() {
    const shown = this.#asked.filter(({ field }) => !field.hidden);
    const values = this.values;
    const open = ({ spec }) => spec.required && values[spec.id] === undefined;
    return shown.find(({ spec }) => spec.id === this.#at) ?? shown.find(open) ?? shown[0];
  }

  #turnTo(id) {
    this.#at = id;
    for (const { spec, field } of this.#asked) field.classList.toggle("at-work", spec.id === id);
  }

  #turnUp() {
    const values = this.values;
    for (const { spec, field } of this.#asked) field.hidden = !comesUp(spec, values, this.#asked);
    this.#turnTo(this.#work()?.spec.id);
  }
}

/** Whether the condition of a question holds; the server judges it the same way. */
function comesUp({ when }, values, asked) {
  if (!when) return true;
  const said = values[when.question];
  if (said === undefined) return false;
  const { type } = asked.find(({ spec }) => spec.id === when.question).spec;
  if (type === "multichoice") return when.is.some((code) => said.includes(code));
  return when.is.some((code) => (type === "scale" ? Number(code) === said : code === said));
}

function fieldset(spec, several) {
  const title = make(several ? "h2" : "h1", { dir: "auto" }, spec.ask);
  const optional = spec.required ? null : make("small", { className: "optional" }, "optional");
  const hint = make("span", { className: "ask-hint" });
  return make("fieldset", { className: several ? "ask several" : "ask" }, make("legend", {}, title, hint, optional), make("div", { className: "box" }));
}
